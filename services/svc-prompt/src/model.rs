//! A prompt as its pages see it.

use std::net::IpAddr;

use core_access::{Caller, Operation, Permit};
use core_kernel::{ChallengeId, Fault, LoginId, PromptId, TenantId, Timestamp, UserId};

use crate::store::SessionRow;

/// What a prompt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptPurpose {
    /// Enroll or prove a factor, and be let in.
    Login,
    /// Manage factors, devices and the level, after a completed login.
    Settings,
}

impl PromptPurpose {
    /// The API's name, and the one that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Settings => "SETTINGS",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Login, Self::Settings].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// How a prompt ends without a result; the word stands in the address that the browser goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptEnd {
    /// The user was refused: locked, out of tries, suspended.
    Denied,
    /// The user gave up.
    Canceled,
    /// It took too long.
    Expired,
}

impl PromptEnd {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }
}

/// A prompt that a browser has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptSession {
    /// The firm.
    pub tenant: TenantId,
    /// The prompt.
    pub prompt: PromptId,
    /// Whose login it is.
    pub user: UserId,
    /// The login.
    pub login: LoginId,
    /// What it is for.
    pub purpose: PromptPurpose,
    /// The challenge that is being asked about.
    pub challenge: Option<ChallengeId>,
    /// Until when it works, by the tenant's clock.
    pub expires_at: Timestamp,
    /// Whether it works no more.
    pub is_over: bool,
    pub(crate) return_url: String,
    pub(crate) state: Option<String>,
}

impl PromptSession {
    /// A permit of the user in this browser.
    ///
    /// # Errors
    /// FORBIDDEN for what no user does.
    pub fn permit(&self, operation: Operation, ip: Option<IpAddr>) -> Result<Permit, Fault> {
        Caller::user(self.tenant, self.user, ip).permit(operation)
    }

    pub(crate) fn from_row(tenant: TenantId, row: SessionRow) -> Result<Self, Fault> {
        Ok(Self {
            tenant,
            prompt: PromptId(row.prompt_id),
            user: UserId(row.user_id),
            login: LoginId(row.login_id),
            purpose: PromptPurpose::parse(&row.purpose).ok_or_else(|| Fault::internal("a prompt for nothing known"))?,
            challenge: row.challenge_id.map(ChallengeId),
            expires_at: row.expires_at,
            is_over: row.is_over,
            return_url: row.return_url,
            state: row.state,
        })
    }
}
