//! The publishing checks, each with the path of its field.

use crate::common::*;
use core_kernel::{RefusalCode, Timestamp};
use core_policy::*;

fn draft() -> PolicyDraft {
    let audience = AudienceDraft { allowed_channels: vec![Channel::Sms], ..AudienceDraft::default() };
    PolicyDraft { internal: audience.clone(), external: audience, ..PolicyDraft::default() }
}

fn edited(edit: impl FnOnce(&mut PolicyDraft)) -> PolicyDraft {
    let mut draft = draft();
    edit(&mut draft);
    draft
}

fn now() -> PublishContext {
    PublishContext { now: at(0), effective_at: None, sandbox: false }
}

fn text(at: Timestamp) -> String {
    at.to_rfc3339()
}

/// The paths of all refusals, in order; empty where the draft becomes a policy.
fn faults_in(draft: &PolicyDraft, context: &PublishContext) -> Vec<String> {
    let refusals = draft.validate(context).err().unwrap_or_default();
    assert!(refusals.iter().all(|refusal| refusal.code == RefusalCode::Invalid && !refusal.message.is_empty()));
    refusals.into_iter().map(|refusal| refusal.field.join(".")).collect()
}

#[track_caller]
fn passes(edit: impl FnOnce(&mut PolicyDraft)) -> Policy {
    edited(edit).validate(&now()).expect("a policy without fault")
}

#[track_caller]
fn refused(path: &str, edit: impl FnOnce(&mut PolicyDraft)) {
    assert_eq!(faults_in(&edited(edit), &now()), [path]);
}

/// Values within the range pass and are kept; their neighbours are refused at `path`.
#[track_caller]
fn ranged(path: &str, low: i32, high: i32, set: impl Fn(&mut PolicyDraft, i32), get: impl Fn(&Policy) -> u32) {
    for value in [low, high] {
        assert_eq!(i64::from(get(&passes(|draft| set(draft, value)))), i64::from(value));
    }
    for value in [low - 1, high + 1, i32::MIN, i32::MAX] {
        refused(path, |draft| set(draft, value));
    }
}

#[test]
fn what_is_left_out_is_a_new_tenants() {
    let mut expected = Policy::new_tenant(at(0));
    expected.internal.allowed_channels = vec![Channel::Sms];
    expected.external.allowed_channels = vec![Channel::Sms];
    assert_eq!(draft().validate(&now()), Ok(expected));
}

#[test]
fn at_once_means_when_it_takes_effect() {
    let later = PublishContext { effective_at: Some(at(500)), ..now() };
    assert_eq!(draft().validate(&later).unwrap().external.mandatory_from, Some(at(500)));
    assert_eq!(draft().validate(&now()).unwrap().external.mandatory_from, Some(at(0)));
}

#[test]
fn mandatory_from_can_be_left_out_null_or_given() {
    assert_eq!(passes(|draft| draft.external.mandatory_from = Given::Null).external.mandatory_from, None);
    let given = passes(|draft| draft.external.mandatory_from = Given::Value(text(at(-9))));
    assert_eq!(given.external.mandatory_from, Some(at(-9)));
    assert_eq!(given.internal.mandatory_from, Some(at(0)));
}

#[test]
fn a_policy_takes_effect_now_or_later() {
    let at_effect = |effective_at| faults_in(&draft(), &PublishContext { effective_at: Some(effective_at), ..now() });
    assert!(at_effect(at(0)).is_empty() && at_effect(at(1)).is_empty());
    assert_eq!(at_effect(at(-1)), ["effectiveAt"]);
}

