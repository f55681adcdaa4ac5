//! STANDARD or HIGH: an API key sets the user's own choice, an administrator the advisor's.

use core_access::{Permit, Principal};
use core_kernel::{Stop, UserId};
use core_policy::{SecurityLevel, effective_level, may_choose_level};
use serde_json::json;
use svc_delivery::enqueue_notices;
use svc_directory::users::UserRef;

use crate::commands::work::Work;
use crate::rules::step_up::{Change, Ground};
use crate::store::users;
use crate::{Factors, refusal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ChooseSecurityLevel {
    /// Whose.
    pub user: UserRef,
    /// The level.
    pub level: SecurityLevel,
    /// The login on whose ground it is asked; needed, verified, where a user who has factors lowers it.
    pub login_id: Option<String>,
}

impl Factors {
    /// Chooses a level; the user whose it is.
    ///
    /// # Errors
    /// NOT_FOUND, NOT_ALLOWED_BY_POLICY at `level`, or VERIFICATION_REQUIRED.
    pub async fn choose_security_level(&self, permit: &Permit, input: ChooseSecurityLevel) -> Result<UserId, Stop> {
        let mut work = self.open(permit, &input.user, input.login_id.as_deref()).await?;
        if chooses_for_advisor(permit) {
            work.choose_as_advisor(input.level).await?;
        } else {
            work.choose_for_oneself(input.level).await?;
        }
        let user = work.subject.user.user_id;
        work.commit().await?;
        Ok(user)
    }
}

/// A person of the tenant, by session or named by a key; or the installation in their stead.
fn chooses_for_advisor(permit: &Permit) -> bool {
    permit.caller().administrator().is_some() || permit.caller().principal == Principal::System
}

impl Work<'_> {
    async fn choose_as_advisor(&mut self, level: SecurityLevel) -> Result<(), Stop> {
        if level < self.policy.audience(self.subject.user.kind).minimum_level {
            return Err(refusal::level_not_allowed().into());
        }
        let user = self.subject.user.user_id;
        users::set_advisor_level(&mut self.tx, user, level).await?;
        self.tell_if_lowered(level, true).await?;
        let detail = json!({ "level": level.as_str(), "by": "advisor" });
        Ok(self.audit(Ground::Support, "user.level_chosen", &user.to_string(), detail).await?)
    }

    async fn choose_for_oneself(&mut self, level: SecurityLevel) -> Result<(), Stop> {
        let audience = self.policy.audience(self.subject.user.kind);
        if !may_choose_level(audience, self.subject.user.advisor_level, level) {
            return Err(refusal::level_not_allowed().into());
        }
        let mut by_support = false;
        if self.lowers(level) && self.subject.has_factor() {
            by_support = self.authorize(Change::Weaken)? == Ground::Support;
        }
        let user = self.subject.user.user_id;
        users::set_chosen_level(&mut self.tx, user, level).await?;
        self.tell_if_lowered(level, by_support).await?;
        let ground = if by_support { Ground::Support } else { Ground::Verified };
        let detail = json!({ "level": level.as_str(), "by": "user" });
        Ok(self.audit(ground, "user.level_chosen", &user.to_string(), detail).await?)
    }

    fn lowers(&self, level: SecurityLevel) -> bool {
        let user = &self.subject.user;
        level < effective_level(self.policy.audience(user.kind), user.chosen_level, user.advisor_level)
    }

    async fn tell_if_lowered(&mut self, level: SecurityLevel, by_support: bool) -> Result<(), Stop> {
        if self.lowers(level) {
            let params = json!({ "level": level.as_str(), "by_support": by_support });
            enqueue_notices(&mut self.tx, self.subject.user.user_id, "level_changed", &params).await?;
        }
        Ok(())
    }
}
