//! Where an address is, which network it belongs to, and whether it hides who is behind it.
//!
//! [`Atlas::locate`] answers from files in MaxMind's format, or lists of networks, that the operator
//! names; nothing is shipped and nothing is fetched. An address that no file knows gives an empty
//! answer: a place that is unknown is a question for the policy, never a denial by itself.
//!
//! * Files differ: MaxMind's records nest, others' are flat, numbers come as text, IPv4 and IPv6 come
//!   in two files. `record` holds the table of names, one line for each way of saying a thing.
//! * Files change under a process that serves. Each is copied to a place of our own and mapped from
//!   there (`private_copy`), proved by a few look-ups, and only then takes the place of the one before;
//!   look-ups on their way end on the one that they began with. A file that is gone, half-written or
//!   wrong changes nothing but [`Atlas::status`] and the log.
//! * [`mmdb`] writes such files, so that the demo ([`demo`]) and the tests need no one else's data.

mod addresses;
mod atlas;
mod database;
pub mod demo;
mod list;
mod located;
pub mod mmdb;
mod private_copy;
mod record;
mod scalar;
mod source;
mod status;

pub use atlas::{Atlas, AtlasOptions};
pub use located::{Anonymizer, Located};
pub use status::{Loaded, NONE_CONFIGURED, OLD_AFTER_DAYS, SourceKind, SourceState, SourceStatus};
