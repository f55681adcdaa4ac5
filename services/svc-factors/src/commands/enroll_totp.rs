//! Enrolling an authenticator app: PENDING until it shows a right code.

use core_access::Permit;
use core_crypto::{TotpSecret, qr_svg};
use core_kernel::{FactorId, Fault, Redacted, Stop};
use core_policy::FactorKind;
use svc_directory::users::UserRef;

use crate::commands::work::Work;
use crate::model::TotpEnrollment;
use crate::rules::channels::check_kind;
use crate::store::factors::{self, NewFactor};
use crate::{Factors, contacts};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct EnrollTotp {
    /// Whose.
    pub user: UserRef,
    /// The login on whose ground it is asked.
    pub login_id: Option<String>,
}

impl Factors {
    /// Begins the enrollment of an app and gives its seed, once.
    ///
    /// # Errors
    /// NOT_FOUND, VERIFICATION_REQUIRED, NOT_ALLOWED_BY_POLICY, USER_LOCKED, EXPIRED or TOO_MANY_ATTEMPTS.
    pub async fn enroll_totp(&self, permit: &Permit, input: EnrollTotp) -> Result<TotpEnrollment, Stop> {
        let mut work = self.open(permit, &input.user, input.login_id.as_deref()).await?;
        let ground = work.authorize_kind(FactorKind::Totp)?;
        check_kind(&work.allowed(), FactorKind::Totp, None)?;
        work.check_budget(0)?;
        let seed = TotpSecret::generate(&*self.platform.entropy);
        let row = pending(&work, &seed);
        factors::insert_pending(&mut work.tx, &row).await?;
        let detail = serde_json::json!({ "kind": FactorKind::Totp.as_str() });
        work.audit(ground, "factor.enrolled", &work.subject.user.user_id.to_string(), detail).await?;
        let record = factors::lookup(&mut work.tx, row.id).await?;
        let record = record.ok_or_else(|| Fault::internal("the factor that was just begun is gone"))?;
        let factor = contacts::view(&work.key, &record)?;
        let uri = seed.otpauth_uri(&work.subject.tenant_name, &work.account_name()?);
        let qr_code_svg = Redacted::new(qr_svg(&uri).map_err(Fault::internal)?);
        work.commit().await?;
        Ok(TotpEnrollment { factor, otpauth_uri: Redacted::new(uri.to_string()), qr_code_svg })
    }
}

fn pending(work: &Work<'_>, seed: &TotpSecret) -> NewFactor {
    let platform = &work.factors.platform;
    let id = FactorId::new(&*platform.entropy, platform.now());
    NewFactor {
        id,
        user: work.subject.user.user_id,
        kind: FactorKind::Totp,
        line: None,
        country: None,
        phone_prefix: None,
        secret_sealed: contacts::seal(&work.key, id, seed.as_bytes(), &*platform.entropy),
        blind_index: None,
        login: work.login_id(),
        created_at: work.subject.now,
        expires_at: work.pending_until(),
        passkey: None,
    }
}
