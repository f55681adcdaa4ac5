//! Cutting a stream of bytes into rows, without ever holding more than one of them.
//!
//! A quoted field may hold line breaks, so that a quote that never closes would swallow the rest of the
//! file. Where a row turns out to be malformed, its first line alone is refused, and what follows is read
//! anew from the next line: a refused row loses nothing else. How much is read twice is bounded, since
//! a file can be written so that every line would be.

/// The longest row, in bytes. Of a longer one the beginning is kept.
pub const MAX_ROW: usize = 2 << 20;
/// Of a row that is refused for its form, so much is given back.
const KEPT: usize = 64 << 10;
/// How many bytes of a file may be read twice.
const READ_AGAIN: usize = 64 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether a row has the form of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowForm {
    /// It has.
    Good,
    /// Longer than [`MAX_ROW`].
    TooLong,
    /// A quote that never closes.
    OpenQuote,
    /// A quoted field with more behind its closing quote.
    AfterQuote,
}

/// A row as it was cut off, without its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// The line of the file on which it begins, from 1.
    pub line: u32,
    /// Its bytes; of a malformed one at most the first 64 KiB.
    pub bytes: &'a [u8],
    /// Whether it can be read.
    pub form: RowForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldBegins,
    Plain,
    Quoted,
    /// A quote within a quoted field: its end, or the first of two.
    QuoteSeen,
    /// A carriage return behind a closing quote: a line break must follow.
    Returned,
    /// To the end of the line.
    Skip(RowForm),
}

/// Cuts rows. Empty lines are no rows.
#[derive(Debug)]
pub struct Splitter {
    /// From the beginning of the row that is being read.
    buffer: Vec<u8>,
    scanned: usize,
    state: State,
    line: u32,
    begun: bool,
    may_read_again: usize,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            scanned: 0,
            state: State::FieldBegins,
            line: 1,
            begun: false,
            may_read_again: READ_AGAIN,
        }
    }
}

impl Splitter {
    /// Takes the next bytes, and gives the rows that end in them.
    pub fn push(&mut self, bytes: &[u8], mut give: impl FnMut(Row<'_>)) {
        self.buffer.extend_from_slice(bytes);
        if self.begins(false) {
            self.scan(&mut give);
        }
    }

    /// Gives what is left: the file has ended.
    pub fn finish(mut self, mut give: impl FnMut(Row<'_>)) {
        self.begins(true);
        self.scan(&mut give);
        // A quote that is open at the end was never closed: from the next line on it is read again.
        while matches!(self.state, State::Quoted) && self.recover(RowForm::OpenQuote, &mut give) {
            self.scan(&mut give);
        }
        let form = match self.state {
            State::Quoted => RowForm::OpenQuote,
            State::Skip(form) => form,
            _ => RowForm::Good,
        };
        self.give_row(0, self.buffer.len(), form, &mut give);
    }

    /// Takes off the byte order mark, once enough is there to tell.
    fn begins(&mut self, all: bool) -> bool {
        if !self.begun && (all || self.buffer.len() >= BYTE_ORDER_MARK.len()) {
            self.begun = true;
            if self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.buffer.drain(..BYTE_ORDER_MARK.len());
            }
        }
        self.begun
    }

    fn scan(&mut self, give: &mut impl FnMut(Row<'_>)) {
        let mut from = 0;
        while self.scanned < self.buffer.len() {
            let byte = self.buffer[self.scanned];
            match (self.state, next(self.state, byte)) {
                (state, Step::End) => {
                    let form = if let State::Skip(form) = state { form } else { RowForm::Good };
                    self.give_row(from, self.scanned, form, give);
                    self.scanned += 1;
                    (from, self.state) = (self.scanned, State::FieldBegins);
                }
                (_, Step::To(state)) => {
                    self.state = state;
                    self.scanned += 1;
                }
                (_, Step::Malformed(form)) => {
                    self.forget(&mut from);
                    self.recover(form, give);
                }
            }
            if self.scanned - from > MAX_ROW && !matches!(self.state, State::Skip(_)) {
                self.forget(&mut from);
                self.recover(RowForm::TooLong, give);
            }
        }
        self.forget(&mut from);
        self.drop_skipped();
    }

    /// Drops the rows that were given.
    fn forget(&mut self, from: &mut usize) {
        self.buffer.drain(..*from);
        self.scanned -= *from;
        *from = 0;
    }

    /// Of a line that is skipped only the beginning is of use.
    fn drop_skipped(&mut self) {
        if matches!(self.state, State::Skip(_)) && self.buffer.len() > KEPT {
            self.buffer.truncate(KEPT);
            self.scanned = self.buffer.len();
        }
    }

    /// Refuses the first line of what was read of a malformed row, and reads the rest anew; where there is
    /// no second line, or too much was read twice, the row goes on to the end of this line. Whether
    /// anything was given.
    fn recover(&mut self, form: RowForm, give: &mut impl FnMut(Row<'_>)) -> bool {
        let end = self.buffer[..self.scanned].iter().position(|byte| *byte == b'\n');
        let again = end.map(|end| self.scanned - end);
        match (end, again.and_then(|again| self.may_read_again.checked_sub(again))) {
            (Some(end), Some(left)) => {
                self.may_read_again = left;
                self.give_row(0, end, form, give);
                self.buffer.drain(..=end);
                (self.scanned, self.state) = (0, State::FieldBegins);
                true
            }
            _ => {
                self.state = State::Skip(form);
                false
            }
        }
    }

    fn give_row(&mut self, from: usize, to: usize, form: RowForm, give: &mut impl FnMut(Row<'_>)) {
        let whole = &self.buffer[from..to];
        let breaks = whole.iter().filter(|byte| **byte == b'\n').count();
        let row = whole.strip_suffix(b"\r").unwrap_or(whole);
        let kept = if form == RowForm::Good { row.len() } else { row.len().min(KEPT) };
        if !row.is_empty() {
            give(Row { line: self.line, bytes: &row[..kept], form });
        }
        self.line = self.line.saturating_add(u32::try_from(breaks + 1).unwrap_or(u32::MAX));
    }
}

enum Step {
    To(State),
    End,
    Malformed(RowForm),
}

fn next(state: State, byte: u8) -> Step {
    match (state, byte) {
        (State::Quoted, b'"') => Step::To(State::QuoteSeen),
        (State::Quoted, _) => Step::To(State::Quoted),
        (_, b'\n') => Step::End,
        (State::Skip(form), _) => Step::To(State::Skip(form)),
        (State::FieldBegins | State::QuoteSeen, b'"') => Step::To(State::Quoted),
        (State::FieldBegins | State::Plain | State::QuoteSeen, b',') => Step::To(State::FieldBegins),
        (State::QuoteSeen, b'\r') => Step::To(State::Returned),
        (State::QuoteSeen | State::Returned, _) => Step::Malformed(RowForm::AfterQuote),
        (State::FieldBegins | State::Plain, _) => Step::To(State::Plain),
    }
}

#[cfg(test)]
#[path = "splitter_tests.rs"]
mod tests;
