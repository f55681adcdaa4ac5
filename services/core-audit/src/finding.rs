//! What can be wrong with an export, in words for whoever reads the report.

use std::fmt;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line of the file, from 1; the last one for what is missing after it.
    pub line: u64,
    /// What.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The line is not one that an export writes.
    Unreadable,
    /// The entry is not as it was sealed.
    Edited(u64),
    /// The entry was blanked, and nothing in the log says that anything was erased.
    Blanked(u64),
    /// Entries from the first to the second are missing before this line.
    Deleted(u64, u64),
    /// The entry stands after ones that were sealed later.
    Moved(u64),
    /// There is another entry of this number before.
    Inserted(u64),
    /// The beginning is missing: everything before this entry, and no checkpoint says that its time was over.
    BeginningCut(u64),
    /// The end is missing: after this entry an export would go on, or end in a signed head.
    EndCut(u64),
    /// A head at this entry is not signed by one of the installation's keys.
    HeadForged(u64),
    /// A signed head says something else of the entry: it, or one since the last good head, was changed, and
    /// hashes were computed anew.
    Rewritten(u64),
    /// A head of another tenant, or another installation.
    HeadOfAnother(u64),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.wrong)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => write!(f, "UNREADABLE: this is no line of an export of the audit log"),
            Self::Edited(at) => write!(f, "EDITED: entry {at} is not as it was sealed"),
            Self::Blanked(at) => write!(f, "EDITED: entry {at} was blanked, and the log tells of no erasure"),
            Self::Deleted(from, to) if from == to => write!(f, "DELETED: entry {from} is missing"),
            Self::Deleted(from, to) => write!(f, "DELETED: entries {from} to {to} are missing"),
            Self::Moved(at) => write!(f, "REORDERED: entry {at} stands after later ones"),
            Self::Inserted(at) => write!(f, "INSERTED: there is another entry {at}"),
            Self::BeginningCut(at) => write!(f, "CUT: everything before entry {at} is missing, without a checkpoint"),
            Self::EndCut(at) => write!(f, "CUT: what came after entry {at} is missing"),
            Self::HeadForged(at) => write!(f, "FORGED: no key of the set signed the head at entry {at}"),
            Self::Rewritten(at) => {
                write!(f, "REWRITTEN: what was signed at entry {at} differs; it, or one before it, was changed")
            }
            Self::HeadOfAnother(at) => write!(f, "FORGED: the head at entry {at} is of another log"),
        }
    }
}
