//! The sentences of the login path, kept together so that they are reviewed like code.

use core_kernel::{Fault, Refusal, RefusalCode, Stop};

/// What a step's outcome means to the caller; none where it went well.
pub(crate) fn of_outcome(outcome: &str) -> Result<Option<Refusal>, Fault> {
    let (code, message) = match outcome {
        "OK" => return Ok(None),
        "NOT_FOUND" => (RefusalCode::NotFound, "There is no such challenge, login or method."),
        "ALREADY_COMPLETED" => (RefusalCode::AlreadyCompleted, "This login is already complete."),
        "EXPIRED" => (RefusalCode::Expired, "This has expired; start again."),
        "TOO_MANY_ATTEMPTS" => (RefusalCode::TooManyAttempts, "Too many wrong codes; start a new login."),
        "TOO_SOON" => (RefusalCode::TooSoon, "The code was sent a moment ago; wait before asking for it again."),
        "SPENDING_CAP_REACHED" => (
            RefusalCode::SpendingCapReached,
            "No code can be sent at the moment. Use an authenticator app or a backup code, or ask your administrator.",
        ),
        "DESTINATION_BLOCKED" => (
            RefusalCode::DestinationBlocked,
            "No code can be sent to this number in this way. Choose a call or another way, or ask your administrator.",
        ),
        "WRONG_CODE" => (RefusalCode::WrongCode, "That code is not right."),
        "USER_LOCKED" => {
            (RefusalCode::UserLocked, "This user cannot sign in at the moment; contact your administrator.")
        }
        "NOT_USABLE" => (RefusalCode::NotAllowedByPolicy, "This way of proving who you are is not allowed here."),
        other => return Err(Fault::internal(format!("a step answered {other}"))),
    };
    Ok(Some(Refusal::new(code, message)))
}

pub(crate) fn no_such_user() -> Stop {
    Refusal::not_found("user").at("user").into()
}

pub(crate) fn no_such_login() -> Stop {
    Refusal::not_found("login").at("loginId").into()
}
