//! Expected noes, in words for the person who meets them. What exactly was wrong with an answer is for the
//! tenant's log, and for the OWNER who tries it: whoever stands at the door hears no more than they need.

use core_kernel::{Refusal, RefusalCode};

pub(crate) fn no_such_company() -> Refusal {
    let message = "No company of this name signs in here with its own identity provider. Check the name, or sign in \
                   with your password.";
    Refusal::new(RefusalCode::NotFound, message).at("company")
}

pub(crate) fn no_provider() -> Refusal {
    Refusal::not_found("identity provider")
}

pub(crate) fn begin_again() -> Refusal {
    let message = "This sign-in took too long, was finished, or began in another browser. Begin again.";
    Refusal::new(RefusalCode::Expired, message).at("state")
}

pub(crate) fn provider_away() -> Refusal {
    let message = "Your company's identity provider does not answer as it should. Try again in a moment, or sign in \
                   with your password.";
    Refusal::new(RefusalCode::Expired, message)
}

pub(crate) fn not_accepted() -> Refusal {
    let message = "Your company's identity provider let you in, and we cannot accept its answer. An OWNER of your \
                   company sees why in the audit log.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message)
}

pub(crate) fn provider_said_no() -> Refusal {
    let message = "Your company's identity provider did not let you in, or you canceled.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message)
}

/// What the OWNER who tries it is told.
pub(crate) fn test_failed(why: &str) -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, format!("The test failed: {why}."))
}

pub(crate) fn secret_wanted() -> Refusal {
    Refusal::invalid("clientSecret", "Give the secret that belongs to this client.")
}

pub(crate) fn issuer_unusable(why: &str) -> Refusal {
    Refusal::invalid("issuer", why)
}

pub(crate) fn test_first() -> Refusal {
    let message =
        "Test the provider before passwords are turned off: a change of issuer, client or secret wants a new test.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("passwordAllowed")
}

pub(crate) fn no_owner_with_password() -> Refusal {
    let message = "An OWNER must have a password and a second factor, to get in when the provider is away.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("passwordAllowed")
}
