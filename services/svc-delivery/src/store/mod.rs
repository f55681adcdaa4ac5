//! All SQL of messages.

mod insert;
mod list;
mod queue;

pub(crate) use insert::{InsertMessage, insert_mail};
pub(crate) use list::{ListMessages, MessageRow, list_messages, list_of_challenges, lookup_message};
pub(crate) use queue::{ClaimRequest, ClaimedRow, Settlement, claim_batch, settle_batch, tenants_with_messages};
