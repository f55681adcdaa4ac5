//! From words to a filter, by recursive descent; `or` binds less than `and`, and `and` less than `not`.

use serde_json::Value;
use thiserror::Error;

use super::lexer::{Token, lex};
use super::{AttributePath, Comparison, Filter, MAX_BYTES, MAX_DEPTH, MAX_TESTS, Operator, Path};

/// Why a text is no filter, or none that is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ParseError {
    /// Not of the grammar.
    #[error("The filter or path cannot be read: {0}.")]
    Malformed(&'static str),
    /// Longer, deeper or with more tests than anybody needs.
    #[error("The filter or path is too long, too deep, or has too many tests.")]
    TooMuch,
}

/// Reads a filter.
///
/// # Errors
/// When it is malformed or too much.
pub(crate) fn parse_filter(text: &str) -> Result<Filter, ParseError> {
    let mut parser = Parser::new(text)?;
    let filter = parser.any(0)?;
    parser.at_end(filter)
}

/// Reads a path of PATCH.
///
/// # Errors
/// As [`parse_filter`].
pub(crate) fn parse_path(text: &str) -> Result<Path, ParseError> {
    let mut parser = Parser::new(text)?;
    let mut attribute = attribute_path(&parser.word("an attribute is missing")?)?;
    let mut filter = None;
    if parser.take(&Token::OpenList) {
        filter = Some(parser.any(1)?);
        parser.expect(&Token::CloseList, "] is missing")?;
        if let Some(Token::Word(word)) = parser.next() {
            let part = word.strip_prefix('.').filter(|part| is_name(part));
            attribute.part = Some(part.ok_or(ParseError::Malformed("a sub-attribute is missing"))?.to_owned());
        }
    }
    parser.at_end(Path { attribute, filter })
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    tests: usize,
}

impl Parser {
    fn new(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::TooMuch);
        }
        Ok(Self { tokens: lex(text)?.into_iter().peekable(), tests: 0 })
    }

    fn next(&mut self) -> Option<Token> {
        self.tokens.next()
    }

    fn take(&mut self, token: &Token) -> bool {
        self.tokens.next_if_eq(token).is_some()
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Word(own) if own.eq_ignore_ascii_case(word));
        self.tokens.next_if(is).is_some()
    }

    fn word(&mut self, otherwise: &'static str) -> Result<String, ParseError> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(ParseError::Malformed(otherwise)),
        }
    }

    fn expect(&mut self, token: &Token, otherwise: &'static str) -> Result<(), ParseError> {
        if self.take(token) { Ok(()) } else { Err(ParseError::Malformed(otherwise)) }
    }

    fn at_end<T>(mut self, read: T) -> Result<T, ParseError> {
        if self.next().is_none() { Ok(read) } else { Err(ParseError::Malformed("something follows its end")) }
    }

    /// `a or b or …`
    fn any(&mut self, depth: usize) -> Result<Filter, ParseError> {
        if depth > MAX_DEPTH {
            return Err(ParseError::TooMuch);
        }
        let mut parts = vec![self.all(depth)?];
        while self.take_word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(alone_or(parts, Filter::Or))
    }

    /// `a and b and …`
    fn all(&mut self, depth: usize) -> Result<Filter, ParseError> {
        let mut parts = vec![self.one(depth)?];
        while self.take_word("and") {
            parts.push(self.one(depth)?);
        }
        Ok(alone_or(parts, Filter::And))
    }

    fn one(&mut self, depth: usize) -> Result<Filter, ParseError> {
        if self.take(&Token::Open) {
            return self.group(depth);
        }
        let word = self.word("an attribute is missing")?;
        if word.eq_ignore_ascii_case("not") && self.take(&Token::Open) {
            return Ok(Filter::Not(Box::new(self.group(depth)?)));
        }
        let path = attribute_path(&word)?;
        if self.take(&Token::OpenList) {
            let inner = self.any(depth + 1)?;
            self.expect(&Token::CloseList, "] is missing")?;
            return Ok(Filter::Values(path, Box::new(inner)));
        }
        self.test(path)
    }

    /// What stands between parentheses, the first of which was taken.
    fn group(&mut self, depth: usize) -> Result<Filter, ParseError> {
        let inner = self.any(depth + 1)?;
        self.expect(&Token::Close, ") is missing")?;
        Ok(inner)
    }

    fn test(&mut self, path: AttributePath) -> Result<Filter, ParseError> {
        self.tests += 1;
        if self.tests > MAX_TESTS {
            return Err(ParseError::TooMuch);
        }
        let word = self.word("an operator is missing")?;
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Test(path, Operator::Present));
        }
        let comparison = Comparison::read(&word).ok_or(ParseError::Malformed("there is no such operator"))?;
        Ok(Filter::Test(path, Operator::Compare(comparison, self.value()?)))
    }

    fn value(&mut self) -> Result<Value, ParseError> {
        match self.next() {
            Some(Token::Literal(value)) => Ok(value),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                "null" => Ok(Value::Null),
                _ => Err(ParseError::Malformed("a text stands in double quotes")),
            },
            _ => Err(ParseError::Malformed("a value is missing")),
        }
    }
}

fn alone_or(mut parts: Vec<Filter>, join: impl Fn(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

/// `[urn:…:]name[.part]`. The schema's URI ends at its last colon; dots before it are the URI's own.
fn attribute_path(word: &str) -> Result<AttributePath, ParseError> {
    let (schema, rest) = match word.rsplit_once(':') {
        Some((schema, rest)) => (Some(schema.to_owned()), rest),
        None => (None, word),
    };
    let (name, part) = match rest.split_once('.') {
        Some((name, part)) => (name, Some(part)),
        None => (rest, None),
    };
    if !is_name(name) || !part.is_none_or(is_name) || schema.as_deref() == Some("") {
        return Err(ParseError::Malformed("an attribute's name is misspelt"));
    }
    Ok(AttributePath { schema, name: name.to_owned(), part: part.map(str::to_owned) })
}

/// ATTRNAME (RFC 7643 §2.1), and `$ref`.
fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('$').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
