//! Ten backup codes, shown once.

use core_access::Permit;
use core_crypto::BackupCode;
use core_kernel::{FactorId, Fault, Redacted, Stop};
use core_policy::FactorKind;
use serde_json::json;
use svc_audit::EventKind;
use svc_delivery::enqueue_notices;
use svc_directory::users::UserRef;

use crate::commands::work::Work;
use crate::rules::step_up::{Change, Ground};
use crate::store::{backup, devices};
use crate::{Factors, refusal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct GenerateBackupCodes {
    /// Whose.
    pub user: UserRef,
    /// The login on whose ground it is asked.
    pub login_id: Option<String>,
}

impl Factors {
    /// Makes ten new codes in the place of all earlier ones. Hashing is slow: the rule is asked before
    /// it, so that it cannot be asked for in vain, and after it, because time has passed.
    ///
    /// # Errors
    /// NOT_FOUND, VERIFICATION_REQUIRED, or NOT_ALLOWED_BY_POLICY where there is no factor to stand in for.
    pub async fn generate_backup_codes(
        &self,
        permit: &Permit,
        input: GenerateBackupCodes,
    ) -> Result<Vec<Redacted<String>>, Stop> {
        allow(&self.open(permit, &input.user, input.login_id.as_deref()).await?)?;
        let codes = BackupCode::generate_set(&*self.platform.entropy);
        let shown = codes.iter().map(|code| Redacted::new(code.shown())).collect();
        let hashes = self.hash(codes.to_vec()).await?;
        let mut work = self.open(permit, &input.user, input.login_id.as_deref()).await?;
        let ground = allow(&work)?;
        store(&mut work, ground, &hashes).await?;
        work.commit().await?;
        Ok(shown)
    }

    async fn hash(&self, codes: Vec<BackupCode>) -> Result<Vec<String>, Fault> {
        let _slot = self.hashing.acquire().await.map_err(Fault::internal)?;
        let entropy = self.platform.entropy.clone();
        let hashing = tokio::task::spawn_blocking(move || codes.iter().map(|code| code.hash(&*entropy)).collect());
        hashing.await.map_err(Fault::internal)
    }
}

fn allow(work: &Work<'_>) -> Result<Ground, Stop> {
    let replaces = work.subject.standing_factor(FactorKind::BackupCodes).is_some();
    let ground = work.authorize(if replaces { Change::Replace } else { Change::Add })?;
    match ground {
        Ground::FirstEnrollment => Err(refusal::verification_required().into()),
        _ if !work.subject.has_factor() => Err(refusal::enroll_first().into()),
        _ => Ok(ground),
    }
}

async fn store(work: &mut Work<'_>, ground: Ground, hashes: &[String]) -> Result<(), Stop> {
    let (user, now) = (work.subject.user.user_id, work.subject.now);
    let platform = &work.factors.platform;
    let factor = FactorId::new(&*platform.entropy, platform.now());
    backup::replace_set(&mut work.tx, user, factor, hashes, now).await?;
    devices::end_all(&mut work.tx, user).await?;
    let params = json!({ "kind": FactorKind::BackupCodes.as_str(), "by_support": ground == Ground::Support });
    let replaced = work.subject.standing_factor(FactorKind::BackupCodes).is_some();
    let notice = if replaced { "factor_changed" } else { "factor_added" };
    enqueue_notices(&mut work.tx, user, notice, &params).await?;
    let payload = json!({ "user_id": user.0, "factor_id": factor.0, "kind": FactorKind::BackupCodes.as_str() });
    svc_audit::emit(&mut work.tx, EventKind::FactorAdded, &payload).await?;
    Ok(work.audit(ground, "backup_codes.generated", &user.to_string(), json!({})).await?)
}
