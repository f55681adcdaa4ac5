//! What is told, and what seals it.

use core_crypto::digest_parts;
use core_kernel::{TenantId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::canonical::canonical;

/// A link of the chain: SHA-256.
pub type Hash = [u8; 32];

/// Length of a salt in bytes.
pub const SALT_LEN: usize = 16;

/// What keeps a commitment from being guessed: there are few addresses and names.
pub type Salt = [u8; SALT_LEN];

/// One thing that was done, as the log tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The entry's identifier.
    pub id: Uuid,
    /// When, by the wall clock; to the microsecond, as PostgreSQL keeps it.
    pub at: Timestamp,
    /// By whom: a kind, and after a colon a name, which may be erased.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what; with an `@` in it, it is an address, which may be erased.
    pub target: Option<String>,
    /// From which address; may be erased.
    pub ip_address: Option<String>,
    /// More, which may be erased.
    pub detail: Value,
}

/// What seals an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// The commitment's salt; `None` once the entry's words are erased.
    pub salt: Option<Salt>,
    /// The hash of what may be erased.
    pub commitment: Hash,
    /// The hash of all that stays, of the commitment, and of the entry before.
    pub hash: Hash,
}

/// What the first entry of a tenant's chain covers.
#[must_use]
pub fn genesis(tenant: TenantId) -> Hash {
    digest_parts(&[b"postern audit chain", tenant.0.as_bytes()])
}

impl Entry {
    /// Seals it as number `sequence`, after the entry with the hash `previous`.
    #[must_use]
    pub fn seal(&self, sequence: u64, previous: &Hash, salt: Salt) -> Seal {
        let commitment = self.commitment(&salt);
        Seal { sequence, salt: Some(salt), commitment, hash: self.link(sequence, previous, &commitment) }
    }

    /// The hash of what may be erased.
    #[must_use]
    pub fn commitment(&self, salt: &Salt) -> Hash {
        let mut parts: Vec<&[u8]> = vec![b"postern audit words", salt, self.actor.as_bytes()];
        let detail = canonical(&self.detail);
        parts.push(detail.as_bytes());
        push(&mut parts, self.target.as_deref());
        push(&mut parts, self.ip_address.as_deref());
        digest_parts(&parts)
    }

    /// The entry's hash: over what stays, the commitment, its place and the hash before.
    #[must_use]
    pub fn link(&self, sequence: u64, previous: &Hash, commitment: &Hash) -> Hash {
        let (sequence, at) = (sequence.to_be_bytes(), self.at.timestamp_micros().to_be_bytes());
        let mut parts: Vec<&[u8]> = vec![b"postern audit entry", previous, &sequence, self.id.as_bytes(), &at];
        parts.extend([self.actor_kind().as_bytes(), self.action.as_bytes(), commitment]);
        push(&mut parts, self.lasting_target());
        digest_parts(&parts)
    }

    /// Of what kind whoever did it is; stays when the name is erased.
    #[must_use]
    pub fn actor_kind(&self) -> &str {
        self.actor.split(':').next().unwrap_or_default()
    }

    /// The target, where it is no address of a person.
    fn lasting_target(&self) -> Option<&str> {
        self.target.as_deref().filter(|target| !target.contains('@'))
    }

    /// Whether nothing is in it that an erasure takes away.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.actor == self.actor_kind()
            && self.detail.as_object().is_some_and(serde_json::Map::is_empty)
            && self.ip_address.is_none()
            && self.target.as_deref() == self.lasting_target()
    }
}

/// What is absent differs from what is empty.
fn push<'a>(parts: &mut Vec<&'a [u8]>, text: Option<&'a str>) {
    match text {
        None => parts.push(b"0"),
        Some(text) => parts.extend([&b"1"[..], text.as_bytes()]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PREVIOUS: Hash = [7; 32];

    fn entry() -> Entry {
        Entry {
            id: Uuid::from_u128(1),
            at: Timestamp::from_timestamp_micros(1_790_000_000_000_001).unwrap(),
            actor: "admin:owner@firm.example".to_owned(),
            action: "user.locked".to_owned(),
            target: Some("user_x".to_owned()),
            ip_address: Some("192.0.2.7".to_owned()),
            detail: json!({ "reason": "lost" }),
        }
    }

    /// What an erasure makes of it.
    fn erased() -> Entry {
        Entry { actor: "admin".to_owned(), ip_address: None, detail: json!({}), ..entry() }
    }

    #[test]
    fn everything_in_an_entry_is_in_its_hash() {
        let of = |entry: Entry| entry.seal(5, &PREVIOUS, [1; SALT_LEN]).hash;
        let changed = [
            Entry { id: Uuid::from_u128(2), ..entry() },
            Entry { at: entry().at + chrono::TimeDelta::microseconds(1), ..entry() },
            Entry { actor: "admin:other@firm.example".to_owned(), ..entry() },
            Entry { actor: "key:owner@firm.example".to_owned(), ..entry() },
            Entry { action: "user.unlocked".to_owned(), ..entry() },
            Entry { target: None, ..entry() },
            Entry { target: Some(String::new()), ..entry() },
            Entry { target: Some("a@firm.example".to_owned()), ..entry() },
            Entry { ip_address: None, ..entry() },
            Entry { detail: json!({ "reason": "list" }), ..entry() },
        ];
        for other in changed {
            assert_ne!(of(other.clone()), of(entry()), "{other:?}");
        }
        assert_ne!(entry().seal(6, &PREVIOUS, [1; SALT_LEN]).hash, of(entry()));
        assert_ne!(entry().seal(5, &[8; 32], [1; SALT_LEN]).hash, of(entry()));
        assert_ne!(entry().seal(5, &PREVIOUS, [2; SALT_LEN]).hash, of(entry()), "the salt matters");
    }

    #[test]
    fn the_chain_holds_when_a_persons_words_are_erased() {
        let seal = entry().seal(5, &PREVIOUS, [1; SALT_LEN]);
        assert_eq!(erased().link(5, &PREVIOUS, &seal.commitment), seal.hash);
        assert!(erased().is_blank() && !entry().is_blank());
        let address = Entry { target: Some("a@firm.example".to_owned()), ..entry() };
        let seal = address.seal(5, &PREVIOUS, [1; SALT_LEN]);
        assert_eq!(Entry { target: None, ..erased() }.link(5, &PREVIOUS, &seal.commitment), seal.hash);
        assert!(!Entry { target: address.target, ..erased() }.is_blank());
        // What stays of an erased entry cannot be changed either.
        let other = Entry { action: "user.unlocked".to_owned(), ..erased() };
        assert_ne!(other.link(5, &PREVIOUS, &seal.commitment), seal.hash);
    }

    #[test]
    fn each_tenants_chain_begins_elsewhere() {
        assert_ne!(genesis(TenantId(Uuid::from_u128(1))), genesis(TenantId(Uuid::from_u128(2))));
    }
}
