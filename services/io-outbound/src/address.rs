//! Which addresses may be dialled: those of the public internet. By the registries of special-purpose
//! addresses (RFC 6890, at IANA) and what clouds answer at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// Of this machine and its neighbourhood; an installation may open them.
const PRIVATE_V4: [Ipv4Net; 5] = [
    v4(10, 0, 0, 8),
    // Shared by customers of a carrier (RFC 6598).
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(172, 16, 0, 12),
    v4(192, 168, 0, 16),
];
const PRIVATE_V6: [Ipv6Net; 2] = [Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), v6(0xfc00, 0, 7)];

/// Nowhere anybody could be reached by right.
const NEVER_V4: [Ipv4Net; 10] = [
    v4(0, 0, 0, 8),
    // Link-local, and with it 169.254.169.254, where clouds tell machines their secrets.
    v4(169, 254, 0, 16),
    v4(192, 0, 0, 24),
    // Documentation (RFC 5737).
    v4(192, 0, 2, 24),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    // Relays of 6to4, given up (RFC 7526).
    v4(192, 88, 99, 24),
    // Benchmarks (RFC 2544).
    v4(198, 18, 0, 15),
    // Multicast; then reserved, and broadcast.
    v4(224, 0, 0, 4),
    v4(240, 0, 0, 4),
];
const NEVER_V6: [Ipv6Net; 4] = [
    // Protocols' own, Teredo among them: an IPv4 address within would be dialled by somebody else.
    v6(0x2001, 0, 23),
    v6(0x2001, 0xdb8, 32),
    // 6to4, likewise.
    v6(0x2002, 0, 16),
    // Documentation (RFC 9637).
    v6(0x3fff, 0, 20),
];
/// What is given to hosts at all (RFC 4291); everything outside is special.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);
/// Where Amazon's cloud tells machines their secrets.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
/// An IPv4 address behind a translator (RFC 6052).
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 96);

/// What an installation allows beyond the rule; by default nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// Plain http, and with it port 80.
    pub allow_http: bool,
    /// Addresses of this machine and of private networks; link-local and metadata never.
    pub allow_private: bool,
}

impl Rules {
    /// Whether this address may be dialled.
    #[must_use]
    pub fn allow(self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.allow_v4(address),
            IpAddr::V6(address) => self.allow_v6(address),
        }
    }

    fn allow_v4(self, address: Ipv4Addr) -> bool {
        let within = |nets: &[Ipv4Net]| nets.iter().any(|net| net.contains(&address));
        !within(&NEVER_V4) && (self.allow_private || !within(&PRIVATE_V4))
    }

    fn allow_v6(self, address: Ipv6Addr) -> bool {
        let within = |nets: &[Ipv6Net]| nets.iter().any(|net| net.contains(&address));
        if NAT64.contains(&address) {
            let [.., a, b, c, d] = address.octets();
            return self.allow_v4(Ipv4Addr::new(a, b, c, d));
        }
        let private = within(&PRIVATE_V6) && address != METADATA_V6;
        let public = GLOBAL_V6.contains(&address) && !within(&NEVER_V6);
        public || (self.allow_private && private)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PRIVATE: Rules = Rules { allow_http: false, allow_private: true };

    fn allowed(rules: Rules, address: &str) -> bool {
        rules.allow(address.parse().unwrap())
    }

    #[test]
    fn the_public_internet_may_be_dialled() {
        for address in [
            "8.8.8.8",
            "1.0.0.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2600::1",
            "2001:4860:4860::8888",
            "2a00:1450::1",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(allowed(Rules::default(), address) && allowed(PRIVATE, address), "{address}");
        }
    }

    #[test]
    fn private_addresses_only_where_the_installation_says_so() {
        for address in [
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "::1",
            "fc00::1",
            "fdff::1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::127.0.0.1",
        ] {
            assert!(!allowed(Rules::default(), address), "{address}");
            assert!(allowed(PRIVATE, address), "{address}");
        }
    }

    #[test]
    fn nothing_special_is_ever_dialled() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!allowed(Rules::default(), address) && !allowed(PRIVATE, address), "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_refused_ipv4_address_within_ipv6_is_allowed(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let rules = Rules::default();
            let [a, b, c, d] = address.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let translated = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low);
            prop_assert_eq!(rules.allow(translated.into()), rules.allow(address.into()));
            prop_assert!(!rules.allow(address.to_ipv6_mapped().into()));
            prop_assert!(!rules.allow(address.to_ipv6_compatible().into()));
            prop_assert!(!rules.allow(Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1).into()));
        }
    }
}
