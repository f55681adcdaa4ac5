//! The expected noes of the help desk, in one place to be read over.

use core_kernel::{Refusal, RefusalCode};

pub(crate) fn user_locked() -> Refusal {
    let message = "This user is locked or disabled. Unlock the user first, once it is clear that all is well.";
    Refusal::new(RefusalCode::UserLocked, message).at("user")
}

pub(crate) fn is_an_administrator() -> Refusal {
    let message = "Administrators, oneself included, are not let in by the help desk's codes. \
                   Another administrator's backup codes or a new invitation help.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("user")
}

pub(crate) fn advisor_changes_no_factors() -> Refusal {
    let message = "Only SUPPORT or above issues a code that allows factors to be changed.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("mayChangeFactors")
}

pub(crate) fn no_such_login() -> Refusal {
    Refusal::not_found("login").at("loginId")
}

pub(crate) fn login_denied() -> Refusal {
    let message = "This login was denied: no code completes it. Ask your advisor, and sign in again.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("loginId")
}

pub(crate) fn login_complete() -> Refusal {
    Refusal::new(RefusalCode::AlreadyCompleted, "This login is already complete.")
}

pub(crate) fn login_over() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This login has run out. Begin a new one.")
}

pub(crate) fn login_out_of_tries() -> Refusal {
    Refusal::new(RefusalCode::TooManyAttempts, "Too many wrong codes were given for this login. Begin a new one.")
}

pub(crate) fn too_many_requests() -> Refusal {
    let message = "Temporary access was asked for three times within an hour. Try again later, or call your advisor.";
    Refusal::new(RefusalCode::TooSoon, message)
}

pub(crate) fn no_such_request() -> Refusal {
    Refusal::not_found("request").at("id")
}

pub(crate) fn request_answered() -> Refusal {
    Refusal::new(RefusalCode::Conflict, "This request has been answered already.").at("id")
}

pub(crate) fn request_over() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This request has run out, and its login with it.").at("id")
}

pub(crate) fn no_such_code() -> Refusal {
    Refusal::not_found("temporary access code").at("id")
}

pub(crate) fn code_already_used() -> Refusal {
    Refusal::new(RefusalCode::AlreadyCompleted, "This code has been used already.").at("id")
}

pub(crate) fn link_for_own_people() -> Refusal {
    let message = "One-time links are for external users. The firm's own people sign in with a password or SSO.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("user")
}

pub(crate) fn no_address() -> Refusal {
    Refusal::invalid("user", "There is no email address on record for this user.")
}

pub(crate) fn return_url_unknown() -> Refusal {
    Refusal::invalid("returnUrl", "This address does not match any of the tenant's registered return URLs.")
}

/// The one answer for links that are unknown, expired, used or revoked.
pub(crate) fn link_over() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This link does not work any more. Ask for a new one.")
}
