//! Where a message goes: to the factor it names, else to the sealed address it carries, else to the
//! user's address on record. All three lie sealed, each for its own place. An own one that is empty was
//! there, and was erased when its time was over.

use core_contact::{EmailAddress, PhoneNumber};
use core_crypto::{DataKey, OpenError, SealContext};
use core_kernel::Redacted;
use svc_platform::place;
use uuid::Uuid;

use crate::model::MessageChannel;

/// The sealed destinations of one message.
pub(crate) struct Places<'a> {
    pub(crate) message: Uuid,
    pub(crate) own: Option<&'a [u8]>,
    pub(crate) factor: Option<Uuid>,
    pub(crate) factor_sealed: Option<&'a [u8]>,
    pub(crate) user: Option<Uuid>,
    pub(crate) user_sealed: Option<&'a [u8]>,
}

/// Opens the one that counts; none where it was erased.
pub(crate) fn open(key: &DataKey, places: &Places<'_>) -> Result<Option<Redacted<String>>, OpenError> {
    let tenant = key.tenant();
    if let Some(factor) = places.factor {
        return places
            .factor_sealed
            .map(|sealed| text(key, &place(tenant, "factor", factor, "secret_sealed"), sealed))
            .transpose();
    }
    if let Some(own) = places.own {
        if own.is_empty() {
            return Ok(None);
        }
        return text(key, &place(tenant, "message", places.message, "destination_sealed"), own).map(Some);
    }
    let (Some(user), Some(sealed)) = (places.user, places.user_sealed) else { return Ok(None) };
    text(key, &place(tenant, "tenant_user", user, "email_sealed"), sealed).map(Some)
}

/// Opens a sealed text.
pub(crate) fn text(key: &DataKey, context: &SealContext, sealed: &[u8]) -> Result<Redacted<String>, OpenError> {
    let plain = key.open(context, sealed)?;
    String::from_utf8(plain.to_vec()).map(Redacted::new).map_err(|_| OpenError::Malformed)
}

/// For display and for logs.
pub(crate) fn mask(channel: MessageChannel, destination: &Redacted<String>) -> String {
    let plain = destination.expose();
    match channel {
        MessageChannel::Email => EmailAddress::parse(plain).map_or_else(|_| String::new(), |email| email.masked()),
        _ => PhoneNumber::parse(plain).map_or_else(|_| String::new(), |phone| phone.masked()),
    }
}
