//! What every way to a temporary access code has in common: whom it may be for, and putting it on
//! record.

use chrono::Duration;
use core_access::{Caller, Permit};
use core_crypto::{DataKey, TemporaryCode};
use core_kernel::{LoginId, Redacted, Stop, TemporaryAccessCodeId, Timestamp, TypedId};
use io_postgres::TenantTx;
use serde_json::json;
use svc_audit::EventKind;
use svc_directory::UserRecord;

use crate::model::{IssuedCode, TemporaryAccessCode};
use crate::store::codes::StoredDigest;
use crate::{HelpDesk, refusal, rules, store};

/// What is granted with a code.
pub(crate) struct Grant {
    pub(crate) login: Option<LoginId>,
    pub(crate) reason: String,
    pub(crate) life: Duration,
    pub(crate) may_change_factors: bool,
    /// In the audit log.
    pub(crate) action: &'static str,
}

/// Refuses to let an administrator in, oneself or another.
pub(crate) async fn refuse_administrators(
    tx: &mut TenantTx,
    caller: &Caller,
    key: &DataKey,
    user: &UserRecord,
) -> Result<(), Stop> {
    if rules::may_help_administrators(caller) {
        return Ok(());
    }
    let names = rules::names_of(user, user.email(key)?.as_ref());
    if rules::is_platform(caller) || rules::is_oneself(caller, &names) || store::admins::is_one(tx, &names).await? {
        return Err(refusal::is_an_administrator().into());
    }
    Ok(())
}

impl HelpDesk {
    /// Makes a code in place of any older one, with its audit entry and its event. The caller holds
    /// the user's lock, so that of two codes at the same time one is the newer.
    pub(crate) async fn put_code(
        &self,
        tx: &mut TenantTx,
        permit: &Permit,
        user: &UserRecord,
        now: Timestamp,
        grant: Grant,
    ) -> Result<IssuedCode, Stop> {
        let secret = TemporaryCode::generate(&*self.platform.entropy);
        let (key_id, digest) = secret.digest(&self.platform.keys.ring(), tx.tenant(), user.user_id);
        let code = TemporaryAccessCode {
            code_id: TemporaryAccessCodeId::new(&*self.platform.entropy, self.platform.now()),
            user_id: user.user_id,
            login_id: grant.login,
            issued_by: permit.caller().audit_name(),
            reason: grant.reason,
            may_change_factors: grant.may_change_factors,
            created_at: now,
            expires_at: now + grant.life,
            used_at: None,
            revoked_at: None,
        };
        store::codes::revoke_outstanding(tx, user.user_id, now).await?;
        store::codes::insert(tx, &code, &StoredDigest { key_id, digest }).await?;
        put_on_record(tx, permit, grant.action, &code).await?;
        Ok(IssuedCode { shown: Redacted::new(secret.shown()), code })
    }
}

async fn put_on_record(
    tx: &mut TenantTx,
    permit: &Permit,
    action: &'static str,
    code: &TemporaryAccessCode,
) -> Result<(), Stop> {
    let (id, user) = (code.code_id.to_text(), code.user_id.to_text());
    let login = code.login_id.map(TypedId::to_text);
    let detail = json!({
        "code_id": id, "login_id": login, "reason": code.reason,
        "may_change_factors": code.may_change_factors, "expires_at": code.expires_at,
    });
    svc_audit::record(tx, permit.caller(), action, &user, detail).await?;
    let event = json!({
        "temporary_access_code_id": id, "user_id": user, "login_id": login,
        "may_change_factors": code.may_change_factors, "expires_at": code.expires_at,
    });
    Ok(svc_audit::emit(tx, EventKind::TemporaryAccessIssued, &event).await?)
}