#[test]
fn enrollment_opens_before_it_becomes_mandatory() {
    let dates = |opens: i64, mandatory: Given<i64>| {
        edited(|draft| {
            draft.external.enrollment_opens_at = Some(text(at(opens)));
            draft.external.mandatory_from = match mandatory {
                Given::LeftOut => Given::LeftOut,
                Given::Null => Given::Null,
                Given::Value(seconds) => Given::Value(text(at(seconds))),
            };
        })
    };
    let later = PublishContext { effective_at: Some(at(50)), ..now() };
    for good in [dates(10, Given::Value(10)), dates(10, Given::Null), dates(0, Given::LeftOut)] {
        assert!(faults_in(&good, &now()).is_empty(), "{good:?}");
    }
    assert!(faults_in(&dates(50, Given::LeftOut), &later).is_empty(), "it opens when it takes effect");
    for bad in [dates(11, Given::Value(10)), dates(1, Given::LeftOut)] {
        assert_eq!(faults_in(&bad, &now()), ["policy.external.mandatoryFrom"]);
    }
    assert_eq!(faults_in(&dates(51, Given::LeftOut), &later), ["policy.external.mandatoryFrom"]);
}

#[test]
fn dates_are_rfc_3339() {
    refused("policy.external.mandatoryFrom", |draft| draft.external.mandatory_from = Given::Value("soon".into()));
    refused("policy.internal.enrollmentOpensAt", |draft| {
        draft.internal.enrollment_opens_at = Some("2026-13-01T00:00:00Z".into());
    });
    refused("policy.external.adaptiveFrom", |draft| draft.external.adaptive_from = Some(String::new()));
    let kept = passes(|draft| draft.external.adaptive_from = Some("2026-03-01T07:00:00-05:00".into()));
    assert_eq!(kept.external.adaptive_from, parse_timestamp("2026-03-01T12:00:00Z"));
}

#[test]
fn each_audience_has_channels_and_none_twice() {
    refused("policy.internal.allowedChannels", |draft| draft.internal.allowed_channels.clear());
    refused("policy.external.allowedChannels", |draft| draft.external.allowed_channels.clear());
    refused("policy.external.allowedChannels", |draft| {
        draft.external.allowed_channels = vec![Channel::Sms, Channel::Totp, Channel::Sms];
    });
    let reversed: Vec<Channel> = Channel::ALL.iter().rev().copied().collect();
    let kept = passes(|draft| draft.external.allowed_channels.clone_from(&reversed));
    assert_eq!(kept.external.allowed_channels, reversed);
}

#[test]
fn the_minimum_level_is_not_above_the_default() {
    use SecurityLevel::High;
    refused("policy.external.minimumLevel", |draft| draft.external.minimum_level = Some(High));
    let high = passes(|draft| {
        draft.internal.default_level = Some(High);
        draft.external.minimum_level = Some(High);
        draft.external.default_level = Some(High);
    });
    assert_eq!((high.external.minimum_level, high.internal.default_level), (High, High));
}

#[test]
fn numbers_of_an_audience() {
    let quarter = 7_776_000;
    ranged(
        "policy.external.maxSkips",
        0,
        100,
        |d, v| d.external.max_skips = Some(v),
        |p| p.external.max_skips.unwrap(),
    );
    ranged(
        "policy.external.gracePeriodSeconds",
        0,
        quarter,
        |d, v| d.external.grace_period_seconds = Some(v),
        |p| p.external.grace_period_seconds,
    );
    ranged(
        "policy.internal.trustedDeviceSeconds",
        0,
        quarter,
        |d, v| d.internal.trusted_device_seconds = Some(v),
        |p| p.internal.trusted_device_seconds,
    );
    assert!(!passes(|draft| draft.external.user_may_choose_level = Some(false)).external.user_may_choose_level);
}

#[test]
fn numbers_of_codes() {
    ranged("policy.codes.digits", 6, 8, |d, v| d.codes.digits = Some(v), |p| p.codes.digits);
    ranged("policy.codes.ttlSeconds", 60, 600, |d, v| d.codes.ttl_seconds = Some(v), |p| p.codes.ttl_seconds);
    ranged("policy.codes.maxAttempts", 3, 5, |d, v| d.codes.max_attempts = Some(v), |p| p.codes.max_attempts);
    ranged(
        "policy.codes.resendAfterSeconds",
        15,
        300,
        |d, v| d.codes.resend_after_seconds = Some(v),
        |p| p.codes.resend_after_seconds,
    );
}

