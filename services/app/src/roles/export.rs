//! `postern export`, `postern tenant export` and `postern user export`: what a tenant has, into files.

use std::io::Write as _;
use std::path::Path;

use core_access::{Caller, Operation, Permit};
use core_kernel::{MAX_PAGE_SIZE, PageRequest, TenantId, TypedId as _};
use serde_json::{Value, json};
use svc_directory::Directory;
use svc_lifecycle::{ExportFormat, ExportRequest, Exported, export, export_person};
use svc_platform::Platform;
use svc_policy::Policies;

use super::export_file::{ExportFile, ExportFolder};
use super::named;
use crate::config::Config;
use crate::wiring::open_platform;

/// Writes one kind of rows.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn rows(config: &Config, named: &str, request: ExportRequest, output: &Path) -> anyhow::Result<()> {
    let (platform, tenant) = open(config, named).await?;
    let mut file = ExportFile::create(output)?;
    let rows = export(&platform, &permit(tenant, request.what)?, request, &mut file).await?;
    file.finish()?;
    println!("{}: {rows} {}, readable by you alone.", output.display(), request.what.as_str());
    platform.database.close().await;
    Ok(())
}

/// Writes everything that a tenant has into a folder.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn tenant(config: &Config, named: &str, contacts: bool, output: &Path) -> anyhow::Result<()> {
    let (platform, tenant) = open(config, named).await?;
    let folder = ExportFolder::create(output)?;
    write_settings(&platform, tenant, &folder).await?;
    for what in Exported::ALL {
        let mut file = folder.file(&format!("{}.jsonl", what.as_str()))?;
        let request = ExportRequest { what, format: ExportFormat::Jsonl, contacts };
        let rows = export(&platform, &permit(tenant, what)?, request, &mut file).await?;
        file.finish()?;
        println!("{rows} {}", what.as_str());
    }
    folder.finish()?;
    println!("{} is complete, readable by you alone.", output.display());
    platform.database.close().await;
    Ok(())
}

/// Writes everything that is held on one person.
#[expect(clippy::print_stdout, reason = "the answer to the person at the terminal")]
pub(crate) async fn person(config: &Config, named: &str, user: &str, output: &Path) -> anyhow::Result<()> {
    let (platform, tenant) = open(config, named).await?;
    let mut file = ExportFile::create(output)?;
    let permit = Caller::system(tenant).permit(Operation::ReadUser)?;
    let held = export_person(&platform, &permit, &named::user(user)).await.map_err(super::told)?;
    serde_json::to_writer_pretty(&mut file, &held)?;
    file.write_all(b"\n")?;
    file.finish()?;
    println!("{} holds all that is known of {user}, readable by you alone.", output.display());
    platform.database.close().await;
    Ok(())
}

async fn open(config: &Config, named: &str) -> anyhow::Result<(Platform, TenantId)> {
    super::refuse_unfit(config).await?;
    let tenant = named::tenant(config, named).await?;
    Ok((open_platform(config).await?, tenant))
}

fn permit(tenant: TenantId, what: Exported) -> anyhow::Result<Permit> {
    let operation = match what {
        Exported::Users => Operation::ReadUsers,
        Exported::Logins => Operation::ReadLogins,
        Exported::Messages => Operation::ReadMessages,
        Exported::Audit => Operation::ReadAudit,
    };
    Ok(Caller::system(tenant).permit(operation)?)
}

/// Settings, and every version of the policy.
async fn write_settings(platform: &Platform, tenant: TenantId, folder: &ExportFolder) -> anyhow::Result<()> {
    let policies = Policies::new(platform.clone());
    let settings = Directory::new(platform.clone(), policies.clone()).settings(tenant).await?;
    let mut file = folder.file("tenant.json")?;
    let told = json!({
        "id": settings.tenant_id.to_text(),
        "slug": settings.slug,
        "name": settings.name,
        "environment": settings.environment.as_str(),
        "language": settings.language,
        "time_zone": settings.time_zone,
        "branding": settings.branding,
        "webauthn": settings.webauthn,
        "return_urls": settings.return_urls,
        "created_at": settings.created_at,
        "policies": versions(&policies, tenant).await?,
    });
    serde_json::to_writer_pretty(&mut file, &told)?;
    file.write_all(b"\n")?;
    file.finish()
}

async fn versions(policies: &Policies, tenant: TenantId) -> anyhow::Result<Vec<Value>> {
    let permit = Caller::system(tenant).permit(Operation::ReadPolicy)?;
    let mut page = PageRequest { first: MAX_PAGE_SIZE, after: None };
    let mut all = Vec::new();
    loop {
        let some = policies.list_versions(&permit, &page).await?;
        page.after =
            some.rows.last().map(|(cursor, _)| cursor.decode()).transpose().map_err(|stop| super::told(stop.into()))?;
        all.extend(some.rows.iter().map(|(_, view)| {
            json!({
                "version": view.version.version,
                "effective_at": view.version.effective_at,
                "published_at": view.version.published_at,
                "published_by": view.version.published_by,
                "comment": view.version.comment,
                "canceled_at": view.version.canceled_at,
                "policy": view.version.policy,
            })
        }));
        if !some.has_next {
            return Ok(all);
        }
    }
}
