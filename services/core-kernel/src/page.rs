//! Pages of a list, as Relay cursor connections ask for them.

use crate::Refusal;

/// The largest `first` of any list.
pub const MAX_PAGE_SIZE: u32 = 100;

/// An opaque position in a list: the sort key of a row, made unreadable on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// Encodes a sort key.
    #[must_use]
    pub fn encode(key: &str) -> Self {
        Self(data_encoding::BASE64URL_NOPAD.encode(key.as_bytes()))
    }

    /// The sort key, or a refusal that points at `after`.
    ///
    /// # Errors
    /// INVALID when the text is no cursor.
    pub fn decode(&self) -> Result<String, Refusal> {
        data_encoding::BASE64URL_NOPAD
            .decode(self.0.as_bytes())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| Refusal::invalid("after", "This is not a cursor of this list."))
    }
}

/// Which rows are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// How many, 0 to [`MAX_PAGE_SIZE`].
    pub first: u32,
    /// The decoded sort key after which the page begins.
    pub after: Option<String>,
}

impl PageRequest {
    /// Checks `first` and decodes `after`.
    ///
    /// # Errors
    /// INVALID with the field at fault.
    pub fn new(first: i32, after: Option<String>) -> Result<Self, Refusal> {
        let size = u32::try_from(first)
            .ok()
            .filter(|size| *size <= MAX_PAGE_SIZE)
            .ok_or_else(|| Refusal::invalid("first", format!("A page holds 0 to {MAX_PAGE_SIZE} entries.")))?;
        let after = after.map(|cursor| Cursor(cursor).decode()).transpose()?;
        Ok(Self { first: size, after })
    }

    /// One row more than asked for, by which the next page shows itself.
    #[must_use]
    pub fn limit(&self) -> i64 {
        i64::from(self.first) + 1
    }
}

/// A page of rows with the cursor of each.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Cursor and row, in the list's order.
    pub rows: Vec<(Cursor, T)>,
    /// Whether rows follow.
    pub has_next: bool,
    /// Whether the page began after a cursor.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// Cuts the probing row off what [`PageRequest::limit`] asked for.
    pub fn cut(request: &PageRequest, mut rows: Vec<T>, key: impl Fn(&T) -> String) -> Self {
        let has_next = rows.len() > request.first as usize;
        rows.truncate(request.first as usize);
        let rows = rows.into_iter().map(|row| (Cursor::encode(&key(&row)), row)).collect();
        Self { rows, has_next, has_previous: request.after.is_some() }
    }

    /// The same page with every row mapped.
    pub fn map<U>(self, mut map: impl FnMut(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(|(cursor, row)| (cursor, map(row))).collect();
        Page { rows, has_next: self.has_next, has_previous: self.has_previous }
    }
}
