//! Two products side by side.

use std::fmt::Write;

use crate::compare::{Step, Taken};

/// As a table in Markdown: this product, the other one, and how many times the other's value this one's is.
#[must_use]
pub fn table([this, other]: [(&str, &Taken); 2]) -> String {
    let mut text = format!("| figure | {} | {} | quotient |\n|---|---:|---:|---:|\n", this.0, other.0);
    let mut line = |name: &str, of: &dyn Fn(&Taken) -> f64| {
        let (a, b) = (of(this.1), of(other.1));
        // Of nothing there is no multiple.
        let quotient = if b == 0.0 { "–".to_owned() } else { format!("{:.2}", a / b) };
        let _ = writeln!(text, "| {name} | {a:.2} | {b:.2} | {quotient} |");
    };
    line("whole logins a second", &Taken::rate);
    line("logins that failed", &|taken| taken.failed as f64);
    for step in Step::MEASURED {
        for (called, share) in [("p50", 0.5), ("p99", 0.99)] {
            let wait = move |taken: &Taken| taken.waits.get(&step).map_or(f64::NAN, |waits| waits.percentile(share));
            line(&format!("{}, {called} in ms", step.name()), &wait);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn both_are_in_it_and_their_quotient() {
        let taken = |ms: u64, logins| {
            let mut taken = Taken { logins, elapsed: Duration::from_secs(1), ..Taken::default() };
            taken.waits.entry(Step::Verify).or_default().add(Duration::from_millis(ms));
            taken
        };
        let table = table([("Postern", &taken(2, 300)), ("Other", &taken(4, 100))]);
        assert!(table.contains("| whole logins a second | 300.00 | 100.00 | 3.00 |"), "{table}");
        assert!(table.starts_with("| figure | Postern | Other |") && table.contains("verify, p99 in ms"));
        assert_eq!(table.lines().count(), 2 + 2 + 6);
    }
}
