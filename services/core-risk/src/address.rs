//! When two addresses are the same place.
//!
//! A household has one IPv4 address or one IPv6 /64, within which its devices change addresses by
//! themselves (RFC 8981); the smallest block that is routed, and so roughly a neighbourhood of one
//! provider, is a /24 or a /48.

use std::net::IpAddr;

/// Bytes of an IPv6 address that tell a household: /64.
const IPV6_HOUSEHOLD: usize = 8;
/// Bytes of an IPv4 address that tell a routed block: /24.
const IPV4_BLOCK: usize = 3;
/// Bytes of an IPv6 address that tell a routed block: /48.
const IPV6_BLOCK: usize = 6;

/// The same IPv4 address, or the same IPv6 /64. An IPv4 address written as IPv6 is the IPv4 address.
pub(crate) fn is_same_household(one: IpAddr, other: IpAddr) -> bool {
    match (one.to_canonical(), other.to_canonical()) {
        (IpAddr::V4(one), IpAddr::V4(other)) => one == other,
        (IpAddr::V6(one), IpAddr::V6(other)) => one.octets()[..IPV6_HOUSEHOLD] == other.octets()[..IPV6_HOUSEHOLD],
        _ => false,
    }
}

/// The address's /24 or /48, behind the number of its family: 4 or 6.
pub(crate) fn block_bytes(address: IpAddr) -> impl Iterator<Item = u8> {
    let mut bytes = [0; 1 + IPV6_BLOCK];
    let len = match address.to_canonical() {
        IpAddr::V4(v4) => fill(&mut bytes, 4, &v4.octets()[..IPV4_BLOCK]),
        IpAddr::V6(v6) => fill(&mut bytes, 6, &v6.octets()[..IPV6_BLOCK]),
    };
    bytes.into_iter().take(len)
}

fn fill(bytes: &mut [u8], family: u8, block: &[u8]) -> usize {
    bytes[0] = family;
    bytes[1..=block.len()].copy_from_slice(block);
    1 + block.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn block(text: &str) -> Vec<u8> {
        block_bytes(ip(text)).collect()
    }

    #[test]
    fn a_household_is_an_ipv4_address_or_an_ipv6_64() {
        for (one, other, same) in [
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("::ffff:203.0.113.8", "::ffff:203.0.113.7", false),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("203.0.113.7", "2001:db8:1:2::1", false),
        ] {
            assert_eq!(is_same_household(ip(one), ip(other)), same, "{one} {other}");
            assert_eq!(is_same_household(ip(other), ip(one)), same, "{other} {one}");
        }
    }

    #[test]
    fn a_block_is_a_24_or_a_48() {
        assert_eq!(block("203.0.113.7"), [4, 203, 0, 113]);
        assert_eq!(block("::ffff:203.0.113.99"), [4, 203, 0, 113]);
        assert_eq!(block("2001:db8:1:2::1"), [6, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01]);
        assert_eq!(block("2001:db8:1:ffff::2"), block("2001:db8:1:2::1"));
        assert_ne!(block("2001:db8:2:2::1"), block("2001:db8:1:2::1"));
    }
}
