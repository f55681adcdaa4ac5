//! A user who logs in from Minneapolis, and ways to be unusual.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta};
use core_kernel::Timestamp;
use core_risk::*;

pub const SPEED: u32 = 900;
pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 86_400;

pub const HOME_ADDRESS: &str = "192.0.2.10";
pub const AWAY_ADDRESS: &str = "198.51.100.10";
pub const WINDOWS_CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";

/// A fixed noon, `seconds` away.
pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(20_717 * DAY + 12 * HOUR, 0).expect("an instant") + TimeDelta::seconds(seconds)
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

pub fn minneapolis() -> Position {
    Position::new(44.9778, -93.2650, Some(20.0))
}

pub fn san_francisco() -> Position {
    Position::new(37.7749, -122.4194, Some(20.0))
}

pub fn home() -> Origin {
    Origin {
        country: Some("US".to_owned()),
        city: Some("Minneapolis".to_owned()),
        position: Some(minneapolis()),
        network: Some(64_496),
        ..Origin::unknown(ip(HOME_ADDRESS))
    }
}

pub fn away() -> Origin {
    Origin {
        country: Some("US".to_owned()),
        city: Some("San Francisco".to_owned()),
        position: Some(san_francisco()),
        network: Some(64_497),
        ..Origin::unknown(ip(AWAY_ADDRESS))
    }
}

/// At noon, from home, on the usual machine.
pub fn attempt() -> Attempt {
    Attempt {
        now: at(0),
        hour: 12,
        origin: home(),
        device: DeviceFamily::of(Some(WINDOWS_CHROME)),
        known_device: false,
    }
}

pub fn from(origin: Origin) -> Attempt {
    Attempt { origin, ..attempt() }
}

/// What completing `attempt` would have left, `seconds` before noon.
pub fn seen_before(attempt: &Attempt, seconds: i64) -> Seen {
    Seen::from_packed(Attempt { now: at(-seconds), ..attempt.clone() }.seen_keys())
}

/// Sixty logins at noon, the last of them half an hour ago, all like [`attempt`].
pub fn history() -> History {
    let mut hours = [0; 24];
    hours[12] = 60;
    History {
        last_completed_at: Some(at(-30 * MINUTE)),
        last_position: Some(LastPosition {
            at: at(-30 * MINUTE),
            position: minneapolis(),
            place: Some("Minneapolis".to_owned()),
        }),
        seen: seen_before(&attempt(), 30 * MINUTE),
        hours,
        ..History::default()
    }
}

/// The same, with San Francisco's country, network and address seen as well.
pub fn traveller() -> History {
    let mut history = history();
    history.seen = history.seen.merge(&from(away()).seen_keys(), at(0));
    history
}

pub fn assessed(attempt: &Attempt, history: &History) -> Assessment {
    assess(attempt, history, &Weights::default(), SPEED)
}

pub fn kinds(assessment: &Assessment) -> Vec<SignalKind> {
    assessment.findings.iter().map(|finding| finding.kind).collect()
}

/// The names and scores of what is found.
pub fn scores(attempt: &Attempt, history: &History) -> Vec<(SignalKind, u32)> {
    assessed(attempt, history).findings.iter().map(|finding| (finding.kind, finding.score)).collect()
}

/// The sentence of the one finding there is.
pub fn sentence(attempt: &Attempt, history: &History) -> String {
    let findings = assessed(attempt, history).findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings[0].detail.clone()
}

pub fn weight(weight: u32) -> Weight {
    Weight::try_from(weight).expect("a weight")
}
