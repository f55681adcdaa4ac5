//! CSV by RFC 4180, as spreadsheets read it without doing what it says.
//!
//! A cell that begins like a formula (OWASP's list: `=`, `+`, `-`, `@`, tab, carriage return) gets an
//! apostrophe in front. A phone number in E.164 begins with `+` and is left alone, since it must come
//! back as it went: it holds nothing but digits, and no spreadsheet does more with it than add nothing.

use std::io::{self, Write};

use super::cell::Cell;

/// E.164 allows fifteen digits.
const MOST_DIGITS: usize = 15;

/// Writes one row and its end.
pub(super) fn write_row(out: &mut (dyn Write + Send), cells: impl Iterator<Item = Cell>) -> io::Result<()> {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        let text = match cell {
            Cell::Number(number) => number.to_string(),
            other => harmless(other.into_text()),
        };
        out.write_all(quoted(&text).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

fn harmless(text: String) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && !is_phone(&text) { format!("'{text}") } else { text }
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=MOST_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> String {
        let mut out = Vec::new();
        write_row(&mut out, cells.iter().map(|text| Cell::Text((*text).to_owned()))).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_cell_is_a_formula_and_phones_come_back_as_they_went() {
        for formula in ["=1+1", "+1+1", "-2", "@SUM(A1)", "\tx", "+1415555013a", "+", "+1234567890123456", "=\"a\""] {
            let line = row(&[formula]);
            assert!(line.trim_start_matches('"').starts_with('\''), "{formula:?} is written as {line:?}");
        }
        assert_eq!(row(&["+14155550132", "a=b", "x-y"]), "+14155550132,a=b,x-y\r\n");
        assert_eq!(row(&["\rx"]), "\"'\rx\"\r\n");
    }

    #[test]
    fn numbers_may_be_below_zero() {
        let mut out = Vec::new();
        write_row(&mut out, [Cell::Number(-3), Cell::Absent, Cell::Flag(true)].into_iter()).unwrap();
        assert_eq!(out, b"-3,,true\r\n");
    }

    #[test]
    fn commas_quotes_and_line_ends_are_quoted() {
        assert_eq!(
            row(&["a,b", "say \"x\"", "two\r\nlines", "plain", ""]),
            "\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\",plain,\r\n"
        );
    }

    #[test]
    fn lists_and_objects_stand_in_one_cell() {
        let mut out = Vec::new();
        let words = vec!["HIGH_LEVEL".to_owned(), "STEP_UP".to_owned()];
        write_row(&mut out, [Cell::Words(words), Cell::Json(serde_json::json!({"a": 1}))].into_iter()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "HIGH_LEVEL STEP_UP,\"{\"\"a\"\":1}\"\r\n");
    }
}
