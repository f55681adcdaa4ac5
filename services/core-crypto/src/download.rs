//! The ticket in the URL of a file that a person downloads: a browser that follows a link sends no key,
//! and the console's cookie does not go where a link comes from elsewhere. Whoever may see the file is
//! given a URL that only this installation can write, and that holds for minutes.

use core_kernel::{ImportId, TenantId, Timestamp, decode_base32, encode_base32};
use uuid::Uuid;

use crate::keyring::{KeyPurpose, KeyRing, PurposeKey};
use crate::mac::constant_time_eq;

/// 128 bits: it is guessed online alone.
const MAC_BYTES: usize = 16;
const PLAIN_BYTES: usize = 24;

/// What a ticket says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadTicket {
    /// Whose file it is.
    pub tenant: TenantId,
    /// Until when the ticket holds, by the wall clock, in whole seconds.
    pub expires_at: Timestamp,
}

impl DownloadTicket {
    /// The text for the URL of an import's refused rows.
    #[must_use]
    pub fn seal(self, ring: &KeyRing, import: ImportId) -> String {
        let mac = self.mac(ring.current(KeyPurpose::Pepper), import);
        encode_base32(&[&self.plain()[..], &mac[..]].concat())
    }

    /// Reads a ticket; `None` for one that was not made here, is for another import, or is over.
    #[must_use]
    pub fn open(ring: &KeyRing, import: ImportId, text: &str, now: Timestamp) -> Option<Self> {
        let bytes = decode_base32(text).filter(|bytes| bytes.len() == PLAIN_BYTES + MAC_BYTES)?;
        let (plain, mac) = bytes.split_at(PLAIN_BYTES);
        let (tenant, expires_at) = plain.split_at(16);
        let expires_at = Timestamp::from_timestamp(i64::from_be_bytes(expires_at.try_into().ok()?), 0)?;
        let ticket = Self { tenant: TenantId(Uuid::from_slice(tenant).ok()?), expires_at };
        let keys = ring.all(KeyPurpose::Pepper);
        let ours = keys.iter().any(|key| constant_time_eq(&ticket.mac(key, import), mac));
        (ours && now < ticket.expires_at).then_some(ticket)
    }

    fn plain(self) -> [u8; PLAIN_BYTES] {
        let mut plain = [0; PLAIN_BYTES];
        plain[..16].copy_from_slice(self.tenant.0.as_bytes());
        plain[16..].copy_from_slice(&self.expires_at.timestamp().to_be_bytes());
        plain
    }

    fn mac(self, key: &PurposeKey, import: ImportId) -> [u8; MAC_BYTES] {
        let full = key.mac(&[b"postern refused rows", import.0.as_bytes(), &self.plain()]);
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&full[..MAC_BYTES]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    const IMPORT: ImportId = ImportId(Uuid::from_u128(9));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn ticket() -> DownloadTicket {
        DownloadTicket { tenant: TenantId(Uuid::from_u128(7)), expires_at: at(2_000) }
    }

    #[test]
    fn a_ticket_reads_back_until_it_is_over() {
        let ring = KeyRing::generate(&SeededEntropy::new(1));
        let text = ticket().seal(&ring, IMPORT);
        assert!(text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{text}");
        assert_eq!(DownloadTicket::open(&ring, IMPORT, &text, at(1_999)), Some(ticket()));
        assert_eq!(DownloadTicket::open(&ring, IMPORT, &text, at(2_000)), None);
    }

    #[test]
    fn it_holds_for_one_import_of_one_installation_as_it_was_written() {
        let entropy = SeededEntropy::new(1);
        let ring = KeyRing::generate(&entropy);
        let text = ticket().seal(&ring, IMPORT);
        assert_eq!(DownloadTicket::open(&ring, ImportId(Uuid::from_u128(8)), &text, at(0)), None);
        assert_eq!(DownloadTicket::open(&KeyRing::generate(&entropy), IMPORT, &text, at(0)), None);
        for at_byte in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at_byte] = if changed[at_byte] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(DownloadTicket::open(&ring, IMPORT, &changed, at(0)), None, "{at_byte}");
        }
        assert_eq!(DownloadTicket::open(&ring, IMPORT, "", at(0)), None);
    }
}
