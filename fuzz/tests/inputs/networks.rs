//! Networks that an administrator lets in without a second factor.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use core_policy::parse_network;
use fuzz::Source;
use ipnetwork::IpNetwork;

/// What holds of every text: a network that is accepted is one to the reference too, is not too wide, holds no
/// address of this machine or of private networks, and reads back from its one spelling.
pub(super) fn networks(source: &mut Source<'_>) {
    let text = network(source);
    let Ok(accepted) = parse_network(&text) else { return };
    let reference: IpNetwork = text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(reference.ip(), reference.network(), "{text}: bits behind the prefix");
    assert_eq!(canonical(reference), accepted.addr(), "{text}");
    assert_eq!(parse_network(&accepted.to_string()), Ok(accepted), "one spelling reads back as itself");

    let widest = if accepted.addr().is_ipv4() { 8 } else { 32 };
    assert!(accepted.prefix_len() >= widest, "{accepted}");
    for address in [accepted.network(), accepted.broadcast(), inside(source, accepted.addr(), accepted.prefix_len())] {
        assert!(accepted.contains(&address) && is_public(address), "{accepted} lets {address} in");
    }
}

fn network(source: &mut Source<'_>) -> String {
    let address = match source.below(6) {
        0 | 1 => Ipv4Addr::from(source.number()).to_string(),
        2 => Ipv6Addr::from([source.number(), 0, 0, source.number()].map(u32::to_be_bytes).concat_16()).to_string(),
        3 => Ipv4Addr::from(source.number()).to_ipv6_mapped().to_string(),
        4 => format!("{}.{}", source.byte(), source.text("0123456789.x", 12)),
        _ => source.text("0123456789abcdef:.", 24),
    };
    // Short prefixes and round addresses, or almost none would have its host's bits clear.
    let address = if source.once_in(2) { round(&address) } else { address };
    let prefix = if source.once_in(4) { source.text("0123456789", 3) } else { source.below(65).to_string() };
    format!("{address}{}{prefix}", source.pick(&["/", "/", "/", "", " /", "%1/"]))
}

fn round(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V4(v4)) => Ipv4Addr::from(u32::from(v4) & 0xffff_0000).to_string(),
        Ok(IpAddr::V6(v6)) => Ipv6Addr::from(u128::from(v6) & !0xffff_ffff).to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Some address of a network.
fn inside(source: &mut Source<'_>, first: IpAddr, prefix: u8) -> IpAddr {
    match first {
        IpAddr::V4(v4) => {
            let host = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
            Ipv4Addr::from(u32::from(v4) | (source.number() & host)).into()
        }
        IpAddr::V6(v6) => {
            let host = u128::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
            Ipv6Addr::from(u128::from(v6) | ((u128::from(source.number()) * 0x1_0000_0001) & host)).into()
        }
    }
}

fn canonical(network: IpNetwork) -> IpAddr {
    match network.ip() {
        IpAddr::V6(v6) if network.prefix() >= 96 => v6.to_canonical(),
        other => other,
    }
}

/// By the standard library's own tables, where it has them.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.octets()[0] == 0)
                && !(v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local())
                && v6.to_ipv4_mapped().is_none()
        }
    }
}

/// Four words as the octets of an address.
trait Concat16 {
    fn concat_16(self) -> [u8; 16];
}

impl Concat16 for [[u8; 4]; 4] {
    fn concat_16(self) -> [u8; 16] {
        self.concat().try_into().expect("four times four")
    }
}
