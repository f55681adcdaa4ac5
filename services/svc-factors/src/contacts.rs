//! Phones and addresses between the outside, where they are read, and the table, where they are sealed.

use core_contact::{EmailAddress, PhoneNumber};
use core_crypto::{BlindKind, DataKey, SealContext, TotpSecret, blind_index, blind_indexes};
use core_kernel::{Entropy, FactorId, Fault, TenantId};
use core_policy::FactorKind;
use svc_platform::place;

use crate::model::FactorView;
use crate::store::factors::FactorRecord;

/// Where a code can go.
#[derive(Debug, Clone)]
pub(crate) enum Contact {
    Phone(PhoneNumber),
    Email(EmailAddress),
}

impl Contact {
    /// For display.
    pub(crate) fn masked(&self) -> String {
        match self {
            Self::Phone(number) => number.masked(),
            Self::Email(address) => address.masked(),
        }
    }

    /// What is sealed, and sent to.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Phone(number) => number.e164(),
            Self::Email(address) => address.address(),
        }
    }

    /// A number's country (ISO 3166-1 alpha-2).
    pub(crate) fn country(&self) -> Option<&str> {
        match self {
            Self::Phone(number) => Some(number.region()),
            Self::Email(_) => None,
        }
    }

    /// What the fraud guard counts a number by.
    pub(crate) fn phone_prefix(&self) -> Option<&str> {
        match self {
            Self::Phone(number) => Some(number.prefix()),
            Self::Email(_) => None,
        }
    }

    fn normalized(&self) -> (BlindKind, &str) {
        match self {
            Self::Phone(number) => (BlindKind::Phone, number.e164()),
            Self::Email(address) => (BlindKind::Email, address.normalized()),
        }
    }

    /// The index to store.
    pub(crate) fn index(&self, ring: &core_crypto::KeyRing, tenant: TenantId) -> Vec<u8> {
        let (kind, normalized) = self.normalized();
        blind_index(ring, tenant, kind, normalized).1.to_vec()
    }

    /// The indexes under which it may be stored.
    pub(crate) fn indexes(&self, ring: &core_crypto::KeyRing, tenant: TenantId) -> Vec<Vec<u8>> {
        let (kind, normalized) = self.normalized();
        blind_indexes(ring, tenant, kind, normalized).into_iter().map(|(_, index)| index.to_vec()).collect()
    }
}

/// Where a factor's secret is sealed.
pub(crate) fn secret_place(tenant: TenantId, factor: FactorId) -> SealContext {
    place(tenant, "factor", factor.0, "secret_sealed")
}

/// Seals a factor's destination, seed or passkey.
pub(crate) fn seal(key: &DataKey, factor: FactorId, secret: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    key.seal(&secret_place(key.tenant(), factor), secret, entropy)
}

/// Opens a phone's or mailbox's destination; `None` for what has none.
pub(crate) fn open_contact(key: &DataKey, factor: &FactorRecord) -> Result<Option<Contact>, Fault> {
    let Some(text) = open_text(key, factor)? else { return Ok(None) };
    read(factor.kind, &text).map(Some).ok_or_else(|| Fault::internal("a stored destination cannot be read"))
}

/// Opens an app's seed.
pub(crate) fn open_seed(key: &DataKey, factor: &FactorRecord) -> Result<TotpSecret, Fault> {
    let sealed = factor.secret_sealed.as_deref().unwrap_or_default();
    let opened = key.open(&secret_place(key.tenant(), factor.id), sealed).map_err(Fault::internal)?;
    TotpSecret::from_bytes(&opened).ok_or_else(|| Fault::internal("an app's seed has another length"))
}

/// A factor as it is shown.
pub(crate) fn view(key: &DataKey, factor: &FactorRecord) -> Result<FactorView, Fault> {
    Ok(FactorView {
        factor_id: factor.id,
        user_id: factor.user,
        kind: factor.kind,
        status: factor.status,
        suggested: factor.suggested,
        line: factor.line,
        destination: masked(key, factor)?,
        created_at: factor.created_at,
        last_used_at: factor.last_used_at,
        remaining: factor.remaining,
        passkey: factor.passkey.clone(),
    })
}

/// What is shown of a destination. One that the numbering plan of today does not know any more is
/// hidden whole; it must not hide the user's other factors.
fn masked(key: &DataKey, factor: &FactorRecord) -> Result<Option<String>, Fault> {
    let Some(text) = open_text(key, factor)? else { return Ok(None) };
    Ok(Some(read(factor.kind, &text).map_or_else(|| "•••".to_owned(), |contact| contact.masked())))
}

fn open_text(key: &DataKey, factor: &FactorRecord) -> Result<Option<String>, Fault> {
    let has_destination = factor.kind == FactorKind::Email || factor.kind.phone_role().is_some();
    let Some(sealed) = factor.secret_sealed.as_ref().filter(|_| has_destination) else { return Ok(None) };
    let opened = key.open(&secret_place(key.tenant(), factor.id), sealed).map_err(Fault::internal)?;
    String::from_utf8(opened.to_vec()).map(Some).map_err(Fault::internal)
}

fn read(kind: FactorKind, text: &str) -> Option<Contact> {
    if kind == FactorKind::Email {
        EmailAddress::parse(text).ok().map(Contact::Email)
    } else {
        PhoneNumber::parse(text).ok().map(Contact::Phone)
    }
}