#[test]
fn only_a_sandbox_resends_at_once() {
    let path = "policy.codes.resendAfterSeconds";
    let sandbox = PublishContext { sandbox: true, ..now() };
    let with = |seconds| edited(|draft| draft.codes.resend_after_seconds = Some(seconds));
    assert_eq!(with(0).validate(&sandbox).unwrap().codes.resend_after_seconds, 0);
    assert_eq!(faults_in(&with(0), &now()), [path]);
    for seconds in [-1, 1, 14, 301] {
        assert_eq!(faults_in(&with(seconds), &sandbox), [path], "{seconds}");
    }
}

#[test]
fn numbers_of_risk() {
    let asking = |d: &mut PolicyDraft, v| d.risk.challenge_threshold = Some(v);
    ranged("policy.risk.challengeThreshold", 1, 100, asking, |p| p.risk.challenge_threshold);
    let speed = |d: &mut PolicyDraft, v| d.risk.max_travel_speed_kmh = Some(v);
    ranged("policy.risk.maxTravelSpeedKmh", 300, 2_000, speed, |p| p.risk.max_travel_speed_kmh);
    let denying = |d: &mut PolicyDraft, v| d.risk.deny_threshold = Some(v);
    ranged("policy.risk.denyThreshold", 51, 100, denying, |p| p.risk.deny_threshold.unwrap());
    refused("policy.risk.denyThreshold", |draft| denying(draft, 0));
    let both = passes(|draft| {
        asking(draft, 1);
        denying(draft, 2);
    });
    assert_eq!((both.risk.challenge_threshold, both.risk.deny_threshold), (1, Some(2)));
    refused("policy.risk.denyThreshold", |draft| {
        asking(draft, 60);
        denying(draft, 60);
    });
}

#[test]
fn temporary_access_lasts_ten_minutes_to_a_day() {
    let set = |d: &mut PolicyDraft, v| d.temporary_access_max_seconds = Some(v);
    ranged("policy.temporaryAccessMaxSeconds", 600, 86_400, set, |p| p.temporary_access_max_seconds);
}

fn network_draft(cidr: &str) -> AllowedNetworkDraft {
    AllowedNetworkDraft { cidr: cidr.to_owned(), label: "Office".to_owned(), expires_at: None }
}

#[test]
fn networks_are_kept_canonical() {
    let kept = passes(|draft| {
        draft.allowed_networks = vec![
            network_draft("203.0.113.0/24"),
            network_draft("2001:0DB8:1::/48"),
            AllowedNetworkDraft { expires_at: Some(text(at(60))), ..network_draft("::ffff:198.51.100.0/120") },
        ];
    });
    let cidrs: Vec<String> = kept.allowed_networks.iter().map(|network| network.cidr.to_string()).collect();
    assert_eq!(cidrs, ["203.0.113.0/24", "2001:db8:1::/48", "198.51.100.0/24"]);
    assert_eq!(kept.allowed_networks[2].expires_at, Some(at(60)));
}

#[test]
fn networks_are_refused_at_their_place_in_the_list() {
    for cidr in ["203.0.113.1/24", "10.0.0.0/8", "fd00:1::/48", "0.0.0.0/0", "2001::/16", "nonsense", "203.0.113.7"] {
        refused("policy.allowedNetworks.1.cidr", |draft| {
            draft.allowed_networks = vec![network_draft("203.0.113.0/24"), network_draft(cidr)];
        });
    }
    refused("policy.allowedNetworks.0.expiresAt", |draft| {
        draft.allowed_networks =
            vec![AllowedNetworkDraft { expires_at: Some("tomorrow".into()), ..network_draft("203.0.113.0/24") }];
    });
}

