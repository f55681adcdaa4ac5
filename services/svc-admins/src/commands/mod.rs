//! One use case a file.

mod accept;
mod add;
mod change_role;
mod create_tenant;
mod invite;
mod invite_partner;
mod password;
mod remove;
mod second_factor;
mod sign_in;
mod sign_out;

pub use accept::{AcceptInvitation, Accepted};
pub use add::AddAdmin;
pub use invite::InviteAdmin;
pub use password::{SignInMethod, SignInStep};
pub use second_factor::{SecondFactor, SecondFactorInput};
pub use sign_in::SignedIn;
