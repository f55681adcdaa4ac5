//! Reading imports.

use async_graphql::{Context, Result};
use core_access::{Caller, Operation, PartnerPermit};
use core_kernel::{ImportId, TypedId};

use super::{ImportJob, ImportJobConnection};
use crate::connection::page_request;
use crate::context::{Authority, authority, services};

/// The import of that identifier; `None` where the caller may not see it.
pub(crate) async fn load_import(ctx: &Context<'_>, id: &str) -> Result<Option<ImportJob>> {
    let Some(id) = ImportId::from_text(id) else { return Ok(None) };
    let imports = &services(ctx)?.imports;
    let found = match authority(ctx)? {
        Authority::Tenant(caller) => match caller.permit(Operation::ReadImports) {
            Ok(permit) => imports.lookup(&permit, id).await?,
            Err(_) => None,
        },
        Authority::Partner(caller) => match caller.permit(Operation::ReadPartner) {
            Ok(permit) => imports.lookup_of_partner(&permit, id).await?,
            Err(_) => None,
        },
    };
    Ok(found.map(ImportJob::from))
}

/// A tenant's imports of users.
pub(crate) async fn tenant_imports(
    ctx: &Context<'_>,
    caller: &Caller,
    first: i32,
    after: Option<String>,
) -> Result<ImportJobConnection> {
    let permit = caller.permit(Operation::ReadImports)?;
    let page = services(ctx)?.imports.list(&permit, &page_request(first, after)?).await?;
    Ok(ImportJobConnection::of(page, ImportJob::from))
}

/// A partner's imports of tenants.
pub(crate) async fn partner_imports(
    ctx: &Context<'_>,
    permit: &PartnerPermit,
    first: i32,
    after: Option<String>,
) -> Result<ImportJobConnection> {
    let page = services(ctx)?.imports.list_of_partner(permit, &page_request(first, after)?).await?;
    Ok(ImportJobConnection::of(page, ImportJob::from))
}