#[test]
fn labels_have_1_to_100_characters() {
    let labelled = |label: &str| {
        let network = AllowedNetworkDraft { label: label.to_owned(), ..network_draft("203.0.113.0/24") };
        edited(|draft| draft.allowed_networks = vec![network])
    };
    let longest = "é".repeat(100);
    for label in ["x", "  St. Paul  ", &longest] {
        assert_eq!(labelled(label).validate(&now()).unwrap().allowed_networks[0].label, label.trim());
    }
    for label in ["", "   ", &"é".repeat(101), "two\nlines", "nul\0"] {
        assert_eq!(faults_in(&labelled(label), &now()), ["policy.allowedNetworks.0.label"], "{label:?}");
    }
}

#[test]
fn at_most_200_networks() {
    let many = |count: usize| vec![network_draft("203.0.113.0/24"); count];
    assert_eq!(passes(|draft| draft.allowed_networks = many(200)).allowed_networks.len(), 200);
    refused("policy.allowedNetworks", |draft| draft.allowed_networks = many(201));
    // A flood of faults is answered by one.
    refused("policy.allowedNetworks", |draft| draft.allowed_networks = vec![network_draft("x"); 50_000]);
}

#[test]
fn countries_are_known_and_named_once() {
    let with = |codes: &[&str]| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        edited(|draft| draft.phone_countries = Some(codes))
    };
    assert_eq!(with(&["US", "CA"]).validate(&now()).unwrap().phone_countries, ["US", "CA"]);
    assert!(with(COUNTRIES).validate(&now()).is_ok());
    assert_eq!(faults_in(&with(&[]), &now()), ["policy.phoneCountries"]);
    assert_eq!(faults_in(&with(&["US", "US"]), &now()), ["policy.phoneCountries"]);
    assert_eq!(faults_in(&with(&["US", "us"]), &now()), ["policy.phoneCountries.1"]);
    assert_eq!(faults_in(&with(&["", "XX", "DE"]), &now()), ["policy.phoneCountries.0", "policy.phoneCountries.1"]);
    assert_eq!(faults_in(&with(&vec!["XX"; 10_000]), &now()), ["policy.phoneCountries"]);
}

#[test]
fn a_fault_shows_no_more_of_the_text_than_needed() {
    let draft = edited(|draft| draft.phone_countries = Some(vec!["A\u{1b}".to_owned() + &"B".repeat(1_000)]));
    let refusal = draft.validate(&now()).unwrap_err().remove(0);
    assert!(refusal.message.len() < 100 && !refusal.message.contains('\u{1b}'), "{}", refusal.message);
}

#[test]
fn every_fault_is_told_at_once() {
    let draft = edited(|draft| {
        draft.internal.allowed_channels.clear();
        draft.external.mandatory_from = Given::Value("x".into());
        draft.external.max_skips = Some(101);
        draft.allowed_networks =
            vec![AllowedNetworkDraft { cidr: "10.0.0.0/8".into(), label: String::new(), expires_at: Some("x".into()) }];
        draft.phone_countries = Some(Vec::new());
        draft.codes.digits = Some(5);
        draft.risk.deny_threshold = Some(50);
        draft.temporary_access_max_seconds = Some(599);
    });
    let context = PublishContext { effective_at: Some(at(-1)), ..now() };
    assert_eq!(
        faults_in(&draft, &context),
        [
            "effectiveAt",
            "policy.internal.allowedChannels",
            "policy.external.mandatoryFrom",
            "policy.external.maxSkips",
            "policy.allowedNetworks.0.cidr",
            "policy.allowedNetworks.0.label",
            "policy.allowedNetworks.0.expiresAt",
            "policy.phoneCountries",
            "policy.codes.digits",
            "policy.risk.denyThreshold",
            "policy.temporaryAccessMaxSeconds",
        ]
    );
}

#[test]
fn what_is_published_can_be_stored_and_read() {
    let policy = passes(|draft| draft.allowed_networks = vec![network_draft("::ffff:198.51.100.0/120")]);
    let stored = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&stored).unwrap(), policy);
}
