//! The table of figures: what was measured, what was promised, and whether it holds.

use std::fmt::Write;

/// Where a figure must lie.
#[derive(Debug, Clone, Copy)]
pub enum Gate {
    /// At least; the second is called excellent.
    AtLeast(f64, Option<f64>),
    /// At most.
    AtMost(f64),
    /// Told, and not judged: it says more about the machine.
    Told,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// What was measured, with its unit.
    pub measured: String,
    /// What is judged.
    pub value: f64,
    /// Where it must lie.
    pub gate: Gate,
}

impl Figure {
    /// Whether the gate holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self.gate {
            Gate::AtLeast(least, _) => self.value >= least,
            Gate::AtMost(most) => self.value <= most,
            Gate::Told => true,
        }
    }

    fn verdict(&self) -> &'static str {
        match self.gate {
            Gate::Told => "",
            Gate::AtLeast(_, Some(excellent)) if self.value >= excellent => "excellent",
            _ if self.holds() => "pass",
            _ => "MISS",
        }
    }

    fn wanted(&self) -> String {
        match self.gate {
            Gate::AtLeast(least, Some(excellent)) => format!("≥ {least} ({excellent})"),
            Gate::AtLeast(least, None) => format!("≥ {least}"),
            Gate::AtMost(most) => format!("≤ {most}"),
            Gate::Told => String::new(),
        }
    }
}

/// All figures of a run.
#[derive(Debug, Clone, Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    /// Adds a judged figure.
    pub fn judge(&mut self, name: &str, measured: String, value: f64, gate: Gate) {
        self.0.push(Figure { name: name.to_owned(), measured, value, gate });
    }

    /// Adds one that is only told.
    pub fn tell(&mut self, name: &str, measured: String) {
        self.judge(name, measured, f64::NAN, Gate::Told);
    }

    /// Whether all gates hold.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.0.iter().all(Figure::holds)
    }

    /// As a table in Markdown.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = "| figure | measured | value | gate | |\n|---|---|---:|---|---|\n".to_owned();
        for figure in &self.0 {
            let value = if figure.value.is_nan() { String::new() } else { format!("{:.2}", figure.value) };
            let (wanted, verdict) = (figure.wanted(), figure.verdict());
            let _ = writeln!(text, "| {} | {} | {value} | {wanted} | {verdict} |", figure.name, figure.measured);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_is_seen_and_a_figure_without_a_value_misses() {
        let mut figures = Figures::default();
        figures.judge("a", String::new(), 0.5, Gate::AtLeast(0.4, Some(0.5)));
        figures.tell("b", "7 ms".to_owned());
        assert!(figures.hold() && figures.table().contains("excellent"));
        figures.judge("c", String::new(), f64::NAN, Gate::AtMost(1.0));
        assert!(!figures.hold() && figures.table().contains("MISS"));
    }
}
