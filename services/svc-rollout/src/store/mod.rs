//! All SQL of the rollout.

mod blocked;
mod runs;

pub(crate) use blocked::{BlockedQuery, count_blocked, list_blocked};
pub(crate) use runs::{
    InsertRun, count_recipients, find_run, insert_run, list_open_runs, list_runs, queue_batch, tenants_with_reminders,
};
