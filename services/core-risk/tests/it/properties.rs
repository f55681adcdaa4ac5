//! What holds whatever the login, the history, the weights and the speed.

use core_kernel::Timestamp;
use core_risk::SignalKind as Kind;
use core_risk::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::*;
use crate::strategies::*;

/// How far back a clock is set in these tests, in seconds.
const SET_BACK: i64 = 20 * DAY;

/// The parts without the limit, so that what is over a hundred can be compared too.
fn sum(assessment: &Assessment) -> u32 {
    assessment.findings.iter().map(|finding| finding.score).sum()
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1_000, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_score_is_the_sum_of_its_findings_up_to_a_hundred(
        attempt in any_attempt(), history in any_history(), weights in any_weights(), speed in speed(),
    ) {
        let assessment = assess(&attempt, &history, &weights_of(weights), speed);
        prop_assert_eq!(assessment.score, sum(&assessment).min(100));
        prop_assert!(assessment.findings.iter().all(|finding| (1..=100).contains(&finding.score)));
        prop_assert!(assessment.risk_score().is_none_or(|score| score == assessment.score));
        let rank = |kind: &Kind| Kind::ALL.iter().position(|other| other == kind);
        let ranks: Vec<_> = kinds(&assessment).iter().map(rank).collect();
        prop_assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
    }

    #[test]
    fn a_score_rises_with_each_weight(
        attempt in any_attempt(), history in any_history(), weights in any_weights(),
        index in 0..11_usize, to in 0..=100_u32,
    ) {
        let mut raised = weights;
        raised[index] = raised[index].max(to);
        let before = assess(&attempt, &history, &weights_of(weights), SPEED);
        let after = assess(&attempt, &history, &weights_of(raised), SPEED);
        prop_assert!(sum(&before) <= sum(&after));
        prop_assert_eq!(before.located, after.located, "weights do not say what is known");
    }

    #[test]
    fn more_wrong_codes_never_make_it_better(
        attempt in any_attempt(), history in any_history(), more in vec(instant(), 1..9),
    ) {
        let mut tried = history.clone();
        tried.wrong_codes.extend(more);
        prop_assert!(sum(&assessed(&attempt, &history)) <= sum(&assessed(&attempt, &tried)));
    }

    #[test]
    fn more_changes_of_factors_never_make_it_better(
        attempt in any_attempt(), history in any_history(), more in vec(any_change(), 1..5),
    ) {
        let mut changed = history.clone();
        changed.factor_changes.extend(more);
        prop_assert!(sum(&assessed(&attempt, &history)) <= sum(&assessed(&attempt, &changed)));
    }

    #[test]
    fn having_seen_more_never_makes_it_worse(attempt in any_attempt(), history in any_history(), more in any_seen()) {
        let seen = Seen::from_packed([history.seen.packed(), &more].concat());
        let wiser = History { seen, ..history.clone() };
        prop_assert!(sum(&assessed(&attempt, &wiser)) <= sum(&assessed(&attempt, &history)));
    }

    #[test]
    fn travelling_faster_never_makes_it_better(
        attempt in any_attempt(), history in any_history(), last in any_last(), later in 0..3 * DAY,
        limit in speed(), slower in speed(),
    ) {
        let faster = LastPosition { at: last.at + chrono::TimeDelta::seconds(later), ..last.clone() };
        let by = |last: &LastPosition, speed| {
            let history = History { last_position: Some(last.clone()), ..history.clone() };
            sum(&assess(&attempt, &history, &Weights::default(), speed))
        };
        prop_assert!(by(&last, limit) <= by(&faster, limit), "less time for the same way");
        let (lower, higher) = (limit.min(slower), limit.max(slower));
        prop_assert!(by(&last, higher) <= by(&last, lower), "a stricter limit");
    }

    #[test]
    fn no_order_matters(
        attempt in any_attempt(),
        (history, shuffled) in any_history().prop_flat_map(|history| {
            let parts = (
                Just(history.seen.packed().to_vec()).prop_shuffle(),
                Just(history.wrong_codes.clone()).prop_shuffle(),
                Just(history.factor_changes.clone()).prop_shuffle(),
            );
            (Just(history), parts)
        }),
    ) {
        let (seen, wrong_codes, factor_changes) = shuffled;
        let other = History { seen: Seen::from_packed(seen), wrong_codes, factor_changes, ..history.clone() };
        prop_assert_eq!(assessed(&attempt, &history), assessed(&attempt, &other));
    }

    #[test]
    fn a_journey_that_is_impossible_stays_so_when_the_clock_is_set_back(
        attempt in any_attempt(), history in any_history(), by in 0..=i64::from(i32::MAX),
    ) {
        let earlier = Attempt { now: at(-by), ..attempt.clone() };
        let travels = |attempt| kinds(&assessed(attempt, &history)).contains(&Kind::ImpossibleTravel);
        prop_assert!(!travels(&attempt) || travels(&earlier));
    }

    /// Of a user who was there lately, so that it is the clock alone that could make what is old young.
    #[test]
    fn setting_the_clock_back_makes_nothing_better(
        attempt in any_attempt(), history in any_history(), seen in vec(any_attempt(), 0..4), by in 0..=SET_BACK,
    ) {
        let seen_then = |attempt| Attempt { now: at(-SET_BACK), ..attempt }.seen_keys();
        let seen = seen.into_iter().flat_map(seen_then).collect();
        let last_completed_at = history.last_completed_at.map(|last| last.max(at(-60 * DAY)));
        let history = History { seen: Seen::from_packed(seen), last_completed_at, ..history };
        let earlier = Attempt { now: at(-by), ..attempt.clone() };
        prop_assert!(sum(&assessed(&attempt, &history)) <= sum(&assessed(&earlier, &history)));
    }

    #[test]
    fn no_time_is_too_early_or_too_late(mut attempt in any_attempt(), history in any_history(), early in any::<bool>()) {
        attempt.now = if early { Timestamp::MIN_UTC } else { Timestamp::MAX_UTC };
        let mut extreme = history.clone();
        extreme.last_completed_at = Some(Timestamp::MAX_UTC);
        extreme.wrong_codes.push(Timestamp::MIN_UTC);
        extreme.factor_changes.push(FactorChange { at: Timestamp::MAX_UTC, address: Some(ip(AWAY_ADDRESS)) });
        for history in [history, extreme] {
            prop_assert!(assessed(&attempt, &history).score <= 100);
        }
    }

    #[test]
    fn what_is_not_on_earth_makes_no_journey(
        attempt in any_attempt(), history in any_history(), bits in any::<(f64, f64, f64)>(), from in any::<bool>(),
    ) {
        let garbage = Position::new(bits.0, bits.1, Some(bits.2));
        prop_assume!(!garbage.is_on_earth());
        let (mut attempt, mut history) = (attempt, history);
        if from {
            history.last_position = Some(LastPosition { at: at(0), position: garbage, place: None });
        } else {
            attempt.origin.position = Some(garbage);
        }
        let assessment = assessed(&attempt, &history);
        prop_assert_eq!(assessment.travel, None);
        prop_assert!(!kinds(&assessment).contains(&Kind::ImpossibleTravel));
    }

    #[test]
    fn a_user_who_was_somewhere_is_never_conclusively_nowhere_on_strange_ground(
        attempt in any_attempt(), history in any_history(), last in on_earth(), at in instant(),
    ) {
        let history = History {
            last_position: Some(LastPosition { at, position: last, place: None }),
            seen: Seen::default(),
            ..history
        };
        let placed = attempt.origin.position.is_some_and(|position| position.is_on_earth());
        prop_assert_eq!(assessed(&attempt, &history).is_conclusive(), placed);
    }

    #[test]
    fn a_record_gives_the_score_that_was_given(
        attempt in any_attempt(), history in any_history(), weights in any_weights(),
        speed in speed(), other in speed(),
    ) {
        let weights = weights_of(weights);
        let assessment = assess(&attempt, &history, &weights, speed);
        let stored = serde_json::to_string(&Recorded::from(assessment.clone())).expect("JSON");
        let recorded: Recorded = serde_json::from_str(&stored).expect("a record");
        prop_assert_eq!(recorded.score_at(speed), assessment.risk_score());
        let at_other = assess(&attempt, &history, &weights, other).risk_score();
        prop_assert_eq!(recorded.score_at(other), at_other, "as if it had been assessed at that speed");
    }
}
