//! Files of users: what a row says, what it meets, and what is done about it.

mod decide;
mod row;
mod seal;
mod write;

use crate::csv::Column;

pub(crate) use decide::{Met, Plan, decide};
pub(crate) use row::{Batch, Reader, Refused, UserRow};
pub(crate) use seal::{Writes, seal};
pub(crate) use write::{BatchError, meet, write};

/// The columns, in the order in which [`row`] takes them.
pub(crate) const COLUMNS: [Column; 8] = [
    Column { name: "external_id", required: true },
    Column { name: "kind", required: true },
    Column { name: "display_name", required: false },
    Column { name: "email", required: false },
    Column { name: "phone", required: false },
    Column { name: "recovery_phone", required: false },
    Column { name: "advisor_email", required: false },
    Column { name: "language", required: false },
];
