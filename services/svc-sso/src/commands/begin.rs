//! Sending somebody to their provider.

use core_access::Permit;
use core_crypto::SecretToken;
use core_kernel::{AdminId, Fault, Redacted, Stop, TenantId};
use core_oidc::{AuthorizationRequest, BrowserSecret};

use crate::rules::{Company, FLOW};
use crate::store::flows::{self, NewFlow};
use crate::store::providers;
use crate::{SecondFactorRule, SingleSignOn, refusals};

/// Of `state`.
const STATE: &str = "state";
/// Of what the browser keeps.
pub(super) const BROWSER: &str = "company";

/// A sign-in that is on its way.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The provider's page.
    pub go_to: String,
    /// For the browser to keep: without it nobody can finish. It is stored as a digest and cannot be had again.
    pub browser: Redacted<String>,
}

impl SingleSignOn {
    /// Begins a sign-in at the provider of the company that somebody names: by its slug, its mail domain, or an
    /// address of that domain, of whose owner nothing is looked up.
    ///
    /// # Errors
    /// NOT_FOUND at `company`; EXPIRED where the provider does not answer; faults.
    pub async fn begin(&self, company: &str) -> Result<Begun, Stop> {
        let company = Company::read(company).ok_or_else(refusals::no_such_company)?;
        let mut tx = self.platform_tx().await?;
        let tenant = providers::tenant_to_sign_in(&mut tx, &company.name).await?;
        tx.commit().await?;
        self.send_off(tenant.ok_or_else(refusals::no_such_company)?, None, company.hint.as_deref()).await
    }

    /// Begins one that opens nothing: it only shows whether the provider works.
    ///
    /// # Errors
    /// NOT_FOUND without a provider; FORBIDDEN for whoever is no administrator; as [`Self::begin`].
    pub async fn try_provider(&self, permit: &Permit) -> Result<Begun, Stop> {
        let admin = permit.caller().administrator().ok_or(Fault::Forbidden { reason: None })?;
        self.send_off(permit.tenant(), Some(admin.id), Some(&admin.email)).await
    }

    async fn send_off(&self, tenant: TenantId, tried_by: Option<AdminId>, hint: Option<&str>) -> Result<Begun, Stop> {
        // Before the transaction: it may need a connection of its own.
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        let mut tx = self.tx(tenant).await?;
        let provider = self.provider_in(&mut tx).await?.ok_or_else(refusals::no_provider)?;
        tx.commit().await?;
        let issuer = self.issuer(tenant, &provider.view.issuer).await.map_err(|away| {
            tracing::info!(tenant = %tenant, why = %away, "an identity provider is of no use at the moment");
            if tried_by.is_some() { refusals::test_failed(&away.to_string()) } else { refusals::provider_away() }
        })?;
        let entropy = &*self.platform.entropy;
        let (state, browser) = (SecretToken::generate(STATE, entropy), SecretToken::generate(BROWSER, entropy));
        let kept = Redacted::new(browser.expose().to_owned());
        let wanted: &[String] = match provider.view.second_factor {
            SecondFactorRule::Postern => &[],
            SecondFactorRule::IdentityProvider => &provider.view.acr_values,
        };
        let request = AuthorizationRequest {
            client: &provider.client(&key)?,
            state: state.expose(),
            browser: &BrowserSecret::new(kept.clone()),
            acr_values: wanted,
            login_hint: hint,
        };
        let go_to = request.url(&issuer.metadata).into();
        self.keep(tenant, &state, &browser, tried_by).await?;
        Ok(Begun { go_to, browser: kept })
    }

    async fn keep(
        &self,
        tenant: TenantId,
        state: &SecretToken,
        browser: &SecretToken,
        tried_by: Option<AdminId>,
    ) -> Result<(), Fault> {
        let now = self.platform.now();
        let (state, browser) = (&state.digest(), &browser.digest());
        let mut tx = self.tx(tenant).await?;
        flows::delete_over(&mut tx, now).await?;
        flows::insert(&mut tx, &NewFlow { state, browser, tried_by, expires_at: now + FLOW }).await?;
        Ok(tx.commit().await?)
    }
}
