//! One use case a file.

mod begin;
mod finish;
mod link;
mod remove;
mod set;

pub use begin::Begun;
pub use finish::{FinishSignIn, Finished};
pub use set::SetProvider;
