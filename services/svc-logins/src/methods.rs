//! The ways to complete a login, and their identifiers.

use core_contact::{EmailAddress, PhoneNumber};
use core_crypto::DataKey;
use core_kernel::{FactorId, Fault, LoginId, TenantId, Timestamp, UserId, decode_base32, encode_base32};
use core_policy::{
    FactorFacts, FactorKind, FactorStatus, FirstFactor, Lock, LoginOutcome, MethodChannel, PhoneLine, PhoneRole,
    Policy, SecurityLevel, UserFacts, UserKind, login_methods,
};
use svc_platform::place;
use uuid::Uuid;

use crate::model::word;
use crate::steps::load::Loaded;

/// A method of one login: its factor (or temporary access code) and channel. The user is in it, so
/// that a user's rate is checked before anything is read; a forged one is NOT_FOUND.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodId {
    /// The login.
    pub login: LoginId,
    /// Whose.
    pub user: UserId,
    /// The factor, or the temporary access code.
    pub subject: Uuid,
    /// By what.
    pub channel: MethodChannel,
}

impl MethodId {
    /// What stands before the underscore.
    pub const PREFIX: &'static str = "method";

    /// The public text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::with_capacity(49);
        for id in [self.login.0, self.user.0, self.subject] {
            bytes.extend_from_slice(id.as_bytes());
        }
        let index = MethodChannel::ALL.iter().position(|channel| *channel == self.channel).unwrap_or_default();
        bytes.push(u8::try_from(index).unwrap_or_default());
        format!("{}_{}", Self::PREFIX, encode_base32(&bytes))
    }

    /// Reads the public text; none for anything that is not exactly it.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes: [u8; 49] = decode_base32(text.strip_prefix(Self::PREFIX)?.strip_prefix('_')?)?.try_into().ok()?;
        let uuid = |at: usize| Uuid::from_slice(&bytes[at..at + 16]).ok();
        let channel = *MethodChannel::ALL.get(usize::from(bytes[48]))?;
        Some(Self { login: LoginId(uuid(0)?), user: UserId(uuid(16)?), subject: uuid(32)?, channel })
    }
}

/// One way to complete a login.
#[derive(Debug, Clone)]
pub struct MethodView {
    /// Its identifier.
    pub id: MethodId,
    /// By what.
    pub channel: MethodChannel,
    /// The masked phone or address; none for what is not sent.
    pub destination: Option<String>,
    /// Of a phone.
    pub phone_role: Option<PhoneRole>,
    /// The first of the list.
    pub preferred: bool,
}

