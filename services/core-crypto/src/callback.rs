//! The ticket in the URLs that providers of messages call back: which tenant's message and which
//! attempt at it they speak of, in a form that only this installation can write.
//!
//! It stands in a URL, so it is case-blind and has no characters that anybody escapes. It proves
//! where a report belongs, not who sends it: that is what the provider's own signature is for.

use core_kernel::{MessageId, TenantId, decode_base32, encode_base32};
use uuid::Uuid;

use crate::keyring::{KeyPurpose, KeyRing, PurposeKey};
use crate::mac::constant_time_eq;

/// 128 bits: it is guessed online alone.
const MAC_BYTES: usize = 16;
const PLAIN_BYTES: usize = 19;

/// What a ticket says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallbackTicket {
    /// Whose message it is.
    pub tenant: TenantId,
    /// The attempt at it, from 1.
    pub attempt: i16,
    /// As how many messages it is billed: whoever reports may be the first to say that it was taken.
    pub units: u8,
}

impl CallbackTicket {
    /// The text for a URL that this provider is given with this message.
    #[must_use]
    pub fn seal(self, ring: &KeyRing, provider: &str, message: MessageId) -> String {
        let mac = self.mac(ring.current(KeyPurpose::Pepper), provider, message);
        encode_base32(&[&self.plain()[..], &mac[..]].concat())
    }

    /// Reads a ticket; `None` for one that was not made here, or for another message or provider.
    #[must_use]
    pub fn open(ring: &KeyRing, provider: &str, message: MessageId, text: &str) -> Option<Self> {
        let bytes = decode_base32(text).filter(|bytes| bytes.len() == PLAIN_BYTES + MAC_BYTES)?;
        let (plain, mac) = bytes.split_at(PLAIN_BYTES);
        let tenant = TenantId(Uuid::from_slice(&plain[..16]).ok()?);
        let ticket = Self { tenant, attempt: i16::from_be_bytes([plain[16], plain[17]]), units: plain[18] };
        let keys = ring.all(KeyPurpose::Pepper);
        keys.iter().any(|key| constant_time_eq(&ticket.mac(key, provider, message), mac)).then_some(ticket)
    }

    fn plain(self) -> [u8; PLAIN_BYTES] {
        let mut plain = [0; PLAIN_BYTES];
        plain[..16].copy_from_slice(self.tenant.0.as_bytes());
        plain[16..18].copy_from_slice(&self.attempt.to_be_bytes());
        plain[18] = self.units;
        plain
    }

    fn mac(self, key: &PurposeKey, provider: &str, message: MessageId) -> [u8; MAC_BYTES] {
        let full = key.mac(&[b"postern callback", provider.as_bytes(), message.0.as_bytes(), &self.plain()]);
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&full[..MAC_BYTES]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    const TICKET: CallbackTicket = CallbackTicket { tenant: TenantId(Uuid::from_u128(7)), attempt: 3, units: 2 };
    const MESSAGE: MessageId = MessageId(Uuid::from_u128(9));

    #[test]
    fn a_ticket_reads_back_and_fits_a_url() {
        let ring = KeyRing::generate(&SeededEntropy::new(1));
        let text = TICKET.seal(&ring, "twilio", MESSAGE);
        assert!(text.len() == 56 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        assert_eq!(CallbackTicket::open(&ring, "twilio", MESSAGE, &text), Some(TICKET));
    }

    #[test]
    fn it_holds_for_one_message_of_one_provider_of_one_installation() {
        let entropy = SeededEntropy::new(1);
        let ring = KeyRing::generate(&entropy);
        let text = TICKET.seal(&ring, "twilio", MESSAGE);
        assert_eq!(CallbackTicket::open(&ring, "http", MESSAGE, &text), None);
        assert_eq!(CallbackTicket::open(&ring, "twilio", MessageId(Uuid::from_u128(10)), &text), None);
        assert_eq!(CallbackTicket::open(&KeyRing::generate(&entropy), "twilio", MESSAGE, &text), None);
    }

    #[test]
    fn one_changed_character_anywhere_is_refused() {
        let ring = KeyRing::generate(&SeededEntropy::new(1));
        let text = TICKET.seal(&ring, "twilio", MESSAGE);
        for at in 0..text.len() {
            for other in ['0', '1'] {
                let mut changed = text.clone();
                changed.replace_range(at..=at, &other.to_string());
                let opens = CallbackTicket::open(&ring, "twilio", MESSAGE, &changed).is_some();
                assert_eq!(opens, changed == text, "{changed}");
            }
        }
        for bad in ["", "0", &text[1..], &format!("{text}0"), &text.to_uppercase()] {
            assert_eq!(CallbackTicket::open(&ring, "twilio", MESSAGE, bad), None, "{bad}");
        }
    }
}
