//! Passkeys in a login: which serve on the page that asks, what their authenticators are asked, and
//! whether an answer is right.
//!
//! What was asked is sealed into the challenge, so that any replica may read the answer, for five minutes
//! and one answer: the function that takes the answer takes it away. One challenge asks for all of the
//! user's passkeys of the page's relying party; whichever answers is the one that was proved.

use core_access::Permit;
use core_crypto::{DataKey, SealContext};
use core_kernel::{FactorId, Fault, LoginId, Refusal, Stop, TenantId};
use core_passkey::{Assertion, Passkey, PasskeyError, RelyingParty, Verification};
use core_policy::{FactorKind, FactorStatus};
use io_postgres::TenantTx;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use svc_directory::{is_on_our_pages, relying_party};
use svc_platform::place;
use uuid::Uuid;

use crate::methods::{MethodId, UserSnapshot};
use crate::steps::verify::Checked;
use crate::store::passkeys::{PasskeyRow, find_asking, list_passkeys};
use crate::{ChallengeRecord, Logins};

/// What was asked, and whose passkeys may answer.
#[derive(Serialize, Deserialize)]
struct Asked {
    assertion: Assertion,
    passkeys: Vec<(Uuid, Vec<u8>)>,
}

impl Asked {
    fn factor(&self, credential_id: &[u8]) -> Option<Uuid> {
        self.passkeys.iter().find(|(_, id)| id == credential_id).map(|(factor, _)| *factor)
    }
}

/// Where it is sealed: by login, since one challenge of a login asks for passkeys.
fn state_place(tenant: TenantId, login: LoginId) -> SealContext {
    place(tenant, "challenge", login.0, "state_sealed")
}

impl UserSnapshot {
    /// The same user as a page of this relying party sees it: passkeys of others do not serve there, and
    /// those of its own are one way to prove oneself, which bears the oldest one's name.
    pub(crate) fn at_page(mut self, rp_id: Option<&str>) -> Self {
        let serves = |factor: &&crate::methods::SnapshotFactor| {
            factor.facts.kind == FactorKind::Passkey
                && factor.facts.status == FactorStatus::Active
                && rp_id.is_some()
                && factor.rp_id.as_deref() == rp_id
        };
        let first = self.factors.iter().filter(serves).map(|factor| factor.id.0).min();
        self.factors.retain(|factor| factor.facts.kind != FactorKind::Passkey || Some(factor.id.0) == first);
        self.facts.factors = self.factors.iter().map(|factor| factor.facts).collect();
        self
    }
}

impl Logins {
    /// The relying party's domain of the page that asks, given the one that the firm registered.
    pub(crate) fn rp_id_of_page(&self, permit: &Permit, registered: Option<&str>) -> Option<String> {
        if is_on_our_pages(permit.caller()) {
            return RelyingParty::of_pages_at(&self.platform.public_url, "").map(|party| party.id().to_owned());
        }
        registered.map(str::to_owned)
    }

    /// What the user's authenticators are asked, sealed; none where no passkey serves on this page.
    pub(crate) async fn ask_passkeys(&self, permit: &Permit, method: MethodId) -> Result<Option<Vec<u8>>, Stop> {
        let tenant = permit.tenant();
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let Some(asking) = find_asking(&mut tx, method.login, method.user).await? else { return Ok(None) };
        let url = &self.platform.public_url;
        let party = relying_party(permit.caller(), url, &asking.tenant_name, &asking.webauthn.0);
        let Some(party) = party else { return Ok(None) };
        let rows = list_passkeys(&mut tx, method.user, party.id()).await?;
        tx.commit().await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let verification = if asking.is_high { Verification::Required } else { Verification::Preferred };
        let asked = ask(&key, party, method, rows, verification)?;
        let asked = serde_json::to_vec(&asked).map_err(Fault::internal)?;
        Ok(Some(key.seal(&state_place(tenant, method.login), &asked, &*self.platform.entropy)))
    }

    /// `PublicKeyCredentialRequestOptions` of a challenge that waits for a passkey (WebAuthn §5.5).
    ///
    /// # Errors
    /// When what was asked does not unseal.
    pub async fn request_options(&self, tenant: TenantId, challenge: &ChallengeRecord) -> Result<Option<Value>, Fault> {
        if challenge.status != "PENDING" {
            return Ok(None);
        }
        let asked = self.open_asked(tenant, challenge).await?;
        Ok(asked.map(|asked| asked.assertion.options().clone()))
    }

    /// What an answer is worth, but for its counter, which is compared where it is stored.
    pub(crate) async fn check_passkey(
        &self,
        tenant: TenantId,
        challenge: &ChallengeRecord,
        credential: &Value,
    ) -> Result<Checked, Stop> {
        let Some(asked) = self.open_asked(tenant, challenge).await? else { return Ok(Checked::default()) };
        let (named, sign_count) = match asked.assertion.check(credential) {
            Ok(proved) => (proved.credential_id, Some(i64::from(proved.sign_count))),
            Err(PasskeyError::Wrong { credential_id, reason }) => {
                tracing::debug!(challenge = %challenge.challenge_id, reason, "a passkey's answer is wrong");
                (credential_id, None)
            }
            Err(PasskeyError::Unreadable) => return Err(unreadable().into()),
            Err(broken @ PasskeyError::Broken(_)) => return Err(Fault::internal(broken).into()),
        };
        let passkey = asked.factor(&named);
        Ok(Checked { passkey, sign_count, state: challenge.sealed_state.clone(), ..Checked::default() })
    }

    async fn open_asked(&self, tenant: TenantId, challenge: &ChallengeRecord) -> Result<Option<Asked>, Fault> {
        let (Some(sealed), Some(login)) = (&challenge.sealed_state, challenge.login_id) else { return Ok(None) };
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        let opened = key.open(&state_place(tenant, login), sealed).map_err(Fault::internal)?;
        serde_json::from_slice(&opened).map(Some).map_err(Fault::internal)
    }
}

fn ask(
    key: &DataKey,
    party: RelyingParty,
    method: MethodId,
    rows: Vec<PasskeyRow>,
    verification: Verification,
) -> Result<Asked, Fault> {
    let opened: Vec<(Uuid, Passkey)> =
        rows.into_iter().map(|row| Ok((row.factor_id, open(key, &row)?))).collect::<Result<_, Fault>>()?;
    let passkeys: Vec<Passkey> = opened.iter().map(|(_, passkey)| passkey.clone()).collect();
    let assertion = Assertion::begin(party, method.user.0.as_bytes(), &passkeys, verification);
    let assertion = assertion.map_err(Fault::internal)?;
    let passkeys = opened.iter().map(|(factor, passkey)| (*factor, passkey.credential_id().to_vec())).collect();
    Ok(Asked { assertion, passkeys })
}

fn open(key: &DataKey, row: &PasskeyRow) -> Result<Passkey, Fault> {
    let context = place(key.tenant(), "factor", FactorId(row.factor_id).0, "secret_sealed");
    let opened = key.open(&context, &row.secret_sealed).map_err(Fault::internal)?;
    serde_json::from_slice(&opened).map_err(Fault::internal)
}

fn unreadable() -> Refusal {
    Refusal::invalid("credential", "This is not a credential as a browser gives it.")
}
