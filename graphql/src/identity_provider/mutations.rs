//! The provider's mutations.

use async_graphql::{Context, Object, Result};
use core_access::Operation;

use super::IdentityProvider;
use super::inputs::{RemoveIdentityProviderInput, SetIdentityProviderInput};
use crate::context::{permit, services};
use crate::errors::{answer, payload};

payload! {
    /// The provider as it is now.
    SetIdentityProviderPayload {
        /// The provider.
        identity_provider: IdentityProvider,
    }
    /// The end of it.
    RemoveIdentityProviderPayload {
        /// The issuer that it had.
        deleted_issuer: String,
    }
}

#[derive(Default)]
pub struct IdentityProviderMutation;

#[Object]
impl IdentityProviderMutation {
    /// Register the tenant's own identity provider, or change it. It is asked for its configuration first. What another issuer
    /// or client opened ends.
    async fn set_identity_provider(
        &self,
        ctx: &Context<'_>,
        input: SetIdentityProviderInput,
    ) -> Result<SetIdentityProviderPayload> {
        let permit = permit(ctx, Operation::ManageIdentityProvider)?;
        let result = Box::pin(services(ctx)?.sso.set_provider(&permit, input.into())).await;
        Ok(answer(result, |provider| SetIdentityProviderPayload {
            identity_provider: Some(provider.into()),
            ..Default::default()
        })?)
    }

    /// Remove the tenant's identity provider: what it opened ends, whom it knew is forgotten, and passwords are enough again.
    async fn remove_identity_provider(
        &self,
        ctx: &Context<'_>,
        input: RemoveIdentityProviderInput,
    ) -> Result<RemoveIdentityProviderPayload> {
        let permit = permit(ctx, Operation::ManageIdentityProvider)?;
        let result = Box::pin(services(ctx)?.sso.remove_provider(&permit, &input.issuer)).await;
        Ok(answer(result, |()| RemoveIdentityProviderPayload {
            deleted_issuer: Some(input.issuer),
            ..Default::default()
        })?)
    }
}
