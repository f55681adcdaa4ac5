//! URLs that a tenant gives us to call: webhooks, logos, identity providers.

use std::net::Ipv4Addr;

use fuzz::Source;
use io_outbound::{Rules, Target};

/// Addresses of this machine, of private networks, and of what clouds tell secrets at.
const INNER: [[u8; 4]; 7] = [
    [127, 0, 0, 1],
    [10, 0, 0, 1],
    [169, 254, 169, 254],
    [192, 168, 1, 1],
    [172, 16, 0, 1],
    [100, 100, 100, 200],
    [0, 0, 0, 0],
];

/// What holds: a URL that is accepted reads back as the very same, names no inner address in any spelling, and holds
/// nothing that another reader might take for another host.
pub(super) fn outbound_urls(source: &mut Source<'_>) {
    let rules = Rules::default();
    let inner = Ipv4Addr::from(*source.pick(&INNER));
    for host in [spelt(source, inner), user_tricks(source, inner)] {
        let url = format!("https://{host}/{}", source.text("ab/?=", 6));
        assert!(Target::parse(&url, rules).is_err(), "{url} leads to {inner}");
    }
    let text = anything(source);
    let Ok(target) = Target::parse(&text, rules) else { return };
    assert_eq!(Target::parse(target.as_str(), rules).as_ref(), Ok(&target), "{text:?}");
    assert!(target.as_str().starts_with("https://") && !target.host().is_empty());
    let authority = target.as_str()["https://".len()..].split(['/', '?']).next().unwrap_or_default();
    assert!(authority.starts_with(target.host()) && !authority.contains(['@', '%', '\\']), "{text:?}");
    assert!(target.without_query().len() <= target.as_str().len() && !target.without_query().contains('?'));
}

/// One address in one of the spellings that `inet_aton` and browsers take.
fn spelt(source: &mut Source<'_>, address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    let whole = u32::from(address);
    let spelling = match source.below(11) {
        0 => address.to_string(),
        1 => whole.to_string(),
        2 => format!("0x{whole:x}"),
        3 => format!("0{whole:o}"),
        4 => format!("0x{a:X}.0{b:o}.{c}.{d}"),
        5 => format!("{a}.{b}.{}", u32::from(c) << 8 | u32::from(d)),
        6 => format!("{a}.{}", u32::from(b) << 16 | u32::from(c) << 8 | u32::from(d)),
        7 => format!("[::ffff:{address}]"),
        8 => format!("[{}]", address.to_ipv6_compatible()),
        9 => format!("[64:ff9b::{address}]"),
        _ => format!("[2002:{:x}:{:x}::1]", whole >> 16, whole & 0xffff),
    };
    if source.once_in(4) && !spelling.starts_with('[') { spelling + "." } else { spelling }
}

fn user_tricks(source: &mut Source<'_>, address: Ipv4Addr) -> String {
    let host = spelt(source, address);
    match source.below(8) {
        0 => format!("firm.example@{host}"),
        1 => format!("{host}\\@firm.example"),
        2 => format!("firm.example:443@{host}"),
        3 => format!("{host}#@firm.example"),
        4 => format!("firm.example\\.{host}"),
        5 => format!("{}:80", host.trim_end_matches('.')),
        6 => source
            .pick(&[
                "localhost",
                "a.localhost",
                "metadata.google.internal",
                "printer.local",
                "nas.lan",
                "x.localhost.",
                "1.0.0.127.in-addr.arpa",
                "ⓛocalhost",
                "xn--localhost",
            ])
            .to_string(),
        _ => format!("%31%32%37.0.0.1\t{host}"),
    }
}

fn anything(source: &mut Source<'_>) -> String {
    let scheme = *source.pick(&[
        "https://",
        "https://",
        "https://",
        "HTTPS://",
        "http://",
        "https:",
        "https:///",
        "gopher://",
        "file://",
        "",
    ]);
    let host = *source.pick(&[
        "firm.example",
        "firm.example.",
        "FIRM.example:8443",
        "8.8.8.8",
        "[2600::1]",
        "xn--bcher-kva.example",
        "a.b:443",
        "x",
    ]);
    format!("{scheme}{}{host}{}", source.text("a@:.%2eü", 3), source.text("/?=&#%:@\\abc2F.é", 20))
}
