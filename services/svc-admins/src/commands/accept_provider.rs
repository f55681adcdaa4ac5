//! Whoever has roles in several places says themselves by whose identity provider they may be signed in.
//!
//! In the one place where they have a role, it is that place's affair. Elsewhere they are somebody too: whoever
//! can invite a stranger must not be able to begin sign-ins in the stranger's name, and use up their tries.

use core_kernel::{Redacted, Stop, TenantId};
use serde_json::json;

use crate::model::Client;
use crate::store::{accounts, admins};
use crate::{Admins, refusals};

/// A tenant with a provider of its own, in which the person has a role besides others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderChoice {
    /// Where.
    pub tenant: TenantId,
    /// Whether the person accepted it.
    pub accepted: bool,
}

impl Admins {
    /// What there is to say; empty for whoever has a role in one place alone.
    ///
    /// # Errors
    /// UNAUTHENTICATED; faults.
    pub async fn provider_choices(&self, token: &Redacted<String>) -> Result<Vec<ProviderChoice>, Stop> {
        let own = self.signed_in(token).await?;
        let mut tx = self.platform_tx().await?;
        let roles = accounts::roles(&mut tx, own.account.id).await?;
        let partners = accounts::partners(&mut tx, own.account.id).await?;
        let tenants: Vec<TenantId> = roles.iter().map(|role| role.tenant).collect();
        let with_provider = accounts::have_providers(&mut tx, &tenants).await?;
        tx.commit().await?;
        if roles.len() + partners.len() < 2 {
            return Ok(Vec::new());
        }
        let mut choices = Vec::new();
        for role in roles.iter().filter(|role| with_provider.contains(&role.tenant)) {
            let mut tx = self.tx(role.tenant).await?;
            let accepted = admins::has_accepted_provider(&mut tx, role.admin).await?;
            tx.commit().await?;
            choices.push(ProviderChoice { tenant: role.tenant, accepted });
        }
        Ok(choices)
    }

    /// Accepts a tenant's provider, or no longer.
    ///
    /// # Errors
    /// UNAUTHENTICATED; VERIFICATION_REQUIRED where the sign-in is not fresh; NOT_FOUND at `id` without a role in
    /// the tenant; faults.
    pub async fn accept_provider(
        &self,
        token: &Redacted<String>,
        choice: ProviderChoice,
        client: &Client,
    ) -> Result<(), Stop> {
        let own = self.just_signed_in(token).await?;
        let role = self.roles(&own.account).await?.into_iter().find(|role| role.tenant == choice.tenant);
        let role = role.ok_or_else(refusals::no_such_admin)?;
        let accepted_at = choice.accepted.then(|| self.platform.now());
        let mut tx = self.tx(role.tenant).await?;
        admins::update_provider_accepted(&mut tx, role.admin, accepted_at).await?;
        tx.commit().await?;
        let action =
            if choice.accepted { "admin.identity_provider_accepted" } else { "admin.identity_provider_declined" };
        Ok(self.audit_in(role, &own.account, action, json!({}), client).await?)
    }
}
