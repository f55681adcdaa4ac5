//! Two pictures as plain SVG, which every browser and every forge draws: how long logins waited, and how
//! many there were from second to second. One picture needs a line, an area and some words; a library of
//! charts would be more to keep than this.

use std::fmt::Write;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 44.0;
/// Told apart by everybody, on light ground and on dark.
const COLOURS: [&str; 4] = ["#2563eb", "#d97706", "#059669", "#9333ea"];
const FAILED: &str = "#dc2626";

/// A line with its name.
#[derive(Debug, Clone)]
pub struct Line {
    /// What the legend calls it.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// What is to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// Above it.
    pub title: String,
    /// Below and beside it.
    pub axes: [String; 2],
    /// Whether the horizontal axis grows by factors; all of its values are above nought then.
    pub logarithmic: bool,
    /// The lines.
    pub lines: Vec<Line>,
    /// Points that are drawn as bars in the colour of failure.
    pub failures: Vec<(f64, f64)>,
    /// Where something begins, and what.
    pub marks: Vec<(f64, String)>,
}

struct Scale {
    x: [f64; 2],
    top: f64,
    logarithmic: bool,
}

impl Scale {
    fn of(chart: &Chart) -> Self {
        let points = || chart.lines.iter().flat_map(|line| &line.points).chain(&chart.failures);
        let x = |x: f64| if chart.logarithmic { x.max(1e-9).log10() } else { x };
        let (low, high) =
            points().fold((f64::MAX, f64::MIN), |(low, high), (at, _)| (low.min(x(*at)), high.max(x(*at))));
        let top = points().map(|(_, value)| *value).fold(0.0, f64::max);
        let x = if low < high { [low, high] } else { [0.0, 1.0] };
        Self { x, top: if top > 0.0 { top * 1.08 } else { 1.0 }, logarithmic: chart.logarithmic }
    }

    fn x(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.max(1e-9).log10() } else { value };
        LEFT + (value - self.x[0]) / (self.x[1] - self.x[0]) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)
    }

    /// Round values that the horizontal axis names.
    fn steps(&self) -> Vec<f64> {
        if !self.logarithmic {
            return round_steps(self.x[0], self.x[1]);
        }
        let (first, last) = (self.x[0].floor() as i32, self.x[1].ceil() as i32);
        let values = (first..=last).flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)));
        values.filter(|value| (self.x[0]..=self.x[1]).contains(&value.log10())).collect()
    }
}

/// Three to eight, at distances of 1, 2 or 5 times a power of ten.
fn round_steps(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 6.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|factor| factor * power).find(|step| *step >= rough).unwrap_or(power);
    let first = (low / step).ceil() as i64;
    (first..).map(|n| n as f64 * step).take_while(|value| *value <= high + step * 1e-9).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn number(value: f64) -> String {
    if value >= 100.0 || value.fract().abs() < 1e-9 { format!("{value:.0}") } else { format!("{value:.2}") }
}

