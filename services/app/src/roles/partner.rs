//! `postern partner`: the firms that own an installation's tenants. What such a firm does itself,
//! it does with its key; the first one has to come from somewhere.

use core_access::{ApiScope, ScopeSet};
use core_kernel::TypedId as _;
use svc_directory::{Directory, PartnerKeyInput};
use svc_policy::Policies;

use crate::config::Config;
use crate::wiring::open_platform;

/// What the key is called in the audit logs of the partner's tenants.
const KEY_NAME: &str = "first";

/// Makes a partner and its first key, which goes to standard output alone, so that it can be piped
/// into whatever keeps secrets. Nothing keeps it here.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn create(config: &Config, name: &str) -> anyhow::Result<()> {
    super::refuse_unfit(config).await?;
    let platform = open_platform(config).await?;
    let directory = Directory::new(platform.clone(), Policies::new(platform.clone()));
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
