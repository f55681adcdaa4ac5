//! Which networks a policy may let in without a second factor.
//!
//! Integrators report public addresses. An entry that covers a private range would let in whoever
//! sits behind somebody's misconfigured proxy, and a very wide one half the internet: both are far
//! more likely a slip of the finger than a wish.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::LazyLock;

use core_kernel::Timestamp;
use ipnet::{IpNet, Ipv4Net};

use crate::{AllowedNetwork, Policy};

/// The widest IPv4 network that may be allowed.
const WIDEST_IPV4: u8 = 8;
/// The widest IPv6 network that may be allowed.
const WIDEST_IPV6: u8 = 32;
/// Bits before the IPv4 address in an IPv4-mapped IPv6 address.
const MAPPED_PREFIX: u8 = 96;

/// Ranges from which no public request comes (IANA special-purpose address registries).
const NEVER_PUBLIC: &[&str] = &[
    "0.0.0.0/8",      // this network, RFC 791
    "10.0.0.0/8",     // private, RFC 1918
    "100.64.0.0/10",  // shared by carriers, RFC 6598
    "127.0.0.0/8",    // loopback, RFC 1122
    "169.254.0.0/16", // link-local, RFC 3927
    "172.16.0.0/12",  // private, RFC 1918
    "192.168.0.0/16", // private, RFC 1918
    "224.0.0.0/4",    // multicast, RFC 5771
    "240.0.0.0/4",    // reserved and broadcast, RFC 1112
    "::/8",           // unspecified, loopback, IPv4-mapped and translated, RFC 4291 and 6052
    "fc00::/7",       // unique local (ULA), RFC 4193
    "fe80::/10",      // link-local, RFC 4291
    "fec0::/10",      // the former site-local, RFC 3879
    "ff00::/8",       // multicast, RFC 4291
];

static NEVER_PUBLIC_NETWORKS: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| NEVER_PUBLIC.iter().filter_map(|text| IpNet::from_str(text).ok()).collect());

/// Why a policy may not name a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkError {
    /// Not CIDR notation.
    Malformed,
    /// Bits behind the prefix are set.
    HostBits,
    /// Overlaps a range from which no public request comes.
    NotPublic,
    /// Wider than /8 (IPv4) or /32 (IPv6).
    TooWide,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "This is not a network in CIDR notation, such as 203.0.113.0/24.",
            Self::HostBits => {
                "Bits behind the prefix are set: name the network's first address, such as 203.0.113.0/24."
            }
            Self::NotPublic => {
                "This network is, or contains, a private, shared or reserved range; name the public addresses that your people come from."
            }
            Self::TooWide => "This network is too wide: at most /8 for IPv4 and /32 for IPv6.",
        })
    }
}

/// Reads a network and checks that a policy may name it.
pub(crate) fn allowable(text: &str) -> Result<IpNet, NetworkError> {
    let given = read(text).ok_or(NetworkError::Malformed)?;
    if given != given.trunc() {
        return Err(NetworkError::HostBits);
    }
    let network = unmapped(given);
    if is_too_wide(network) {
        return Err(NetworkError::TooWide);
    }
    if NEVER_PUBLIC_NETWORKS.iter().any(|range| overlap(*range, network)) {
        return Err(NetworkError::NotPublic);
    }
    Ok(network)
}

/// Whether an unexpired entry of the policy covers `ip`.
pub(crate) fn is_allowed(policy: &Policy, ip: IpAddr, now: Timestamp) -> bool {
    let ip = ip.to_canonical();
    policy.allowed_networks.iter().any(|network| is_in_force(network, now) && network.cidr.contains(&ip))
}

fn is_in_force(network: &AllowedNetwork, now: Timestamp) -> bool {
    network.expires_at.is_none_or(|end| now < end)
}

fn read(text: &str) -> Option<IpNet> {
    let (address, prefix) = text.split_once('/')?;
    let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = prefix.len() > 1 && prefix.starts_with('0');
    let prefix = Some(prefix).filter(|_| digits && !leading_zero)?.parse().ok()?;
    IpNet::new(address.parse().ok()?, prefix).ok()
}

