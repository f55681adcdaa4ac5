//! One use case a file.

mod accept;
mod accept_provider;
mod add;
mod by_provider;
mod change_password;
mod change_role;
mod create_tenant;
mod factors;
mod invite;
mod invite_partner;
mod passkeys;
mod password;
mod recover;
mod remove;
mod reset;
mod reset_by_operator;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_out;

pub use accept::{AcceptInvitation, Accepted};
pub use accept_provider::ProviderChoice;
pub use add::AddAdmin;
pub use by_provider::{ProviderProof, ProviderStep};
pub use change_password::ChangePassword;
pub use factors::OwnFactors;
pub use invite::InviteAdmin;
pub use passkeys::{BegunPasskey, MadePasskey, OwnPasskey};
pub use password::{SignInMethod, SignInStep};
pub use second_factor::{SecondFactor, SecondFactorInput};
pub use sessions::EndSessions;
pub use sign_in::SignedIn;
