//! An entry with its seal, as an export in JSON Lines writes it.

use chrono::SecondsFormat;
use core_kernel::{AuditEntryId, TypedId as _};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Entry, Seal};

/// One line. Its members are the columns of the export, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The entry's identifier.
    pub id: String,
    /// When, to the microsecond.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub target: Option<String>,
    /// From where.
    pub ip_address: Option<String>,
    /// More.
    pub detail: Value,
    /// Its place in the chain.
    pub sequence: u64,
    /// The salt of its commitment, in hexadecimal digits; null once its words are erased.
    pub salt: Option<String>,
    /// Its commitment, likewise.
    pub commitment: String,
    /// Its hash, likewise.
    pub hash: String,
    /// The signed head that ends in it, if any.
    pub head: Option<String>,
    /// On the first line alone: the signed head that ended in the entry before, where what came before is
    /// not kept any more.
    pub checkpoint: Option<String>,
}

/// A line that says nothing of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineError;

impl Line {
    /// An entry and its seal as they are written.
    #[must_use]
    pub fn of(entry: &Entry, seal: &Seal) -> Self {
        Self {
            id: AuditEntryId(entry.id).to_text(),
            at: entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            actor: entry.actor.clone(),
            action: entry.action.clone(),
            target: entry.target.clone(),
            ip_address: entry.ip_address.clone(),
            detail: entry.detail.clone(),
            sequence: seal.sequence,
            salt: seal.salt.map(|salt| HEXLOWER.encode(&salt)),
            commitment: HEXLOWER.encode(&seal.commitment),
            hash: HEXLOWER.encode(&seal.hash),
            head: None,
            checkpoint: None,
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    /// When it is not what an export writes.
    pub fn parse(text: &str) -> Result<Self, LineError> {
        serde_json::from_str(text).map_err(|_| LineError)
    }

    /// The entry and its seal.
    ///
    /// # Errors
    /// When identifier, time or hashes are not written as an export writes them.
    pub fn read(&self) -> Result<(Entry, Seal), LineError> {
        let at = chrono::DateTime::parse_from_rfc3339(&self.at).map_err(|_| LineError)?.to_utc();
        let entry = Entry {
            id: AuditEntryId::from_text(&self.id).ok_or(LineError)?.0,
            at,
            actor: self.actor.clone(),
            action: self.action.clone(),
            target: self.target.clone(),
            ip_address: self.ip_address.clone(),
            detail: self.detail.clone(),
        };
        // An identifier or a time in two spellings would be a change that no hash shows.
        if at.to_rfc3339_opts(SecondsFormat::Micros, true) != self.at || AuditEntryId(entry.id).to_text() != self.id {
            return Err(LineError);
        }
        let seal = Seal {
            sequence: self.sequence,
            salt: self.salt.as_deref().map(bytes).transpose()?,
            commitment: bytes(&self.commitment)?,
            hash: bytes(&self.hash)?,
        };
        Ok((entry, seal))
    }
}

fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], LineError> {
    HEXLOWER.decode(digits.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(LineError)
}

#[cfg(test)]
mod tests {
    use core_kernel::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn line() -> Line {
        let entry = Entry {
            id: Uuid::from_u128(1),
            at: Timestamp::from_timestamp_micros(1_790_000_000_000_001).unwrap(),
            actor: "system".to_owned(),
            action: "user.locked".to_owned(),
            target: None,
            ip_address: None,
            detail: json!({ "a": [1, "ü"] }),
        };
        let seal = entry.seal(3, &[0; 32], [1; 16]);
        let line = Line::of(&entry, &seal);
        assert_eq!(line.read(), Ok((entry, seal)));
        line
    }

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        let text = serde_json::to_string(&line()).unwrap();
        assert_eq!(Line::parse(&text), Ok(line()));
        assert_eq!(Line::parse(&text.replace("\"sequence\":3", "\"sequence\":-3")), Err(LineError));
        assert_eq!(Line::parse(&text.replace("\"actor\"", "\"extra\":1,\"actor\"")), Err(LineError));
        assert_eq!(Line::parse(""), Err(LineError));
    }

    #[test]
    fn there_is_one_spelling() {
        for other in [
            Line { at: line().at.replace('Z', "+00:00"), ..line() },
            Line { hash: line().hash.to_uppercase(), ..line() },
            Line { hash: line().hash[2..].to_owned(), ..line() },
            Line { id: line().id.to_uppercase(), ..line() },
            Line { salt: Some("00".to_owned()), ..line() },
        ] {
            assert_eq!(other.read(), Err(LineError), "{other:?}");
        }
    }
}
