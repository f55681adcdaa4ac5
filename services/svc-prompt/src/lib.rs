//! Hosted prompts: a browser that the integrator sends to us for one login, and that goes back with a
//! result.
//!
//! Three secrets, each stored as a digest alone and each good for one thing:
//!
//! - the *address* that the integrator is given opens the prompt, once and within ten minutes;
//! - whoever opened it holds the *browser's token* in a cookie from then on, so that reloading is safe
//!   and the address is worth nothing to whoever reads it in a log;
//! - at the end the browser carries a *result* back, which the integrator's server exchanges for the
//!   login, once and within a minute. No assertion travels in an address.
//!
//! What is asked and proved in between are the commands of the login path and of factors, called as the
//! user ([`core_access::Principal::User`]): no rule exists twice. The challenge that a page asks about is
//! kept here; what a form names is never believed.

mod commands;
mod model;
mod prompts;
mod refusal;
mod store;

pub use commands::create::CreatePromptInput;
pub use commands::open::Opened;
pub use commands::redeem::Redeemed;
pub use model::{PromptEnd, PromptPurpose, PromptSession};
pub use prompts::{OPEN_PATH, Prompts};
