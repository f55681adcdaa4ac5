//! Removing a factor.

use core_access::Permit;
use core_kernel::{Stop, UserId};
use core_policy::FactorStatus;
use serde_json::json;
use svc_audit::EventKind;
use svc_delivery::enqueue_notices;

use crate::commands::work::Work;
use crate::rules::last_factor::may_go;
use crate::rules::step_up::{Change, Ground};
use crate::store::factors::FactorRecord;
use crate::store::{backup, devices, factors};
use crate::{Factors, refusal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct RemoveFactor {
    /// The factor.
    pub factor_id: String,
    /// The login on whose ground it is asked.
    pub login_id: Option<String>,
}

impl Factors {
    /// Removes a factor; the user whose it was.
    ///
    /// # Errors
    /// NOT_FOUND, VERIFICATION_REQUIRED, or NOT_ALLOWED_BY_POLICY for the last usable factor once one is
    /// mandatory.
    pub async fn remove_factor(&self, permit: &Permit, input: RemoveFactor) -> Result<UserId, Stop> {
        let (mut work, factor) = self.open_by_factor(permit, &input.factor_id, input.login_id.as_deref()).await?;
        let user = factor.user;
        if factor.status == FactorStatus::Pending {
            work.forget_pending(&factor).await?;
        } else {
            work.remove(&factor).await?;
        }
        work.commit().await?;
        Ok(user)
    }
}

impl Work<'_> {
    /// One that proves nothing: nobody needs to be told.
    async fn forget_pending(&mut self, factor: &FactorRecord) -> Result<(), Stop> {
        let ground = self.authorize(Change::Add)?;
        if factor.suggested && ground != Ground::Support {
            return Err(refusal::suggestion_stays().into());
        }
        factors::remove(&mut self.tx, factor.id, self.subject.now).await?;
        let detail = json!({ "kind": factor.kind.as_str(), "pending": true });
        Ok(self.audit(ground, "factor.removed", &factor.user.to_string(), detail).await?)
    }

    async fn remove(&mut self, factor: &FactorRecord) -> Result<(), Stop> {
        let ground = self.authorize(Change::Remove)?;
        let index = self.subject.factors.iter().position(|other| other.id == factor.id).unwrap_or_default();
        if ground != Ground::Support && !may_go(&self.policy, &self.subject.facts(), index, self.subject.now) {
            return Err(refusal::last_factor().into());
        }
        let params = json!({ "kind": factor.kind.as_str(), "by_support": ground == Ground::Support });
        // Before it goes, so that it hears of it too.
        enqueue_notices(&mut self.tx, factor.user, "factor_removed", &params).await?;
        factors::remove(&mut self.tx, factor.id, self.subject.now).await?;
        devices::end_all(&mut self.tx, factor.user).await?;
        if self.leaves_none(factor) {
            // Backup codes stand in for a factor; without one they would only lie about.
            backup::retire_set(&mut self.tx, factor.user, self.subject.now).await?;
        }
        let payload = json!({ "user_id": factor.user.0, "factor_id": factor.id.0, "kind": factor.kind.as_str() });
        svc_audit::emit(&mut self.tx, EventKind::FactorRemoved, &payload).await?;
        let detail = json!({ "kind": factor.kind.as_str(), "factor_id": factor.id.to_string() });
        Ok(self.audit(ground, "factor.removed", &factor.user.to_string(), detail).await?)
    }

    fn leaves_none(&self, factor: &FactorRecord) -> bool {
        let stays = |other: &&FactorRecord| {
            other.id != factor.id && other.status != FactorStatus::Pending && other.kind.counts_as_enrolled()
        };
        !self.subject.factors.iter().any(|other| stays(&other))
    }
}