/// A user as the decision sees it, with what the methods need.
#[derive(Debug, Clone)]
pub(crate) struct UserSnapshot {
    pub(crate) user_id: UserId,
    pub(crate) external_id: String,
    pub(crate) facts: UserFacts,
    pub(crate) factors: Vec<SnapshotFactor>,
    pub(crate) temporary_code: Option<Uuid>,
    pub(crate) advisor_id: Option<Uuid>,
    /// The relying party that the firm registered.
    pub(crate) own_rp_id: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct SnapshotFactor {
    pub(crate) id: FactorId,
    pub(crate) facts: FactorFacts,
    pub(crate) secret: Option<Vec<u8>>,
    /// Of a passkey.
    pub(crate) rp_id: Option<String>,
}

impl UserSnapshot {
    /// From the first round trip; none where there is no such user.
    pub(crate) fn from_loaded(row: Loaded) -> Result<Option<Self>, Fault> {
        let (Some(user), Some(external_id), Some(kind)) = (row.user_id, row.external_id.clone(), row.kind.as_deref())
        else {
            return Ok(None);
        };
        let factors = snapshot_factors(&row)?;
        let mut facts = UserFacts::new(word(UserKind::parse(kind), "kind")?);
        facts.disabled = row.disabled.unwrap_or(false);
        facts.lock = lock_of(row.locked_forever, row.locked_until);
        facts.factors = factors.iter().map(|factor| factor.facts).collect();
        facts.backup_codes_remaining = row.backup_codes.unwrap_or(0) > 0;
        facts.temporary_access_outstanding = row.temporary_code.is_some();
        facts.trusted_device = row.device_id.is_some();
        facts.opted_out = row.opted_out.unwrap_or(false);
        facts.first_login_at = row.first_login_at;
        facts.skips_used = u32::try_from(row.skips_used.unwrap_or(0)).unwrap_or(u32::MAX);
        facts.chosen_level = level(row.chosen_level.as_deref())?;
        facts.advisor_level = level(row.advisor_level.as_deref())?;
        let snapshot = Self {
            user_id: UserId(user),
            external_id,
            facts,
            factors,
            temporary_code: row.temporary_code,
            advisor_id: row.advisor_id,
            own_rp_id: row.own_rp_id,
        };
        Ok(Some(snapshot))
    }
}

fn lock_of(forever: Option<bool>, until: Option<Timestamp>) -> Option<Lock> {
    if forever.unwrap_or(false) { Some(Lock::Indefinite) } else { until.map(Lock::Until) }
}

fn level(stored: Option<&str>) -> Result<Option<SecurityLevel>, Fault> {
    stored.map(|name| word(SecurityLevel::parse(name), "level")).transpose()
}

fn snapshot_factors(row: &Loaded) -> Result<Vec<SnapshotFactor>, Fault> {
    let ids = row.factor_ids.as_deref().unwrap_or_default();
    let kinds = row.factor_kinds.as_deref().unwrap_or_default();
    let statuses = row.factor_statuses.as_deref().unwrap_or_default();
    let lines = row.factor_lines.as_deref().unwrap_or_default();
    let secrets = row.factor_secrets.as_deref().unwrap_or_default();
    let rp_ids = row.factor_rp_ids.as_deref().unwrap_or_default();
    let zipped = ids.iter().zip(kinds).zip(statuses).zip(lines).zip(secrets).zip(rp_ids);
    zipped
        .map(|(((((id, kind), status), line), secret), rp_id)| {
            let facts = FactorFacts {
                kind: word(FactorKind::parse(kind), "factor kind")?,
                status: word(FactorStatus::parse(status), "factor status")?,
                line: line.as_deref().map(|line| word(PhoneLine::parse(line), "line")).transpose()?,
            };
            Ok(SnapshotFactor { id: FactorId(*id), facts, secret: secret.clone(), rp_id: rp_id.clone() })
        })
        .collect()
}

/// The methods of a login, with masked destinations.
pub(crate) fn methods_of(
    policy: &Policy,
    user: &UserSnapshot,
    login: LoginId,
    first_factor: FirstFactor,
    outcome: LoginOutcome,
    key: &DataKey,
) -> Result<Vec<MethodView>, Fault> {
    let specs = login_methods(policy, &user.facts, first_factor, outcome);
    let mut methods = Vec::with_capacity(specs.len());
    for spec in specs {
        let factor = spec.factor.and_then(|at| user.factors.get(at));
        let Some(subject) = factor.map(|factor| factor.id.0).or(user.temporary_code) else { continue };
        methods.push(MethodView {
            id: MethodId { login, user: user.user_id, subject, channel: spec.channel },
            channel: spec.channel,
            destination: factor.map(|factor| destination(key, factor, spec.channel)).transpose()?.flatten(),
            phone_role: factor.and_then(|factor| phone_role(factor.facts.kind)),
            preferred: spec.preferred,
        });
    }
    Ok(methods)
}

fn phone_role(kind: FactorKind) -> Option<PhoneRole> {
    match kind {
        FactorKind::PhonePrimary => Some(PhoneRole::Primary),
        FactorKind::PhoneRecovery => Some(PhoneRole::Recovery),
        _ => None,
    }
}

fn destination(key: &DataKey, factor: &SnapshotFactor, channel: MethodChannel) -> Result<Option<String>, Fault> {
    match (&factor.secret, channel) {
        (Some(sealed), MethodChannel::Sms | MethodChannel::Voice | MethodChannel::Email) => {
            masked_destination(key, key.tenant(), factor.id, sealed, channel).map(Some)
        }
        _ => Ok(None),
    }
}

/// A factor's destination, masked for its owner to recognise.
pub(crate) fn masked_destination(
    key: &DataKey,
    tenant: TenantId,
    factor: FactorId,
    sealed: &[u8],
    channel: MethodChannel,
) -> Result<String, Fault> {
    let opened = key.open(&place(tenant, "factor", factor.0, "secret_sealed"), sealed).map_err(Fault::internal)?;
    let text = std::str::from_utf8(&opened).map_err(Fault::internal)?;
    if channel == MethodChannel::Email {
        EmailAddress::parse(text).map(|address| address.masked()).map_err(Fault::internal)
    } else {
        PhoneNumber::parse(text).map(|number| number.masked()).map_err(Fault::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_identifiers_round_trip_and_nothing_else_is_one() {
        let id = MethodId {
            login: LoginId(Uuid::from_u128(1)),
            user: UserId(Uuid::from_u128(2)),
            subject: Uuid::from_u128(3),
            channel: MethodChannel::Voice,
        };
        assert_eq!(MethodId::from_text(&id.to_text()), Some(id));
        let text = id.to_text();
        for bad in ["", "method_", "method_zz", &text[1..], &format!("{text}0"), &text.replace("method_", "login_")] {
            assert_eq!(MethodId::from_text(bad), None, "{bad}");
        }
    }
}
