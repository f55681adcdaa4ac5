//! Inputs of the provider's mutations.

use async_graphql::InputObject;
use svc_sso::SetProvider;

use crate::enums::SecondFactorRule;

/// The provider as it is to be.
#[derive(InputObject)]
pub struct SetIdentityProviderInput {
    /// As it calls itself, to the letter: an https URL, under which it publishes `/.well-known/openid-configuration`.
    pub issuer: String,
    /// As it knows us.
    pub client_id: String,
    /// The client's secret. Left out, the one that is there stays; another issuer or client wants its own.
    pub client_secret: Option<String>,
    /// The mail domains whose addresses it may vouch for, 1–50.
    pub domains: Vec<String>,
    /// Whose second factor counts.
    #[graphql(default_with = "SecondFactorRule::Postern")]
    pub second_factor: SecondFactorRule,
    /// Values of `acr` by which it says that a second factor was proved, besides `mfa` in `amr`; at most 10.
    #[graphql(default)]
    pub acr_values: Vec<String>,
    /// Whether administrators may still sign in by a password. OWNERs always may. False wants a test first.
    #[graphql(default = true)]
    pub password_allowed: bool,
}

impl From<SetIdentityProviderInput> for SetProvider {
    fn from(input: SetIdentityProviderInput) -> Self {
        Self {
            issuer: input.issuer,
            client_id: input.client_id,
            client_secret: input.client_secret.map(core_kernel::Redacted::new),
            domains: input.domains,
            second_factor: input.second_factor.into(),
            acr_values: input.acr_values,
            password_allowed: input.password_allowed,
        }
    }
}

/// The end of a provider.
#[derive(InputObject)]
pub struct RemoveIdentityProviderInput {
    /// The issuer, so that no other is meant.
    pub issuer: String,
}
