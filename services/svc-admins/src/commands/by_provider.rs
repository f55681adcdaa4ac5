//! Signing in by a tenant's identity provider, once the provider's answer was believed (svc-sso).
//!
//! The provider stands in for the password, in its tenant and nowhere else: the session acts there alone, and
//! sees nothing of the account. Whoever has no factor yet has to set one up by the mailed invitation first;
//! a provider that could do it would own the account in other tenants too.

use core_access::AdminRole;
use core_kernel::{AccountId, Fault, Redacted, Stop, TenantId};
use core_policy::FirstFactor;
use io_postgres::TenantTx;

use super::password::{FirstStep, SignInStep};
use super::sign_in::Ending;
use crate::model::{Account, Client};
use crate::store::{accounts, admins, sessions};
use crate::{Admins, SignedIn};

/// What a tenant's identity provider vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderProof {
    /// Whose provider.
    pub tenant: TenantId,
    /// For whom, who has a role there.
    pub account: AccountId,
    /// Whether a second factor was proved to it, and the tenant trusts it with that.
    pub second_factor: bool,
}

/// What follows.
#[derive(Debug, Clone)]
pub enum ProviderStep {
    /// A factor of our own.
    SecondFactor(SignInStep),
    /// Nothing more.
    SignedIn(SignedIn),
}

impl Admins {
    /// Goes on after a provider's answer.
    ///
    /// # Errors
    /// UNAUTHENTICATED where there is no role in the tenant; FORBIDDEN with INVITATION_NOT_FINISHED; USER_LOCKED;
    /// NOT_ALLOWED_BY_POLICY without a factor that may be used; faults.
    pub async fn sign_in_by_provider(
        &self,
        proof: ProviderProof,
        previous: Option<&Redacted<String>>,
        client: &Client,
    ) -> Result<ProviderStep, Stop> {
        let account = self.with_role_in(proof).await?;
        if proof.second_factor {
            let only = Some(proof.tenant);
            let ending = Ending { account: &account, half_way: None, login: None, pending_phc: None, only };
            return Ok(ProviderStep::SignedIn(self.sign_in(ending, previous, client).await?));
        }
        let (login, methods) = self.ask_for_second_factor(&account, FirstFactor::Sso, client).await?;
        let mut tx = self.platform_tx().await?;
        let step = FirstStep::Provider(proof.tenant);
        let half_way = self.insert_half_way(&mut tx, &account, login.login_id, step).await?;
        tx.commit().await?;
        Ok(ProviderStep::SecondFactor(SignInStep::new(&half_way, methods)))
    }

    async fn with_role_in(&self, proof: ProviderProof) -> Result<Account, Fault> {
        let mut tx = self.platform_tx().await?;
        let account = accounts::find(&mut tx, proof.account).await?;
        let roles = accounts::roles(&mut tx, proof.account).await?;
        tx.commit().await?;
        let has_role = roles.iter().any(|role| role.tenant == proof.tenant);
        account.filter(|_| has_role).ok_or(Fault::Unauthenticated)
    }

    /// Whether a person may do anything outside this tenant: then it is theirs to say who vouches for them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_role_elsewhere(&self, account: AccountId, tenant: TenantId) -> Result<bool, Fault> {
        let mut tx = self.platform_tx().await?;
        let elsewhere = accounts::roles(&mut tx, account).await?.iter().any(|role| role.tenant != tenant);
        let answers_for_partner = !accounts::partners(&mut tx, account).await?.is_empty();
        tx.commit().await?;
        Ok(elsewhere || answers_for_partner)
    }

    /// Ends whatever a tenant's identity provider opened, and sign-ins on their way; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_provider_sessions(&self, tenant: TenantId) -> Result<u64, Fault> {
        let mut tx = self.platform_tx().await?;
        let ended = sessions::delete_of_provider(&mut tx, tenant).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Whether an OWNER would still get in without the provider: by a password and a factor of their own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn an_owner_has_a_password(&self, tx: &mut TenantTx) -> Result<bool, Fault> {
        let owners = admins::list(tx).await?.into_iter().filter(|admin| admin.role == AdminRole::Owner);
        let mut platform = self.platform_tx().await?;
        for owner in owners {
            let account = accounts::find(&mut platform, owner.account_id).await?;
            if account.is_some_and(|account| account.enrolled && account.password_phc.is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
