//! Each signal on its own, up to its edges: the user of `common` is as usual as can be, so that
//! whatever is found was put there.

use core_risk::SignalKind as Kind;
use core_risk::*;

use crate::common::*;

#[test]
fn a_usual_login_scores_nothing() {
    let assessment = assessed(&attempt(), &history());
    assert_eq!((assessment.score, assessment.risk_score()), (0, Some(0)));
    assert!(assessment.findings.is_empty() && assessment.travel.is_none());
}

#[test]
fn scores_add_up_and_end_at_a_hundred() {
    let mut history = history();
    history.wrong_codes = vec![at(-1), at(-2)];
    assert_eq!(assessed(&from(away()), &history).findings.len(), 3);
    assert_eq!(assessed(&from(away()), &history).score, 100, "70 + 20 + 15");
    let slow = assess(&from(away()), &history, &Weights::default(), 10_000);
    assert_eq!(slow.score, 35);
}

#[test]
fn findings_stand_in_the_order_of_the_table() {
    let mut attempt = from(Origin { country: Some("GB".into()), anonymizer: Some(Anonymizer::TorExit), ..away() });
    attempt.device = DeviceFamily::UNKNOWN;
    attempt.hour = 3;
    let mut history = history();
    history.last_completed_at = Some(at(-91 * DAY));
    history.wrong_codes = vec![at(0)];
    history.factor_changes = vec![FactorChange { at: at(-HOUR), address: Some(ip(HOME_ADDRESS)) }];
    let mut expected = Kind::ALL.to_vec();
    expected.retain(|kind| *kind != Kind::FirstLogin);
    assert_eq!(kinds(&assessed(&attempt, &history)), expected);
}

#[test]
fn anonymizers() {
    for how in [
        Anonymizer::TorExit,
        Anonymizer::AnonymousVpn,
        Anonymizer::PublicProxy,
        Anonymizer::HostingProvider,
        Anonymizer::Listed,
    ] {
        let hidden = from(Origin { anonymizer: Some(how), ..home() });
        assert_eq!(scores(&hidden, &history()), [(Kind::Anonymizer, 50)], "{how:?}");
    }
}

#[test]
fn at_a_first_login_everything_is_new_and_that_is_said_once() {
    assert_eq!(scores(&attempt(), &History::default()), [(Kind::FirstLogin, 50)]);
    assert_eq!(sentence(&attempt(), &History::default()), "First login of this user");
    let hidden = from(Origin { anonymizer: Some(Anonymizer::Listed), ..home() });
    let tried = History { wrong_codes: vec![at(-1)], ..History::default() };
    let expected = [(Kind::Anonymizer, 50), (Kind::FirstLogin, 50), (Kind::FailedAttempts, 10)];
    assert_eq!(scores(&hidden, &tried), expected, "what has nothing to do with newness still adds");
}

#[test]
fn a_new_country() {
    let abroad = from(Origin { country: Some("GB".into()), ..home() });
    assert_eq!(scores(&abroad, &history()), [(Kind::NewCountry, 40)]);
    assert_eq!(sentence(&abroad, &history()), "First login from the United Kingdom in 90 days");
    let nowhere = from(Origin { country: None, ..home() });
    assert_eq!(scores(&nowhere, &history()), [], "what is not known is not new");
    let garbage = from(Origin { country: Some("??".into()), ..home() });
    assert_eq!(scores(&garbage, &history()), []);
    let lower = from(Origin { country: Some("us".into()), ..home() });
    assert_eq!(scores(&lower, &history()), []);
}

#[test]
fn a_new_network() {
    let other = from(Origin { network: Some(64_500), ..home() });
    assert_eq!(scores(&other, &history()), [(Kind::NewNetwork, 15)]);
    assert_eq!(scores(&from(Origin { network: None, ..home() }), &history()), []);
}

