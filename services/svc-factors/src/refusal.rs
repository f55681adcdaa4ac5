//! Expected noes, in words for the person who meets them.

use core_kernel::{Refusal, RefusalCode};
use core_policy::Channel;

pub(crate) fn verification_required() -> Refusal {
    Refusal::new(
        RefusalCode::VerificationRequired,
        "Prove a factor first: begin a login for a fresh proof, complete it, and name it as loginId within 15 minutes.",
    )
}

pub(crate) fn email_may_only_add() -> Refusal {
    Refusal::new(
        RefusalCode::VerificationRequired,
        "A proof by email may add factors, not replace or remove them. Prove another factor, or ask for help.",
    )
}

pub(crate) fn factors_frozen() -> Refusal {
    Refusal::new(
        RefusalCode::VerificationRequired,
        "After a login with an advisor's code, factors can be changed only with the help desk's consent for 72 hours.",
    )
}

pub(crate) fn reset_pending() -> Refusal {
    Refusal::new(
        RefusalCode::VerificationRequired,
        "This user was reset. Log in with the code that the help desk read out; then enroll.",
    )
}

pub(crate) fn another_number_is_on_record() -> Refusal {
    Refusal::new(
        RefusalCode::VerificationRequired,
        "Another phone number is on record. Confirm that one, or ask the help desk to enroll this one.",
    )
    .at("number")
}

pub(crate) fn another_address_is_on_record() -> Refusal {
    Refusal::new(
        RefusalCode::VerificationRequired,
        "This is not the address on record. Prove a factor first, or ask the help desk to enroll it.",
    )
    .at("address")
}

pub(crate) fn spending_cap_reached() -> Refusal {
    Refusal::new(
        RefusalCode::SpendingCapReached,
        "No code can be sent at the moment. Enroll an authenticator app instead, or ask your administrator.",
    )
}

pub(crate) fn destination_blocked() -> Refusal {
    Refusal::new(
        RefusalCode::DestinationBlocked,
        "No code can be sent to this number in this way. Choose a call or another way, or ask your administrator.",
    )
}

pub(crate) fn user_locked() -> Refusal {
    Refusal::new(RefusalCode::UserLocked, "This user is locked at the moment. Try later, or ask the help desk.")
}

pub(crate) fn user_disabled() -> Refusal {
    Refusal::new(RefusalCode::UserLocked, "This user is disabled.")
}

pub(crate) fn tenant_suspended() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "Logins are suspended for this organisation; nothing can be changed.")
}

pub(crate) fn login_expired() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This login has run out. Begin a new one.").at("loginId")
}

pub(crate) fn enrollment_expired() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This enrollment has run out. Begin again.")
}

pub(crate) fn code_expired() -> Refusal {
    Refusal::new(RefusalCode::Expired, "This code is no longer valid. Ask for a new one.")
}

pub(crate) fn channel_not_allowed(channel: Channel) -> Refusal {
    let what = match channel {
        Channel::Sms => "Codes by text message are",
        Channel::Voice => "Codes by phone call are",
        Channel::Email => "Codes by email are",
        Channel::Totp => "Authenticator apps are",
        Channel::Passkey => "Passkeys are",
    };
    Refusal::new(RefusalCode::NotAllowedByPolicy, format!("{what} not allowed here. Choose another way."))
}

pub(crate) fn phones_not_allowed() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "Phones are not allowed here. Choose another way.")
}

pub(crate) fn last_factor() -> Refusal {
    Refusal::new(
        RefusalCode::NotAllowedByPolicy,
        "This is the last usable factor and one is mandatory. Enroll another first.",
    )
}

pub(crate) fn suggestion_stays() -> Refusal {
    Refusal::new(
        RefusalCode::NotAllowedByPolicy,
        "This contact was supplied by the organisation. Confirm it, or ask the help desk to remove it.",
    )
}

pub(crate) fn enroll_first() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "Backup codes stand in for a factor. Enroll one first.")
}

pub(crate) fn level_not_allowed() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "The policy does not allow this level to be chosen.").at("level")
}

pub(crate) fn may_not_opt_out() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "Two-factor authentication is required and cannot be turned off.")
}

pub(crate) fn already_confirmed() -> Refusal {
    Refusal::new(RefusalCode::AlreadyCompleted, "This factor is confirmed already.")
}

pub(crate) fn wrong_code() -> Refusal {
    Refusal::new(RefusalCode::WrongCode, "This code is wrong.").at("code")
}

pub(crate) fn no_relying_party() -> Refusal {
    Refusal::invalid("origin", "Register rpId and origins of your pages first: updateTenant, webauthn.")
}

pub(crate) fn other_origin() -> Refusal {
    Refusal::invalid("origin", "This is none of the origins that are registered for passkeys.")
}

pub(crate) fn no_passkeys_here() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "Passkeys cannot be used at this address. Choose another way.")
}

pub(crate) fn too_many_passkeys() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "Ten passkeys are enough for one person. Remove one first.")
}

pub(crate) fn passkey_taken() -> Refusal {
    Refusal::new(RefusalCode::AlreadyExists, "This passkey is registered already.").at("credential")
}

pub(crate) fn unreadable_credential() -> Refusal {
    Refusal::invalid("credential", "This is not a credential as a browser gives it.")
}

pub(crate) fn wrong_credential() -> Refusal {
    let message = "This passkey did not answer what was asked. Begin again.";
    Refusal::new(RefusalCode::WrongCode, message).at("credential")
}

pub(crate) fn too_many_attempts() -> Refusal {
    Refusal::new(RefusalCode::TooManyAttempts, "Too many wrong codes. Begin again.")
}

pub(crate) fn too_soon() -> Refusal {
    Refusal::new(RefusalCode::TooSoon, "A code went out a moment ago. Wait until it may be sent again.")
}
