//! Making and changing tenants and API keys.

use async_graphql::{ID, InputObject};

use crate::enums::{ApiScope, Environment};
use crate::policy::PolicyInput;
use crate::scalars::DateTime;

/// A tenant to make.
#[derive(InputObject)]
pub struct CreateTenantInput {
    /// 3 to 63 lower-case letters, digits and hyphens; unique within the platform.
    pub slug: String,
    /// For people to read.
    pub name: String,
    /// Whether it is real.
    #[graphql(default_with = "Environment::Live")]
    pub environment: Environment,
    /// Who is invited as its first administrator.
    pub owner_email: String,
    /// Left out: the partner's template or, without one, the policy of a new tenant. EMAIL cannot be in it unless it is in the
    /// template: that takes an acknowledgement.
    pub policy: Option<PolicyInput>,
}

impl From<CreateTenantInput> for svc_directory::CreateTenantInput {
    fn from(input: CreateTenantInput) -> Self {
        Self {
            slug: input.slug,
            name: input.name,
            environment: input.environment.into(),
            owner_email: input.owner_email,
            policy: input.policy.map(Into::into),
        }
    }
}

/// A tenant's looks, whole: what is left out is unset.
#[derive(InputObject)]
pub struct BrandingInput {
    /// What users know the firm by; left out: the tenant's name.
    pub product_name: Option<String>,
    /// An https address.
    pub logo_url: Option<String>,
    /// #rrggbb.
    pub color: Option<String>,
    /// How users reach a person.
    pub support_contact: Option<String>,
    /// Texts end in the origin-bound form for this domain.
    pub domain: Option<String>,
}

/// The relying party of passkeys made on the firm's own pages, whole.
#[derive(InputObject)]
pub struct WebauthnSettingsInput {
    /// A domain.
    pub rp_id: String,
    /// https origins at or below it.
    pub origins: Vec<String>,
}

/// Settings to change: what is left out or null stays as it is.
#[derive(InputObject)]
pub struct UpdateTenantInput {
    /// For people to read.
    pub name: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// The relying party, whole.
    pub webauthn: Option<WebauthnSettingsInput>,
    /// The looks, whole.
    pub branding: Option<BrandingInput>,
    /// All of them: exact origins and path prefixes, https, or http on localhost.
    pub return_urls: Option<Vec<String>>,
}

impl From<UpdateTenantInput> for svc_directory::UpdateTenantInput {
    fn from(input: UpdateTenantInput) -> Self {
        Self {
            name: input.name,
            language: input.language,
            time_zone: input.time_zone,
            webauthn: input.webauthn.map(|webauthn| svc_directory::WebauthnSettings {
                rp_id: Some(webauthn.rp_id),
                origins: webauthn.origins,
            }),
            branding: input.branding.map(|branding| svc_directory::Branding {
                product_name: branding.product_name,
                logo_url: branding.logo_url,
                color: branding.color,
                support_contact: branding.support_contact,
                domain: branding.domain,
            }),
            return_urls: input.return_urls,
        }
    }
}

/// Moves policy dates, codes, logins, links, locks, graces, devices and history. Assertions, TOTP, keys, sessions, rate limits
/// and the ledger keep real time.
#[derive(InputObject)]
pub struct AdvanceSandboxClockInput {
    /// 1 to 31,536,000.
    pub seconds: i32,
}

/// A key to make.
#[derive(InputObject)]
pub struct CreateApiKeyInput {
    /// For people to recognise it by.
    pub name: String,
    /// At least one, none that the caller lacks, never TENANTS.
    pub scopes: Vec<ApiScope>,
    /// At most a year away; left out: a year.
    pub expires_at: Option<DateTime>,
}

impl From<CreateApiKeyInput> for svc_directory::CreateApiKeyInput {
    fn from(input: CreateApiKeyInput) -> Self {
        Self {
            name: input.name,
            scopes: input.scopes.into_iter().map(Into::into).collect(),
            expires_at: input.expires_at.map(|at| at.0),
        }
    }
}

/// A key to end.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// The key.
    pub id: ID,
}
