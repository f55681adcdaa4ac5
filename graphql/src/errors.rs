//! The two ways of saying no. What a caller can put right is a [`UserError`] in the payload; what it
//! cannot is a top-level error with `extensions.code`, made from a [`Fault`] in one place
//! ([`finish`]), so that resolvers may use `?` and no message of a driver ever reaches a client.

use async_graphql::{Enum, Response, ServerError, SimpleObject};
use core_kernel::{Fault, Refusal, RefusalCode, Stop};

/// What kind of no.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RefusalCode")]
pub enum UserErrorCode {
    /// A value that cannot be read or is out of range; `field` says which.
    Invalid,
    /// No such thing for this caller: malformed, of another type, another tenant's, or absent.
    NotFound,
    /// Something else has this unique value.
    AlreadyExists,
    /// Somebody else changed it first, or a retry does not match its first call.
    Conflict,
    /// The tenant's policy does not allow it.
    NotAllowedByPolicy,
    /// The number's country is not among the policy's.
    CountryNotSupported,
    /// The code is wrong; the payload's `challenge.attemptsRemaining` tells how many tries are left.
    WrongCode,
    /// The code, link or login is over.
    Expired,
    /// The login's tries are used up.
    TooManyAttempts,
    /// The code went out a moment ago; the payload's `challenge.resendAt` tells when it may go again.
    TooSoon,
    /// This login is already complete.
    AlreadyCompleted,
    /// A login completed by a proof in the last 15 minutes is needed.
    VerificationRequired,
    /// The user is locked.
    UserLocked,
    /// The tenant's spending cap is reached.
    SpendingCapReached,
    /// Messages to this number's prefix are stopped.
    DestinationBlocked,
    /// The policy turns on a weaker channel; name it in `acknowledgeWeakerChannels` to accept the risk on record.
    AcknowledgementRequired,
    /// The partner's template locks this field.
    LockedByPartner,
}

/// Something that the caller can put right.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct UserError {
    /// What kind of no.
    pub code: UserErrorCode,
    /// A sentence that an end user or administrator can act on.
    pub message: String,
    /// Path into `input`, e.g. `["policy", "external", "mandatoryFrom"]`; null where no field is at fault.
    pub field: Option<Vec<String>>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let field = (!refusal.field.is_empty()).then_some(refusal.field);
        Self { code: refusal.code.into(), message: refusal.message, field }
    }
}

/// The user errors of a service's refusals.
pub fn user_errors(refusals: impl IntoIterator<Item = Refusal>) -> Vec<UserError> {
    refusals.into_iter().map(UserError::from).collect()
}

/// A mutation's payload that can be nothing but user errors; [`payload!`](crate::errors::payload) implements it.
pub trait Payload: Sized {
    /// The payload of a refused call: everything else is null.
    fn refused(errors: Vec<UserError>) -> Self;
}

/// Turns a command's result into the mutation's payload.
///
/// # Errors
/// The fault, where it was one.
pub fn answer<T, P: Payload>(result: Result<T, Stop>, map: impl FnOnce(T) -> P) -> Result<P, Fault> {
    match result {
        Ok(output) => Ok(map(output)),
        Err(Stop::Refused(refusals)) => Ok(P::refused(user_errors(refusals))),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// Declares a mutation's payload: nullable fields and `userErrors`.
macro_rules! payload {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(::async_graphql::SimpleObject, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            /// What kept it from being done; everything else is null then, unless said otherwise.
            pub user_errors: Vec<$crate::errors::UserError>,
        }

        impl $crate::errors::Payload for $name {
            fn refused(user_errors: Vec<$crate::errors::UserError>) -> Self {
                Self { user_errors, ..Self::default() }
            }
        }
    )*};
}
pub(crate) use payload;

/// Why a request was refused before anything of it ran.
#[derive(Debug)]
pub struct Rejection(pub Vec<ServerError>);

/// The top-level error of a fault. An internal one is logged here, once, and its cause not shown.
#[must_use]
pub fn fault_error(fault: &Fault) -> ServerError {
    if let Fault::Internal(source) = fault {
        tracing::error!(error = %source, "internal error");
    }
    let mut error = ServerError::new(fault.to_string(), None);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code_of(fault));
    match fault {
        Fault::Forbidden { reason: Some(reason) } => extensions.set("reason", *reason),
        Fault::RateLimited { retry_after_seconds } => extensions.set("retryAfterSeconds", *retry_after_seconds),
        _ => {}
    }
    error
}

