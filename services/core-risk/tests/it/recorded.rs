//! What a login's record keeps.

use core_risk::SignalKind as Kind;
use core_risk::*;
use serde_json::json;

use crate::common::*;

/// Across the country within half an hour, after a wrong code.
fn assessment() -> Assessment {
    let mut history = traveller();
    history.wrong_codes = vec![at(0)];
    assessed(&from(away()), &history)
}

#[test]
fn the_names_in_a_record_stay() {
    let recorded = Recorded {
        travel: Some(Travel { distance_km: 2_512.125, elapsed_seconds: 1_800 }),
        ..Recorded::from(assessment())
    };
    let expected = json!({
        "findings": [
            {
                "kind": "IMPOSSIBLE_TRAVEL",
                "score": 70,
                "detail": "2,540 km from the last login 30 minutes ago in Minneapolis",
            },
            { "kind": "FAILED_ATTEMPTS", "score": 10, "detail": "1 wrong code in the last hour" },
        ],
        "travel": { "distance_km": 2_512.125, "elapsed_seconds": 1_800 },
        "travel_weight": 70,
        "conclusive": true,
    });
    assert_eq!(serde_json::to_value(&recorded).expect("JSON"), expected);
    assert_eq!(serde_json::from_value::<Recorded>(expected).expect("a record"), recorded);
}

#[test]
fn a_usual_login_takes_little_room() {
    let recorded = Recorded::from(assessed(&attempt(), &history()));
    assert_eq!(serde_json::to_string(&recorded).expect("JSON"), r#"{"travel_weight":70,"conclusive":true}"#);
}

#[test]
fn travel_is_judged_anew_and_all_else_stays() {
    let recorded = Recorded::from(assessment());
    assert_eq!(recorded.score_at(SPEED), Some(80));
    assert_eq!(recorded.score_at(10_000), Some(10));
    let mut slow = traveller();
    slow.last_position.as_mut().expect("a position").at = at(-4 * HOUR);
    let slow = Recorded::from(assessed(&from(away()), &slow));
    assert_eq!((slow.score_at(SPEED), slow.score_at(600)), (Some(0), Some(70)));
}

#[test]
fn the_weight_of_that_day_counts() {
    let weights = Weights { impossible_travel: weight(33), ..Weights::default() };
    let recorded = Recorded::from(assess(&from(away()), &traveller(), &weights, 10_000));
    assert_eq!((recorded.score_at(10_000), recorded.score_at(SPEED)), (Some(0), Some(33)));
}

#[test]
fn what_was_inconclusive_stays_so_at_any_speed() {
    let recorded = Recorded::from(assessed(&from(Origin::unknown(ip(AWAY_ADDRESS))), &history()));
    assert_eq!([300, SPEED, u32::MAX].map(|speed| recorded.score_at(speed)), [None; 3]);
}

#[test]
fn a_record_that_says_little_lets_nobody_in() {
    let read = |value| serde_json::from_value::<Recorded>(value);
    assert_eq!(read(json!({})).expect("a record"), Recorded::default());
    assert_eq!(read(json!({})).expect("a record").score_at(SPEED), None);
    let without_measure = json!({ "conclusive": true, "findings": [{ "kind": "IMPOSSIBLE_TRAVEL", "score": 70 }] });
    assert_eq!(read(without_measure).expect("a record").score_at(u32::MAX), Some(70), "nothing to judge anew by");
    let without_weight = json!({ "conclusive": true, "travel": { "distance_km": 500, "elapsed_seconds": 0 } });
    assert_eq!(read(without_weight).expect("a record").score_at(SPEED), Some(70));
}

#[test]
fn fields_of_a_later_release_are_ignored_and_garbage_is_an_error() {
    let later = json!({
        "conclusive": true,
        "weather": "rain",
        "findings": [{ "kind": "NEW_DEVICE", "score": 30, "detail": "…", "seen": 4 }],
    });
    let read: Recorded = serde_json::from_value(later).expect("a record");
    assert_eq!((read.score_at(SPEED), read.findings[0].kind), (Some(30), Kind::NewDevice));
    for broken in [
        json!({ "findings": [{ "kind": "NEW_MOON", "score": 1 }] }),
        json!({ "findings": [{ "kind": "NEW_DEVICE" }] }),
        json!({ "travel_weight": 101 }),
        json!("risk"),
    ] {
        assert!(serde_json::from_value::<Recorded>(broken.clone()).is_err(), "{broken}");
    }
}

#[test]
fn scores_beyond_reason_do_not_overflow() {
    let finding = |kind| json!({ "kind": kind, "score": u32::MAX });
    let record = json!({ "conclusive": true, "findings": [finding("NEW_DEVICE"), finding("NEW_COUNTRY")] });
    assert_eq!(serde_json::from_value::<Recorded>(record).expect("a record").score_at(SPEED), Some(100));
}
