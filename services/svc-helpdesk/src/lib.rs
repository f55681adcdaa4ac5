//! The help desk: what people do for a user who cannot prove a second factor, and what they do
//! about one who should not.
//!
//! Everything here goes around the factors, so everything here is narrow, on record, and told to the
//! user on every channel that is left:
//!
//! - a *temporary access code* is read out by an advisor, serves once, and is stored as a keyed digest;
//! - a *temporary access request* is the user's side: tied to one login, whose code serves no other;
//! - *locking* and *resetting* a user take away whatever is outstanding, proofs of the last minutes included;
//! - a *one-time link* stands in for the password of an external party. It is consumed by a button's
//!   POST, since mail scanners open links, and a second factor always follows.
//!
//! Nobody issues a code for themselves or for another administrator: an account that can let others in
//! must not be able to let itself in. Locks are taken in the order login, user, factor, request.

mod begin_login;
mod commands;
mod helpdesk;
mod link_token;
mod model;
mod queries;
mod refusal;
mod return_url;
mod rules;
mod store;

pub use begin_login::LinkLogin;
pub use commands::answer_request::{ApproveRequestInput, DeclineRequestInput};
pub use commands::consume_link::FollowedLink;
pub use commands::issue_code::IssueCodeInput;
pub use commands::request_access::RequestAccessInput;
pub use commands::send_link::{SendLinkInput, SentLink};
pub use commands::user_state::UserStateInput;
pub use helpdesk::HelpDesk;
pub use link_token::{LINK_PATH, LinkToken};
pub use model::{IssuedCode, LinkPage, RequestStatus, ResetUser, TemporaryAccessCode, TemporaryAccessRequest};
