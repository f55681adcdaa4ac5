//! One thing that was seen, as a number.
//!
//! This is a storage format: what is in the database today is read by the next release. Never change
//! the number of a kind, a width or the hash; add a kind instead.
//!
//! | bits | what |
//! |---|---|
//! | 63 | 0: an element is never negative |
//! | 60–62 | kind: 1 country, 2 network, 3 device, 4 prefix |
//! | 16–59 | value, see [`SeenKey`] |
//! | 0–15 | day: days since 1970-01-01 UTC, on the tenant's clock |
//!
//! The hashes save room and hide nothing: who holds the table can try all four billion addresses.

use std::net::IpAddr;

use core_kernel::Timestamp;

use crate::{DeviceFamily, address};

const DAY_BITS: u32 = 16;
const DAY_MASK: i64 = (1 << DAY_BITS) - 1;
const VALUE_BITS: u32 = 44;
const VALUE_MASK: u64 = (1 << VALUE_BITS) - 1;
const SECONDS_PER_DAY: i64 = 86_400;

const COUNTRY: i64 = 1;
const NETWORK: i64 = 2;
const DEVICE: i64 = 3;
const PREFIX: i64 = 4;

/// What was seen, without the day: an element's upper 48 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeenKey(i64);

impl SeenKey {
    /// A country by its ISO 3166-1 alpha-2 code, in either case: its two capitals in ASCII, the first
    /// the higher byte. `None` for what is not two letters.
    #[must_use]
    pub fn country(code: &str) -> Option<Self> {
        let &[first, second] = code.as_bytes() else { return None };
        let letters = first.is_ascii_alphabetic() && second.is_ascii_alphabetic();
        let value = u16::from_be_bytes([first.to_ascii_uppercase(), second.to_ascii_uppercase()]);
        letters.then(|| Self::new(COUNTRY, value.into()))
    }

    /// A network by the number of its autonomous system.
    #[must_use]
    pub fn network(number: u32) -> Self {
        Self::new(NETWORK, number.into())
    }

    /// A kind of device: the hash of its name in UTF-8.
    #[must_use]
    pub fn device(family: &DeviceFamily) -> Self {
        Self::new(DEVICE, hash(family.as_str().bytes()))
    }

    /// The /24 of an IPv4 address, the /48 of an IPv6 address: the hash of a byte 4 or 6 and the
    /// prefix's three or six bytes.
    #[must_use]
    pub fn prefix(address: IpAddr) -> Self {
        Self::new(PREFIX, hash(address::block_bytes(address)))
    }

    /// The element that says: seen on this day (see [`day_of`]).
    #[must_use]
    pub const fn packed(self, day: u16) -> i64 {
        (self.0 << DAY_BITS) | day as i64
    }

    /// What an element is of. Garbage is of nothing that was ever seen.
    pub(crate) const fn of(element: i64) -> Self {
        Self(element >> DAY_BITS)
    }

    /// The kind's number; 0 to 7, and below for negative garbage.
    pub(crate) const fn kind(self) -> i64 {
        self.0 >> VALUE_BITS
    }

    const fn new(kind: i64, value: u64) -> Self {
        Self((kind << VALUE_BITS) | (value & VALUE_MASK) as i64)
    }
}

/// The day of an element.
pub(crate) const fn day_in(element: i64) -> u16 {
    (element & DAY_MASK) as u16
}

/// Days since 1970-01-01 UTC; 0 before, 65,535 from the year 2149 on.
#[must_use]
pub fn day_of(now: Timestamp) -> u16 {
    let day = now.timestamp().max(0) / SECONDS_PER_DAY;
    u16::try_from(day).unwrap_or(u16::MAX)
}

/// FNV-1a of 64 bits, folded by XOR to 44 as its authors advise.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    let wide = fnv_1a(bytes);
    (wide >> VALUE_BITS) ^ (wide & VALUE_MASK)
}

fn fnv_1a(bytes: impl Iterator<Item = u8>) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// The authors' test vectors.
    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv_1a("".bytes()), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a("a".bytes()), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a("foobar".bytes()), 0x8594_4171_f739_67e8);
        assert_eq!(hash("foobar".bytes()), 0x85944 ^ 0x171_f739_67e8);
    }

    #[test]
    fn kinds_values_and_days_lie_where_the_table_says() {
        let us = SeenKey::country("US").expect("a country");
        assert_eq!(us.packed(0), 0x1000_0000_5553_0000);
        assert_eq!(us.packed(20_000), 0x1000_0000_5553_4e20);
        assert_eq!(SeenKey::network(u32::MAX).packed(u16::MAX), 0x2000_ffff_ffff_ffff);
        assert_eq!([us.kind(), SeenKey::network(0).kind()], [COUNTRY, NETWORK]);
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(SeenKey::country("gb"), SeenKey::country("GB"));
        for other in ["", "G", "GBR", "G1", "  ", "é", "@@"] {
            assert_eq!(SeenKey::country(other), None, "{other}");
        }
    }

    #[test]
    fn every_element_is_a_key_and_a_day() {
        for element in [0, 1, -1, i64::MAX, i64::MIN, 0x7000_0000_0000_0000] {
            assert_eq!(SeenKey::of(element).packed(day_in(element)), element);
        }
        assert_eq!([SeenKey::of(i64::MAX).kind(), SeenKey::of(-1).kind(), SeenKey::of(i64::MIN).kind()], [7, -1, -8]);
    }

    #[test]
    fn days_begin_at_midnight_and_stay_within_sixteen_bits() {
        for (seconds, day) in [
            (0, 0),
            (86_399, 0),
            (86_400, 1),
            (-1, 0),
            (20_000 * 86_400 + 5, 20_000),
            (65_535 * 86_400, u16::MAX),
            (70_000 * 86_400, u16::MAX),
        ] {
            assert_eq!(day_of(DateTime::from_timestamp(seconds, 0).expect("an instant")), day, "{seconds}");
        }
        assert_eq!(day_of(DateTime::UNIX_EPOCH), 0);
        assert_eq!((day_of(Timestamp::MIN_UTC), day_of(Timestamp::MAX_UTC)), (0, u16::MAX));
    }
}
