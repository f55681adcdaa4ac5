//! `postern partner`: the firms that own an installation's tenants. What such a firm does itself,
//! it does with its key; the first one has to come from somewhere.

use anyhow::Context as _;
use core_access::{AdminRole, ApiScope, ScopeSet};
use core_kernel::TypedId as _;
use svc_directory::{Directory, PartnerKeyInput};
use svc_platform::Platform;
use svc_policy::Policies;

use crate::config::Config;
use crate::wiring::{Wiring, open_platform};

/// What the key is called in the audit logs of the partner's tenants.
const KEY_NAME: &str = "first";

/// Makes a partner and its first key, which goes to standard output alone, so that it can be piped
/// into whatever keeps secrets. Nothing keeps it here.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn create(config: &Config, name: &str) -> anyhow::Result<()> {
    let (platform, directory) = open(config).await?;
    let key = PartnerKeyInput { name: KEY_NAME.to_owned(), scopes: ScopeSet::of(&ApiScope::ALL) };
    let founded = directory.found_partner(name, &key).await.map_err(super::told)?;
    eprintln!(
        "{} is made. This is its API key, with every scope, until {}; it is not shown again:",
        founded.partner_id.to_text(),
        founded.key.key.expires_at.format("%-d %B %Y"),
    );
    println!("{}", founded.key.secret.expose());
    platform.database.close().await;
    Ok(())
}

/// Names a person who answers for the partner, and invites them to sign in.
pub(crate) async fn add_admin(config: &Config, partner: &str, email: &str, role: &str) -> anyhow::Result<()> {
    let role = AdminRole::parse(role).with_context(|| format!("{role} is no role, such as OWNER"))?;
    super::refuse_unfit(config).await?;
    let wiring = Wiring::new(open_platform(config).await?, config)?;
    wiring.prepare().await?;
    let partner = super::named::partner(&wiring.directory, partner).await?;
    let admin = wiring.admins.invite_partner_admin(partner, email, role).await.map_err(super::told)?;
    eprintln!(
        "{} answers for the partner as {}. An invitation to sign in is on its way.",
        admin.email,
        admin.role.as_str()
    );
    wiring.platform.database.close().await;
    Ok(())
}

/// Takes a person off that list.
pub(crate) async fn remove_admin(config: &Config, partner: &str, email: &str) -> anyhow::Result<()> {
    let (platform, directory) = open(config).await?;
    let partner = super::named::partner(&directory, partner).await?;
    let removed = directory.remove_partner_admin(partner, email).await.map_err(super::told)?;
    anyhow::ensure!(removed, "{email} did not answer for this partner.");
    eprintln!("{email} does not answer for the partner any more.");
    platform.database.close().await;
    Ok(())
}

async fn open(config: &Config) -> anyhow::Result<(Platform, Directory)> {
    super::refuse_unfit(config).await?;
    let platform = open_platform(config).await?;
    let directory = Directory::new(platform.clone(), Policies::new(platform.clone()));
    Ok((platform, directory))
}
