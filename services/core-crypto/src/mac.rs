//! The one way in which values go into a hash: each with its length before it, so that no two lists
//! of values give the same bytes ("ab"+"c" is not "a"+"bc").

use aws_lc_rs::{constant_time, digest, hmac};

/// Length-prefixed concatenation; the first part names the use, so that one key serves one use only
/// once per name.
pub(crate) fn framed(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// HMAC-SHA-256 (RFC 2104) over the framed parts.
pub(crate) fn hmac_sha256(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let tag = hmac::sign(key, &framed(parts));
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}

/// SHA-256 (FIPS 180-4).
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    bytes
}

/// SHA-256 over the parts, each with its length before it; the first names the use.
#[must_use]
pub fn digest_parts(parts: &[&[u8]]) -> [u8; 32] {
    sha256(&framed(parts))
}

/// Whether both are the same, in a time that depends on their lengths alone.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_boundary_changes_the_bytes() {
        assert_ne!(framed(&[b"ab", b"c"]), framed(&[b"a", b"bc"]));
        assert_ne!(framed(&[b"abc"]), framed(&[b"abc", b""]));
    }

    #[test]
    fn comparing_sees_every_byte_and_the_length() {
        assert!(constant_time_eq(b"123456", b"123456"));
        assert!(constant_time_eq(b"", b""));
        for other in [&b"023456"[..], b"123457", b"12345", b"1234567", b""] {
            assert!(!constant_time_eq(b"123456", other));
        }
    }

    #[test]
    fn sha256_is_sha256() {
        let hex = data_encoding::HEXLOWER.encode(&sha256(b"abc"));
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
