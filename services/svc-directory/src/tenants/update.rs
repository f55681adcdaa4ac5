//! `updateTenant`.

use core_access::Permit;
use core_kernel::{Refusals, Stop, TypedId};
use io_postgres::{Change, TenantTx, Topic};
use serde_json::json;

use crate::Directory;
use crate::checks::{Checks, read_branding, read_language, read_name, read_return_urls, read_time_zone, read_webauthn};
use crate::tenants::{Branding, Logo, TenantSettings, WebauthnSettings, store};

/// `UpdateTenantInput`: what is left out stays as it is. `branding`, `webauthn` and `returnUrls` are
/// wholes: they replace what was there.
#[derive(Debug, Clone, Default)]
pub struct UpdateTenantInput {
    /// `name`.
    pub name: Option<String>,
    /// `language`, BCP 47.
    pub language: Option<String>,
    /// `timeZone`, IANA.
    pub time_zone: Option<String>,
    /// `webauthn`.
    pub webauthn: Option<WebauthnSettings>,
    /// `branding`.
    pub branding: Option<Branding>,
    /// `returnUrls`.
    pub return_urls: Option<Vec<String>>,
}

impl Directory {
    /// Changes a tenant's settings.
    ///
    /// # Errors
    /// INVALID for every fault, with its field.
    pub async fn update_tenant(&self, permit: &Permit, input: UpdateTenantInput) -> Result<TenantSettings, Stop> {
        let changes = check(input)?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let before = store::lock(&mut tx).await?.ok_or_else(super::settings::no_such_tenant)?;
        let after = apply(before.clone(), changes);
        if after == before {
            return Ok(after);
        }
        store::update(&mut tx, &after).await?;
        if before.branding.logo_url != after.branding.logo_url {
            store::ask_for_logo(&mut tx, after.branding.logo_url.as_deref()).await?;
        }
        let detail = json!({ "changed": changed_fields(&before, &after) });
        svc_audit::record(&mut tx, permit.caller(), "tenant.updated", &permit.tenant().to_text(), detail).await?;
        tx.commit().await?;
        self.announce(Change::of_tenant(Topic::Tenant, permit.tenant())).await;
        Ok(after)
    }
}

fn check(input: UpdateTenantInput) -> Result<UpdateTenantInput, Refusals> {
    let mut checks = Checks::default();
    let changes = UpdateTenantInput {
        name: checks.take_opt("name", input.name, |text| read_name(&text)),
        language: checks.take_opt("language", input.language, |text| read_language(&text)),
        time_zone: checks.take_opt("timeZone", input.time_zone, |text| read_time_zone(&text)),
        webauthn: input.webauthn.map(|given| read_webauthn(&mut checks, &given)),
        branding: input.branding.map(|given| read_branding(&mut checks, given)),
        return_urls: input.return_urls.map(|given| read_return_urls(&mut checks, &given)),
    };
    checks.done()?;
    Ok(changes)
}

fn apply(before: TenantSettings, changes: UpdateTenantInput) -> TenantSettings {
    let new_logo = changes.branding.as_ref().is_some_and(|given| given.logo_url != before.branding.logo_url);
    TenantSettings {
        logo: if new_logo { Logo::default() } else { before.logo },
        name: changes.name.unwrap_or(before.name),
        language: changes.language.unwrap_or(before.language),
        time_zone: changes.time_zone.unwrap_or(before.time_zone),
        webauthn: changes.webauthn.unwrap_or(before.webauthn),
        branding: changes.branding.unwrap_or(before.branding),
        return_urls: changes.return_urls.unwrap_or(before.return_urls),
        ..before
    }
}

fn changed_fields(before: &TenantSettings, after: &TenantSettings) -> Vec<&'static str> {
    let compared = [
        ("name", before.name != after.name),
        ("language", before.language != after.language),
        ("timeZone", before.time_zone != after.time_zone),
        ("webauthn", before.webauthn != after.webauthn),
        ("branding", before.branding != after.branding),
        ("returnUrls", before.return_urls != after.return_urls),
    ];
    compared.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
}
