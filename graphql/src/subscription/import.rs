//! `importProgress`.

use async_graphql::{Context, ID, Result};
use core_access::{Operation, PartnerPermit, Permit};
use core_kernel::{Fault, ImportId, PLATFORM_TENANT, Stop, TenantId, TypedId};
use svc_onboarding::Imports;

use super::Updates;
use super::follow::{Look, Seen, follow};
use crate::context::{Authority, authority, services};
use crate::errors::not_found;
use crate::import::ImportJob;

/// The states of one import, of a tenant's users or of a partner's tenants.
///
/// # Errors
/// FORBIDDEN; NOT_FOUND for what is no import's identifier.
pub(super) fn updates(ctx: &Context<'_>, id: &ID) -> Result<Updates<ImportJob>> {
    let reader = Reader::of(authority(ctx)?)?;
    let id = ImportId::from_text(id.as_str()).ok_or_else(not_found)?;
    let services = services(ctx)?;
    let watcher = services.platform.watch.one(reader.tenant(), id);
    let imports = services.imports.clone();
    let look: Look<_, _> = Box::new(move || {
        let (reader, imports) = (reader.clone(), imports.clone());
        Box::pin(async move { look(&reader, &imports, id).await })
    });
    Ok(follow(watcher, look))
}

/// As whom imports are read.
#[derive(Clone)]
enum Reader {
    Tenant(Permit),
    Partner(PartnerPermit),
}

impl Reader {
    /// Whoever may watch, and may read what is watched.
    fn of(authority: &Authority) -> Result<Self, Fault> {
        match authority {
            Authority::Tenant(caller) => {
                caller.permit(Operation::WatchImport)?;
                Ok(Self::Tenant(caller.permit(Operation::ReadImports)?))
            }
            Authority::Partner(caller) => {
                caller.permit(Operation::WatchImport)?;
                Ok(Self::Partner(caller.permit(Operation::ReadPartner)?))
            }
        }
    }

    /// Where the import lies: a partner's with the platform.
    fn tenant(&self) -> TenantId {
        match self {
            Self::Tenant(permit) => permit.tenant(),
            Self::Partner(_) => PLATFORM_TENANT,
        }
    }
}

async fn look(
    reader: &Reader,
    imports: &Imports,
    id: ImportId,
) -> Result<Option<Seen<ImportJob, svc_onboarding::ImportJob>>, Stop> {
    let found = match reader {
        Reader::Tenant(permit) => imports.lookup(permit, id).await?,
        Reader::Partner(permit) => imports.lookup_of_partner(permit, id).await?,
    };
    Ok(found.map(|job| Seen { mark: job.clone(), also: Vec::new(), is_final: job.status.is_over(), value: job.into() }))
}
