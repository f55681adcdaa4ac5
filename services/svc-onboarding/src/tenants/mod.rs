//! Files of tenants: what a row says, and making it so. Tenants are made by the very command that makes a
//! single one, row by row: it is a matter of hundreds, and each is more than a row.

mod apply;
mod row;

use crate::csv::Column;

pub(crate) use apply::{Applied, Applier, faults};
pub(crate) use row::{TenantRow, read};

/// The columns, in the order in which [`read`] takes them.
pub(crate) const COLUMNS: [Column; 4] = [
    Column { name: "slug", required: true },
    Column { name: "name", required: true },
    Column { name: "owner_email", required: true },
    Column { name: "environment", required: false },
];