fn unmapped(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V6(v6) if v6.prefix_len() >= MAPPED_PREFIX => v6.addr().to_ipv4_mapped().map(|v4| (v4, v6.prefix_len())),
        _ => None,
    };
    mapped.and_then(|(address, prefix)| Ipv4Net::new(address, prefix - MAPPED_PREFIX).ok()).map_or(network, IpNet::V4)
}

fn is_too_wide(network: IpNet) -> bool {
    match network {
        IpNet::V4(v4) => v4.prefix_len() < WIDEST_IPV4,
        IpNet::V6(v6) => v6.prefix_len() < WIDEST_IPV6,
    }
}

fn overlap(one: IpNet, other: IpNet) -> bool {
    one.contains(&other) || other.contains(&one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_of_the_list_can_be_read() {
        assert_eq!(NEVER_PUBLIC_NETWORKS.len(), NEVER_PUBLIC.len());
    }

    #[test]
    fn public_networks_pass_up_to_the_widest() {
        for text in
            ["203.0.113.0/24", "203.0.113.7/32", "8.0.0.0/8", "2001:db8::/32", "2001:db8:1::/48", "2001:db8::1/128"]
        {
            assert_eq!(allowable(text).map(|network| network.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn mapped_networks_become_ipv4() {
        assert_eq!(allowable("::ffff:203.0.113.0/120"), allowable("203.0.113.0/24"));
        assert_eq!(allowable("::ffff:10.0.0.0/104"), Err(NetworkError::NotPublic));
        assert_eq!(allowable("::ffff:4.0.0.0/102"), Err(NetworkError::TooWide));
        assert_eq!(allowable("::ffff:0:0/96"), Err(NetworkError::TooWide));
        assert_eq!(allowable("::fffe:0:0/95"), Err(NetworkError::NotPublic));
    }

    #[test]
    fn what_is_no_network_is_malformed() {
        for text in [
            "",
            "/",
            "203.0.113.0",
            "203.0.113.0/",
            "203.0.113.0/33",
            "203.0.113.0/024",
            "203.0.113.0/+24",
            "203.0.113/24",
            "2001:db8::/129",
            "fe80::%1/64",
            " 203.0.113.0/24",
            "203.0.113.0/24 ",
            "203.0.113.0/24/8",
            "203.0.113.0/256",
        ] {
            assert_eq!(allowable(text), Err(NetworkError::Malformed), "{text}");
        }
    }

    #[test]
    fn host_bits_must_be_zero() {
        for text in ["203.0.113.1/24", "2001:db8::1/64", "::ffff:203.0.113.1/120"] {
            assert_eq!(allowable(text), Err(NetworkError::HostBits), "{text}");
        }
    }

    #[test]
    fn a_network_that_overlaps_a_private_range_is_refused_either_way_round() {
        for text in [
            "10.0.0.0/8",
            "10.1.2.0/24",
            "172.16.0.0/12",
            "172.31.255.255/32",
            "172.0.0.0/8",
            "192.168.1.0/24",
            "192.0.0.0/8",
            "100.64.0.0/10",
            "100.127.255.0/24",
            "100.0.0.0/8",
            "127.0.0.1/32",
            "169.254.169.254/32",
            "224.0.0.0/8",
            "255.255.255.255/32",
            "0.0.0.0/8",
            "::1/128",
            "fd00::/32",
            "fc00::/32",
            "fe80::/64",
            "fec0::/32",
            "ff02::/32",
            "64:ff9b::/96",
        ] {
            assert_eq!(allowable(text), Err(NetworkError::NotPublic), "{text}");
        }
    }

    #[test]
    fn neighbours_of_private_ranges_are_public() {
        for text in [
            "9.0.0.0/8",
            "11.0.0.0/8",
            "172.15.0.0/16",
            "172.32.0.0/16",
            "100.63.0.0/16",
            "100.128.0.0/16",
            "192.167.0.0/16",
        ] {
            assert!(allowable(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn too_wide_is_refused() {
        for text in ["8.0.0.0/7", "0.0.0.0/0", "::/0", "2000::/3", "2001:db8::/31"] {
            assert_eq!(allowable(text), Err(NetworkError::TooWide), "{text}");
        }
    }
}