impl Chart {
    /// As an SVG file.
    #[must_use]
    pub fn draw(&self) -> String {
        let scale = Scale::of(self);
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>{title}</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>
<text x="{LEFT}" y="18" font-size="14" font-weight="600" fill="#111827">{title}</text>
"##,
            title = escaped(&self.title)
        );
        self.draw_grid(&mut svg, &scale);
        self.draw_marks(&mut svg, &scale);
        self.draw_failures(&mut svg, &scale);
        self.draw_lines(&mut svg, &scale);
        svg.push_str("</svg>\n");
        svg
    }

    fn draw_grid(&self, svg: &mut String, scale: &Scale) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for value in round_steps(0.0, scale.top) {
            let (y, name) = (scale.y(value), number(value));
            let _ = writeln!(
                svg,
                r##"<line x1="{LEFT}" y1="{y:.1}" x2="{right}" y2="{y:.1}" stroke="#e5e7eb"/><text x="{x}" y="{ty:.1}" text-anchor="end" fill="#4b5563">{name}</text>"##,
                x = LEFT - 6.0,
                ty = y + 4.0
            );
        }
        for value in scale.steps() {
            let (x, name) = (scale.x(value), number(value));
            let _ = writeln!(
                svg,
                r##"<text x="{x:.1}" y="{y}" text-anchor="middle" fill="#4b5563">{name}</text>"##,
                y = bottom + 16.0
            );
        }
        let [below, beside] = [escaped(&self.axes[0]), escaped(&self.axes[1])];
        let _ = writeln!(
            svg,
            r##"<text x="{right}" y="{y}" text-anchor="end" fill="#111827">{below}</text><text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})" fill="#111827">{beside}</text>"##,
            y = HEIGHT - 8.0,
            middle = f64::midpoint(TOP, bottom)
        );
    }

    fn draw_marks(&self, svg: &mut String, scale: &Scale) {
        for (at, name) in &self.marks {
            let (x, name) = (scale.x(*at), escaped(name));
            let _ = writeln!(
                svg,
                r##"<line x1="{x:.1}" y1="{TOP}" x2="{x:.1}" y2="{bottom}" stroke="#9ca3af" stroke-dasharray="4 3"/><text x="{tx:.1}" y="{ty}" fill="#4b5563">{name}</text>"##,
                bottom = HEIGHT - BOTTOM,
                tx = x + 4.0,
                ty = TOP + 10.0
            );
        }
    }

    fn draw_failures(&self, svg: &mut String, scale: &Scale) {
        for (at, value) in self.failures.iter().filter(|(_, value)| *value > 0.0) {
            let (x, y) = (scale.x(*at) - 3.0, scale.y(*value));
            let _ = writeln!(
                svg,
                r#"<rect x="{x:.1}" y="{y:.1}" width="6" height="{h:.1}" fill="{FAILED}"/>"#,
                h = HEIGHT - BOTTOM - y
            );
        }
    }

    fn draw_lines(&self, svg: &mut String, scale: &Scale) {
        for (n, line) in self.lines.iter().enumerate() {
            let colour = COLOURS[n % COLOURS.len()];
            let points: Vec<String> =
                line.points.iter().map(|(x, y)| format!("{:.1},{:.1}", scale.x(*x), scale.y(*y))).collect();
            let _ = writeln!(
                svg,
                r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#,
                points.join(" ")
            );
            let x = 180.0_f64.mul_add(n as f64, LEFT);
            let _ = writeln!(
                svg,
                r##"<rect x="{x}" y="26" width="14" height="4" fill="{colour}"/><text x="{tx}" y="32" fill="#111827">{name}</text>"##,
                tx = x + 20.0,
                name = escaped(&line.name)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of elements as they are opened and closed; fails where a tag is not well formed.
    fn well_formed(svg: &str) -> usize {
        let (mut open, mut elements, mut rest) = (Vec::new(), 0, svg);
        while let Some(begin) = rest.find('<') {
            let end = begin + rest[begin..].find('>').expect("a tag is closed");
            assert!(
                !rest[..begin]
                    .replace("&amp;", "")
                    .replace("&lt;", "")
                    .replace("&gt;", "")
                    .replace("&quot;", "")
                    .contains('&')
            );
            let tag = &rest[begin + 1..end];
            assert!(!tag.contains('<') && tag.matches('"').count().is_multiple_of(2), "{tag}");
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
            match (tag.starts_with('/'), tag.ends_with('/')) {
                (true, _) => assert_eq!(open.pop(), Some(name)),
                (false, true) => elements += 1,
                (false, false) => open.push(name),
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty() && rest.trim().is_empty(), "{open:?}");
        elements
    }

    fn chart() -> Chart {
        Chart {
            title: "Waits <of> \"logins\" & others".to_owned(),
            axes: ["ms".to_owned(), "share".to_owned()],
            logarithmic: true,
            lines: vec![Line { name: "a & b".to_owned(), points: vec![(1.0, 0.0), (10.0, 3.0), (100.0, 0.5)] }],
            failures: vec![(10.0, 1.0), (100.0, 0.0)],
            marks: vec![(10.0, "it begins".to_owned())],
        }
    }

    #[test]
    fn it_is_well_formed_whatever_it_is_called_and_also_of_nothing() {
        assert!(well_formed(&chart().draw()) >= 8);
        let _ = well_formed(&Chart::default().draw());
        let point = Line { name: String::new(), points: vec![(5.0, 5.0)] };
        let one = Chart { lines: vec![point], ..Chart::default() }.draw();
        assert!(well_formed(&one) > 2 && !one.contains("NaN") && !one.contains("inf"), "{one}");
    }

    #[test]
    fn everything_is_within_the_picture() {
        let scale = Scale::of(&chart());
        assert!((scale.x(1.0) - LEFT).abs() < 1e-9 && (scale.x(100.0) - (WIDTH - RIGHT)).abs() < 1e-9);
        assert!((scale.x(10.0) - f64::midpoint(LEFT, WIDTH - RIGHT)).abs() < 1e-6, "factors are equally far apart");
        assert!((scale.y(0.0) - (HEIGHT - BOTTOM)).abs() < 1e-9 && scale.y(3.0) > TOP);
        assert_eq!(chart().draw().matches("#dc2626").count(), 1, "no bar for no failure");
    }

    #[test]
    fn steps_are_round_and_few() {
        assert_eq!(round_steps(0.0, 60.0), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        for high in [0.013, 0.9, 7.0, 345.0, 12_345.0] {
            let steps = round_steps(0.0, high);
            assert!((3..=8).contains(&steps.len()), "{high}: {steps:?}");
        }
        let steps = Scale { x: [0.0, 2.0], top: 1.0, logarithmic: true }.steps();
        assert_eq!(steps, [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
    }
}
