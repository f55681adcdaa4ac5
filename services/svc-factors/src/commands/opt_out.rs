//! Turning two-factor authentication off, while it is optional. Factors stay,
//! devices go.

use core_access::Permit;
use core_kernel::{Stop, UserId};
use core_policy::may_opt_out;
use serde_json::json;
use svc_delivery::enqueue_notices;
use svc_directory::users::UserRef;

use crate::rules::step_up::{Change, Ground};
use crate::store::{devices, factors, users};
use crate::{Factors, refusal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct OptOut {
    /// Whose.
    pub user: UserRef,
    /// The login on whose ground it is asked; needed, verified, where the user has factors.
    pub login_id: Option<String>,
}

impl Factors {
    /// Opts a user out; the user. Repeating it changes nothing.
    ///
    /// # Errors
    /// NOT_FOUND, NOT_ALLOWED_BY_POLICY once it is mandatory or held at HIGH, or VERIFICATION_REQUIRED.
    pub async fn opt_out(&self, permit: &Permit, input: OptOut) -> Result<UserId, Stop> {
        let mut work = self.open(permit, &input.user, input.login_id.as_deref()).await?;
        let (user, now) = (work.subject.user.user_id, work.subject.now);
        if !may_opt_out(work.policy.audience(work.subject.user.kind), &work.subject.facts(), now) {
            return Err(refusal::may_not_opt_out().into());
        }
        // A user without a factor has nothing that could be proved.
        let ground = if work.subject.has_factor() { work.authorize(Change::Weaken)? } else { Ground::FirstEnrollment };
        if work.subject.user.opted_out_at.is_some() {
            return Ok(user);
        }
        users::set_opted_out(&mut work.tx, user, Some(now)).await?;
        factors::remove_pending(&mut work.tx, user, now).await?;
        devices::end_all(&mut work.tx, user).await?;
        let params = json!({ "by_support": ground == Ground::Support });
        enqueue_notices(&mut work.tx, user, "opted_out", &params).await?;
        work.audit(ground, "user.opted_out", &user.to_string(), json!({})).await?;
        work.commit().await?;
        Ok(user)
    }
}
