//! One's own app and backup codes. As with passkeys, what vouches for a change is the sign-in of this very
//! session, while it is fresh; what is told of the change, and to whom, is the engine's affair.

use core_access::Operation;
use core_kernel::{Redacted, Stop, Timestamp, TypedId};
use core_policy::{FactorKind, FactorStatus};
use serde_json::json;
use svc_directory::UserRef;
use svc_factors::{ConfirmFactor, EnrollTotp, FactorView, GenerateBackupCodes};

use super::accept::seed_of;
use super::passkeys::{ones_own, vouching};
use crate::admins::console;
use crate::model::Client;
use crate::{Accepted, Admins};

/// One's second factors but passkeys, which have a list of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnFactors {
    /// Since when there is an app.
    pub app_since: Option<Timestamp>,
    /// When the app was last used.
    pub app_used_at: Option<Timestamp>,
    /// How many backup codes are left.
    pub backup_codes: i32,
}

impl Admins {
    /// One's app and backup codes.
    ///
    /// # Errors
    /// UNAUTHENTICATED; faults.
    pub async fn own_factors(&self, token: &Redacted<String>, client: &Client) -> Result<OwnFactors, Stop> {
        let own = self.signed_in(token).await?;
        let permit = console(client.ip, Operation::ReadLogin)?;
        let factors = self.factors.list_factors(&permit, own.session.user).await?;
        let standing =
            |kind| factors.iter().find(|factor| factor.kind == kind && factor.status == FactorStatus::Active);
        let app = standing(FactorKind::Totp);
        Ok(OwnFactors {
            app_since: app.map(|app| app.created_at),
            app_used_at: app.and_then(|app| app.last_used_at),
            backup_codes: standing(FactorKind::BackupCodes).map_or(0, |codes: &FactorView| codes.remaining),
        })
    }

    /// Ten new backup codes in the place of all earlier ones, shown once.
    ///
    /// # Errors
    /// UNAUTHENTICATED; VERIFICATION_REQUIRED where the sign-in is not fresh; faults.
    pub async fn new_backup_codes(
        &self,
        token: &Redacted<String>,
        client: &Client,
    ) -> Result<Vec<Redacted<String>>, Stop> {
        let own = self.just_signed_in(token).await?;
        let permit = console(client.ip, Operation::GenerateBackupCodes)?;
        let user = UserRef::Id(own.session.user.to_text());
        let input = GenerateBackupCodes { user, login_id: Some(vouching(&own)?) };
        let codes = self.factors.generate_backup_codes(&permit, input).await?;
        self.audit_everywhere(&own.account, "admin.backup_codes_made", json!({}), client).await?;
        Ok(codes)
    }

    /// Begins to set up another app; the present one serves until the new one is confirmed.
    ///
    /// # Errors
    /// UNAUTHENTICATED; VERIFICATION_REQUIRED where the sign-in is not fresh; faults.
    pub async fn begin_app(&self, token: &Redacted<String>, client: &Client) -> Result<Accepted, Stop> {
        let own = self.just_signed_in(token).await?;
        let permit = console(client.ip, Operation::EnrollFactor)?;
        let user = UserRef::Id(own.session.user.to_text());
        let begun = self.factors.enroll_totp(&permit, EnrollTotp { user, login_id: Some(vouching(&own)?) }).await?;
        Ok(Accepted {
            method_id: begun.factor.factor_id.to_text(),
            secret: Redacted::new(seed_of(begun.otpauth_uri.expose())),
            otpauth_uri: begun.otpauth_uri,
            qr_code_svg: begun.qr_code_svg,
        })
    }

    /// Takes the new app in the place of the old one.
    ///
    /// # Errors
    /// As [`Self::begin_app`]; NOT_FOUND, WRONG_CODE, TOO_MANY_ATTEMPTS or EXPIRED.
    pub async fn confirm_app(
        &self,
        token: &Redacted<String>,
        id: &str,
        code: &Redacted<String>,
        client: &Client,
    ) -> Result<(), Stop> {
        let own = self.just_signed_in(token).await?;
        let permit = console(client.ip, Operation::ConfirmFactor)?;
        let input = ConfirmFactor {
            factor_id: id.to_owned(),
            code: Some(code.expose().clone()),
            credential: None,
            login_id: Some(vouching(&own)?),
            remember_device: false,
        };
        let confirmed = self.factors.confirm_factor(&permit, input).await.map_err(ones_own)?;
        match confirmed.refusal {
            Some(refusal) => Err(refusal.into()),
            None => Ok(self.audit_everywhere(&own.account, "admin.app_replaced", json!({}), client).await?),
        }
    }
}
