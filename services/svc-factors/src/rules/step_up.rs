//! The step-up rule: who may change a user's factors, and on what ground.
//!
//! Without `loginId` the help desk may do anything (and the user is told on every channel), and
//! whoever keeps the tenant's users may enroll the first factor of a user who has none. With a
//! `loginId` the help desk has no privilege: the login must be *verified*, or, for a first
//! enrollment, be the open login that asked for it.

use chrono::TimeDelta;
use core_access::{ApiScope, Caller};
use core_kernel::{Fault, Refusal, Stop, Timestamp};
use core_policy::{Completion, LoginOutcome, MethodChannel};

use crate::refusal;

/// How long a completed login vouches for its user.
const VERIFIED_FOR: TimeDelta = TimeDelta::minutes(15);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// A factor of a kind that the user does not have; also to confirm or resend it.
    Add,
    /// A factor in the place of one that is ACTIVE or DISABLED.
    Replace,
    /// One factor less.
    Remove,
    /// A lower level, or none at all.
    Weaken,
}

/// On what ground it may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The user has no factor: under the login that asked for one, or by whoever keeps the users.
    FirstEnrollment,
    /// A verified login.
    Verified,
    /// The help desk, without a login.
    Support,
}

/// What the caller's credential is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Powers {
    pub(crate) login: bool,
    pub(crate) users: bool,
    pub(crate) support: bool,
}

impl Powers {
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            login: caller.acts_in_logins(),
            users: caller.has_scope(ApiScope::Users),
            support: caller.acts_as_support(),
        }
    }
}

/// What is known of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) now: Timestamp,
    /// ACTIVE or DISABLED, backup codes not counted.
    pub(crate) has_factor: bool,
    pub(crate) disabled: bool,
    pub(crate) locked: bool,
    pub(crate) reset_pending: bool,
    pub(crate) frozen_until: Option<Timestamp>,
    pub(crate) proofs_void_before: Option<Timestamp>,
}

impl Standing {
    /// Neither a first enrollment nor a proof counts then.
    fn barred(&self, assisted: bool) -> Result<(), Refusal> {
        if self.reset_pending {
            return Err(refusal::reset_pending());
        }
        let frozen = self.frozen_until.is_some_and(|until| self.now < until);
        if frozen && !assisted { Err(refusal::factors_frozen()) } else { Ok(()) }
    }

    fn usable(&self) -> Result<(), Refusal> {
        if self.disabled {
            return Err(refusal::user_disabled());
        }
        if self.locked { Err(refusal::user_locked()) } else { Ok(()) }
    }
}

/// The login that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoginState {
    pub(crate) outcome: LoginOutcome,
    pub(crate) expires_at: Timestamp,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) completed_with: Option<Completion>,
    pub(crate) proof: Option<MethodChannel>,
    /// Completed by a temporary access code that allows factors to be changed.
    pub(crate) may_change_factors: bool,
}

impl LoginState {
    /// Completed in the last 15 minutes by proving or confirming a factor, and not made void since.
    pub(crate) fn is_verified(&self, user: &Standing) -> bool {
        let (Some(completed), Some(with)) = (self.completed_at, self.completed_with) else { return false };
        let proved = match with {
            Completion::Skipped => false,
            Completion::TemporaryAccessCode => self.may_change_factors,
            _ => true,
        };
        let fresh = user.now < completed + VERIFIED_FOR;
        proved && fresh && user.proofs_void_before.is_none_or(|void| void <= completed)
    }

    fn is_open_enrollment(&self) -> bool {
        self.outcome == LoginOutcome::Enroll && self.completed_at.is_none()
    }

    fn by_email(&self) -> bool {
        self.proof == Some(MethodChannel::Email)
    }
}

/// The rule.
///
/// # Errors
/// VERIFICATION_REQUIRED, USER_LOCKED or EXPIRED; FORBIDDEN for a key that may name no login.
pub(crate) fn authorize(
    powers: Powers,
    login: Option<&LoginState>,
    user: &Standing,
    change: Change,
) -> Result<Ground, Stop> {
    // Nothing is enrolled for a user who is barred, not by the help desk either: it unlocks first.
    if matches!(change, Change::Add | Change::Replace) {
        user.usable()?;
    }
    let ground = match login {
        Some(_) if !powers.login && !powers.support => return Err(Fault::Forbidden { reason: None }.into()),
        Some(login) => under_login(powers, login, user, change)?,
        None if powers.support => Ground::Support,
        None => without_login(powers, user, change)?,
    };
    Ok(ground)
}

fn without_login(powers: Powers, user: &Standing, change: Change) -> Result<Ground, Refusal> {
    if !powers.users || user.has_factor || change != Change::Add {
        return Err(refusal::verification_required());
    }
    user.barred(false)?;
    Ok(Ground::FirstEnrollment)
}

fn under_login(powers: Powers, login: &LoginState, user: &Standing, change: Change) -> Result<Ground, Refusal> {
    user.usable()?;
    if login.is_verified(user) {
        user.barred(login.may_change_factors)?;
        if login.by_email() && matches!(change, Change::Replace | Change::Remove) {
            return Err(refusal::email_may_only_add());
        }
        return Ok(Ground::Verified);
    }
    // Only a key of the login path completes a login; the help desk's does not, by this way either.
    if user.has_factor || change != Change::Add || !powers.login || !login.is_open_enrollment() {
        return Err(refusal::verification_required());
    }
    if login.expires_at <= user.now {
        return Err(refusal::login_expired());
    }
    user.barred(false)?;
    Ok(Ground::FirstEnrollment)
}

#[cfg(test)]
#[path = "step_up_tests.rs"]
mod tests;
