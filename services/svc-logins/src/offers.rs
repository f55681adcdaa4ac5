//! What users are offered at logins that are under way, as of now.

use std::collections::HashMap;

use core_access::Permit;
use core_kernel::{LoginId, Stop, TenantId, Timestamp, UserId};
use core_policy::{EnrollmentOffer, LoginOutcome, enrollment_offer};

use crate::Logins;
use crate::methods::{MethodView, UserSnapshot, methods_of};
use crate::model::LoginView;
use crate::refusals::no_such_login;
use crate::steps::load::LoadItem;

/// A user at a login, as of now.
#[derive(Debug, Clone)]
pub struct UserAtLogin {
    user: UserSnapshot,
    now: Timestamp,
}

impl LoginView {
    /// Whose facts [`Logins::methods_at`] needs; none where there are no methods anyway.
    #[must_use]
    pub fn asked_user(&self) -> Option<(LoginId, UserId)> {
        let asks = matches!(self.outcome, LoginOutcome::Challenge | LoginOutcome::Enroll);
        (asks && self.completed_at.is_none()).then_some((self.login_id, self.user_id))
    }

    /// Whose facts [`Logins::enrollment_prompt_at`] needs; none where there is no prompt anyway.
    #[must_use]
    pub fn prompted_user(&self) -> Option<(LoginId, UserId)> {
        (self.outcome == LoginOutcome::Enroll).then_some((self.login_id, self.user_id))
    }
}

impl Logins {
    /// Users at their logins, all in one round trip, or a few where they are very many; those who are gone are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users_at(
        &self,
        permit: &Permit,
        at: &[(LoginId, UserId)],
    ) -> Result<HashMap<(LoginId, UserId), UserAtLogin>, Stop> {
        let items: Vec<_> = at.iter().map(|(login, user)| item(permit.tenant(), *login, *user)).collect();
        let mut found = HashMap::with_capacity(at.len());
        for (at, loaded) in at.iter().zip(self.load.run_all(&items).await?) {
            let now = loaded.now;
            if let (Some(user), Some(now)) = (UserSnapshot::from_loaded(loaded)?, now) {
                found.insert(*at, UserAtLogin { user, now });
            }
        }
        Ok(found)
    }

    /// The ways to complete a login as of now, the preferred first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn methods(&self, permit: &Permit, login: &LoginView) -> Result<Vec<MethodView>, Stop> {
        let Some(at) = login.asked_user() else { return Ok(Vec::new()) };
        let at = self.user_at(permit, at).await?;
        self.methods_at(permit, login, at).await
    }

    /// The same, of a user who was read before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn methods_at(
        &self,
        permit: &Permit,
        login: &LoginView,
        at: UserAtLogin,
    ) -> Result<Vec<MethodView>, Stop> {
        if login.asked_user().is_none() || at.now >= login.expires_at {
            return Ok(Vec::new());
        }
        let policy = self.policy_at(permit.tenant(), at.now).await?.policy;
        let key = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let page = self.rp_id_of_page(permit, at.user.own_rp_id.as_deref());
        let user = at.user.at_page(page.as_deref());
        Ok(methods_of(&policy, &user, login.login_id, login.first_factor, login.outcome, &key)?)
    }

    /// What a user without a factor is asked, as of now; none unless the outcome is ENROLL.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enrollment_prompt(&self, permit: &Permit, login: &LoginView) -> Result<Option<EnrollmentOffer>, Stop> {
        let Some(at) = login.prompted_user() else { return Ok(None) };
        let at = self.user_at(permit, at).await?;
        self.enrollment_prompt_at(permit, login, &at).await
    }

    /// The same, of a user who was read before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enrollment_prompt_at(
        &self,
        permit: &Permit,
        login: &LoginView,
        at: &UserAtLogin,
    ) -> Result<Option<EnrollmentOffer>, Stop> {
        if login.prompted_user().is_none() {
            return Ok(None);
        }
        let policy = self.policy_at(permit.tenant(), at.now).await?.policy;
        let audience = policy.audience(at.user.facts.kind);
        Ok(Some(enrollment_offer(audience, &at.user.facts, login.first_factor, at.now)))
    }

    async fn user_at(&self, permit: &Permit, at: (LoginId, UserId)) -> Result<UserAtLogin, Stop> {
        let found = self.users_at(permit, &[at]).await?.remove(&at);
        found.ok_or_else(no_such_login)
    }
}

fn item(tenant: TenantId, login: LoginId, user: UserId) -> LoadItem {
    LoadItem {
        tenant,
        user: Some(user.0),
        external_id_folded: None,
        api_key: None,
        idempotency_key: None,
        login: Some(login),
        device_digest: None,
    }
}