#[test]
fn a_new_device_unless_it_is_trusted() {
    let other = Attempt { device: DeviceFamily::of(Some("curl/8.5.0")), ..attempt() };
    assert_eq!(scores(&other, &history()), [(Kind::NewDevice, 30)]);
    assert_eq!(sentence(&other, &history()), "First login with curl in 90 days");
    assert_eq!(scores(&Attempt { known_device: true, ..other }, &history()), []);
    let updated = WINDOWS_CHROME.replace("129.0.0.0", "131.0.6778.86");
    let updated = Attempt { device: DeviceFamily::of(Some(&updated)), ..attempt() };
    assert_eq!(scores(&updated, &history()), []);
}

#[test]
fn what_was_seen_ninety_days_ago_is_not_new() {
    let seen_days_ago = |days| History { seen: seen_before(&attempt(), days * DAY), ..history() };
    assert_eq!(scores(&attempt(), &seen_days_ago(90)), []);
    let all_new = [(Kind::NewCountry, 40), (Kind::NewDevice, 30), (Kind::NewNetwork, 15)];
    assert_eq!(scores(&attempt(), &seen_days_ago(91)), all_new);
    assert_eq!(scores(&attempt(), &seen_days_ago(-400)), [], "the clock was set back");
}

#[test]
fn a_user_is_dormant_after_ninety_days() {
    let away_for = |seconds: i64| History { last_completed_at: Some(at(-seconds)), ..history() };
    assert_eq!(scores(&attempt(), &away_for(90 * DAY)), []);
    assert_eq!(scores(&attempt(), &away_for(90 * DAY + 1)), [(Kind::DormantUser, 30)]);
    assert_eq!(sentence(&attempt(), &away_for(143 * DAY)), "Last login 143 days ago");
    assert_eq!(scores(&attempt(), &away_for(-DAY)), [], "the clock was set back");
}

#[test]
fn wrong_codes_count_for_an_hour_and_forty_at_most() {
    let tried = |seconds: &[i64]| History { wrong_codes: seconds.iter().map(|by| at(-by)).collect(), ..history() };
    let score = |seconds: &[i64]| assessed(&attempt(), &tried(seconds)).score;
    assert_eq!(score(&[HOUR + 1]), 0);
    assert_eq!(score(&[HOUR]), 10);
    assert_eq!(score(&[0, 1, 2, HOUR + 1]), 30);
    assert_eq!(score(&[0; 4]), 40);
    assert_eq!(score(&[0; 500]), 40);
    assert_eq!(score(&[-DAY]), 10, "the clock was set back");
    assert_eq!(sentence(&attempt(), &tried(&[0; 4])), "4 wrong codes in the last hour");
}

#[test]
fn a_factor_changed_elsewhere() {
    let changed = |by: i64, address: Option<&str>| History {
        factor_changes: vec![FactorChange { at: at(-by), address: address.map(ip) }],
        ..history()
    };
    let fires = |by, address| scores(&attempt(), &changed(by, address)) == [(Kind::FactorRecentlyChanged, 25)];
    assert!(fires(0, Some(AWAY_ADDRESS)));
    assert!(fires(72 * HOUR, Some("192.0.2.11")), "a neighbour is somebody else");
    assert!(!fires(72 * HOUR + 1, Some(AWAY_ADDRESS)));
    assert!(fires(-DAY, Some(AWAY_ADDRESS)), "the clock was set back");
    assert!(!fires(0, Some(HOME_ADDRESS)));
    assert!(!fires(0, Some("::ffff:192.0.2.10")), "the same address, written as IPv6");
    assert!(!fires(0, None), "there is no place to compare with");
    assert!(fires(0, Some("2001:db8:1::1")));
    assert_eq!(
        sentence(&attempt(), &changed(5 * HOUR, Some(AWAY_ADDRESS))),
        "A factor was added or changed from another address 5 hours ago"
    );
}

#[test]
fn an_ipv6_household_is_one_place() {
    let at_home = Attempt { origin: Origin::unknown(ip("2001:db8:1:2::1")), ..attempt() };
    let changed = |address| History {
        factor_changes: vec![FactorChange { at: at(-HOUR), address: Some(ip(address)) }],
        last_position: None,
        ..history()
    };
    assert_eq!(scores(&at_home, &changed("2001:db8:1:2:abcd::9")), []);
    assert_eq!(scores(&at_home, &changed("2001:db8:1:3::1")), [(Kind::FactorRecentlyChanged, 25)]);
}

