//! The provider as it is shown.

use async_graphql::{Context, Result, SimpleObject};
use core_access::{Caller, Operation};
use svc_sso::ProviderView;

use crate::context::services;
use crate::enums::SecondFactorRule;
use crate::scalars::DateTime;

/// A tenant's own identity provider (OpenID Connect), by which its administrators sign in to the console.
#[derive(SimpleObject)]
pub struct IdentityProvider {
    /// As it calls itself.
    pub issuer: String,
    /// As it knows us. Its secret is not shown.
    pub client_id: String,
    /// Where it sends people back to: to be registered with it, to the letter.
    pub redirect_uri: String,
    /// The mail domains whose addresses it may vouch for.
    pub domains: Vec<String>,
    /// Whose second factor counts.
    pub second_factor: SecondFactorRule,
    /// Values of `acr` by which it says that a second factor was proved, besides `mfa` in `amr`.
    pub acr_values: Vec<String>,
    /// Whether administrators may still sign in by a password. OWNERs always may.
    pub password_allowed: bool,
    /// When a sign-in was last tried to its end with the provider as it is now; null: not yet.
    pub tested_at: Option<DateTime>,
    /// The last change.
    pub updated_at: DateTime,
}

impl From<ProviderView> for IdentityProvider {
    fn from(view: ProviderView) -> Self {
        Self {
            issuer: view.issuer,
            client_id: view.client_id,
            redirect_uri: view.redirect_uri,
            domains: view.domains,
            second_factor: view.second_factor.into(),
            acr_values: view.acr_values,
            password_allowed: view.password_allowed,
            tested_at: view.tested_at.map(DateTime::from),
            updated_at: view.updated_at.into(),
        }
    }
}

/// The tenant's provider, if it has one.
pub(crate) async fn tenant_identity_provider(ctx: &Context<'_>, caller: &Caller) -> Result<Option<IdentityProvider>> {
    let permit = caller.permit(Operation::ReadIdentityProvider)?;
    Ok(services(ctx)?.sso.provider(&permit).await?.map(IdentityProvider::from))
}

/// Where it will send people back to, before there is one.
pub(crate) fn tenant_redirect_uri(ctx: &Context<'_>, caller: &Caller) -> Result<String> {
    let permit = caller.permit(Operation::ReadIdentityProvider)?;
    Ok(services(ctx)?.sso.redirect_uri(permit.tenant()))
}
