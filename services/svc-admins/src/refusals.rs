//! Expected noes, in words for the person who meets them.

use core_kernel::{Refusal, RefusalCode};

pub(crate) fn already_admin() -> Refusal {
    Refusal::new(RefusalCode::AlreadyExists, "This person is an administrator already.").at("email")
}

pub(crate) fn no_such_admin() -> Refusal {
    Refusal::not_found("administrator").at("id")
}

pub(crate) fn last_owner() -> Refusal {
    let message = "A tenant keeps an OWNER. Give the role to somebody else first, who has to sign in once.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("id")
}

pub(crate) fn no_such_invitation() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "This invitation is over, or was used. Ask for a new one.").at("token")
}

pub(crate) fn sign_in_again() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This sign-in took too long, or was finished elsewhere. Begin again.")
        .at("methodId")
}

pub(crate) fn no_such_method() -> Refusal {
    Refusal::not_found("method").at("methodId")
}

pub(crate) fn ask_for_the_code_first() -> Refusal {
    Refusal::new(RefusalCode::Expired, "No code was sent this way. Ask for one first.").at("methodId")
}

pub(crate) fn account_locked() -> Refusal {
    let message =
        "After too many wrong codes this account is locked for a while. Try later, or ask your administrator.";
    Refusal::new(RefusalCode::UserLocked, message)
}

pub(crate) fn no_method() -> Refusal {
    let message = "This account has no second factor that may be used. Ask your administrator.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message)
}
