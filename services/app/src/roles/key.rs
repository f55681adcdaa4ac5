//! `postern key`: API keys of tenants and partners, by the operator.

use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;
use core_access::{ApiScope, Caller, Operation, ScopeSet};
use core_kernel::{PartnerId, TenantId, Timestamp, TypedId as _};
use svc_directory::{ApiKeyRecord, CreateApiKeyInput, Directory, PartnerKeyInput};
use svc_platform::Platform;
use svc_policy::Policies;

use super::named;
use crate::config::Config;
use crate::wiring::open_platform;

/// Whose keys, as they were named.
#[derive(Debug, Clone)]
pub(crate) enum Whose {
    Tenant(String),
    Partner(String),
}

/// Whose keys.
enum Owner {
    Tenant(TenantId),
    Partner(PartnerId),
}

/// What key is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// Empty: of a partner's key every scope.
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: Option<String>,
}

/// Makes a key; it goes to standard output alone, and nothing keeps it here.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn create(config: &Config, whose: &Whose, wanted: &Wanted) -> anyhow::Result<()> {
    let desk = Desk::open(config, whose).await?;
    let scopes = read_scopes(&wanted.scopes)?;
    let created = match desk.owner {
        Owner::Tenant(tenant) => {
            let permit = Caller::system(tenant).permit(Operation::ManageApiKeys)?;
            let input = CreateApiKeyInput { name: wanted.name.clone(), scopes, expires_at: wanted.expires_at.clone() };
            desk.directory.create_api_key(&permit, input).await
        }
        Owner::Partner(partner) => {
            anyhow::ensure!(wanted.expires_at.is_none(), "A partner's key lives for a year.");
            let scopes = if scopes.is_empty() { ScopeSet::of(&ApiScope::ALL) } else { ScopeSet::of(&scopes) };
            let input = PartnerKeyInput { name: wanted.name.clone(), scopes };
            desk.directory.create_partner_api_key(partner, &input).await
        }
    }
    .map_err(super::told)?;
    eprintln!(
        "{} is made, with {}, until {}. It is not shown again:",
        created.key.api_key_id.to_text(),
        scope_names(created.key.scopes),
        day(created.key.expires_at),
    );
    println!("{}", created.secret.expose());
    desk.close().await;
    Ok(())
}

/// Lists all keys, without their secrets.
pub(crate) async fn list(config: &Config, whose: &Whose) -> anyhow::Result<()> {
    let desk = Desk::open(config, whose).await?;
    let keys = match desk.owner {
        Owner::Tenant(tenant) => {
            desk.directory.list_api_keys(&Caller::system(tenant).permit(Operation::ReadApiKeys)?).await?
        }
        Owner::Partner(partner) => desk.directory.list_partner_api_keys(partner).await?,
    };
    desk.close().await;
    if keys.is_empty() {
        eprintln!("There are none.");
    }
    let lines: String = keys.iter().map(|key| line(key) + "\n").collect();
    match std::io::stdout().write_all(lines.as_bytes()) {
        // Whoever reads it has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Ends a key.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn revoke(config: &Config, whose: &Whose, id: &str) -> anyhow::Result<()> {
    let desk = Desk::open(config, whose).await?;
    let revoked = match desk.owner {
        Owner::Tenant(tenant) => {
            let permit = Caller::system(tenant).permit(Operation::ManageApiKeys)?;
            desk.directory.revoke_api_key(&permit, id).await
        }
        Owner::Partner(partner) => desk.directory.revoke_partner_api_key(partner, id).await,
    };
    let key = revoked.map_err(super::told).with_context(|| id.to_owned())?;
    println!("{} ({}) opens nothing any more, on any gateway within 5 seconds.", key.name, key.prefix);
    desk.close().await;
    Ok(())
}

struct Desk {
    platform: Platform,
    directory: Directory,
    owner: Owner,
}

impl Desk {
    async fn open(config: &Config, whose: &Whose) -> anyhow::Result<Self> {
        super::refuse_unfit(config).await?;
        let platform = open_platform(config).await?;
        let directory = Directory::new(platform.clone(), Policies::new(platform.clone()));
        let owner = match whose {
            Whose::Tenant(tenant) => Owner::Tenant(named::tenant(config, tenant).await?),
            Whose::Partner(partner) => Owner::Partner(named::partner(&directory, partner).await?),
        };
        Ok(Self { platform, directory, owner })
    }

    async fn close(self) {
        self.platform.database.close().await;
    }
}

fn read_scopes(names: &[String]) -> anyhow::Result<Vec<ApiScope>> {
    let known = || ApiScope::ALL.map(|scope| scope.as_str()).join(", ");
    let read = |name: &String| {
        ApiScope::parse(&name.to_ascii_uppercase())
            .with_context(|| format!("{name} is no scope; there are {}", known()))
    };
    names.iter().map(read).collect()
}

fn line(key: &ApiKeyRecord) -> String {
    let state = match key.revoked_at {
        Some(at) => format!("revoked {}", day(at)),
        None => format!("until {}", day(key.expires_at)),
    };
    let used = key.last_used_at.map_or("never used".to_owned(), |at| format!("used {}", day(at)));
    let (id, scopes) = (key.api_key_id.to_text(), scope_names(key.scopes));
    format!("{id}  {}…  {state}  {used}  {scopes}  {}", key.prefix, key.name)
}

fn scope_names(scopes: ScopeSet) -> String {
    scopes.iter().map(ApiScope::as_str).collect::<Vec<_>>().join(" ")
}

fn day(at: Timestamp) -> String {
    at.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_in_either_case_and_others_are_refused_by_name() {
        let read = |names: &[&str]| read_scopes(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["login", "READ"]).unwrap(), [ApiScope::Login, ApiScope::Read]);
        let error = read(&["root"]).unwrap_err().to_string();
        assert!(error.starts_with("root is no scope") && error.contains("LOGIN"), "{error}");
    }
}
