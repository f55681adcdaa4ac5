//! One's own passkeys: as second factor of the console they are those of any other user, in the tenant
//! where administrators are users. What vouches for a change is the sign-in of this very session, while
//! it is fresh.

use core_access::Operation;
use core_kernel::{Redacted, Refusal, RefusalCode, Stop, Timestamp, TypedId};
use core_policy::{FactorKind, FactorStatus};
use serde_json::{Value, json};
use svc_directory::UserRef;
use svc_factors::{ConfirmFactor, EnrollPasskey, FactorView, RemoveFactor};

use crate::admins::console;
use crate::commands::sessions::Own;
use crate::model::Client;
use crate::{Admins, refusals};

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPasskey {
    /// To remove it by.
    pub id: String,
    /// As its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, its making included.
    pub last_used_at: Option<Timestamp>,
    /// Whether too many wrong answers switched it off.
    pub is_disabled: bool,
}

/// What the browser is to make.
#[derive(Debug, Clone, PartialEq)]
pub struct BegunPasskey {
    /// To confirm it by.
    pub id: String,
    /// `PublicKeyCredentialCreationOptions` as JSON.
    pub creation_options: Value,
}

/// What the browser made.
#[derive(Debug, Clone)]
pub struct MadePasskey {
    /// Which was begun.
    pub id: String,
    /// `RegistrationResponseJSON`.
    pub credential: Value,
}

impl Admins {
    /// One's passkeys, the oldest first.
    ///
    /// # Errors
    /// UNAUTHENTICATED; faults.
    pub async fn passkeys(&self, token: &Redacted<String>, client: &Client) -> Result<Vec<OwnPasskey>, Stop> {
        let own = self.signed_in(token).await?;
        Ok(self.passkeys_of(&own, client).await?.into_iter().map(shown).collect())
    }

    /// Begins to make one.
    ///
    /// # Errors
    /// UNAUTHENTICATED; VERIFICATION_REQUIRED where the sign-in is not fresh; INVALID at `name`;
    /// NOT_ALLOWED_BY_POLICY for an eleventh, or at an address without passkeys.
    pub async fn begin_passkey(
        &self,
        token: &Redacted<String>,
        name: &str,
        client: &Client,
    ) -> Result<BegunPasskey, Stop> {
        let own = self.just_signed_in(token).await?;
        let permit = console(client.ip, Operation::EnrollFactor)?;
        let input = EnrollPasskey {
            user: UserRef::Id(own.session.user.to_text()),
            name: name.to_owned(),
            origin: None,
            login_id: Some(vouching(&own)?),
        };
        let begun = self.factors.enroll_passkey(&permit, input).await?;
        Ok(BegunPasskey { id: begun.factor.factor_id.to_text(), creation_options: begun.creation_options })
    }

    /// Keeps the one that was made.
    ///
    /// # Errors
    /// As [`Self::begin_passkey`]; NOT_FOUND, WRONG_CODE, EXPIRED or ALREADY_EXISTS.
    pub async fn finish_passkey(
        &self,
        token: &Redacted<String>,
        made: MadePasskey,
        client: &Client,
    ) -> Result<(), Stop> {
        let own = self.just_signed_in(token).await?;
        let permit = console(client.ip, Operation::ConfirmFactor)?;
        let input = ConfirmFactor {
            factor_id: made.id,
            code: None,
            credential: Some(made.credential),
            login_id: Some(vouching(&own)?),
            remember_device: false,
        };
        let confirmed = self.factors.confirm_factor(&permit, input).await.map_err(ones_own)?;
        if let Some(refusal) = confirmed.refusal {
            return Err(refusal.into());
        }
        let name = confirmed.factor.and_then(|factor| factor.passkey).map(|label| label.name);
        let detail = json!({ "name": name });
        Ok(self.audit_everywhere(&own.account, "admin.passkey_added", detail, client).await?)
    }

    /// Removes one; an app or another passkey remains.
    ///
    /// # Errors
    /// UNAUTHENTICATED; VERIFICATION_REQUIRED; NOT_FOUND at `id`; NOT_ALLOWED_BY_POLICY for the last factor.
    pub async fn remove_passkey(&self, token: &Redacted<String>, id: &str, client: &Client) -> Result<(), Stop> {
        let own = self.just_signed_in(token).await?;
        let passkeys = self.passkeys_of(&own, client).await?;
        let passkey = passkeys.into_iter().find(|passkey| passkey.factor_id.to_text() == id);
        let passkey = passkey.ok_or_else(|| Refusal::not_found("passkey").at("id"))?;
        let permit = console(client.ip, Operation::RemoveFactor)?;
        let input = RemoveFactor { factor_id: id.to_owned(), login_id: Some(vouching(&own)?) };
        self.factors.remove_factor(&permit, input).await?;
        let detail = json!({ "name": passkey.passkey.map(|label| label.name) });
        Ok(self.audit_everywhere(&own.account, "admin.passkey_removed", detail, client).await?)
    }

    async fn passkeys_of(&self, own: &Own, client: &Client) -> Result<Vec<FactorView>, Stop> {
        let permit = console(client.ip, Operation::ReadLogin)?;
        let factors = self.factors.list_factors(&permit, own.session.user).await?;
        let is_kept =
            |factor: &FactorView| factor.kind == FactorKind::Passkey && factor.status != FactorStatus::Pending;
        Ok(factors.into_iter().filter(is_kept).collect())
    }
}

/// The login on whose ground the person's factors change.
pub(super) fn vouching(own: &Own) -> Result<String, Refusal> {
    own.session.login.map(TypedId::to_text).ok_or_else(refusals::confirm_first)
}

/// Of somebody else's factor one hears what one hears of none; that it is there would be told by its login's not being found.
pub(super) fn ones_own(stop: Stop) -> Stop {
    match stop.refusal_code() {
        Some(RefusalCode::NotFound) => Refusal::not_found("factor").at("factorId").into(),
        _ => stop,
    }
}

fn shown(factor: FactorView) -> OwnPasskey {
    OwnPasskey {
        id: factor.factor_id.to_text(),
        name: factor.passkey.map(|label| label.name).unwrap_or_default(),
        created_at: factor.created_at,
        last_used_at: factor.last_used_at,
        is_disabled: factor.status == FactorStatus::Disabled,
    }
}
