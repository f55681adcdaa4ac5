//! What follows from an attempt; pure functions.

use std::time::Duration;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The pauses before each further attempt, before up to a fifth is added by chance: about three days
/// in all.
pub const RETRIES: [Duration; 11] = [
    seconds(5),
    seconds(5 * 60),
    seconds(30 * 60),
    seconds(2 * 3600),
    seconds(5 * 3600),
    seconds(10 * 3600),
    seconds(10 * 3600),
    seconds(10 * 3600),
    seconds(10 * 3600),
    seconds(10 * 3600),
    seconds(10 * 3600),
];

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fate {
    /// It arrived.
    Delivered,
    /// It is tried again after this long.
    Again(Duration),
    /// It is not tried again.
    GivenUp,
    /// Neither it nor any other is.
    Gone,
}

/// By the answer's HTTP status, where there was one. `tries` counts from 1 since it was first queued, or
/// last asked for; `chance` is 0 to 1.
pub(crate) fn fate(status: Option<u16>, tries: i16, chance: f64) -> Fate {
    match status {
        Some(200..=299) => Fate::Delivered,
        Some(410) => Fate::Gone,
        _ => match usize::try_from(tries - 1).ok().and_then(|index| RETRIES.get(index)) {
            Some(pause) => Fate::Again(pause.mul_f64(1.0 + chance.clamp(0.0, 1.0) / 5.0)),
            None => Fate::GivenUp,
        },
    }
}

/// What was wrong with an answer, for a person; nothing where it was right.
pub(crate) fn complaint(status: u16) -> Option<String> {
    match status {
        200..=299 => None,
        300..=399 => Some(format!("It answered with status {status}; redirects are not followed.")),
        410 => Some("It answered 410 Gone: the endpoint was disabled.".to_owned()),
        _ => Some(format!("It answered with status {status}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_hundreds_have_arrived() {
        for status in [200, 202, 204, 299] {
            assert_eq!(fate(Some(status), 1, 0.5), Fate::Delivered);
            assert_eq!(complaint(status), None);
        }
        for status in [199, 301, 307, 400, 401, 404, 409, 429, 500, 503] {
            assert_eq!(fate(Some(status), 1, 0.0), Fate::Again(seconds(5)), "{status}");
            assert!(complaint(status).unwrap().contains(&status.to_string()));
        }
        assert_eq!(fate(None, 1, 0.0), Fate::Again(seconds(5)));
        assert_eq!(fate(Some(410), 1, 0.0), Fate::Gone);
    }

    #[test]
    fn it_is_tried_twelve_times_in_about_three_days() {
        let pause = |tries, chance| match fate(Some(500), tries, chance) {
            Fate::Again(pause) => pause,
            other => panic!("{tries}: {other:?}"),
        };
        let days = |chance| (1..=11).map(|tries| pause(tries, chance)).sum::<Duration>().as_secs_f64() / 86_400.0;
        assert!((2.8..2.9).contains(&days(0.0)) && (3.3..3.5).contains(&days(1.0)), "{} {}", days(0.0), days(1.0));
        assert_eq!(fate(Some(500), 12, 0.0), Fate::GivenUp);
        assert_eq!(fate(None, i16::MAX, 1.0), Fate::GivenUp);
    }

    #[test]
    fn chance_spreads_what_failed_together() {
        assert_eq!(fate(None, 2, 0.0), Fate::Again(seconds(300)));
        assert_eq!(fate(None, 2, 0.5), Fate::Again(seconds(330)));
        assert_eq!(fate(None, 2, 1.0), Fate::Again(seconds(360)));
    }
}
