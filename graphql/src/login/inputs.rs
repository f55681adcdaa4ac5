//! Inputs of the login path.

use async_graphql::{ID, InputObject};
use core_kernel::{Redacted, Refusal};
use svc_logins::EvaluateInput;

use crate::directory::UserRef;
use crate::enums::{FirstFactor, LoginOutcome, LoginPurpose};
use crate::scalars::{DateTime, IpAddress, Json};

/// The first factor was accepted: what now?
#[derive(InputObject)]
pub struct EvaluateLoginInput {
    /// Who.
    pub user: UserRef,
    /// What for.
    #[graphql(default_with = "LoginPurpose::SignIn")]
    pub purpose: LoginPurpose,
    /// What was accepted.
    pub first_factor: FirstFactor,
    /// The end user's address as the integrator's own server saw it.
    pub ip_address: IpAddress,
    /// The browser's `User-Agent`, as the integrator's own server saw it.
    pub user_agent: Option<String>,
    /// From an earlier verifyChallenge with rememberDevice.
    pub device_token: Option<String>,
    /// For retries: bound to the API key and to this very input, at most 128 characters, 10 minutes. A repeat returns the same
    /// login while it is not complete, or was allowed outright within the last minute; with any other input, or once it was
    /// completed by a proof, enrollment or skip: CONFLICT.
    pub idempotency_key: Option<String>,
}

impl From<EvaluateLoginInput> for EvaluateInput {
    fn from(input: EvaluateLoginInput) -> Self {
        Self {
            user: input.user.into(),
            purpose: input.purpose.into(),
            first_factor: input.first_factor.into(),
            ip_address: input.ip_address.0,
            user_agent: input.user_agent,
            device_token: input.device_token,
            idempotency_key: input.idempotency_key,
        }
    }
}

/// Start proving a factor, or have its code sent again.
#[derive(InputObject)]
pub struct StartChallengeInput {
    /// The login.
    pub login_id: ID,
    /// One of its `methods`.
    pub method_id: ID,
}

/// The proof.
#[derive(InputObject)]
pub struct VerifyChallengeInput {
    /// The challenge.
    pub challenge_id: ID,
    /// The code, as the user typed it: spaces and hyphens do not matter.
    pub code: Option<String>,
    /// A passkey's credential.
    pub credential: Option<Json>,
    /// Ask for a deviceToken, where the policy trusts devices.
    #[graphql(default)]
    pub remember_device: bool,
}

impl VerifyChallengeInput {
    pub(super) fn secret(&self) -> Option<Redacted<String>> {
        self.code.clone().map(Redacted::new)
    }
}

/// Not now.
#[derive(InputObject)]
pub struct SkipEnrollmentInput {
    /// A login whose outcome is ENROLL.
    pub login_id: ID,
}

/// Which logins are wanted; empty is all.
#[derive(InputObject, Default)]
pub struct LoginFilter {
    /// Any of these outcomes.
    pub outcome: Option<Vec<LoginOutcome>>,
    /// Not before.
    pub from: Option<DateTime>,
    /// Before.
    pub to: Option<DateTime>,
}

impl TryFrom<LoginFilter> for svc_logins::LoginFilter {
    type Error = Refusal;

    fn try_from(filter: LoginFilter) -> Result<Self, Refusal> {
        Ok(Self {
            outcome: filter.outcome.map(|all| all.into_iter().map(Into::into).collect()),
            from: filter.from.map(|at| at.read("filter.from")).transpose()?,
            to: filter.to.map(|at| at.read("filter.to")).transpose()?,
        })
    }
}
