//! Where people can be reached: telephone numbers and email addresses, read from what was typed,
//! judged, and masked for display.
//!
//! Both types exist in their normalised form alone. One contact has one spelling, so that limits,
//! fraud guards and blind indexes count it once however it is written.

mod email;
mod metadata;
mod phone;

pub use email::{EmailAddress, EmailError, MAX_EMAIL_CHARS};
pub use phone::{PhoneError, PhoneKind, PhoneNumber};
