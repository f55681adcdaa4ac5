//! From what was said to the role that does it.

use svc_directory::{CreateTenantInput, Environment};
use svc_lifecycle::{ExportFormat, ExportRequest, Exported};

use super::custody::{AuditRole, RotateRole};
use super::kinds::{ExportKind, Format, KeyRole, ProviderRole, TenantRole, Whose};
use crate::config::Config;
use crate::roles;
use crate::roles::key::Wanted;

pub(super) async fn tenant(config: &Config, role: TenantRole) -> anyhow::Result<()> {
    match role {
        TenantRole::Create { slug, name, owner, partner, sandbox } => {
            let environment = if sandbox { Environment::Sandbox } else { Environment::Live };
            let input = CreateTenantInput { slug, name, environment, owner_email: owner, policy: None };
            roles::tenant::create(config, partner.as_deref(), &input).await
        }
        TenantRole::Suspend { tenant } => roles::tenant::suspend(config, &tenant).await,
        TenantRole::Resume { tenant } => roles::tenant::resume(config, &tenant).await,
        TenantRole::Export { tenant, contacts, output } => {
            roles::export::tenant(config, &tenant, contacts, &output).await
        }
        TenantRole::Delete { tenant, confirm } => roles::tenant::delete(config, &tenant, &confirm).await,
        TenantRole::SignInDomain { tenant, domain, remove } => {
            roles::tenant::sign_in_domain(config, &tenant, &domain, remove).await
        }
        TenantRole::Restore { tenant } => roles::tenant::restore(config, &tenant).await,
    }
}

pub(super) async fn key(config: &Config, role: KeyRole) -> anyhow::Result<()> {
    match role {
        KeyRole::Create { whose, name, scopes, expires_at } => {
            roles::key::create(config, &meant(whose)?, &Wanted { name, scopes, expires_at }).await
        }
        KeyRole::List { whose } => roles::key::list(config, &meant(whose)?).await,
        KeyRole::Revoke { whose, key } => roles::key::revoke(config, &meant(whose)?, &key).await,
    }
}

pub(super) async fn rotate(config: &Config, role: RotateRole) -> anyhow::Result<()> {
    match role {
        RotateRole::Signing { revoke } => roles::rotate::signing(config, revoke).await,
        RotateRole::Pepper { retire } => roles::rotate::pepper(config, retire).await,
        RotateRole::Data { tenant } => roles::rotate::data(config, tenant.as_deref()).await,
        RotateRole::Master => roles::rotate::master(config).await,
    }
}

pub(super) async fn audit(config: &Config, role: AuditRole) -> anyhow::Result<()> {
    match role {
        AuditRole::Keys { output } => roles::audit::keys(config, &output).await,
        AuditRole::Heads { tenant, output } => roles::audit::heads(config, &tenant, &output).await,
        // It is done without any configuration.
        AuditRole::Verify { .. } => Ok(()),
    }
}

pub(super) async fn provider(config: &Config, role: ProviderRole) -> anyhow::Result<()> {
    match role {
        ProviderRole::Set { tenant, account_sid, from, voice_from } => {
            roles::provider::set(config, &tenant, roles::provider::Account { account_sid, from, voice_from }).await
        }
        ProviderRole::Remove { tenant } => roles::provider::remove(config, &tenant).await,
    }
}

/// The parser lets exactly one of them through.
fn meant(whose: Whose) -> anyhow::Result<roles::key::Whose> {
    match (whose.tenant, whose.partner) {
        (Some(tenant), _) => Ok(roles::key::Whose::Tenant(tenant)),
        (None, Some(partner)) => Ok(roles::key::Whose::Partner(partner)),
        (None, None) => anyhow::bail!("--tenant or --partner says whose key"),
    }
}

pub(super) fn request(what: ExportKind, format: Format, contacts: bool) -> ExportRequest {
    let what = match what {
        ExportKind::Users => Exported::Users,
        ExportKind::Logins => Exported::Logins,
        ExportKind::Messages => Exported::Messages,
        ExportKind::Audit => Exported::Audit,
    };
    let format = match format {
        Format::Csv => ExportFormat::Csv,
        Format::Jsonl => ExportFormat::Jsonl,
    };
    ExportRequest { what, format, contacts }
}
