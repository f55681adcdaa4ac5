//! How deep a text nests its brackets, found without recursion: the parser descends once per bracket
//! and would run out of stack on a text of nothing but brackets.

/// The deepest nesting of `{`, `[` and `(` outside strings and comments.
pub(crate) fn nesting(text: &str) -> usize {
    let mut bytes = text.as_bytes();
    let (mut depth, mut deepest) = (0_usize, 0);
    while let [first, rest @ ..] = bytes {
        bytes = match first {
            b'"' => after_string(bytes),
            b'#' => after(rest, |byte| matches!(byte, b'\n' | b'\r')),
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
                rest
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                rest
            }
            _ => rest,
        };
    }
    deepest
}

fn after(bytes: &[u8], ends: impl Fn(u8) -> bool) -> &[u8] {
    bytes.iter().position(|byte| ends(*byte)).map_or(&[], |end| &bytes[end + 1..])
}

/// What follows the string that begins here. One that does not end swallows the rest of its line,
/// as the parser has it (October 2021 edition, section 2.9.4).
fn after_string(bytes: &[u8]) -> &[u8] {
    if let Some(mut block) = bytes.strip_prefix(b"\"\"\"") {
        while !block.is_empty() && !block.starts_with(b"\"\"\"") {
            block = block.strip_prefix(b"\\\"\"\"").unwrap_or(&block[1..]);
        }
        return block.strip_prefix(b"\"\"\"").unwrap_or(block);
    }
    let mut rest = &bytes[1..];
    loop {
        rest = match rest {
            [] => return rest,
            [b'"' | b'\n' | b'\r', after @ ..] => return after,
            [b'\\', _, after @ ..] | [_, after @ ..] => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_and_strings_and_comments_do_not() {
        for (text, depth) in [
            ("", 0),
            ("{ a }", 1),
            ("query ($a: [Int!]!) { a(b: {c: [1]}) { d } }", 4),
            (r#"{ a(b: "{{{{{{") }"#, 2),
            (r#"{ a(b: "\"{{{{") { c } }"#, 2),
            (r#"{ a(b: "\\") { c { d } } }"#, 3),
            (r#"{ a(b: """{{"{ \""" {""") { c } }"#, 2),
            ("{ # {{{{{{\n a }", 1),
            ("\"{{{", 0),
            ("}}}}{", 1),
        ] {
            assert_eq!(nesting(text), depth, "{text}");
        }
        assert_eq!(nesting(&"{a".repeat(100_000)), 100_000);
    }
}
