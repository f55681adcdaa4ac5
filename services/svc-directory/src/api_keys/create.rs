//! Making keys. Nobody hands on more than they have: a key makes keys with its own scopes at most,
//! and TENANTS, which reaches all of a partner's tenants, is never made by a request.

use chrono::Months;
use core_access::{AdminRole, ApiScope, Caller, Permit, Principal, ScopeSet};
use core_crypto::{ApiKeyKind, ApiKeySecret};
use core_kernel::{ApiKeyId, Fault, PartnerId, Redacted, Stop, Timestamp, TypedId};
use core_policy::parse_timestamp;
use io_postgres::{PartnerTx, TenantTx};
use serde_json::json;

use super::model::{ApiKeyRecord, CreatedApiKey, write_scopes};
use super::store::{self, Digest};
use crate::Directory;
use crate::checks::{Checks, Complaint, read_name};
use crate::tenants::{Environment, store as tenant_store};

/// `CreateApiKeyInput`.
#[derive(Debug, Clone, Default)]
pub struct CreateApiKeyInput {
    /// `name`.
    pub name: String,
    /// `scopes`; at least one.
    pub scopes: Vec<ApiScope>,
    /// `expiresAt`, RFC 3339, at most a year away; `None`: a year away.
    pub expires_at: Option<String>,
}

/// A partner's key to be made, by the command line or for seeding.
#[derive(Debug, Clone)]
pub struct PartnerKeyInput {
    /// Its name.
    pub name: String,
    /// What it may be used for, TENANTS included.
    pub scopes: ScopeSet,
}

