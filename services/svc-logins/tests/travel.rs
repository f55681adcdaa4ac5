//! Where a user was last, and whether the next login can be from there: the demo's cities, the
//! sandbox's clock.

mod support;

use core_policy::{MethodChannel, UserKind};
use support::{Fixture, code_of, decision, signals};
use svc_logins::LoginView;

const HOME: &str = "192.0.2.10";
const ACROSS: &str = "198.51.100.7";
const LONDON: &str = "203.0.113.9";
const TOR: &str = "203.0.113.200";
const BOSTON: &str = "2001:db8:1:2::1";
const SYDNEY: &str = "2001:db8:2:2::1";
const NOWHERE: &str = "8.8.8.8";

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// What of the findings travel is about.
fn travelled(login: &LoginView) -> bool {
    signals(login).contains(&("IMPOSSIBLE_TRAVEL".to_owned(), 70))
}

fn sentence(login: &LoginView) -> &str {
    login.risk_signals[0]["detail"].as_str().expect("a sentence")
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_later_across_the_country_asks_and_next_morning_at_home_does_not() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    let first = f.evaluate_from("ann", HOME).await;
    assert_eq!(decision(&first), "CHALLENGE RISK_DETECTED");
    assert_eq!(signals(&first), [("FIRST_LOGIN".to_owned(), 50)]);
    f.prove(&first).await;
    f.bed.advance(f.tenant, 12 * MINUTE).await;
    let across = f.evaluate_from("ann", ACROSS).await;
    assert_eq!((decision(&across).as_str(), across.risk_score), ("CHALLENGE RISK_DETECTED", 85));
    assert_eq!(signals(&across), [("IMPOSSIBLE_TRAVEL".to_owned(), 70), ("NEW_NETWORK".to_owned(), 15)]);
    assert_eq!(sentence(&across), "2,540 km from the last login 12 minutes ago");
    let place = across.location.clone().expect("a place");
    assert_eq!((place.city.as_deref(), place.country.as_deref()), (Some("San Francisco"), Some("US")));
    assert_eq!(f.memory(ann).await.north(), Some(45), "asking moves nobody");
    f.bed.advance(f.tenant, 13 * HOUR).await;
    let home = f.evaluate_from("ann", HOME).await;
    assert_eq!((decision(&home).as_str(), home.risk_score), ("ALLOW LOW_RISK", 0));
    assert!(home.completed_at.is_some() && home.just_completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proves_it_is_there_and_travels_back_by_the_clock() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    f.bed.advance(f.tenant, 12 * MINUTE).await;
    f.log_in_from("ann", ACROSS).await;
    assert_eq!(f.memory(ann).await.north(), Some(38));
    f.bed.advance(f.tenant, HOUR).await;
    let too_soon = f.evaluate_from("ann", HOME).await;
    assert_eq!((decision(&too_soon).as_str(), too_soon.risk_score), ("CHALLENGE RISK_DETECTED", 70));
    // 2,540 km, less the radii, at 900 km/h are less than three hours.
    f.bed.advance(f.tenant, 2 * HOUR).await;
    assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "ALLOW LOW_RISK");
    assert_eq!(f.memory(ann).await.north(), Some(45), "at home again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policys_speed_is_what_is_impossible() {
    let f = Fixture::in_the_world().await;
    f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    f.bed.advance(f.tenant, 2 * HOUR).await;
    for (speed, impossible) in [(900, true), (2_000, false), (300, true)] {
        f.policy(|policy| policy.risk.max_travel_speed_kmh = speed).await;
        let login = f.evaluate_from("ann", ACROSS).await;
        assert_eq!(travelled(&login), impossible, "{speed} km/h");
        if !impossible {
            // Allowed, and so moved: the last case is a journey in no time.
            assert_eq!(decision(&login), "ALLOW LOW_RISK");
            f.log_in_from("ann", HOME).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_far_away_that_failed_does_not_move_home() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    let home = f.memory(ann).await;
    f.bed.advance(f.tenant, 12 * MINUTE).await;

    let guessed = f.evaluate_from("ann", ACROSS).await;
    let challenge = f.text(&guessed).await;
    for _ in 0..5 {
        assert_eq!(code_of(&f.verify(challenge, f.wrong_code(challenge)).await), "WRONG_CODE");
    }
    assert_eq!(code_of(&f.verify(challenge, &f.code(challenge)).await), "TOO_MANY_ATTEMPTS");
    f.evaluate_from("ann", ACROSS).await;
    let late = f.evaluate_from("ann", ACROSS).await;
    let challenge = f.start_by(&late, MethodChannel::Voice).await.challenge.unwrap().challenge_id;
    f.bed.advance(f.tenant, 16 * MINUTE).await;
    assert_eq!(code_of(&f.verify(challenge, &f.code(challenge)).await), "EXPIRED");
    assert_eq!(f.memory(ann).await, home);
    assert!(travelled(&f.evaluate_from("ann", ACROSS).await), "still from home");
    f.bed.advance(f.tenant, 14 * HOUR).await;
    assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "ALLOW LOW_RISK");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_coasts_are_one_country_and_two_continents_are_not() {
    let f = Fixture::in_the_world().await;
    let bob = f.phone_user("bob").await;
    f.log_in_from("bob", BOSTON).await;
    assert_eq!(f.memory(bob).await.north(), Some(42));
    // Another /64 of the same /48 is the same place.
    assert_eq!(decision(&f.evaluate_from("bob", "2001:db8:1:ffff::9").await), "ALLOW LOW_RISK");
    f.bed.advance(f.tenant, 10 * MINUTE).await;
    let coast = f.evaluate_from("bob", ACROSS).await;
    let expected = [("IMPOSSIBLE_TRAVEL".to_owned(), 70), ("NEW_NETWORK".to_owned(), 15)];
    assert_eq!(signals(&coast), expected, "no new country");
    let far = f.evaluate_from("bob", SYDNEY).await;
    let kinds: Vec<_> = signals(&far).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["IMPOSSIBLE_TRAVEL", "NEW_COUNTRY", "NEW_NETWORK"]);
    assert_eq!((far.risk_score, sentence(&far)), (100, "16,240 km from the last login 10 minutes ago"));
    // A day later it can be travelled: a new country and a new network remain, and ask together.
    f.bed.advance(f.tenant, 24 * HOUR).await;
    let day_after = f.evaluate_from("bob", SYDNEY).await;
    assert_eq!((decision(&day_after).as_str(), day_after.risk_score), ("CHALLENGE RISK_DETECTED", 55));
    f.prove(&day_after).await;
    assert_eq!(decision(&f.evaluate_from("bob", SYDNEY).await), "ALLOW LOW_RISK", "the second is not new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tor_exit_asks_each_time_however_familiar() {
    let f = Fixture::in_the_world().await;
    f.phone_user("ann").await;
    f.log_in_from("ann", TOR).await;
    f.bed.advance(f.tenant, HOUR).await;
    for _ in 0..2 {
        let login = f.evaluate_from("ann", TOR).await;
        assert_eq!((decision(&login).as_str(), login.risk_score), ("CHALLENGE RISK_DETECTED", 50));
        assert_eq!(sentence(&login), "Comes from the Tor network");
        f.prove(&login).await;
    }
    assert_eq!(decision(&f.evaluate_from("ann", LONDON).await), "ALLOW LOW_RISK", "the lower half hides nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_no_file_knows_asks_once_and_never_denies() {
    let f = Fixture::in_the_world().await;
    f.policy(|policy| policy.risk.deny_threshold = Some(51)).await;
    f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    // Findings of 70 and more, which at home deny.
    let login = f.evaluate_from("ann", TOR).await;
    assert_eq!(decision(&login), "DENY RISK_TOO_HIGH");
    let login = f.evaluate_from("ann", NOWHERE).await;
    assert_eq!((decision(&login).as_str(), login.location.clone()), ("CHALLENGE ADAPTIVE_NOT_STARTED", None));
    let challenge = f.text(&login).await;
    for _ in 0..4 {
        f.verify(challenge, f.wrong_code(challenge)).await;
    }
    f.bed.advance(f.tenant, 31).await;
    let suspicious = svc_logins::EvaluateInput {
        ip_address: NOWHERE.to_owned(),
        user_agent: Some("curl/8.5.0".to_owned()),
        ..support::input("ann")
    };
    let hidden = f.ask(&suspicious).await;
    assert_eq!((decision(&hidden).as_str(), hidden.risk_score), ("CHALLENGE ADAPTIVE_NOT_STARTED", 70));
    f.prove(&hidden).await;
    f.bed.advance(f.tenant, 2 * HOUR).await;
    assert_eq!(decision(&f.evaluate_from("ann", "8.8.8.250").await), "ALLOW LOW_RISK", "its /24 is familiar");
    assert_eq!(decision(&f.evaluate_from("ann", "8.8.9.8").await), "CHALLENGE ADAPTIVE_NOT_STARTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_journey_leaves_the_last_position_standing() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    f.log_in_from("ann", HOME).await;
    let home = f.memory(ann).await;
    f.bed.advance(f.tenant, 5 * MINUTE).await;
    f.log_in_from("ann", NOWHERE).await;
    let after = f.memory(ann).await;
    assert_eq!((after.north(), after.last_position_at), (Some(45), home.last_position_at));
    assert_eq!(after.logins(), 2);
    assert!(travelled(&f.evaluate_from("ann", ACROSS).await), "from home, by way of nowhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_nowhere_and_lock_nobody_out() {
    let f = Fixture::in_the_world().await;
    f.policy(|policy| policy.risk.deny_threshold = Some(56)).await;
    for (external_id, ip) in [("ann", "10.1.2.3"), ("bob", "192.168.7.7"), ("cleo", "fd00::17"), ("dan", "::1")] {
        let user = f.phone_user(external_id).await;
        let first = f.evaluate_from(external_id, ip).await;
        assert_eq!((decision(&first).as_str(), first.location.clone()), ("CHALLENGE RISK_DETECTED", None), "{ip}");
        f.prove(&first).await;
        let memory = f.memory(user).await;
        assert_eq!((memory.last_position_at, memory.seen.len()), (None, 2), "device and prefix");
        assert_eq!(decision(&f.evaluate_from(external_id, ip).await), "ALLOW LOW_RISK", "{ip}");
        assert_eq!(decision(&f.evaluate_from(external_id, "172.16.0.1").await), "ALLOW LOW_RISK", "nothing to compare");
        // From a private address somebody with a position is asked, not denied.
        f.log_in_from(external_id, HOME).await;
        let inside = f.evaluate_from(external_id, "100.64.3.4").await;
        assert_eq!(decision(&inside), "CHALLENGE ADAPTIVE_NOT_STARTED", "{ip}");
        f.bed.advance(f.tenant, HOUR).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_back_is_no_time_at_all() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    f.bed.advance(f.tenant, 10 * HOUR).await;
    f.log_in_from("ann", HOME).await;
    let home = f.memory(ann).await;
    f.bed.advance(f.tenant, -6 * HOUR).await;
    assert_eq!(decision(&f.evaluate_from("ann", HOME).await), "ALLOW LOW_RISK", "nobody becomes a stranger");
    let across = f.evaluate_from("ann", ACROSS).await;
    assert!(travelled(&across));
    assert_eq!(sentence(&across), "2,540 km from the last login a moment ago");
    f.prove(&across).await;
    let after = f.memory(ann).await;
    assert_eq!(
        (after.north(), after.last_position_at),
        (Some(45), home.last_position_at),
        "positions keep their order"
    );
    assert_eq!((after.logins(), after.last_completed_at), (3, home.last_completed_at));
}

#[tokio::test(flavor = "multi_thread")]
async fn at_high_the_score_is_a_remark_and_external_and_internal_are_judged_alike() {
    let f = Fixture::in_the_world().await;
    for (external_id, kind) in [("in", UserKind::Internal), ("out", UserKind::External)] {
        let user = f.bed.user(f.tenant, external_id, kind).await;
        f.add_phone(user, "PHONE_PRIMARY", "+14155550132", "MOBILE").await;
        f.log_in_from(external_id, HOME).await;
        f.bed.advance(f.tenant, MINUTE).await;
        let login = f.evaluate_from(external_id, LONDON).await;
        assert_eq!((decision(&login).as_str(), login.risk_score), ("CHALLENGE RISK_DETECTED", 100));
        f.run("update tenant_user set chosen_level = 'HIGH' where tenant_id = $1 and user_id = $2", user.0).await;
        let login = f.evaluate_from(external_id, LONDON).await;
        assert_eq!((decision(&login).as_str(), login.risk_score), ("CHALLENGE HIGH_LEVEL", 100));
        let login = f.evaluate_from(external_id, HOME).await;
        assert_eq!((decision(&login).as_str(), login.risk_score), ("CHALLENGE HIGH_LEVEL", 0));
        f.bed.advance(f.tenant, HOUR).await;
    }
}
