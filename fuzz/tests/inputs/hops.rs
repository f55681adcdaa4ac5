//! Where a request came from, when its sender writes half of what we go by.

use std::net::{IpAddr, Ipv4Addr};

use fuzz::Source;
use io_limits::client_address;

const JUNK: [&str; 12] = [
    "unknown",
    "_hidden",
    "",
    " ",
    "[::1",
    "fe80::1%eth0",
    "01.2.3.4",
    "0x7f.1",
    "2130706433",
    "1.2.3.4:",
    "for=1.2.3.4;proto=https",
    "\"1.2.3.4\"",
];

/// What holds: whatever a client writes, and however it cuts it into headers, the answer is what our own proxies saw;
/// with none of ours in front it is the peer.
pub(super) fn client_addresses(source: &mut Source<'_>) {
    let peer = IpAddr::from(Ipv4Addr::from(source.number()));
    let seen = IpAddr::from(Ipv4Addr::from(source.number()));
    let hops = 1 + source.below(4);
    let forged: Vec<String> = (0..source.below(4)).map(|_| entry(source)).collect();

    assert_eq!(client_address(peer, &forged, 0), peer.to_canonical(), "without a trusted hop the header is nothing");
    let ours = (1..hops).map(|hop| format!("10.0.0.{hop}"));
    let entries: Vec<String> = forged.into_iter().chain([spelt(source, seen)]).chain(ours).collect();
    let headers = in_headers(source, &entries);
    assert_eq!(client_address(peer, &headers, hops), seen, "{headers:?} behind {hops}");
    let answer = client_address(peer, &headers, hops + source.below(9));
    assert_eq!(answer, answer.to_canonical(), "one machine has one address");
}

fn entry(source: &mut Source<'_>) -> String {
    match source.below(4) {
        0 => source.pick(&JUNK).to_string(),
        1 => Ipv4Addr::from(source.number()).to_ipv6_mapped().to_string(),
        2 => Ipv4Addr::from(source.number()).to_string(),
        _ => source.text("0123456789abcdef.:[]%\", ", 40),
    }
}

/// As proxies write it.
fn spelt(source: &mut Source<'_>, address: IpAddr) -> String {
    match source.below(4) {
        0 => format!("{address}:{}", source.byte()),
        1 => format!("::ffff:{address}"),
        2 => format!("[::ffff:{address}]:443"),
        _ => format!(" {address}\t"),
    }
}

/// One list may be any number of headers (RFC 9110 §5.3).
fn in_headers(source: &mut Source<'_>, entries: &[String]) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for entry in entries {
        match headers.last_mut().filter(|_| source.once_in(2)) {
            Some(last) => *last = format!("{last},{entry}"),
            None => headers.push(entry.clone()),
        }
    }
    headers
}