impl Directory {
    /// Makes a key of the caller's tenant.
    ///
    /// # Errors
    /// INVALID for every fault, with its field; FORBIDDEN for a tenant's own key.
    pub async fn create_api_key(&self, permit: &Permit, input: CreateApiKeyInput) -> Result<CreatedApiKey, Stop> {
        let grantable = grantable(permit.caller())?;
        let now = self.platform.now();
        let checked = check(&input, grantable, now)?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let settings = tenant_store::find(&mut tx).await?.ok_or_else(|| Fault::internal("there is no such tenant"))?;
        let kind = match settings.environment {
            Environment::Live => ApiKeyKind::Live,
            Environment::Sandbox => ApiKeyKind::Sandbox,
        };
        let (created, digest) = self.generate(kind, checked, now);
        let caller = permit.caller();
        store::insert(&mut tx, &created.key, &digest, &caller.audit_name()).await?;
        let detail = json!({
            "name": created.key.name,
            "scopes": write_scopes(created.key.scopes),
            "expires_at": created.key.expires_at,
        });
        svc_audit::record(&mut tx, caller, "api_key.created", &created.key.api_key_id.to_text(), detail).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Makes a key of a partner, for a year; by the command line and for seeding, never by a request.
    ///
    /// # Errors
    /// INVALID at `name` or `scopes`.
    pub async fn create_partner_api_key(
        &self,
        partner: PartnerId,
        input: &PartnerKeyInput,
    ) -> Result<CreatedApiKey, Stop> {
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        let created = self.create_partner_api_key_in(&mut tx, input).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// The same within a transaction of the partner, who may be made in it.
    pub(crate) async fn create_partner_api_key_in(
        &self,
        tx: &mut PartnerTx,
        input: &PartnerKeyInput,
    ) -> Result<CreatedApiKey, Stop> {
        let now = self.platform.now();
        let scopes = input.scopes.iter().collect();
        let given = CreateApiKeyInput { name: input.name.clone(), scopes, expires_at: None };
        let checked = check(&given, ScopeSet::of(&ApiScope::ALL), now)?;
        let (created, digest) = self.generate(ApiKeyKind::Partner, checked, now);
        store::insert_of_partner(tx, &created.key, &digest).await?;
        Ok(created)
    }

    fn generate(&self, kind: ApiKeyKind, checked: Checked, now: Timestamp) -> (CreatedApiKey, Digest) {
        let entropy = &*self.platform.entropy;
        let secret = ApiKeySecret::generate(kind, entropy);
        let (pepper, digest) = secret.digest(&self.platform.keys.ring());
        let key = ApiKeyRecord {
            api_key_id: ApiKeyId::new(entropy, now),
            name: checked.name,
            prefix: secret.shown_prefix().to_owned(),
            scopes: checked.scopes,
            created_at: now,
            expires_at: checked.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        (CreatedApiKey { secret: Redacted::new(secret.expose().to_owned()), key }, Digest { pepper, digest })
    }
}

/// What the caller may hand on.
fn grantable(caller: &Caller) -> Result<ScopeSet, Fault> {
    let all_but_tenants = ApiScope::ALL.into_iter().filter(|scope| *scope != ApiScope::Tenants).collect();
    match &caller.principal {
        Principal::ApiKey { partner: Some(_), scopes, .. } => {
            Ok(scopes.iter().filter(|scope| *scope != ApiScope::Tenants).collect())
        }
        Principal::Admin(admin) | Principal::PartnerAdmin { admin, .. }
            if matches!(admin.role, AdminRole::Owner | AdminRole::Admin) =>
        {
            Ok(all_but_tenants)
        }
        Principal::System => Ok(all_but_tenants),
        Principal::ApiKey { .. } | Principal::Admin(_) | Principal::PartnerAdmin { .. } | Principal::User(_) => {
            Err(Fault::Forbidden { reason: None })
        }
    }
}

struct Checked {
    name: String,
    scopes: ScopeSet,
    expires_at: Timestamp,
}

fn check(input: &CreateApiKeyInput, grantable: ScopeSet, now: Timestamp) -> Result<Checked, Stop> {
    let mut checks = Checks::default();
    let name = checks.take("name", read_name(&input.name));
    let scopes = checks.take("scopes", read_scopes(&input.scopes, grantable));
    let expires_at = checks.take("expiresAt", read_expiry(input.expires_at.as_deref(), now));
    checks.done()?;
    let whole = name.zip(scopes).zip(expires_at);
    let ((name, scopes), expires_at) = whole.ok_or_else(|| Fault::internal("a fault without a refusal"))?;
    Ok(Checked { name, scopes, expires_at })
}

fn read_scopes(given: &[ApiScope], grantable: ScopeSet) -> Result<ScopeSet, Complaint> {
    let scopes: ScopeSet = given.iter().copied().collect();
    if scopes == ScopeSet::NONE {
        return Err("A key needs at least one scope.".to_owned());
    }
    let lacking: Vec<_> = scopes.iter().filter(|scope| !grantable.contains(*scope)).collect();
    match lacking.as_slice() {
        [] => Ok(scopes),
        [ApiScope::Tenants] => Err("TENANTS is for a partner's own keys and cannot be given to a tenant's.".to_owned()),
        _ => {
            let names: Vec<_> = lacking.iter().map(|scope| scope.as_str()).collect();
            Err(format!("You cannot give what you do not have: {}.", names.join(", ")))
        }
    }
}

fn read_expiry(given: Option<&str>, now: Timestamp) -> Result<Timestamp, Complaint> {
    let latest = now.checked_add_months(Months::new(12)).unwrap_or(now);
    let Some(text) = given else { return Ok(latest) };
    let at = parse_timestamp(text)
        .ok_or_else(|| "This is not a date-time of RFC 3339, such as 2026-03-01T00:00:00Z.".to_owned())?;
    if at <= now || at > latest {
        return Err("A key expires in the future, at most a year from now.".to_owned());
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn a_key_lives_a_year_at_most() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let year = now.checked_add_months(Months::new(12)).unwrap();
        assert_eq!(read_expiry(None, now), Ok(year));
        let read = |at: Timestamp| read_expiry(Some(&at.to_rfc3339()), now);
        assert_eq!(read(year), Ok(year));
        assert!(read(now + TimeDelta::seconds(1)).is_ok());
        assert!(read(now).is_err() && read(now - TimeDelta::days(1)).is_err());
        assert!(read(year + TimeDelta::seconds(1)).is_err());
        assert!(read_expiry(Some("soon"), now).is_err());
    }
}
