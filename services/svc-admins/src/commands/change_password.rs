//! Another password, by whoever signed in just now and knows the present one.

use core_crypto::{BlindKind, blind_index, check_password_strength, hash_password};
use core_kernel::{Fault, PLATFORM_TENANT, Redacted, Refusal, Stop};
use serde_json::json;
use svc_delivery::enqueue_notices;

use super::sessions::Own;
use crate::model::{Account, Client};
use crate::rules::names_the_person;
use crate::store::{accounts, recoveries, sessions, tries};
use crate::{Admins, refusals};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    /// The present password.
    pub current: Redacted<String>,
    /// The new one.
    pub new: Redacted<String>,
}

impl Admins {
    /// Sets another password. All other sessions end, and whatever was on its way to replace it.
    ///
    /// # Errors
    /// UNAUTHENTICATED; VERIFICATION_REQUIRED where the sign-in is older than a few minutes; INVALID at
    /// `currentPassword` or `newPassword`; TOO_MANY_ATTEMPTS at `currentPassword`.
    pub async fn change_password(
        &self,
        token: &Redacted<String>,
        input: &ChangePassword,
        client: &Client,
    ) -> Result<(), Stop> {
        let own = self.just_signed_in(token).await?;
        check_password(&input.new, &own.account, "newPassword")?;
        self.knows_password(&own.account, &input.current, client).await?;
        let phc = self.hash(&input.new).await?;
        self.store_new_password(&own, &phc, client).await?;
        Ok(self.audit_in_tenants(&own.account, "admin.password_changed", json!({}), client).await?)
    }

    /// Compares the present password, within the same budget as a sign-in does.
    async fn knows_password(&self, account: &Account, given: &Redacted<String>, client: &Client) -> Result<(), Stop> {
        let email = core_contact::EmailAddress::parse(&account.email).map_err(Fault::internal)?;
        let ring = self.platform.keys.ring();
        let (_, index) = blind_index(&ring, PLATFORM_TENANT, BlindKind::Email, email.normalized());
        let (in_budget, standing) = self.take_try(&index, &email).await?;
        if !in_budget {
            return Err(refusals::too_many_passwords().into());
        }
        if self.compare(given, standing.and_then(|account| account.password_phc)).await? {
            let mut tx = self.platform_tx().await?;
            tries::clear(&mut tx, &index).await?;
            return Ok(tx.commit().await?);
        }
        self.note_failure(Some(account.clone()), &index, client).await?;
        Err(refusals::wrong_password().into())
    }

    async fn store_new_password(&self, own: &Own, phc: &str, client: &Client) -> Result<(), Fault> {
        let account = &own.account;
        let mut tx = self.platform_tx().await?;
        accounts::lock_user(&mut tx, account.user).await?;
        accounts::update_password(&mut tx, account.id, phc, None).await?;
        sessions::delete_others(&mut tx, account.id, own.session.id).await?;
        sessions::delete_half_way(&mut tx, account.id).await?;
        recoveries::delete_of_account(&mut tx, account.id).await?;
        enqueue_notices(&mut tx, account.user, "password_changed", &json!({})).await?;
        self.audit_in_platform(&mut tx, account, "admin.password_changed", json!({}), client).await?;
        tx.commit().await?;
        self.platform.messages_queued.notify_one();
        Ok(())
    }

    /// In the room for it.
    pub(super) async fn hash(&self, password: &Redacted<String>) -> Result<String, Fault> {
        let (password, entropy) = (password.expose().clone(), self.platform.entropy.clone());
        self.hashing.run(move || hash_password(&password, &*entropy)).await
    }
}

/// Long enough, not among those that are tried first, and not the person's own name (NIST SP 800-63B-4
/// §3.1.1.2); nothing is asked of what it is made of.
pub(super) fn check_password(password: &Redacted<String>, account: &Account, field: &str) -> Result<(), Refusal> {
    check_password_strength(password.expose()).map_err(|why| Refusal::invalid(field, why))?;
    let own = names_the_person(password.expose(), &account.email, account.display_name.as_deref());
    if own { Err(refusals::password_is_a_name(field)) } else { Ok(()) }
}
