//! The expected noes of hosted prompts, in one place to be read over.

use core_kernel::{Refusal, RefusalCode};

pub(crate) fn no_such_login() -> Refusal {
    Refusal::not_found("login").at("loginId")
}

pub(crate) fn return_url_unknown() -> Refusal {
    Refusal::invalid("returnUrl", "This address is not within one of the tenant's registered return URLs.")
}

pub(crate) fn state_too_long() -> Refusal {
    Refusal::invalid("state", "A state has at most 512 characters, and no NUL.")
}

pub(crate) fn nothing_to_ask() -> Refusal {
    let message = "This login was decided without a second factor: there is nothing to ask the user.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("loginId")
}

pub(crate) fn login_complete() -> Refusal {
    Refusal::new(RefusalCode::AlreadyCompleted, "This login is already complete.").at("loginId")
}

pub(crate) fn login_over() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This login has run out. Begin a new one.").at("loginId")
}

pub(crate) fn login_incomplete() -> Refusal {
    let message = "Settings are changed after a login that was completed within the last 15 minutes.";
    Refusal::new(RefusalCode::VerificationRequired, message).at("loginId")
}

pub(crate) fn prompt_over() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This page is over, or was opened elsewhere. Sign in again.")
}

pub(crate) fn result_over() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This result is unknown, was exchanged, or is older than a minute.").at("result")
}

pub(crate) fn not_done() -> Refusal {
    Refusal::new(RefusalCode::VerificationRequired, "This login is not complete yet.")
}