#[test]
fn one_change_elsewhere_is_not_hidden_by_others() {
    let change = |by: i64, address: Option<&str>| FactorChange { at: at(-by), address: address.map(ip) };
    let mut history = history();
    history.factor_changes = vec![
        change(0, Some(HOME_ADDRESS)),
        change(0, None),
        change(2 * HOUR, Some(AWAY_ADDRESS)),
        change(80 * HOUR, Some(AWAY_ADDRESS)),
    ];
    assert_eq!(sentence(&attempt(), &history), "A factor was added or changed from another address 2 hours ago");
}

#[test]
fn an_hour_is_unusual_under_two_percent_of_fifty_logins() {
    let logins = |at_noon: u16, at_nine: u16| {
        let mut hours = [0; 24];
        (hours[12], hours[9]) = (at_noon, at_nine);
        History { hours, ..history() }
    };
    let fires = |at_noon, at_nine| scores(&attempt(), &logins(at_noon, at_nine)) == [(Kind::UnusualTime, 10)];
    assert!(!fires(0, 49), "too few to know");
    assert!(fires(0, 50));
    assert!(!fires(1, 49), "exactly 2 %");
    assert!(fires(1, 50));
    assert!(!fires(2, 98));
    assert!(fires(2, 99));
    assert_eq!(sentence(&attempt(), &logins(2, 1_000)), "2 of 1,002 earlier logins were at this hour");
}

#[test]
fn counts_at_their_limit_and_hours_that_do_not_exist() {
    let full = History { hours: [u16::MAX; 24], ..history() };
    for hour in [0, 23, 24, u8::MAX] {
        assert_eq!(scores(&Attempt { hour, ..attempt() }, &full), [], "{hour}");
    }
}

#[test]
fn a_signal_of_weight_nought_is_switched_off() {
    let weights = Weights { new_network: weight(0), wrong_code: weight(0), ..Weights::default() };
    let mut history = traveller();
    history.wrong_codes = vec![at(0)];
    let attempt = from(Origin { network: Some(64_500), ..home() });
    assert_eq!(assess(&attempt, &history, &weights, SPEED).findings, []);
}

#[test]
fn each_signal_has_its_own_weight() {
    let mut attempt = from(Origin { country: Some("GB".into()), anonymizer: Some(Anonymizer::TorExit), ..away() });
    attempt.device = DeviceFamily::UNKNOWN;
    attempt.hour = 3;
    let mut history = history();
    history.last_completed_at = Some(at(-91 * DAY));
    history.wrong_codes = vec![at(0); 9];
    history.factor_changes = vec![FactorChange { at: at(-HOUR), address: Some(ip(HOME_ADDRESS)) }];
    let weights = Weights {
        impossible_travel: weight(1),
        anonymizer: weight(2),
        first_login: weight(3),
        new_country: weight(4),
        new_device: weight(5),
        dormant_user: weight(6),
        wrong_code: weight(1),
        wrong_codes_at_most: weight(7),
        factor_recently_changed: weight(8),
        new_network: weight(9),
        unusual_time: weight(10),
    };
    let found = assess(&attempt, &history, &weights, SPEED).findings;
    assert_eq!(found.iter().map(|finding| finding.score).collect::<Vec<_>>(), [1, 2, 4, 5, 6, 7, 8, 9, 10]);
    let newcomer = assess(&attempt, &History::default(), &weights, SPEED);
    assert_eq!(newcomer.score, 2 + 3);
}

#[test]
fn sentences_hold_no_address() {
    let mut attempt = from(Origin { anonymizer: Some(Anonymizer::Listed), country: Some("GB".into()), ..away() });
    attempt.device = DeviceFamily::of(Some("198.51.100.10"));
    let mut history = history();
    history.factor_changes = vec![FactorChange { at: at(-HOUR), address: Some(ip(HOME_ADDRESS)) }];
    for finding in assessed(&attempt, &history).findings {
        let detail = &finding.detail;
        assert!(![HOME_ADDRESS, AWAY_ADDRESS, "192.0", "198.51"].iter().any(|part| detail.contains(part)), "{detail}");
    }
}
