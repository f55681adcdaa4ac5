//! The scalars of the API that a policy or a login carries as text.

use std::net::IpAddr;

use chrono::{DateTime, Datelike};
use core_kernel::Timestamp;
use ipnet::IpNet;

use crate::networks::{self, NetworkError};

/// Reads an RFC 3339 date-time of any offset, to the microsecond (what the database keeps).
///
/// `None` for anything else, and for years outside 1 to 9999 in UTC, which have no RFC 3339 form to
/// give back.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let parsed = DateTime::parse_from_rfc3339(text).ok()?;
    // By way of microseconds a leap second becomes the first of the next minute.
    DateTime::from_timestamp_micros(parsed.timestamp_micros()).filter(|at| (1..=9999).contains(&at.year()))
}

/// Reads an IPv4 or IPv6 address without zone, port or brackets; IPv4-mapped IPv6 (RFC 4291 §2.5.5.2)
/// becomes IPv4, so that one machine has one address.
#[must_use]
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Reads a network in CIDR notation that a policy may allow; IPv4-mapped IPv6 becomes IPv4.
///
/// # Errors
/// Why a policy may not name it.
pub fn parse_network(text: &str) -> Result<IpNet, NetworkError> {
    networks::allowable(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_are_rfc_3339_in_any_offset() {
        let at = parse_timestamp("2026-03-01T12:00:00Z").unwrap();
        assert_eq!(parse_timestamp("2026-03-01T07:00:00-05:00"), Some(at));
        assert_eq!(parse_timestamp("2026-03-01T12:00:00.1234567Z").unwrap().timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(parse_timestamp("2016-12-31T23:59:60Z"), parse_timestamp("2017-01-01T00:00:00Z"));
    }

    #[test]
    fn anything_else_is_no_date_time() {
        for text in [
            "",
            "now",
            "2026-03-01",
            "2026-03-01T12:00:00",
            "2026-02-30T12:00:00Z",
            "2026-03-01T25:00:00Z",
            "1772366400",
            "12026-03-01T12:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "2026-03-01T12:00:00Z ",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn one_machine_has_one_address() {
        assert_eq!(parse_ip("::ffff:203.0.113.7"), parse_ip("203.0.113.7"));
        assert_eq!(parse_ip("2001:DB8:0::1"), parse_ip("2001:db8::1"));
        for text in
            ["", "203.0.113", "203.0.113.7:80", "[::1]", "fe80::1%eth0", "203.0.113.07", " 203.0.113.7", "256.0.0.1"]
        {
            assert_eq!(parse_ip(text), None, "{text}");
        }
    }
}
