//! PostgreSQL for the rest of the house: a pool that hands out clean connections, the tenant's
//! transaction, migrations, notifications, and the checks without which no process serves.
//!
//! No feature's SQL lives here. [`TenantTx`] is the only way to tenant tables; it cannot be made
//! without a tenant, and row-level security hides every row from a connection that has none. The
//! one exception is the batch of the login path, which sets the tenant item by item (`svc-logins`).

mod changes;
mod database;
mod error;
pub mod fitness;
pub mod health;
mod isolation;
mod migrations;
pub mod pooler;
mod tenant_tx;
mod touches;

pub use changes::{Change, ChangeEvent, Topic, listen, publish};
pub use database::{Alone, Database, DatabaseOptions, PoolUse};
pub use error::DbError;
pub use isolation::isolation_faults;
pub use migrations::{bootstrap, migrate, migration_texts};
pub use tenant_tx::{NoTenant, PartnerTx, TenantTx};
pub use touches::{Announcement, Thing, Touch, publish_touches};
