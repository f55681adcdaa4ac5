//! All SQL of messages.

mod account;
mod admin;
mod cap;
mod insert;
mod list;
mod notices;
mod opt_out;
mod partitions;
mod prefix;
mod queue;
mod speech;

pub(crate) use account::{delete_account, lookup_account, upsert_account};
pub(crate) use admin::lookup_admin_address;
pub(crate) use cap::{Reserved, cancel_over_cap, reserve_mail};
pub(crate) use insert::{InsertMessage, insert_mail};
pub(crate) use list::{ListMessages, MessageRow, list_messages, list_of_challenges, lookup_message};
pub use notices::enqueue_notices;
pub(crate) use opt_out::{all_tenants, note_opt_outs};
pub(crate) use partitions::ensure_partitions;
pub(crate) use prefix::{list_blocked, release as release_prefix};
pub(crate) use queue::{
    ALL_LANES, ClaimRequest, ClaimedRow, Held, MAIL, PHONES, Queue, SANDBOX, Settlement, challenges_verified,
    claim_batch, list_due, list_traces, renew_batch, settle_batch,
};
pub(crate) use speech::lookup_spoken;
