//! The far end of everything that is stored: how long it is kept, how it is erased, and what can be
//! taken out before.
//!
//! * [`Retention`]: the terms, from the configuration; [`Caretaker`]: the work of a worker that keeps
//!   them. It has no leader and no memory: what is to be done follows from what is there, each batch is
//!   a transaction of its own, and whoever finds a tenant taken goes on to the next.
//! * [`Caretaker::erase_tenants`]: tenants that were deleted, when their time is over.
//! * [`export`]: a tenant's users, logins, messages and log as CSV or JSON Lines; [`export_person`]:
//!   everything that is held on one person.

mod caretaker;
mod erase_tenants;
pub mod export;
mod person;
mod retention;
mod store;

pub use caretaker::Caretaker;
pub use export::{ExportFormat, ExportRequest, Exported, export};
pub use person::export_person;
pub use retention::{KeptDays, Retention, Swept};
