//! The advisor's side: approving a request and reading out its code, or declining it.

use core_access::Permit;
use core_kernel::{Refusal, Stop, TemporaryAccessRequestId, Timestamp, TypedId};
use io_postgres::TenantTx;
use serde_json::json;
use svc_delivery::enqueue_notices;

use crate::commands::issue::{Grant, refuse_administrators};
use crate::commands::request_access::{refuse_closed, user_of};
use crate::model::{IssuedCode, RequestStatus, TemporaryAccessRequest};
use crate::store::requests::Answer;
use crate::{HelpDesk, refusal, rules, store};

/// `ApproveTemporaryAccessRequestInput`.
#[derive(Debug, Clone)]
pub struct ApproveRequestInput {
    /// `id`, as text.
    pub id: String,
    /// `reason`: how the advisor made sure who is asking, 1 to 500 characters.
    pub reason: String,
    /// `mayChangeFactors`: the login counts as verified.
    pub may_change_factors: bool,
}

/// `DeclineTemporaryAccessRequestInput`.
#[derive(Debug, Clone)]
pub struct DeclineRequestInput {
    /// `id`, as text.
    pub id: String,
    /// `reason`, 1 to 500 characters.
    pub reason: String,
}

impl HelpDesk {
    /// Approves a request with a code that serves its login alone.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; INVALID at `reason`; CONFLICT where somebody answered first; EXPIRED;
    /// ALREADY_COMPLETED, TOO_MANY_ATTEMPTS by the login; NOT_ALLOWED_BY_POLICY as for
    /// [`HelpDesk::issue_temporary_access_code`]; USER_LOCKED.
    pub async fn approve_temporary_access_request(
        &self,
        permit: &Permit,
        input: ApproveRequestInput,
    ) -> Result<(IssuedCode, TemporaryAccessRequest), Stop> {
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let policies = self.policies.snapshot(permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let request = find(&mut tx, permit, &input.id).await?;
        let mut refusals = Vec::new();
        let reason = rules::reason(&input.reason, &mut refusals);
        rules::factor_changes(permit.caller(), input.may_change_factors, &mut refusals);
        if !refusals.is_empty() {
            return Err(refusals.into());
        }

        let login = store::logins::lock(&mut tx, request.login_id).await?.ok_or_else(refusal::no_such_request)?;
        let user = user_of(&mut tx, permit, &login).await.map_err(at_id)?;
        let now = tx.tenant_now().await?;
        let request = answer(&mut tx, permit, &request, RequestStatus::Approved, &reason, now).await?;
        refuse_closed(&login, now).map_err(at_id)?;
        refuse_administrators(&mut tx, permit.caller(), &key, &user).await.map_err(at_id)?;
        if rules::is_shut_out(&user, now) {
            return Err(refusal::user_locked().at("id").into());
        }

        let max = policies.require(now)?.policy.temporary_access_max_seconds;
        let life = rules::answer_life(login.expires_at - now, max);
        store::logins::extend(&mut tx, request.login_id, now + life).await?;
        let (login, action) = (Some(request.login_id), "temporary_access.approved");
        let grant = Grant { login, reason, life, may_change_factors: input.may_change_factors, action };
        let issued = self.put_code(&mut tx, permit, &user, now, grant).await?;
        enqueue_notices(&mut tx, user.user_id, "temporary_access_issued", &json!({})).await?;
        tx.commit().await?;
        self.messages_were_queued();
        self.touch(permit.tenant(), &request);
        Ok((issued, request))
    }

    /// Declines a request. The login stays as it is: the user may still remember where the phone is.
    ///
    /// # Errors
    /// NOT_FOUND at `id`; INVALID at `reason`; CONFLICT where somebody answered first; EXPIRED.
    pub async fn decline_temporary_access_request(
        &self,
        permit: &Permit,
        input: DeclineRequestInput,
    ) -> Result<TemporaryAccessRequest, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let request = find(&mut tx, permit, &input.id).await?;
        let mut refusals = Vec::new();
        let reason = rules::reason(&input.reason, &mut refusals);
        if !refusals.is_empty() {
            return Err(refusals.into());
        }
        let now = tx.tenant_now().await?;
        let declined = answer(&mut tx, permit, &request, RequestStatus::Declined, &reason, now).await?;
        let detail = json!({"request_id": declined.request_id.to_text(), "reason": reason});
        let user = declined.user_id.to_text();
        svc_audit::record(&mut tx, permit.caller(), "temporary_access.declined", &user, detail).await?;
        tx.commit().await?;
        self.touch(permit.tenant(), &declined);
        Ok(declined)
    }
}

async fn find(tx: &mut TenantTx, permit: &Permit, id: &str) -> Result<TemporaryAccessRequest, Stop> {
    let id = TemporaryAccessRequestId::from_text(id).ok_or_else(refusal::no_such_request)?;
    let only = permit.caller().only_users_of();
    Ok(store::requests::find(tx, id, only).await?.ok_or_else(refusal::no_such_request)?)
}

/// Writes the answer, unless another was faster or time was.
async fn answer(
    tx: &mut TenantTx,
    permit: &Permit,
    request: &TemporaryAccessRequest,
    status: RequestStatus,
    reason: &str,
    now: Timestamp,
) -> Result<TemporaryAccessRequest, Stop> {
    let by = permit.caller().audit_name();
    let answer = Answer { status, at: now, by: &by, reason };
    if let Some(answered) = store::requests::answer(tx, request.request_id, &answer).await? {
        return Ok(answered);
    }
    let found = find(tx, permit, &request.request_id.to_text()).await?;
    Err(why_not(&found).into())
}

fn why_not(found: &TemporaryAccessRequest) -> Refusal {
    match found.status {
        RequestStatus::Approved | RequestStatus::Declined => refusal::request_answered(),
        RequestStatus::Open | RequestStatus::Expired => refusal::request_over(),
    }
}

/// Here the input's only identifier is the request's.
fn at_id(stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusals) => Stop::Refused(refusals.into_iter().map(|refusal| refusal.at("id")).collect()),
        fault @ Stop::Fault(_) => fault,
    }
}
