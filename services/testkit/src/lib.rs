//! The ground that service tests stand on: a database of their own, migrated, reached as the
//! *unprivileged* role. A superuser would bypass row-level security without a word, and a test on
//! it would prove nothing about isolation.
//!
//! One template database is migrated per set of migrations; each test gets a copy and drops it.

mod bed;
mod database;

pub use bed::{Environment, TestBed, caller, partner_caller};
pub use database::{APP_PASSWORD, TestDatabase, test_master_key};
