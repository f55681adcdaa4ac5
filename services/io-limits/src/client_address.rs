//! Who is calling, when proxies stand between.
//!
//! `X-Forwarded-For` is a list to which each proxy appends the address it saw; everything left of what
//! our own proxies appended is the client's free text. So it is read from the right, as many entries as
//! there are proxies of ours, and never further. The number is configuration: guessing it ("the first
//! public address") is what forged headers live on.
//!
//! The count is only as good as the network: whoever reaches the server around its proxies can write
//! the entries himself. That is why the default is no trusted hop at all.

use std::net::{IpAddr, SocketAddr};

/// The client's address: the peer's, or with `trusted_hops` proxies in front the entry that the
/// outermost of them appended. `forwarded_for` are the values of all `X-Forwarded-For` headers, in the
/// order in which they came.
///
/// An entry that is no address ends the walk, since whoever wrote it cannot be trusted to have seen
/// anything; the answer is then the last address that was. IPv4-mapped IPv6 addresses are given as IPv4.
///
/// ```
/// # use std::net::IpAddr;
/// let proxy: IpAddr = "10.0.0.1".parse().unwrap();
/// let headers = ["6.6.6.6, 192.0.2.7"];
/// assert_eq!(io_limits::client_address(proxy, headers, 1).to_string(), "192.0.2.7");
/// assert_eq!(io_limits::client_address(proxy, headers, 0).to_string(), "10.0.0.1");
/// ```
pub fn client_address<I>(peer: IpAddr, forwarded_for: I, trusted_hops: usize) -> IpAddr
where
    I: IntoIterator<Item: AsRef<[u8]>, IntoIter: DoubleEndedIterator>,
{
    let mut client = peer.to_canonical();
    let mut hops = trusted_hops;
    for value in forwarded_for.into_iter().rev() {
        for entry in value.as_ref().rsplit(|byte| *byte == b',') {
            if hops == 0 {
                return client;
            }
            let Some(address) = parse(entry) else { return client };
            client = address;
            hops -= 1;
        }
    }
    client
}

/// An address, bare or with a port, IPv6 in brackets or not.
fn parse(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match bare {
        Some(v6) => v6.parse().map(IpAddr::V6).ok()?,
        None => text.parse().or_else(|_| text.parse().map(|with_port: SocketAddr| with_port.ip())).ok()?,
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROXY: &str = "10.0.0.1";

    fn client(headers: &[&str], hops: usize) -> String {
        client_address(PROXY.parse().unwrap(), headers, hops).to_string()
    }

    #[test]
    fn without_trusted_hops_the_header_is_nothing() {
        for forged in ["127.0.0.1", "1.1.1.1, 2.2.2.2", "", "unknown"] {
            assert_eq!(client(&[forged], 0), PROXY, "{forged}");
        }
    }

    #[test]
    fn a_forged_prefix_changes_nothing() {
        for forged in ["127.0.0.1", "203.0.113.9, 10.0.0.1", "a", "", ",,,", "::1,", "\"x\", 1.2.3.4:5", "\u{0}"] {
            assert_eq!(client(&[&format!("{forged}, 192.0.2.7")], 1), "192.0.2.7", "{forged}");
            assert_eq!(client(&[forged, "192.0.2.7"], 1), "192.0.2.7", "{forged}");
            assert_eq!(client(&[&format!("{forged}, 192.0.2.7, 10.0.0.2")], 2), "192.0.2.7", "{forged}");
            assert_eq!(client(&[forged, "192.0.2.7", "10.0.0.2"], 2), "192.0.2.7", "{forged}");
        }
    }

    #[test]
    fn what_is_no_address_ends_the_walk() {
        for junk in [
            "",
            " ",
            "unknown",
            "_hidden",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "1.2.3.4:x",
            "[::1",
            "::1]",
            "fe80::1%eth0",
        ] {
            assert_eq!(client(&[junk], 1), PROXY, "{junk}");
            assert_eq!(client(&[&format!("1.1.1.1, {junk}")], 2), PROXY, "{junk}");
            assert_eq!(client(&[&format!("1.1.1.1, {junk}, 10.0.0.2")], 3), "10.0.0.2", "{junk}");
        }
        let bytes: [&[u8]; 1] = [b"1.1.1.1, \xff\xfe"];
        assert_eq!(client_address(PROXY.parse().unwrap(), bytes, 2).to_string(), PROXY);
    }

    #[test]
    fn fewer_entries_than_hops_give_the_outermost_there_is() {
        assert_eq!(client(&[], 3), PROXY);
        assert_eq!(client(&["192.0.2.7"], 3), "192.0.2.7");
        assert_eq!(client(&["192.0.2.7, 10.0.0.2"], usize::MAX), "192.0.2.7");
    }

    #[test]
    fn spellings_of_proxies() {
        for (entry, address) in [
            ("192.0.2.7", "192.0.2.7"),
            ("\t192.0.2.7 ", "192.0.2.7"),
            ("192.0.2.7:443", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("[::ffff:192.0.2.7]:443", "192.0.2.7"),
            ("2001:DB8:0:0::1", "2001:db8::1"),
        ] {
            assert_eq!(client(&[entry], 1), address, "{entry}");
        }
    }

    #[test]
    fn the_peer_is_normalised_too() {
        let peer = "::ffff:192.0.2.7".parse().unwrap();
        assert_eq!(client_address(peer, [""; 0], 0).to_string(), "192.0.2.7");
    }

    proptest! {
        /// Whatever the client sends, spread over however many headers, the proxies' entries decide.
        #[test]
        fn no_text_of_the_client_moves_the_answer(
            forged in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..4),
            seen: [u8; 4],
            hops in 1_usize..4,
        ) {
            let seen = IpAddr::from(seen);
            let mut headers = forged;
            headers.push(seen.to_string().into_bytes());
            headers.extend((1..hops).map(|hop| format!("10.0.0.{hop}").into_bytes()));
            prop_assert_eq!(client_address(PROXY.parse().unwrap(), headers, hops), seen);
        }
    }
}
