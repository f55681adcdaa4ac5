//! The ground that service tests stand on: a database of their own, migrated, reached as the
//! *unprivileged* role. A superuser would bypass row-level security without a word, and a test on
//! it would prove nothing about isolation.
//!
//! One template database is migrated per set of migrations; each test gets a copy and drops it.

mod admins;
mod authenticator;
mod bed;
mod collector;
mod database;
mod fault;
mod gateway;
mod stack;
mod stripe;
mod twilio;

pub use admins::{ADMIN_PASSWORD, AdminsBed, Person, app_among, app_of};
pub use authenticator::{Said, SoftAuthenticator};
pub use bed::{Environment, TestBed, caller, partner_caller, settled};
pub use collector::{Behaviour, CollectorStandIn, attribute};
pub use database::{APP_PASSWORD, TestDatabase, test_master_key};
pub use gateway::GatewayStandIn;
pub use opentelemetry_proto::tonic::metrics::v1 as otlp;
pub use stack::on_a_servers_stack;
pub use stripe::{STRIPE_KEY, StripeStandIn};
pub use twilio::{
    TWILIO_ACCOUNT, TWILIO_TOKEN, Twilio, TwilioCallback, TwilioMessage, TwilioStandIn, twilio_request, twilio_status,
};
