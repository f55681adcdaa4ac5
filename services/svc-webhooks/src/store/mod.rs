//! All SQL of webhooks.

mod claims;
mod deliveries;
mod endpoints;
mod events;
mod notice;
mod settle;

pub(crate) use claims::{Claim, ClaimRequest, Work, claim, tenants_with_work};
pub(crate) use deliveries::{
    NewDelivery, ask_again, find_delivery, insert_deliveries, insert_test, list_deliveries, lock_delivery,
};
pub(crate) use endpoints::{
    count_endpoints, delete_endpoint, find_endpoint, insert_endpoint, list_endpoints, lock_endpoint, lock_tenant,
    note_login_interest, update_secrets,
};
pub(crate) use events::{WaitingEvent, WantingEndpoint, list_wanting, lock_waiting_events, mark_passed_on};
pub(crate) use notice::tell_admins;
pub(crate) use settle::{Endpoint, Settlement, settle};
