//! CSV as RFC 4180 has it, and as people send it: with or without a byte order mark, with either end of
//! line, with quotes that never close.

mod fields;
mod formula;
mod header;
mod splitter;

pub use fields::{fields, write_row};
pub use formula::{neutralise, restore};
pub use header::{Column, Header};
pub use splitter::{MAX_ROW, Row, RowForm, Splitter};
