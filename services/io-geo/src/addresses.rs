//! Which addresses are looked up at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address as it is looked up, IPv4 when it was IPv4 within IPv6. `None` for one that means
/// another machine in every house: a file that has an entry for it anyway would lie. The networks of
/// documentation are looked up like any other, because the demo lives in them.
pub(crate) fn worth_a_look(address: IpAddr) -> Option<IpAddr> {
    let address = address.to_canonical();
    let local = match address {
        IpAddr::V4(v4) => is_local_v4(v4),
        IpAddr::V6(v6) => is_local_v6(v6),
    };
    (!local).then_some(address)
}

fn is_local_v4(v4: Ipv4Addr) -> bool {
    // RFC 6598: between a provider and its customers.
    let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xC0 == 64;
    let nowhere = v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast();
    v4.is_private() || shared || v4.is_loopback() || v4.is_link_local() || nowhere
}

fn is_local_v6(v6: Ipv6Addr) -> bool {
    let nowhere = v6.is_unspecified() || v6.is_multicast();
    v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || nowhere
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_up(address: &str) -> Option<String> {
        worth_a_look(address.parse().unwrap()).map(|address| address.to_string())
    }

    #[test]
    fn what_is_local_is_not_looked_up() {
        for local in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.1.1",
            "0.0.0.0",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
        ] {
            assert_eq!(looked_up(local), None, "{local}");
        }
    }

    #[test]
    fn their_neighbours_and_documentation_are() {
        for address in [
            "9.255.255.255",
            "11.0.0.0",
            "172.32.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "192.167.255.255",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "2001:db8:1::1",
            "2600::1",
            "fbff::1",
        ] {
            assert_eq!(looked_up(address).as_deref(), Some(address));
        }
    }

    #[test]
    fn ipv4_within_ipv6_is_ipv4() {
        assert_eq!(looked_up("::ffff:192.0.2.1").as_deref(), Some("192.0.2.1"));
    }
}
