//! A list of networks as text: one a line, and nothing said of it but that it is on the list.
//!
//! ```text
//! # exits of our own making
//! 203.0.113.128/25
//! 2001:db8:2::/48   # a comment may follow
//! 198.51.100.7
//! AS64500
//! ```
//!
//! Only whether a network contains an address is asked, not which: so all become sorted ranges that
//! do not touch, and a look-up is a binary search.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::scalar::parse_as_line;

/// Networks by range and by number.
#[derive(Debug, Default)]
pub(crate) struct NetworkList {
    /// First and last address, sorted, apart from each other; IPv4 as IPv4 within IPv6.
    ranges: Vec<(u128, u128)>,
    networks: HashSet<u32>,
}

/// What a line says.
enum Line {
    Nothing,
    Range(u128, u128),
    Network(u32),
}

impl NetworkList {
    /// Reads a list; beside it the numbers of lines, from 1, that could not be understood and are left
    /// out.
    pub(crate) fn parse(text: &str) -> (Self, Vec<usize>) {
        let (mut list, mut bad) = (Self::default(), Vec::new());
        for (index, line) in text.lines().enumerate() {
            match read_line(line) {
                Some(Line::Nothing) => {}
                Some(Line::Range(first, last)) => list.ranges.push((first, last)),
                Some(Line::Network(number)) => {
                    list.networks.insert(number);
                }
                None => bad.push(index + 1),
            }
        }
        list.ranges = merge(list.ranges);
        (list, bad)
    }

    /// How many ranges and networks it holds.
    pub(crate) fn len(&self) -> usize {
        self.ranges.len() + self.networks.len()
    }

    /// Whether it names the address, or the network that it belongs to.
    pub(crate) fn contains(&self, address: IpAddr, network: Option<u32>) -> bool {
        let number = to_number(address);
        let before = self.ranges.partition_point(|(first, _)| *first <= number);
        let within = before.checked_sub(1).is_some_and(|index| number <= self.ranges[index].1);
        within || network.is_some_and(|network| self.networks.contains(&network))
    }
}

fn read_line(line: &str) -> Option<Line> {
    let line = line.split('#').next().unwrap_or_default().trim();
    if line.is_empty() {
        return Some(Line::Nothing);
    }
    if let Some(number) = parse_as_line(line) {
        return Some(Line::Network(number));
    }
    let network: IpNet = line.parse().or_else(|_| line.parse::<IpAddr>().map(IpNet::from)).ok()?;
    Some(Line::Range(to_number(network.network()), to_number(network.broadcast())))
}

fn to_number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

fn merge(mut ranges: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    ranges.sort_unstable();
    ranges.dedup_by(|next, before| {
        let touches = next.0 <= before.1.saturating_add(1);
        if touches {
            before.1 = before.1.max(next.1);
        }
        touches
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lists(list: &NetworkList, address: &str) -> bool {
        list.contains(address.parse().unwrap(), None)
    }

    #[test]
    fn networks_addresses_and_numbers() {
        let text = "# head\n\n203.0.113.128/25\r\n 2001:db8:2::/48 # Sydney\n198.51.100.7\nAS64500\nas64501#x\n";
        let (list, bad) = NetworkList::parse(text);
        assert_eq!((bad, list.len()), (vec![], 5));
        for (address, listed) in [
            ("203.0.113.127", false),
            ("203.0.113.128", true),
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("198.51.100.6", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("2001:db8:2:ffff::1", true),
            ("2001:db8:3::", false),
            ("::cb00:7180", false),
        ] {
            assert_eq!(lists(&list, address), listed, "{address}");
        }
        let elsewhere = "8.8.8.8".parse().unwrap();
        assert!(list.contains(elsewhere, Some(64_500)) && list.contains(elsewhere, Some(64_501)));
        assert!(!list.contains(elsewhere, Some(64_502)) && !list.contains(elsewhere, None));
    }

    #[test]
    fn a_bad_line_is_named_and_the_others_hold() {
        let text = "192.0.2.0/24\nnonsense\n192.0.2.0/33\nAS\nAS-1\nAS99999999999\n1.2.3\n; x\n2001:db8::/48 extra\n198.51.100.1";
        let (list, bad) = NetworkList::parse(text);
        assert_eq!(bad, [2, 3, 4, 5, 6, 7, 8, 9]);
        assert!(lists(&list, "192.0.2.77") && lists(&list, "198.51.100.1"));
    }

    #[test]
    fn host_bits_do_not_matter_and_ipv4_within_ipv6_is_ipv4() {
        let (list, bad) = NetworkList::parse("192.0.2.77/24\n::ffff:198.51.100.0/120\n::ffff:203.0.113.9\n");
        assert!(bad.is_empty());
        assert!(lists(&list, "192.0.2.1") && lists(&list, "198.51.100.200") && lists(&list, "203.0.113.9"));
        assert!(!lists(&list, "198.51.101.0"));
    }

    #[test]
    fn the_ends_of_the_world() {
        let (list, _) = NetworkList::parse("0.0.0.0/8\n255.255.255.255\nffff::/16\n");
        for address in ["0.0.0.0", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"] {
            assert!(lists(&list, address), "{address}");
        }
        let (all, _) = NetworkList::parse("::/0\n10.0.0.0/8\n");
        assert_eq!(all.len(), 1);
        assert!(lists(&all, "::") && lists(&all, "192.0.2.1"));
        let (none, _) = NetworkList::parse("");
        assert!(!lists(&none, "::"));
    }

    proptest! {
        /// Merged or not, the list says what its lines say one by one.
        #[test]
        fn it_agrees_with_asking_every_line(
            lines in proptest::collection::vec((0_u8..4, any::<u8>(), 12_u8..=32), 0..40),
            asked in proptest::collection::vec((0_u8..4, any::<u8>(), any::<u8>()), 1..40),
        ) {
            let networks: Vec<IpNet> =
                lines.iter().map(|(a, b, length)| format!("10.{a}.{b}.0/{length}").parse().unwrap()).collect();
            let text: String = networks.iter().map(|network| format!("{network}\n")).collect();
            let (list, bad) = NetworkList::parse(&text);
            prop_assert!(bad.is_empty());
            for (a, b, c) in asked {
                let address = IpAddr::from([10, a, b, c]);
                let expected = networks.iter().any(|network| network.contains(&address));
                prop_assert_eq!(list.contains(address, None), expected, "{}", address);
            }
        }

        #[test]
        fn no_text_is_too_strange(text in "(?s).{0,200}") {
            let (list, bad) = NetworkList::parse(&text);
            prop_assert!(list.len() + bad.len() <= text.lines().count());
        }
    }
}
