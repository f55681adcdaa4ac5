//! Sending files, and ending what becomes of them. Receiving a file is boxed: a merged schema holds the
//! largest future of all its fields in every one.

use async_graphql::{Context, Object, Result};
use core_access::Operation;
use core_kernel::{Refusal, Stop};
use svc_onboarding::{TenantImportOptions, UserImportOptions};

use super::ImportJob;
use super::inputs::{CancelImportInput, ImportTenantsInput, ImportUsersInput};
use crate::context::{Authority, authority, partner_permit, permit, services};
use crate::errors::{Payload, answer, payload, user_errors};

payload! {
    /// The import as it was queued.
    ImportUsersPayload {
        /// QUEUED; FAILED where nothing of the file can be read, its `errors` say why.
        job: ImportJob,
    }
    /// The import as it was queued.
    ImportTenantsPayload {
        /// QUEUED; FAILED where nothing of the file can be read, its `errors` say why.
        job: ImportJob,
    }
    /// The import as it was ended.
    CancelImportPayload {
        /// CANCELED.
        job: ImportJob,
    }
}

#[derive(Default)]
pub struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Create and update users from a CSV file, as a background job.
    async fn import_users(&self, ctx: &Context<'_>, input: ImportUsersInput) -> Result<ImportUsersPayload> {
        let permit = permit(ctx, Operation::ImportUsers)?;
        let file = match input.file.take(ctx) {
            Ok(file) => file,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let options = UserImportOptions { dry_run: input.dry_run, trust_contacts: input.trust_contacts };
        let result = Box::pin(services(ctx)?.imports.receive_users(&permit, options, file)).await;
        Ok(answer(result, |job| ImportUsersPayload { job: Some(job.into()), ..Default::default() })?)
    }

    /// Create tenants from a CSV file, one row each, as a background job.
    async fn import_tenants(&self, ctx: &Context<'_>, input: ImportTenantsInput) -> Result<ImportTenantsPayload> {
        let permit = partner_permit(ctx, Operation::ImportTenants)?;
        let file = match input.file.take(ctx) {
            Ok(file) => file,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let options = TenantImportOptions { dry_run: input.dry_run, sandbox_twins: input.sandbox_twins };
        let result = Box::pin(services(ctx)?.imports.receive_tenants(&permit, options, file)).await;
        Ok(answer(result, |job| ImportTenantsPayload { job: Some(job.into()), ..Default::default() })?)
    }

    /// End an import before its time. What is in by then stays.
    async fn cancel_import(&self, ctx: &Context<'_>, input: CancelImportInput) -> Result<CancelImportPayload> {
        let imports = &services(ctx)?.imports;
        let result: Result<_, Stop> = match authority(ctx)? {
            Authority::Tenant(caller) => {
                let permit = caller.permit(Operation::ImportUsers)?;
                Box::pin(imports.cancel(&permit, input.id.as_str())).await
            }
            Authority::Partner(caller) => {
                let permit = caller.permit(Operation::ImportTenants)?;
                Box::pin(imports.cancel_of_partner(&permit, input.id.as_str())).await
            }
        };
        Ok(answer(result, |job| CancelImportPayload { job: Some(job.into()), ..Default::default() })?)
    }
}

fn refused<P: Payload>(refusal: Refusal) -> P {
    P::refused(user_errors([refusal]))
}
