//! A value of a row, before it is known how it is written.

use chrono::SecondsFormat;
use core_kernel::Timestamp;
use serde_json::Value;

/// A row: a cell for each column.
pub(super) type Row = Vec<Cell>;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Absent,
    Text(String),
    Number(i64),
    Flag(bool),
    Words(Vec<String>),
    Json(Value),
}

impl Cell {
    /// As it stands in JSON Lines.
    pub(super) fn into_json(self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Text(text) => text.into(),
            Self::Number(number) => number.into(),
            Self::Flag(flag) => flag.into(),
            Self::Words(words) => words.into(),
            Self::Json(value) => value,
        }
    }

    /// As it stands in CSV: nothing for what is absent, words one after another.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Words(words) => words.join(" "),
            Self::Json(value) => value.to_string(),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i16> for Cell {
    fn from(number: i16) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for Cell {
    fn from(words: Vec<String>) -> Self {
        Self::Words(words)
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

/// In UTC, as the API writes it.
impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Text(at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}
