//! The directory's mutations.

use async_graphql::{Context, ID, Object, Result};
use core_access::Operation;

use super::inputs::{
    AdvanceSandboxClockInput, CreateApiKeyInput, CreateTenantInput, RevokeApiKeyInput, UpdateTenantInput,
};
use super::tenant::own_tenant;
use super::user_inputs::{DeleteUserInput, UpsertUserInput};
use super::{ApiKey, Tenant, User};
use crate::context::{partner_permit, permit, services};
use crate::errors::{answer, payload};
use crate::ids::id;
use crate::scalars::DateTime;

payload! {
    /// The tenant that was made.
    CreateTenantPayload {
        /// The tenant.
        tenant: Tenant,
    }
    /// The tenant as it is now.
    UpdateTenantPayload {
        /// The tenant.
        tenant: Tenant,
    }
    /// The clock as it is now.
    AdvanceSandboxClockPayload {
        /// What it shows.
        clock: DateTime,
    }
    /// The user as it is now.
    UpsertUserPayload {
        /// The user.
        user: User,
        /// Whether there was none before.
        created: bool,
    }
    /// The user that is gone.
    DeleteUserPayload {
        /// Its identifier.
        deleted_id: ID,
    }
    /// The key that was made.
    CreateApiKeyPayload {
        /// The whole key, shown once.
        secret: String,
        /// The rest of it.
        api_key: ApiKey,
    }
    /// The key as it is now.
    RevokeApiKeyPayload {
        /// The key.
        api_key: ApiKey,
    }
}

#[derive(Default)]
pub struct DirectoryMutation;

#[Object]
impl DirectoryMutation {
    /// Create one tenant under the calling partner, with its first administrator invited.
    async fn create_tenant(&self, ctx: &Context<'_>, input: CreateTenantInput) -> Result<CreateTenantPayload> {
        let permit = partner_permit(ctx, Operation::CreateTenant)?;
        let result = Box::pin(services(ctx)?.admins.create_tenant(&permit, &input.into())).await;
        Ok(answer(result, |settings| {
            let tenant = Tenant::new(settings.tenant_id, settings.into(), permit.caller());
            CreateTenantPayload { tenant: Some(tenant), ..Default::default() }
        })?)
    }

    /// Change the tenant's name, language, time zone, looks, relying party or return URLs.
    async fn update_tenant(&self, ctx: &Context<'_>, input: UpdateTenantInput) -> Result<UpdateTenantPayload> {
        let permit = permit(ctx, Operation::UpdateTenant)?;
        let result = Box::pin(services(ctx)?.directory.update_tenant(&permit, input.into())).await;
        let mut payload = answer(result, |_| UpdateTenantPayload::default())?;
        if payload.user_errors.is_empty() {
            payload.tenant = Some(Box::pin(own_tenant(ctx)).await?);
        }
        Ok(payload)
    }

    /// Move a SANDBOX tenant's clock forward, to test dates, expiries and lockouts without waiting.
    async fn advance_sandbox_clock(
        &self,
        ctx: &Context<'_>,
        input: AdvanceSandboxClockInput,
    ) -> Result<AdvanceSandboxClockPayload> {
        let permit = permit(ctx, Operation::AdvanceSandboxClock)?;
        let result = Box::pin(services(ctx)?.directory.advance_sandbox_clock(&permit, input.seconds.into())).await;
        Ok(answer(result, |clock| AdvanceSandboxClockPayload { clock: Some(clock.into()), ..Default::default() })?)
    }

    /// Create a user, or update the one of this external identifier in any spelling.
    async fn upsert_user(&self, ctx: &Context<'_>, input: UpsertUserInput) -> Result<UpsertUserPayload> {
        let permit = permit(ctx, Operation::UpsertUser)?;
        let result = Box::pin(services(ctx)?.directory.upsert_user(&permit, input.into())).await;
        Ok(answer(result, |upserted| UpsertUserPayload {
            user: Some(upserted.user.into()),
            created: Some(upserted.created),
            ..Default::default()
        })?)
    }

    /// Erase a user: name, contacts, factors and addresses. The logins stay, under a pseudonym.
    async fn delete_user(&self, ctx: &Context<'_>, input: DeleteUserInput) -> Result<DeleteUserPayload> {
        let permit = permit(ctx, Operation::DeleteUser)?;
        let result = Box::pin(services(ctx)?.directory.delete_user(&permit, &input.user.into())).await;
        Ok(answer(result, |user| DeleteUserPayload { deleted_id: Some(id(user)), ..Default::default() })?)
    }

    /// By an OWNER or ADMIN, or a partner's key for one of its tenants; never with a scope that the caller lacks, never TENANTS.
    async fn create_api_key(&self, ctx: &Context<'_>, input: CreateApiKeyInput) -> Result<CreateApiKeyPayload> {
        let permit = permit(ctx, Operation::ManageApiKeys)?;
        let result = Box::pin(services(ctx)?.directory.create_api_key(&permit, input.into())).await;
        Ok(answer(result, |created| CreateApiKeyPayload {
            secret: Some(created.secret.into_exposed()),
            api_key: Some(created.key.into()),
            ..Default::default()
        })?)
    }

    /// End a key: within a second everywhere.
    async fn revoke_api_key(&self, ctx: &Context<'_>, input: RevokeApiKeyInput) -> Result<RevokeApiKeyPayload> {
        let permit = permit(ctx, Operation::ManageApiKeys)?;
        let result = Box::pin(services(ctx)?.directory.revoke_api_key(&permit, input.id.as_str())).await;
        Ok(answer(result, |key| RevokeApiKeyPayload { api_key: Some(key.into()), ..Default::default() })?)
    }
}
