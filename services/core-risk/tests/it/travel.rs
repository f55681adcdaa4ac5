//! Journeys between two logins.

use core_risk::SignalKind as Kind;
use core_risk::*;

use crate::common::*;

fn travels(attempt: &Attempt, history: &History) -> bool {
    kinds(&assessed(attempt, history)).contains(&Kind::ImpossibleTravel)
}

/// The traveller's history, the last login `seconds` ago.
fn left(seconds: i64) -> History {
    let mut history = traveller();
    if let Some(last) = &mut history.last_position {
        last.at = at(-seconds);
    }
    history
}

#[test]
fn across_the_country_within_minutes() {
    assert_eq!(scores(&from(away()), &left(12 * MINUTE)), [(Kind::ImpossibleTravel, 70)]);
    assert_eq!(
        sentence(&from(away()), &left(12 * MINUTE)),
        "2,540 km from the last login 12 minutes ago in Minneapolis"
    );
    let mut nameless = left(12 * MINUTE);
    nameless.last_position.as_mut().expect("a position").place = None;
    assert_eq!(sentence(&from(away()), &nameless), "2,540 km from the last login 12 minutes ago");
}

#[test]
fn next_morning_it_was_a_flight_that_is_remembered_all_the_same() {
    let assessment = assessed(&from(away()), &left(20 * HOUR));
    assert_eq!((assessment.score, assessment.risk_score()), (0, Some(0)));
    let travel = assessment.travel.expect("far");
    assert_eq!(travel.elapsed_seconds, 20 * HOUR);
    assert!((2_500.0..2_520.0).contains(&travel.distance_km), "less both radii: {travel:?}");
}

#[test]
fn the_speed_decides() {
    let history = left(3 * HOUR);
    let at_speed = |speed| assess(&from(away()), &history, &Weights::default(), speed).score;
    assert_eq!([at_speed(300), at_speed(830), at_speed(850), at_speed(2_000)], [70, 70, 0, 0]);
}

#[test]
fn a_clock_that_was_set_back_opens_no_hole() {
    for seconds in [0, -1, -HOUR, -400 * DAY] {
        assert!(travels(&from(away()), &left(seconds)), "{seconds}");
    }
    let mut history = left(0);
    history.last_position.as_mut().expect("a position").at = core_kernel::Timestamp::MAX_UTC;
    let first_day = Attempt { now: core_kernel::Timestamp::MIN_UTC, ..from(away()) };
    assert!(travels(&first_day, &history));
}

#[test]
fn the_next_town_is_no_journey() {
    let suburb = Position { latitude: 44.95, longitude: -93.1, ..minneapolis() };
    let nearby = from(Origin { position: Some(suburb), ..home() });
    let assessment = assessed(&nearby, &left(0));
    assert_eq!((assessment.score, assessment.travel), (0, None));
}

#[test]
fn a_vague_position_proves_no_journey() {
    let vague = Position { accuracy_km: 2_500.0, ..san_francisco() };
    assert!(!travels(&from(Origin { position: Some(vague), ..away() }), &left(0)));
    let unsaid = Position { accuracy_km: f64::NAN, ..san_francisco() };
    assert!(travels(&from(Origin { position: Some(unsaid), ..away() }), &left(0)));
}

#[test]
fn garbage_is_no_position() {
    let garbage = Position { latitude: f64::NAN, ..san_francisco() };
    let assessment = assessed(&from(Origin { position: Some(garbage), ..away() }), &left(0));
    assert_eq!((assessment.score, assessment.travel), (0, None));
    let mut history = left(0);
    history.last_position.as_mut().expect("a position").position.longitude = 181.0;
    let assessment = assessed(&from(away()), &history);
    assert_eq!((assessment.score, assessment.travel), (0, None));
}

#[test]
fn round_the_corner_at_the_date_line() {
    let (fiji, wallis) = (Position::new(-17.0, 179.9, Some(1.0)), Position::new(-17.0, -179.9, Some(1.0)));
    let mut history = left(0);
    history.last_position.as_mut().expect("a position").position = fiji;
    assert!(!travels(&from(Origin { position: Some(wallis), ..away() }), &history));
}
