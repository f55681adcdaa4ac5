//! Why a command did not succeed: a [`Refusal`] is an expected *no* that the caller can put right
//! and that travels as data; a [`Fault`] is what the caller cannot put right.

use thiserror::Error;

/// What kind of *no*; the names are those of `UserErrorCode` in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// A value that cannot be parsed or is out of range.
    Invalid,
    /// No such thing for this caller: malformed, foreign or absent alike.
    NotFound,
    /// Another row holds this unique value.
    AlreadyExists,
    /// Somebody else changed it first, or a retry does not match its first call.
    Conflict,
    /// The tenant's policy does not allow it.
    NotAllowedByPolicy,
    /// The number's country is not among the policy's.
    CountryNotSupported,
    /// The code does not match.
    WrongCode,
    /// The code, link or login is over.
    Expired,
    /// The login's budget of tries is used up.
    TooManyAttempts,
    /// The code went out a moment ago.
    TooSoon,
    /// The login is complete.
    AlreadyCompleted,
    /// A verified login is needed.
    VerificationRequired,
    /// The user is locked.
    UserLocked,
    /// The tenant's spending cap is reached.
    SpendingCapReached,
    /// The number's prefix is blocked.
    DestinationBlocked,
    /// The policy turns on a weaker channel that was not acknowledged.
    AcknowledgementRequired,
    /// The partner's template locks this field.
    LockedByPartner,
}

impl RefusalCode {
    /// The API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::Conflict => "CONFLICT",
            Self::NotAllowedByPolicy => "NOT_ALLOWED_BY_POLICY",
            Self::CountryNotSupported => "COUNTRY_NOT_SUPPORTED",
            Self::WrongCode => "WRONG_CODE",
            Self::Expired => "EXPIRED",
            Self::TooManyAttempts => "TOO_MANY_ATTEMPTS",
            Self::TooSoon => "TOO_SOON",
            Self::AlreadyCompleted => "ALREADY_COMPLETED",
            Self::VerificationRequired => "VERIFICATION_REQUIRED",
            Self::UserLocked => "USER_LOCKED",
            Self::SpendingCapReached => "SPENDING_CAP_REACHED",
            Self::DestinationBlocked => "DESTINATION_BLOCKED",
            Self::AcknowledgementRequired => "ACKNOWLEDGEMENT_REQUIRED",
            Self::LockedByPartner => "LOCKED_BY_PARTNER",
        }
    }
}

/// An expected *no*, with a sentence for the person who meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of no.
    pub code: RefusalCode,
    /// A sentence an end user or administrator can act on.
    pub message: String,
    /// Path into the input, e.g. `["policy", "external", "mandatoryFrom"]`; empty where no field is at fault.
    pub field: Vec<String>,
}

impl Refusal {
    /// A refusal that no single field causes.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Vec::new() }
    }

    /// A malformed or out-of-range value at `path` (dotted, e.g. `"policy.external.maxSkips"`).
    pub fn invalid(path: &str, message: impl Into<String>) -> Self {
        Self::new(RefusalCode::Invalid, message).at(path)
    }

    /// The one answer for identifiers that are malformed, foreign or absent.
    pub fn not_found(what: &str) -> Self {
        Self::new(RefusalCode::NotFound, format!("There is no such {what}."))
    }

    /// The same refusal, pointing at a dotted path into the input.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.field = path.split('.').map(str::to_owned).collect();
        self
    }
}

/// One or more refusals of the same call.
pub type Refusals = Vec<Refusal>;

/// What the caller cannot put right; becomes a top-level error with `extensions.code`.
#[derive(Debug, Error)]
pub enum Fault {
    /// No credentials, or none that hold.
    #[error("Credentials are missing or do not hold.")]
    Unauthenticated,
    /// Credentials that do not allow this; `reason` is a machine-readable detail, if there is one.
    #[error("These credentials do not allow this.")]
    Forbidden {
        /// e.g. `TENANT_REQUIRED`.
        reason: Option<&'static str>,
    },
    /// Too many requests.
    #[error("Too many requests; try again in {retry_after_seconds} s.")]
    RateLimited {
        /// Whole seconds until a retry may succeed, at least 1.
        retry_after_seconds: u64,
    },
    /// The request itself cannot be understood.
    #[error("{0}")]
    BadRequest(String),
    /// Overload, or the database cannot be reached: a retry may succeed.
    #[error("The service is not available at the moment; try again.")]
    Unavailable,
    /// Our fault. The source is logged and never shown.
    #[error("Something went wrong on our side.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Fault {
    /// Wraps an unexpected error.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

/// Why a command stopped.
#[derive(Debug, Error)]
pub enum Stop {
    /// Expected, and the caller's to put right.
    #[error("refused: {0:?}")]
    Refused(Refusals),
    /// Broken, forbidden or overloaded.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<Refusals> for Stop {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals)
    }
}

impl Stop {
    /// The code of the first refusal, if this is a refusal.
    #[must_use]
    pub fn refusal_code(&self) -> Option<RefusalCode> {
        match self {
            Self::Refused(refusals) => refusals.first().map(|refusal| refusal.code),
            Self::Fault(_) => None,
        }
    }
}
