//! A tenant's provider, as it is stored and as it is shown.

use core_kernel::{AccountId, AdminId, Fault, Redacted, TenantId, Timestamp};
use core_oidc::Client;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row as _};
use svc_platform::place;

/// Whose second factor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorRule {
    /// Ours, at every sign-in.
    #[default]
    Postern,
    /// The provider's, where it says that one was proved; else ours.
    IdentityProvider,
}

impl SecondFactorRule {
    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postern => "POSTERN",
            Self::IdentityProvider => "IDENTITY_PROVIDER",
        }
    }

    /// Reads it. What this version does not know is ours: the stricter.
    fn parse(word: &str) -> Self {
        if word == Self::IdentityProvider.as_str() { Self::IdentityProvider } else { Self::Postern }
    }
}

/// A provider as it is shown: all but its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderView {
    /// As it calls itself.
    pub issuer: String,
    /// As it knows us.
    pub client_id: String,
    /// Where it sends people back to.
    pub redirect_uri: String,
    /// Whose addresses it may vouch for.
    pub domains: Vec<String>,
    /// Whose second factor counts.
    pub second_factor: SecondFactorRule,
    /// Classes by which it says that a second factor was proved, besides `mfa` among its methods.
    pub acr_values: Vec<String>,
    /// Whether administrators other than OWNERs may still sign in by a password.
    pub password_allowed: bool,
    /// The last sign-in that was tried to its end with the provider as it is now.
    pub tested_at: Option<Timestamp>,
    /// The last change.
    pub updated_at: Timestamp,
}

/// A provider as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) view: ProviderView,
    client_secret_sealed: Vec<u8>,
}

impl FromRow<'_, PgRow> for Provider {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let second_factor: String = row.try_get("second_factor")?;
        let view = ProviderView {
            issuer: row.try_get("issuer")?,
            client_id: row.try_get("client_id")?,
            redirect_uri: String::new(),
            domains: row.try_get("domains")?,
            second_factor: SecondFactorRule::parse(&second_factor),
            acr_values: row.try_get("acr_values")?,
            password_allowed: row.try_get("password_allowed")?,
            tested_at: row.try_get("tested_at")?,
            updated_at: row.try_get("updated_at")?,
        };
        Ok(Self { view, client_secret_sealed: row.try_get("client_secret_sealed")? })
    }
}

impl Provider {
    /// As whom we are known to it.
    pub(crate) fn client(&self, key: &core_crypto::DataKey) -> Result<Client, Fault> {
        let opened = key.open(&secret_place(key.tenant()), &self.client_secret_sealed).map_err(Fault::internal)?;
        let secret = String::from_utf8(opened.to_vec()).map_err(Fault::internal)?;
        let (id, redirect_uri) = (self.view.client_id.clone(), self.view.redirect_uri.clone());
        Ok(Client { id, secret: Redacted::new(secret), redirect_uri })
    }

    pub(crate) fn sealed(&self) -> &[u8] {
        &self.client_secret_sealed
    }
}

/// Where a client's secret is sealed: it opens nowhere else.
pub(crate) fn secret_place(tenant: TenantId) -> core_crypto::SealContext {
    place(tenant, "identity_provider", tenant.0, "client_secret_sealed")
}

/// A person with a role in the tenant, as far as it matters to whom a provider leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) admin: AdminId,
    pub(crate) account: AccountId,
    pub(crate) email: String,
    /// Whether the person, who has a role elsewhere too, accepted the provider.
    pub(crate) accepted: bool,
    /// Whether the provider knows them by a name of its own already.
    pub(crate) linked: bool,
}

impl FromRow<'_, PgRow> for Candidate {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            admin: AdminId(row.try_get("admin_id")?),
            account: AccountId(row.try_get("account_id")?),
            email: row.try_get("email")?,
            accepted: row.try_get("accepted")?,
            linked: row.try_get("linked")?,
        })
    }
}