/// An error that the caller's request itself is to blame for.
pub(crate) fn coded_error(code: &str, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// What cannot be watched: malformed, of another type, another tenant's or absent, all alike. A
/// subscription has neither a payload for user errors nor a null for its field.
pub(crate) fn not_found() -> async_graphql::Error {
    let mut error = async_graphql::Error::new("There is nothing with this identifier.");
    error.extensions.get_or_insert_default().set("code", RefusalCode::NotFound.as_str());
    error
}

const fn code_of(fault: &Fault) -> &'static str {
    match fault {
        Fault::Unauthenticated => "UNAUTHENTICATED",
        Fault::Forbidden { .. } => "FORBIDDEN",
        Fault::RateLimited { .. } => "RATE_LIMITED",
        Fault::BadRequest(_) => "BAD_REQUEST",
        Fault::Unavailable => "UNAVAILABLE",
        Fault::Internal(_) => "INTERNAL",
    }
}

/// Gives every error of a response its code.
pub(crate) fn finish(response: &mut Response) {
    for error in &mut response.errors {
        *error = finished(std::mem::replace(error, ServerError::new("", None)));
    }
}

fn finished(mut error: ServerError) -> ServerError {
    if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
        return error;
    }
    let known = match (error.source::<Fault>(), error.source::<Stop>(), error.source::<Refusal>()) {
        (Some(fault), ..) | (_, Some(Stop::Fault(fault)), _) => fault_error(fault),
        (_, Some(Stop::Refused(refusals)), _) => bad_request(refusals.first()),
        (.., Some(refusal)) => bad_request(Some(refusal)),
        _ if error.source.is_some() => {
            tracing::error!(error = %error.message, "internal error of an unexpected type");
            fault_error(&Fault::internal("see the line before"))
        }
        // The library's own complaint about the request.
        _ => coded_error("BAD_REQUEST", error.message.clone()),
    };
    error.message = known.message;
    error.extensions = known.extensions;
    error.source = None;
    error
}

/// A query has no payload that could carry user errors.
fn bad_request(refusal: Option<&Refusal>) -> ServerError {
    coded_error("BAD_REQUEST", refusal.map_or("The request is not valid.", |refusal| &refusal.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: &ServerError) -> String {
        error.extensions.as_ref().unwrap().get("code").unwrap().to_string()
    }

    fn from_resolver<E: std::fmt::Display + Send + Sync + 'static>(error: E) -> ServerError {
        finished(async_graphql::Error::from(error).into_server_error(async_graphql::Pos::default()))
    }

    #[test]
    fn every_fault_has_its_code() {
        assert_eq!(code(&from_resolver(Fault::Unauthenticated)), "\"UNAUTHENTICATED\"");
        assert_eq!(code(&from_resolver(Fault::Unavailable)), "\"UNAVAILABLE\"");
        assert_eq!(code(&from_resolver(Stop::Fault(Fault::Unavailable))), "\"UNAVAILABLE\"");
        let limited = from_resolver(Fault::RateLimited { retry_after_seconds: 7 });
        assert_eq!(limited.extensions.unwrap().get("retryAfterSeconds").unwrap().to_string(), "7");
        let forbidden = from_resolver(Fault::Forbidden { reason: Some("TENANT_REQUIRED") });
        assert_eq!(forbidden.extensions.unwrap().get("reason").unwrap().to_string(), "\"TENANT_REQUIRED\"");
    }

    #[test]
    fn the_cause_of_an_internal_error_is_not_shown() {
        let shown = from_resolver(Fault::internal("password of the database is hunter2"));
        assert_eq!(code(&shown), "\"INTERNAL\"");
        assert!(!shown.message.contains("hunter2"));
        let unexpected = from_resolver(std::io::Error::other("hunter2"));
        assert_eq!(code(&unexpected), "\"INTERNAL\"");
        assert!(!unexpected.message.contains("hunter2"));
    }

    #[test]
    fn a_refusal_without_a_field_has_none() {
        let refusal = Refusal::new(RefusalCode::Expired, "It is over.");
        assert_eq!(UserError::from(refusal).field, None);
        let refusal = Refusal::invalid("policy.codes.digits", "6 to 8.");
        assert_eq!(UserError::from(refusal).field.unwrap(), ["policy", "codes", "digits"]);
    }
}
