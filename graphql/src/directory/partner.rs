//! A partner and its tenants.

use async_graphql::{Context, ID, Object, Result};
use core_access::{Operation, PartnerPermit};
use core_kernel::{PartnerId, TypedId};
use svc_directory::PartnerRecord;

use super::Tenant;
use super::tenant::{EnrollmentProgress, TenantConnection};
use crate::admin::Admin;
use crate::connection::page_request;
use crate::context::{partner_caller, services};
use crate::enums::UserKind;
use crate::ids::id;
use crate::import::{ImportJobConnection, partner_imports};
use crate::policy::{TemplatePolicy, partner_template};

/// A firm that owns tenants and brings them on board.
pub struct Partner {
    record: PartnerRecord,
    permit: PartnerPermit,
}

/// The partner behind this request; `None` for a tenant's own credentials.
///
/// # Errors
/// FORBIDDEN where the caller may not read it.
pub(super) async fn own_partner(ctx: &Context<'_>) -> Result<Option<Partner>> {
    let Some(caller) = partner_caller(ctx) else { return Ok(None) };
    let permit = caller.permit(Operation::ReadPartner)?;
    let record = services(ctx)?.directory.partner(&permit).await?;
    Ok(Some(Partner { record, permit }))
}

/// The partner of that identifier, where it is the caller's own.
pub(crate) async fn load_partner(ctx: &Context<'_>, id: &str) -> Result<Option<Partner>> {
    let wanted = PartnerId::from_text(id);
    let readable = partner_caller(ctx).filter(|caller| Some(caller.partner) == wanted);
    if readable.is_none_or(|caller| caller.permit(Operation::ReadPartner).is_err()) {
        return Ok(None);
    }
    own_partner(ctx).await
}

#[Object]
impl Partner {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.record.partner_id)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.record.name
    }

    /// The people who answer for it, as the operator named them, the oldest first. They sign in to the console, and may for it
    /// and in its tenants what their role says and its key may.
    async fn admins(&self, ctx: &Context<'_>) -> Result<Vec<Admin>> {
        let admins = services(ctx)?.directory.partner_admins(&self.permit).await?;
        Ok(admins.into_iter().map(Admin::from).collect())
    }

    /// What its tenants start from, and what holds for all of them; null until one was published.
    async fn template_policy(&self, ctx: &Context<'_>) -> Result<Option<TemplatePolicy>> {
        partner_template(ctx, &self.permit).await
    }

    /// Imports of its tenants, newest first.
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
    ) -> Result<ImportJobConnection> {
        partner_imports(ctx, &self.permit, first, after).await
    }

    /// How many users of all its tenants have come how far.
    async fn enrollment_progress(&self, ctx: &Context<'_>, kind: Option<UserKind>) -> Result<EnrollmentProgress> {
        let directory = &services(ctx)?.directory;
        Ok(directory.enrollment_of_partner(&self.permit, kind.map(Into::into)).await?.into())
    }

    /// Its tenants by slug; `search` is part of a slug or name.
    async fn tenants(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25)] first: i32,
        after: Option<String>,
        search: Option<String>,
    ) -> Result<TenantConnection> {
        let page = page_request(first, after)?;
        let directory = &services(ctx)?.directory;
        let (page, total) = directory.tenants_of_partner(&self.permit, &page, search.as_deref()).await?;
        let caller = self.permit.caller();
        Ok(TenantConnection::of_counted(page, total, |settings| {
            Tenant::new(settings.tenant_id, settings.into(), caller)
        }))
    }
}
