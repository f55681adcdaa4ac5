//! The directory's roots.

use async_graphql::{Context, Object, Result};
use core_access::Operation;

use super::partner::own_partner;
use super::tenant::own_tenant;
use super::{Partner, Tenant, User, UserRef};
use crate::context::{permit, services};

#[derive(Default)]
pub struct DirectoryQuery;

#[Object]
impl DirectoryQuery {
    /// The tenant this request acts for. Partners name it by id in the `X-Postern-Tenant` header (without it: FORBIDDEN with
    /// `extensions.reason` TENANT_REQUIRED). A key with SUPPORT may name an administrator in `X-Postern-Actor` (an email): the
    /// request then has the smaller of both powers and that administrator's name in the audit log.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Tenant> {
        own_tenant(ctx).await
    }

    /// The partner this request acts for; null for a tenant's own credentials.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        own_partner(ctx).await
    }

    /// One user, by our identifier or the tenant's own.
    async fn user(&self, ctx: &Context<'_>, #[graphql(name = "ref")] reference: UserRef) -> Result<Option<User>> {
        let permit = permit(ctx, Operation::ReadUser)?;
        Ok(services(ctx)?.directory.find_user(&permit, &reference.into()).await?.map(User::from))
    }
}
