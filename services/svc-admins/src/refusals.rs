//! Expected noes, in words for the person who meets them.

use core_kernel::{Refusal, RefusalCode};

pub(crate) fn already_admin() -> Refusal {
    Refusal::new(RefusalCode::AlreadyExists, "This person is an administrator already.").at("email")
}

pub(crate) fn no_such_admin() -> Refusal {
    Refusal::not_found("administrator").at("id")
}

pub(crate) fn not_oneself() -> Refusal {
    Refusal::new(RefusalCode::NotAllowedByPolicy, "Another OWNER has to ask for this.").at("id")
}

pub(crate) fn not_enrolled() -> Refusal {
    let message = "This person has no second factor yet: invite them again instead.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("id")
}

pub(crate) fn role_elsewhere() -> Refusal {
    let message = "This person also has a role elsewhere, so that the account is not one tenant's to reset. Ask whoever \
                   runs this installation.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("id")
}

pub(crate) fn no_role_to_invite_from() -> Refusal {
    let message = "This person has no role in any tenant, from which a new invitation could come. Take them off the \
                   partner's list and name them again.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("email")
}

pub(crate) fn last_owner() -> Refusal {
    let message = "A tenant keeps an OWNER. Give the role to somebody else first, who has to sign in once.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message).at("id")
}

pub(crate) fn no_such_invitation() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "This invitation is over, or was used. Ask for a new one.").at("token")
}

pub(crate) fn no_such_recovery() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "This link is over, or was used. Ask for a new one.").at("token")
}

pub(crate) fn no_such_session() -> Refusal {
    Refusal::not_found("session").at("id")
}

pub(crate) fn confirm_first() -> Refusal {
    let message = "Confirm that it is you first: with your password and your second factor.";
    Refusal::new(RefusalCode::VerificationRequired, message)
}

pub(crate) fn own_sign_in_wanted() -> Refusal {
    let message = "You signed in by your company. Sign in with your own password to see or change your account.";
    Refusal::new(RefusalCode::NotAllowedByPolicy, message)
}

pub(crate) fn wrong_password() -> Refusal {
    Refusal::invalid("currentPassword", "This is not your present password.")
}

pub(crate) fn too_many_passwords() -> Refusal {
    let message = "Too many wrong passwords were tried. Wait for a quarter of an hour.";
    Refusal::new(RefusalCode::TooManyAttempts, message).at("currentPassword")
}

pub(crate) fn password_is_a_name(field: &str) -> Refusal {
    Refusal::invalid(field, "This is little more than your name, your address or ours; choose something else.")
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
