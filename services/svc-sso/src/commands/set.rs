//! Registering a provider, or changing it.
//!
//! The provider is asked for its configuration before anything is stored: what cannot work is said to the
//! OWNER at once. Passwords are turned off only once a sign-in was tried to its end, and never for OWNERs: a
//! provider that is away, or was misconfigured, locks nobody out for good.

use core_access::Permit;
use core_kernel::{Redacted, Stop, TenantId, Timestamp, TypedId};
use io_postgres::TenantTx;
use serde_json::{Value, json};

use crate::model::{Provider, secret_place};
use crate::store::{flows, links, providers};
use crate::{ProviderView, SecondFactorRule, SingleSignOn, refusals, rules};

/// `SetIdentityProviderInput`.
#[derive(Debug, Clone)]
pub struct SetProvider {
    /// `issuer`.
    pub issuer: String,
    /// `clientId`.
    pub client_id: String,
    /// `clientSecret`; left out, the one that is there stays.
    pub client_secret: Option<Redacted<String>>,
    /// `domains`.
    pub domains: Vec<String>,
    /// `secondFactor`.
    pub second_factor: SecondFactorRule,
    /// `acrValues`.
    pub acr_values: Vec<String>,
    /// `passwordAllowed`.
    pub password_allowed: bool,
}

impl SingleSignOn {
    /// Registers the tenant's provider, or changes it. What another issuer or client opened ends.
    ///
    /// # Errors
    /// INVALID at the field; NOT_ALLOWED_BY_POLICY at `passwordAllowed` before a test, or where no OWNER could
    /// get in without the provider.
    pub async fn set_provider(&self, permit: &Permit, input: SetProvider) -> Result<ProviderView, Stop> {
        let tenant = permit.tenant();
        let input = rules::checked(input, self.outbound.rules())?;
        let asked = self.ask_issuer(tenant, &input.issuer).await;
        asked.map_err(|away| refusals::issuer_unusable(&away.to_string()))?;
        let mut tx = self.tx(tenant).await?;
        providers::lock(&mut tx).await?;
        let standing = providers::find(&mut tx).await?;
        let sealed = self.sealed_secret(&mut tx, standing.as_ref(), &input).await?;
        let view = self.next(standing.as_ref(), &input, self.platform.now(), tenant);
        if !view.password_allowed {
            self.check_way_in(&mut tx, &view).await?;
        }
        providers::upsert(&mut tx, &view, &sealed).await?;
        links::delete_of_others(&mut tx, Some(&view.issuer)).await?;
        flows::delete_all(&mut tx).await?;
        svc_audit::record(&mut tx, permit.caller(), "identity_provider.set", &tenant.to_text(), detail(&view)).await?;
        tx.commit().await?;
        if standing.is_some_and(|standing| ends_sessions(&standing.view, &view)) {
            self.admins.end_provider_sessions(tenant).await?;
        }
        Ok(view)
    }

    async fn sealed_secret(
        &self,
        tx: &mut TenantTx,
        standing: Option<&Provider>,
        input: &SetProvider,
    ) -> Result<Vec<u8>, Stop> {
        if let Some(secret) = &input.client_secret {
            let key = self.platform.keys.data_key_in(tx).await?;
            return Ok(key.seal(&secret_place(tx.tenant()), secret.expose().as_bytes(), &*self.platform.entropy));
        }
        // A secret goes to the issuer that it was given for and to no other.
        let same = standing
            .filter(|standing| standing.view.issuer == input.issuer && standing.view.client_id == input.client_id);
        Ok(same.ok_or_else(refusals::secret_wanted)?.sealed().to_vec())
    }

    fn next(&self, standing: Option<&Provider>, input: &SetProvider, now: Timestamp, tenant: TenantId) -> ProviderView {
        let proved = standing.map(|standing| &standing.view).filter(|standing| {
            standing.issuer == input.issuer && standing.client_id == input.client_id && input.client_secret.is_none()
        });
        ProviderView {
            issuer: input.issuer.clone(),
            client_id: input.client_id.clone(),
            redirect_uri: self.redirect_uri(tenant),
            domains: input.domains.clone(),
            second_factor: input.second_factor,
            acr_values: input.acr_values.clone(),
            password_allowed: input.password_allowed,
            tested_at: proved.and_then(|standing| standing.tested_at),
            updated_at: now,
        }
    }

    async fn check_way_in(&self, tx: &mut TenantTx, view: &ProviderView) -> Result<(), Stop> {
        if view.tested_at.is_none() {
            return Err(refusals::test_first().into());
        }
        if !self.admins.an_owner_has_a_password(tx).await? {
            return Err(refusals::no_owner_with_password().into());
        }
        Ok(())
    }
}

/// Whether sessions would not have been opened as the provider is now.
fn ends_sessions(before: &ProviderView, now: &ProviderView) -> bool {
    before.issuer != now.issuer
        || before.client_id != now.client_id
        || before.second_factor != now.second_factor
        || before.acr_values != now.acr_values
        || before.domains.iter().any(|domain| !now.domains.contains(domain))
}

fn detail(view: &ProviderView) -> Value {
    json!({
        "issuer": view.issuer,
        "client_id": view.client_id,
        "domains": view.domains,
        "second_factor": view.second_factor.as_str(),
        "acr_values": view.acr_values,
        "password_allowed": view.password_allowed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> ProviderView {
        ProviderView {
            issuer: "https://id.example".to_owned(),
            client_id: "postern".to_owned(),
            redirect_uri: String::new(),
            domains: vec!["a.example".to_owned(), "b.example".to_owned()],
            second_factor: SecondFactorRule::IdentityProvider,
            acr_values: Vec::new(),
            password_allowed: true,
            tested_at: None,
            updated_at: Timestamp::from_timestamp(1_790_000_000, 0).unwrap(),
        }
    }

    #[test]
    fn whatever_was_taken_away_ends_what_it_opened() {
        let ends = |change: fn(&mut ProviderView)| {
            let mut now = view();
            change(&mut now);
            ends_sessions(&view(), &now)
        };
        assert!(ends(|now| now.issuer.push('/')) && ends(|now| now.client_id.push('2')));
        assert!(ends(|now| now.second_factor = SecondFactorRule::Postern));
        assert!(ends(|now| drop(now.domains.pop())) && ends(|now| now.acr_values.push("gold".to_owned())));
        assert!(!ends(|now| now.domains.push("c.example".to_owned())) && !ends(|now| now.password_allowed = false));
    }
}
