//! The login that everybody here makes every day: from the same place, on the same kind of device. A
//! risk engine that is at home in a user's history finds nothing in it, having looked at everything.

use chrono::{Duration, Timelike};
use core_kernel::Timestamp;
use core_risk::{Attempt, DeviceFamily, History, LastPosition, Origin, Position, Seen};
use io_geo::demo;

/// Where from: an address that the demo's databases know.
pub const ADDRESS: &str = "198.51.100.7";
/// On what.
pub const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36";

/// The place of [`ADDRESS`].
const PLACE: usize = 1;
/// How exact the demo's places are, in km.
const ACCURACY_KM: f64 = 20.0;

/// The login, at a time. The seeded tenants' days are those of UTC.
#[must_use]
pub fn attempt(now: Timestamp) -> Attempt {
    let place = &demo::NETWORKS[PLACE];
    let (latitude, longitude) = place.position;
    let address = ADDRESS.parse().unwrap_or_else(|_| unreachable!("a constant"));
    Attempt {
        now,
        hour: u8::try_from(now.hour()).unwrap_or(0),
        origin: Origin {
            country: Some(place.country.to_owned()),
            city: Some(place.city.to_owned()),
            position: Some(Position::new(latitude, longitude, Some(ACCURACY_KM))),
            network: Some(place.number),
            ..Origin::unknown(address)
        },
        device: DeviceFamily::of(Some(USER_AGENT)),
        known_device: false,
    }
}

/// What is remembered of somebody who logged in so for a hundred days, yesterday last.
#[must_use]
pub fn history(now: Timestamp) -> History {
    let last = attempt(now - Duration::days(1));
    History {
        last_completed_at: Some(last.now),
        last_position: last.origin.position.map(|position| LastPosition { at: last.now, position, place: None }),
        seen: Seen::from_packed(last.seen_keys()),
        hours: [4; 24],
        ..History::default()
    }
}
