//! From a row to its fields, and back.

use std::borrow::Cow;

/// The fields of a row that [`super::Splitter`] found good; what is malformed is taken as it stands.
#[must_use]
pub fn fields(row: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut found = Vec::new();
    let mut rest = Some(row);
    while let Some(text) = rest {
        let (field, after) = if text.first() == Some(&b'"') { quoted(&text[1..]) } else { plain(text) };
        found.push(field);
        rest = after;
    }
    found
}

fn plain(text: &[u8]) -> (Cow<'_, [u8]>, Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b',') {
        Some(comma) => (Cow::Borrowed(&text[..comma]), Some(&text[comma + 1..])),
        None => (Cow::Borrowed(text), None),
    }
}

/// What stands behind the opening quote. Two quotes are one.
fn quoted(text: &[u8]) -> (Cow<'_, [u8]>, Option<&[u8]>) {
    let mut field = Cow::Borrowed(&text[..0]);
    let mut from = 0;
    loop {
        let end = text[from..].iter().position(|byte| *byte == b'"').map(|at| from + at);
        let Some(end) = end else { return (joined(field, &text[from..]), None) };
        if text.get(end + 1) == Some(&b'"') {
            field = joined(field, &text[from..=end]);
            from = end + 2;
            continue;
        }
        let after = text[end + 1..].iter().position(|byte| *byte == b',').map(|comma| &text[end + comma + 2..]);
        return (joined(field, &text[from..end]), after);
    }
}

fn joined<'a>(mut before: Cow<'a, [u8]>, more: &'a [u8]) -> Cow<'a, [u8]> {
    if before.is_empty() {
        return Cow::Borrowed(more);
    }
    before.to_mut().extend_from_slice(more);
    before
}

/// A row with its line break, quoted where it must be.
pub fn write_row<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut row = String::new();
    for (number, field) in fields.into_iter().enumerate() {
        if number > 0 {
            row.push(',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            row.push('"');
            row.push_str(&field.replace('"', "\"\""));
            row.push('"');
        } else {
            row.push_str(field);
        }
    }
    row.push_str("\r\n");
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(row: &str) -> Vec<String> {
        fields(row.as_bytes()).into_iter().map(|field| String::from_utf8(field.into_owned()).unwrap()).collect()
    }

    #[test]
    fn fields_are_read_with_and_without_quotes() {
        assert_eq!(read("a,b,c"), ["a", "b", "c"]);
        assert_eq!(read("a,,"), ["a", "", ""]);
        assert_eq!(read(""), [""]);
        assert_eq!(read(r#""a,b","c""d",e"#), ["a,b", "c\"d", "e"]);
        assert_eq!(read("\"a\r\nb\",\"\""), ["a\r\nb", ""]);
        assert_eq!(read(r#""""a"""#), ["\"a\""]);
        assert_eq!(read(r#"5" pipe,x"#), ["5\" pipe", "x"]);
    }

    #[test]
    fn what_is_malformed_is_read_somehow() {
        for row in [r#"""#, r#""a"#, r#""a"b,c"#, r#""a""#, r#""a"","#] {
            assert!(!read(row).is_empty(), "{row}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(row in proptest::collection::vec("[a,\"\n\r ü]{0,6}", 1..6)) {
            let text = write_row(row.iter().map(String::as_str));
            prop_assert_eq!(read(text.strip_suffix("\r\n").unwrap()), row);
        }
    }
}
