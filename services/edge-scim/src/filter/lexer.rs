//! The words of a filter.

use serde_json::Value;

use super::parse::ParseError;

/// A word, a value or a bracket.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// An attribute's path, an operator, `and`, `or`, `not`, `true`, `false`, `null`: what each is, its
    /// place tells.
    Word(String),
    /// A text or number in JSON.
    Literal(Value),
    Open,
    Close,
    OpenList,
    CloseList,
}

/// Cuts a text into tokens.
///
/// # Errors
/// At the first character that cannot stand where it is.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut rest = text;
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '[' => (Token::OpenList, 1),
            ']' => (Token::CloseList, 1),
            '"' => string(rest)?,
            '-' | '0'..='9' => number(rest)?,
            _ => word(rest)?,
        };
        tokens.push(token);
        rest = &rest[length..];
    }
}

fn string(rest: &str) -> Result<(Token, usize), ParseError> {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    let length = end.map(|(index, _)| index + 1).ok_or(ParseError::Malformed("a text is not closed"))?;
    let value = serde_json::from_str(&rest[..length]).map_err(|_| ParseError::Malformed("a text is not JSON"))?;
    Ok((Token::Literal(value), length))
}

fn number(rest: &str) -> Result<(Token, usize), ParseError> {
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
    let value = serde_json::from_str(&rest[..length]).map_err(|_| ParseError::Malformed("a number is not JSON"))?;
    Ok((Token::Literal(value), length))
}

/// ATTRNAME with `$ref`, URIs and dots.
fn word(rest: &str) -> Result<(Token, usize), ParseError> {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.:$".contains(c);
    let length = rest.find(|c: char| !inside(c)).unwrap_or(rest.len());
    if length == 0 {
        return Err(ParseError::Malformed("there is a character that has no meaning here"));
    }
    Ok((Token::Word(rest[..length].to_owned()), length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_filter_is_cut_into_its_words() {
        let tokens = lex(r#"emails[type eq "wo\"rk]"].value pr"#).unwrap();
        let word = |text: &str| Token::Word(text.to_owned());
        let expected = [
            word("emails"),
            Token::OpenList,
            word("type"),
            word("eq"),
            Token::Literal(json!("wo\"rk]")),
            Token::CloseList,
            word(".value"),
            word("pr"),
        ];
        assert_eq!(tokens, expected);
        assert_eq!(lex("-1.5e3").unwrap(), [Token::Literal(json!(-1500.0))]);
        assert_eq!(lex(r#""\\""#).unwrap(), [Token::Literal(json!("\\"))]);
    }

    #[test]
    fn what_is_no_word_is_refused() {
        for bad in ["\"open", "\"a\\\"", "a; drop", "a'b", "1.2.3", "--1", "日本", "\"\u{1}\"", "a\nb"] {
            assert!(lex(bad).is_err(), "{bad:?}");
        }
    }
}
