//! The API's schema, thin on purpose: a resolver parses its input, calls one command or query of a
//! service, and maps the answer. No rule lives here, so that the hosted pages and jobs that call the
//! same commands cannot differ.
//!
//! * [`Api`] is what the gateway holds: it parses, weighs and runs requests.
//! * Each domain has a folder with its types, inputs and roots, merged in `roots.rs`.
//! * What the rows of a page refer to is asked for together (`batch.rs`).
//! * The printed schema is `graphql/schema.graphql`; a test compares the two.

mod admin;
mod api;
mod audit;
mod batch;
mod billing;
mod challenge;
mod connection;
mod context;
mod device;
mod directory;
mod document;
mod enums;
mod errors;
mod factor;
mod helpdesk;
mod identity_provider;
mod ids;
mod import;
mod limits;
mod loaders;
mod login;
mod message;
mod money;
mod nesting;
mod operations;
mod policy;
mod prompt;
mod rollout;
mod roots;
mod scalars;
mod shape;
mod simulation;
mod subscription;
mod urgency;
mod viewer;
mod webhook;

pub use api::{Api, ApiOptions, Prepared, Told};
pub use context::{Authority, RequestInfo, Services};
pub use errors::{Rejection, fault_error};
pub use import::{UPLOAD_VARIABLE, UploadSlot};
pub use roots::print_schema;
pub use urgency::Urgency;
