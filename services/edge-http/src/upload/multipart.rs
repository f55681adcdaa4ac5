//! `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), as it comes: no part is held, but for what
//! might be the beginning of its end.

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;

/// The longest head of a part.
const MAX_HEAD: usize = 8 * 1024;
/// The longest boundary (RFC 2046).
const MAX_BOUNDARY: usize = 70;

/// What a part says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartHead {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
}

/// What stands next in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A part begins.
    Head(PartHead),
    /// Some of its bytes.
    Data(Bytes),
    /// It ends.
    PartEnd,
    /// Nothing comes after this.
    End,
    /// More of the body is needed to tell.
    More,
}

/// The body is no multipart, or breaks its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Preamble,
    Delimiter,
    Head,
    Body,
    End,
}

/// Takes a body apart.
pub(super) struct Parser {
    buffer: BytesMut,
    state: State,
    delimiter: Finder<'static>,
}

/// The boundary of a `Content-Type`, where it is multipart/form-data.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    let fine = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    ((1..=MAX_BOUNDARY).contains(&named.len()) && named.bytes().all(fine)).then(|| named.to_owned())
}

impl Parser {
    pub(super) fn new(boundary: &str) -> Self {
        let delimiter = Finder::new(format!("\r\n--{boundary}").as_bytes()).into_owned();
        // So that the first delimiter, which nothing need precede, looks like the others.
        Self { buffer: BytesMut::from(&b"\r\n"[..]), state: State::Preamble, delimiter }
    }

    /// Puts more of the body behind what is there.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Result<Piece, Malformed> {
        loop {
            let piece = match self.state {
                State::Preamble => self.preamble()?,
                State::Delimiter => self.behind_delimiter()?,
                State::Head => self.head()?,
                State::Body => Some(self.body()),
                State::End => Some(Piece::End),
            };
            if let Some(piece) = piece {
                return Ok(piece);
            }
        }
    }

    fn preamble(&mut self) -> Result<Option<Piece>, Malformed> {
        if let Some(at) = self.delimiter.find(&self.buffer) {
            self.skip(at + self.delimiter.needle().len());
            self.state = State::Delimiter;
            return Ok(None);
        }
        if self.buffer.len() > MAX_HEAD { Err(Malformed) } else { Ok(Some(Piece::More)) }
    }

    /// `--` ends it all; white space and a line break begin a part.
    fn behind_delimiter(&mut self) -> Result<Option<Piece>, Malformed> {
        if self.buffer.starts_with(b"--") {
            self.state = State::End;
            return Ok(None);
        }
        let Some(end) = self.buffer.windows(2).position(|two| two == b"\r\n") else {
            return if self.buffer.len() > MAX_HEAD { Err(Malformed) } else { Ok(Some(Piece::More)) };
        };
        if !self.buffer[..end].iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Err(Malformed);
        }
        // The line break stays: an empty head is one line break behind it.
        self.skip(end);
        self.state = State::Head;
        Ok(None)
    }

    fn head(&mut self) -> Result<Option<Piece>, Malformed> {
        let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            return if self.buffer.len() > MAX_HEAD { Err(Malformed) } else { Ok(Some(Piece::More)) };
        };
        let head = read_head(&self.buffer[..end]).ok_or(Malformed)?;
        self.skip(end + 4);
        self.state = State::Body;
        Ok(Some(Piece::Head(head)))
    }

    fn body(&mut self) -> Piece {
        let delimiter = self.delimiter.needle().len();
        match self.delimiter.find(&self.buffer) {
            Some(0) => {
                self.skip(delimiter);
                self.state = State::Delimiter;
                Piece::PartEnd
            }
            Some(at) => Piece::Data(self.buffer.split_to(at).freeze()),
            // What is left might be the beginning of the delimiter.
            None if self.buffer.len() >= delimiter => {
                let sure = self.buffer.len() - (delimiter - 1);
                Piece::Data(self.buffer.split_to(sure).freeze())
            }
            None => Piece::More,
        }
    }

    fn skip(&mut self, bytes: usize) {
        let _ = self.buffer.split_to(bytes);
    }
}

/// The name in `Content-Disposition`, which every part of a form has.
fn read_head(head: &[u8]) -> Option<PartHead> {
    let head = std::str::from_utf8(head).ok()?;
    let mut fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, disposition) = fields.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))?;
    let (form, parameters) = disposition.split_once(';')?;
    if !form.trim().eq_ignore_ascii_case("form-data") {
        return None;
    }
    let name = parameter(parameters, "name")?;
    Some(PartHead { name, file_name: parameter(parameters, "filename") })
}

/// A parameter's value; browsers write `"` within it as `%22`, others as `\"`.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    while let Some((name, value)) = rest.split_once('=') {
        let (value, after) = read_value(value.trim_start())?;
        if name.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
    None
}

fn read_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value.replace("%22", "\""), &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
