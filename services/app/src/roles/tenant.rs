//! `postern tenant`: making tenants, and what only the operator does to one.

use anyhow::Context as _;
use chrono::TimeDelta;
use core_kernel::{Clock as _, SystemClock, TypedId as _};
use svc_directory::{
    CreateTenantInput, TenantStatus, delete_tenant, find_tenant, give_sign_in_domain, restore_tenant,
    set_tenant_status, take_sign_in_domain, tenant_slug,
};

use super::named;
use crate::config::Config;
use crate::wiring::{Wiring, open_platform};

/// Makes a tenant and invites its owner.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn create(config: &Config, partner: Option<&str>, input: &CreateTenantInput) -> anyhow::Result<()> {
    super::refuse_unfit(config).await?;
    let wiring = Wiring::new(open_platform(config).await?, config)?;
    wiring.prepare().await?;
    let partner = match partner {
        Some(named) => Some(named::partner(&wiring.directory, named).await?),
        None => None,
    };
    let created = wiring.admins.create_tenant_as_operator(partner, input).await.map_err(super::told)?;
    println!("{}  {}", created.tenant_id.to_text(), created.slug);
    eprintln!(
        "An invitation is on its way to {}. Next: an API key for the firm's website,\n  \
         postern key create --tenant {} --name website --scope LOGIN --scope USERS",
        input.owner_email, created.slug,
    );
    wiring.platform.database.close().await;
    Ok(())
}

/// Denies every login of the tenant from now on.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn suspend(config: &Config, named: &str) -> anyhow::Result<()> {
    match set(config, named, TenantStatus::Suspended).await? {
        true => println!("{named} is suspended: its logins are denied, its data stays readable."),
        false => println!("{named} was suspended before."),
    }
    Ok(())
}

/// Serves the tenant again.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn resume(config: &Config, named: &str) -> anyhow::Result<()> {
    match set(config, named, TenantStatus::Active).await? {
        true => println!("{named} is served again."),
        false => println!("{named} was not suspended."),
    }
    Ok(())
}

/// Ends the tenant; `confirm` is its slug.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn delete(config: &Config, named: &str, confirm: &str) -> anyhow::Result<()> {
    let owner = named::owner(config)?;
    let tenant = find_tenant(&owner, named).await.map_err(super::told).with_context(|| named.to_owned())?;
    let slug = tenant_slug(&owner, tenant).await.map_err(super::told)?;
    anyhow::ensure!(slug == confirm, "{named} is called {slug}, not {confirm}: nothing was done.");
    let keep = TimeDelta::days(config.retention_deleted_tenants_days.into());
    let until = delete_tenant(&owner, tenant, SystemClock.now(), keep).await.map_err(super::told)?;
    owner.close().await;
    println!(
        "{slug} is deleted: no login, no sign-in, no message, no key of its works any more.\n\
         Until {} `postern tenant restore {}` gives it back; then it is erased.",
        until.format("%-d %B %Y, %H:%M UTC"),
        tenant.to_text(),
    );
    Ok(())
}

/// Gives a deleted tenant back.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn restore(config: &Config, named: &str) -> anyhow::Result<()> {
    let owner = named::owner(config)?;
    let tenant = find_tenant(&owner, named).await.map_err(super::told).with_context(|| named.to_owned())?;
    let status = restore_tenant(&owner, tenant, SystemClock.now()).await.map_err(super::told)?;
    owner.close().await;
    println!("{named} is back as it was. What was to be sent when it was deleted is not sent.");
    if status == TenantStatus::Suspended {
        println!("It was suspended before, and is: `postern tenant resume {named}` serves it again.");
    }
    Ok(())
}

/// Gives a mail domain to a tenant, or takes it back.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn sign_in_domain(config: &Config, named: &str, domain: &str, remove: bool) -> anyhow::Result<()> {
    let owner = named::owner(config)?;
    let tenant = find_tenant(&owner, named).await.map_err(super::told).with_context(|| named.to_owned())?;
    let done = if remove {
        take_sign_in_domain(&owner, tenant, domain).await
    } else {
        give_sign_in_domain(&owner, tenant, domain).await
    };
    let changed = done.map_err(super::told)?;
    owner.close().await;
    match (remove, changed) {
        (false, true) => println!("People of {domain} find {named} when they sign in with their company."),
        (false, false) => println!("{named} had {domain} before."),
        (true, true) => println!("{domain} leads to {named} no more."),
        (true, false) => println!("{named} did not have {domain}."),
    }
    Ok(())
}

async fn set(config: &Config, named: &str, status: TenantStatus) -> anyhow::Result<bool> {
    let owner = named::owner(config)?;
    let tenant = find_tenant(&owner, named).await.map_err(super::told).with_context(|| named.to_owned())?;
    let changed = set_tenant_status(&owner, tenant, status).await.map_err(super::told)?;
    owner.close().await;
    Ok(changed)
}
