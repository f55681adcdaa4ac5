//! Travel between two logins: measured once, judged by any speed.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Position;

/// The shortest distance that counts as travel, in km: below it databases are too coarse, and mobile
/// networks put a phone into the next town.
pub const MIN_TRAVEL_KM: f64 = 100.0;

const SECONDS_PER_HOUR: f64 = 3_600.0;
const METRES_PER_KM: f64 = 1_000.0;

/// A distance between two logins, and the time it took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Travel {
    /// What was travelled at least: the distance less the accuracy radii of both ends, in km, to the
    /// metre, so that it is the same number when it is read back from JSON.
    pub distance_km: f64,
    /// Seconds between; 0 where the clock was set back.
    pub elapsed_seconds: i64,
}

impl Travel {
    /// `None` where either position is not on earth, or less than [`MIN_TRAVEL_KM`] is certain.
    pub(crate) fn measure(from: &Position, to: &Position, elapsed: TimeDelta) -> Option<Self> {
        let certain = from.distance_km(to)? - from.radius_km() - to.radius_km();
        let distance_km = (certain * METRES_PER_KM).round() / METRES_PER_KM;
        let travel = Self { distance_km, elapsed_seconds: elapsed.num_seconds().max(0) };
        travel.is_far().then_some(travel)
    }

    /// Whether more than `speed_kmh` was needed, on at least [`MIN_TRAVEL_KM`]. In no time at all, any
    /// distance is too far.
    #[must_use]
    pub fn is_faster_than(&self, speed_kmh: u32) -> bool {
        let possible_km = f64::from(speed_kmh) * self.elapsed_seconds as f64 / SECONDS_PER_HOUR;
        self.is_far() && self.distance_km > possible_km
    }

    fn is_far(&self) -> bool {
        self.distance_km >= MIN_TRAVEL_KM
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EARTH_RADIUS_KM;

    const SPEED: u32 = 900;

    /// Two places on the equator, `distance_km` apart, known to the metre.
    fn apart(distance_km: f64) -> (Position, Position) {
        let degrees = (distance_km / EARTH_RADIUS_KM).to_degrees();
        (Position::new(0.0, 0.0, Some(0.0)), Position::new(0.0, degrees, Some(0.0)))
    }

    fn measured(distance_km: f64, seconds: i64) -> Option<Travel> {
        let (from, to) = apart(distance_km);
        Travel::measure(&from, &to, TimeDelta::seconds(seconds))
    }

    #[test]
    fn a_hundred_kilometres_are_travel_and_a_metre_less_is_none() {
        assert_eq!(measured(100.0, 60), Some(Travel { distance_km: 100.0, elapsed_seconds: 60 }));
        assert_eq!(measured(99.999, 60), None);
    }

    #[test]
    fn both_radii_are_taken_off() {
        let (from, to) = apart(150.0);
        let vague = |position, accuracy_km| Position { accuracy_km, ..position };
        let travel = |one, other| Travel::measure(&vague(from, one), &vague(to, other), TimeDelta::zero());
        assert_eq!(travel(30.0, 20.0).map(|travel| travel.distance_km), Some(100.0));
        assert_eq!(travel(30.0, 20.001), None);
        assert_eq!(travel(30.001, 20.0), None);
        assert_eq!(travel(f64::NAN, 0.0), None, "an unknown accuracy is 100 km");
    }

    #[test]
    fn exactly_the_speed_is_possible() {
        let hour = Travel { distance_km: 900.0, elapsed_seconds: 3_600 };
        assert!(!hour.is_faster_than(SPEED));
        assert!(hour.is_faster_than(SPEED - 1));
        assert!(Travel { distance_km: 900.001, ..hour }.is_faster_than(SPEED));
        assert!(Travel { elapsed_seconds: 3_599, ..hour }.is_faster_than(SPEED));
    }

    #[test]
    fn no_time_is_too_fast_at_any_speed() {
        for seconds in [0, -1, i64::MIN] {
            assert!(Travel { distance_km: 100.0, elapsed_seconds: seconds }.is_faster_than(u32::MAX), "{seconds}");
        }
        assert_eq!(measured(500.0, -86_400).map(|travel| travel.elapsed_seconds), Some(0), "the clock was set back");
    }

    #[test]
    fn a_record_of_a_short_way_is_no_travel() {
        for distance_km in [0.0, 99.999, -1.0, f64::NAN] {
            assert!(!Travel { distance_km, elapsed_seconds: 0 }.is_faster_than(1), "{distance_km}");
        }
    }

    #[test]
    fn json_gives_back_the_same_number() {
        for step in 0..2_000_u32 {
            let travel = measured(100.0 + f64::from(step) * 9.876_543_21, i64::from(step)).expect("travel");
            let text = serde_json::to_string(&travel).expect("JSON");
            assert_eq!(serde_json::from_str::<Travel>(&text).expect("travel"), travel, "{text}");
        }
    }
}
