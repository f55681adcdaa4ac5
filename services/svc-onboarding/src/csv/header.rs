//! The header: which column stands where. Order and case do not matter; a column that nobody knows is
//! refused by its name, since a misspelt one would silently lose a million values.

use std::borrow::Cow;

use super::{fields, restore};
use crate::model::RowFault;

/// Columns of the file of refused rows, so that it can be sent again as it is.
const IGNORED: [&str; 2] = ["line", "error"];

/// A column that a kind of file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As it is spelt in the header, in lower case.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
}

/// The header of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    names: Vec<String>,
    places: Vec<Option<usize>>,
}

impl Header {
    /// Reads a header; `known` are the columns that the file may have.
    ///
    /// # Errors
    /// Every fault, with the column at fault.
    pub fn read(row: &[u8], known: &[Column]) -> Result<Self, Vec<RowFault>> {
        let names: Vec<String> =
            fields(row).iter().map(|field| String::from_utf8_lossy(field).trim().to_lowercase()).collect();
        Self::of(names, known)
    }

    /// The header of these names.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(names: Vec<String>, known: &[Column]) -> Result<Self, Vec<RowFault>> {
        let mut faults: Vec<RowFault> = names.iter().filter_map(|name| unknown(name, known)).collect();
        let place = |column: &Column| names.iter().position(|name| name == column.name);
        for column in known {
            let times = names.iter().filter(|name| *name == column.name).count();
            if times > 1 {
                faults.push(RowFault::at(column.name, "This column stands in the header more than once."));
            } else if times == 0 && column.required {
                faults.push(RowFault::at(column.name, "This column is missing."));
            }
        }
        let places = known.iter().map(place).collect();
        if faults.is_empty() { Ok(Self { names, places }) } else { Err(faults) }
    }

    /// The names as they were read, in lower case.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A row's values, in the order of the known columns: trimmed, without the apostrophe that
    /// neutralises formulas, and none where the column is not there or the field is empty.
    ///
    /// # Errors
    /// Where the row has another number of fields, or one is not UTF-8.
    pub fn values<'a>(&self, row: &'a [u8]) -> Result<Vec<Option<Cow<'a, str>>>, Vec<RowFault>> {
        let mut found = fields(row);
        if found.len() != self.names.len() {
            let message = format!("This row has {} fields, and the header has {}.", found.len(), self.names.len());
            return Err(vec![RowFault::of_row(message)]);
        }
        let mut faults = Vec::new();
        let mut take = |place: Option<usize>| {
            let place = place?;
            match text(std::mem::take(&mut found[place])) {
                Some(text) => value(text),
                None => {
                    faults.push(RowFault::at(&self.names[place], "This is not UTF-8."));
                    None
                }
            }
        };
        let values = self.places.iter().map(|place| take(*place)).collect();
        if faults.is_empty() { Ok(values) } else { Err(faults) }
    }
}

fn unknown(name: &str, known: &[Column]) -> Option<RowFault> {
    let fine = known.iter().any(|column| column.name == name) || IGNORED.contains(&name);
    (!fine).then(|| {
        let names: Vec<&str> = known.iter().map(|column| column.name).collect();
        RowFault::at(&shortened(name), format!("There is no such column. The columns are {}.", names.join(", ")))
    })
}

/// A file that is no CSV at all has one column, of any length.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn text(field: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match field {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

fn value(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let value = match text {
        Cow::Borrowed(text) => Cow::Borrowed(restore(text.trim())),
        Cow::Owned(text) => Cow::Owned(restore(text.trim()).to_owned()),
    };
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Column; 3] = [
        Column { name: "external_id", required: true },
        Column { name: "kind", required: true },
        Column { name: "phone", required: false },
    ];

    fn values(header: &str, row: &[u8]) -> Result<Vec<Option<String>>, Vec<RowFault>> {
        let values = Header::read(header.as_bytes(), &KNOWN).unwrap().values(row)?;
        Ok(values.into_iter().map(|value| value.map(Cow::into_owned)).collect())
    }

    #[test]
    fn columns_may_stand_in_any_order_and_case() {
        let some = |text: &str| Some(text.to_owned());
        let read = values(" Phone,\"KIND\",External_ID", b"+1,INTERNAL,a").unwrap();
        assert_eq!(read, [some("a"), some("INTERNAL"), some("+1")]);
        assert_eq!(values("kind,external_id", b"X, \"b\" ").unwrap()[2], None);
        assert_eq!(values("external_id,kind,phone", b" a ,b,  ").unwrap(), [some("a"), some("b"), None]);
    }

    #[test]
    fn the_columns_of_refused_rows_are_passed_over() {
        let read = values("line,error,external_id,kind", b"7,\"too bad\",'=a,b").unwrap();
        assert_eq!(read, [Some("=a".to_owned()), Some("b".to_owned()), None]);
    }

    #[test]
    fn unknown_missing_and_doubled_columns_are_named() {
        let faults = Header::read(b"external_id,External_ID,telefon", &KNOWN).unwrap_err();
        let columns: Vec<_> = faults.iter().map(|fault| fault.column.as_deref().unwrap()).collect();
        assert_eq!(columns, ["telefon", "external_id", "kind"]);
        assert!(Header::read(b"", &KNOWN).is_err());
        let long = Header::read("x".repeat(100_000).as_bytes(), &KNOWN).unwrap_err();
        assert_eq!(long[0].column.as_ref().unwrap().len(), 64);
    }

    #[test]
    fn a_row_has_as_many_fields_as_the_header() {
        for row in [&b"a"[..], b"a,b,c"] {
            assert_eq!(values("external_id,kind", row).unwrap_err().len(), 1);
        }
    }

    #[test]
    fn what_is_not_utf8_names_its_column() {
        let faults = values("external_id,kind,phone", b"a,b,\xff\xfe").unwrap_err();
        assert_eq!(faults, [RowFault::at("phone", "This is not UTF-8.")]);
        assert!(values("line,external_id,kind", b"\xff,a,b").is_ok(), "what is passed over may be anything");
    }
}
