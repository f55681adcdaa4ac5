//! The reference: docs/configuration.md, and what `postern config reference` prints.

use std::fmt::Write as _;

use super::load::variable_of;
use super::table::SETTINGS;

const HEAD: &str = "# Configuration

`postern.toml` in the folder in which `postern` starts (or `--config FILE`), over which the environment goes. A key `a.b`
is `b` in the section `[a]` of the file, and `POSTERN_A__B` in the environment.

This file is what `postern config reference` prints.

| key | environment | default | meaning |
|---|---|---|---|
";

/// All settings with their defaults, as a table in Markdown.
#[must_use]
pub fn render() -> String {
    let mut text = HEAD.to_owned();
    for setting in SETTINGS {
        line(&mut text, setting.key, setting.variable, setting.default, setting.doc);
    }
    for setting in io_limits::reference() {
        line(&mut text, &setting.key, &variable_of(&setting.key), &setting.default.to_string(), &setting.doc);
    }
    text
}

fn line(text: &mut String, key: &str, variable: &str, default: &str, doc: &str) {
    let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
    let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let _ = writeln!(text, "| `{key}` | `{variable}` | {default} | {doc} |");
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_reference_is_current() {
        let committed = include_str!("../../../../docs/configuration.md");
        assert!(committed == super::render(), "run `cargo run -q -p app -- config reference > docs/configuration.md`");
    }
}
