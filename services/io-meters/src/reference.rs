//! The reference: docs/metrics.md, and what `postern metrics reference` prints.

use std::fmt::Write as _;

use crate::table::METERS;

const HEAD: &str = "# Metrics

What every process of Postern tells at `/metrics`, on the address `metrics.listen`. How they are read, drawn and
watched is in [operators-seeing.md](operators-seeing.md).

This file is what `postern metrics reference` prints.

| metric | kind | labels | meaning |
|---|---|---|---|
";

/// All metrics, as a table in Markdown.
#[must_use]
pub fn render() -> String {
    let mut text = HEAD.to_owned();
    for meter in METERS {
        let total = if meter.kind == "counter" { "_total" } else { "" };
        let labels: Vec<String> = meter.labels.iter().map(|label| format!("`{label}`")).collect();
        let doc = meter.doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let _ = writeln!(text, "| `{}{total}` | {} | {} | {doc} |", meter.name, meter.kind, labels.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_reference_is_current() {
        let committed = include_str!("../../../docs/metrics.md");
        assert!(committed == super::render(), "run `cargo run -q -p app -- metrics reference > docs/metrics.md`");
    }
}
