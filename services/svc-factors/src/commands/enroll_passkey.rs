//! Enrolling a passkey: PENDING until the browser gives back what its authenticator made, five minutes
//! at most. What it was asked lies sealed in the factor's row, so that any replica may read the answer.

use chrono::TimeDelta;
use core_access::Permit;
use core_kernel::{FactorId, Fault, Refusal, Stop, Timestamp};
use core_passkey::{Person, Registration, RelyingParty, Verification};
use core_policy::{FactorKind, SecurityLevel, effective_level};
use svc_directory::users::UserRef;
use svc_directory::{is_on_our_pages, relying_party};

use crate::commands::work::Work;
use crate::model::{PasskeyEnrollment, PasskeyLabel};
use crate::passkeys::{MAX_PASSKEYS, confirmed, open_of_party};
use crate::rules::channels::check_kind;
use crate::store::factors::{self, NewFactor};
use crate::{Factors, contacts, refusal};

const MAX_NAME_CHARS: usize = 100;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct EnrollPasskey {
    /// Whose.
    pub user: UserRef,
    /// What its owner calls it.
    pub name: String,
    /// The page's origin, one of those that the firm registered; not asked of a page of ours.
    pub origin: Option<String>,
    /// The login on whose ground it is asked.
    pub login_id: Option<String>,
}

impl Factors {
    /// Begins the enrollment of a passkey.
    ///
    /// # Errors
    /// NOT_FOUND, INVALID at `name` or `origin`, VERIFICATION_REQUIRED, NOT_ALLOWED_BY_POLICY (also for an
    /// eleventh), USER_LOCKED, EXPIRED or TOO_MANY_ATTEMPTS.
    pub async fn enroll_passkey(&self, permit: &Permit, input: EnrollPasskey) -> Result<PasskeyEnrollment, Stop> {
        let mut work = self.open(permit, &input.user, input.login_id.as_deref()).await?;
        let name = read_name(&input.name)?;
        let ground = work.authorize_kind(FactorKind::Passkey)?;
        check_kind(&work.allowed(), FactorKind::Passkey, None)?;
        let party = work.party(input.origin.as_deref())?;
        work.check_room()?;
        work.check_budget(0)?;
        let label = PasskeyLabel { name, rp_id: party.id().to_owned() };
        let (creation_options, asked) = work.ask(party)?;
        let row = pending(&work, label, &asked)?;
        factors::insert_pending(&mut work.tx, &row).await?;
        let detail = serde_json::json!({ "kind": FactorKind::Passkey.as_str() });
        work.audit(ground, "factor.enrolled", &work.subject.user.user_id.to_string(), detail).await?;
        let record = factors::lookup(&mut work.tx, row.id).await?;
        let record = record.ok_or_else(|| Fault::internal("the factor that was just begun is gone"))?;
        let factor = contacts::view(&work.key, &record)?;
        work.commit().await?;
        Ok(PasskeyEnrollment { factor, creation_options })
    }
}

fn read_name(given: &str) -> Result<String, Refusal> {
    let name = given.trim();
    let fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Refusal::invalid("name", format!("A name has 1 to {MAX_NAME_CHARS} characters on a single line.")))
}

impl Work<'_> {
    /// The relying party of this page alone: what another registered origin's page made is not taken.
    fn party(&self, origin: Option<&str>) -> Result<RelyingParty, Refusal> {
        let caller = self.permit.caller();
        let url = &self.factors.platform.public_url;
        let party = relying_party(caller, url, &self.subject.tenant_name, &self.subject.webauthn);
        match (party, is_on_our_pages(caller)) {
            (None, true) => Err(refusal::no_passkeys_here()),
            (None, false) => Err(refusal::no_relying_party()),
            (Some(ours), true) => Ok(ours),
            (Some(firms), false) => firms.at(origin.unwrap_or_default()).ok_or_else(refusal::other_origin),
        }
    }

    /// Whether one more may be had.
    pub(super) fn check_room(&self) -> Result<(), Refusal> {
        let full = confirmed(&self.subject.factors).count() >= MAX_PASSKEYS;
        if full { Err(refusal::too_many_passkeys()) } else { Ok(()) }
    }

    /// What the browser is given, and what its answer is compared with. Whoever is asked at every login
    /// needs one that knows its user, or it could not be used there.
    fn ask(&self, party: RelyingParty) -> Result<(serde_json::Value, Registration), Fault> {
        let user = &self.subject.user;
        let audience = self.policy.audience(user.kind);
        let verification = match effective_level(audience, user.chosen_level, user.advisor_level) {
            SecurityLevel::High => Verification::Required,
            SecurityLevel::Standard => Verification::Preferred,
        };
        let known = open_of_party(&self.key, &self.subject.factors, party.id())?;
        let person = Person { handle: user.user_id.0.as_bytes(), name: &self.account_name()? };
        Registration::begin(party, person, &known, verification).map_err(Fault::internal)
    }

    /// Until when the browser may answer.
    fn answered_until(&self) -> Timestamp {
        self.subject.now + TimeDelta::seconds(RelyingParty::TIMEOUT_SECONDS)
    }
}

fn pending(work: &Work<'_>, label: PasskeyLabel, asked: &Registration) -> Result<NewFactor, Fault> {
    let platform = &work.factors.platform;
    let id = FactorId::new(&*platform.entropy, platform.now());
    let asked = serde_json::to_vec(asked).map_err(Fault::internal)?;
    Ok(NewFactor {
        id,
        user: work.subject.user.user_id,
        kind: FactorKind::Passkey,
        line: None,
        country: None,
        phone_prefix: None,
        secret_sealed: contacts::seal(&work.key, id, &asked, &*platform.entropy),
        blind_index: None,
        login: work.login_id(),
        created_at: work.subject.now,
        expires_at: work.answered_until(),
        passkey: Some(label),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line() {
        assert_eq!(read_name("  My phone ").as_deref(), Ok("My phone"));
        assert!(read_name(&"é".repeat(100)).is_ok());
        for bad in ["", " ", "a\nb", &"é".repeat(101)] {
            assert_eq!(read_name(bad).unwrap_err().field, ["name"], "{bad}");
        }
    }
}
