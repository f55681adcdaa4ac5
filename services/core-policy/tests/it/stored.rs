//! The policy as a document: what a new tenant gets, and what is read back.

use crate::common::*;
use core_policy::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn a_new_tenants_policy() {
    let now = parse_timestamp("2026-03-01T12:00:00Z").unwrap();
    let audience = |trusted_device_seconds: u32| {
        json!({
            "allowed_channels": ["SMS", "VOICE", "TOTP", "PASSKEY"],
            "enrollment_opens_at": null,
            "mandatory_from": "2026-03-01T12:00:00Z",
            "max_skips": null,
            "grace_period_seconds": 0,
            "default_level": "STANDARD",
            "minimum_level": "STANDARD",
            "user_may_choose_level": true,
            "adaptive_from": null,
            "trusted_device_seconds": trusted_device_seconds,
        })
    };
    let expected = json!({
        "internal": audience(2_592_000),
        "external": audience(0),
        "allowed_networks": [],
        "phone_countries": ["US"],
        "codes": { "digits": 6, "ttl_seconds": 300, "max_attempts": 5, "resend_after_seconds": 30 },
        "risk": { "challenge_threshold": 50, "deny_threshold": null, "max_travel_speed_kmh": 900 },
        "temporary_access_max_seconds": 28_800,
    });
    assert_eq!(serde_json::to_value(Policy::new_tenant(now)).unwrap(), expected);
}

#[test]
fn an_incomplete_document_is_filled_up_on_the_strict_side() {
    assert_eq!(serde_json::from_value::<Policy>(json!({})).unwrap(), Policy::default());
    let read: Policy = serde_json::from_value(json!({
        "internal": { "allowed_channels": ["TOTP"] },
        "external": { "mandatory_from": null },
        "a_field_of_a_later_release": 1,
    }))
    .unwrap();
    assert_eq!(read.internal.allowed_channels, [Channel::Totp]);
    assert_eq!(read.internal.mandatory_from, Some(chrono::DateTime::UNIX_EPOCH));
    assert_eq!(read.internal.trusted_device_seconds, 0);
    assert_eq!(read.external.mandatory_from, None, "null is a wish of its own");
}

#[test]
fn a_document_that_cannot_be_read_is_an_error_and_no_policy() {
    for broken in [
        json!({ "external": { "allowed_channels": ["CARRIER_PIGEON"] } }),
        json!({ "allowed_networks": [{ "cidr": "everywhere", "label": "x" }] }),
        json!({ "internal": { "minimum_level": "high" } }),
        json!({ "codes": { "digits": -1 } }),
        json!("policy"),
    ] {
        assert!(serde_json::from_value::<Policy>(broken.clone()).is_err(), "{broken}");
    }
}

#[test]
fn words_have_one_spelling_everywhere() {
    macro_rules! check {
        ($($name:ident),*) => {$(
            for value in $name::ALL {
                assert_eq!($name::parse(value.as_str()), Some(*value));
                assert_eq!($name::parse(&value.as_str().to_lowercase()), None);
                assert_eq!(serde_json::to_value(value).unwrap(), json!(value.as_str()));
                assert_eq!(value.to_string(), value.as_str());
            }
        )*};
    }
    check!(
        Channel,
        SecurityLevel,
        UserKind,
        LoginPurpose,
        FirstFactor,
        LoginOutcome,
        DecisionReason,
        MethodChannel,
        Completion,
        PhoneRole,
        PhoneLine,
        FactorStatus,
        FactorKind
    );
    for channel in Channel::ALL {
        let method = MethodChannel::from(*channel);
        assert_eq!((method.as_str(), Completion::from(method).as_str()), (channel.as_str(), channel.as_str()));
    }
    for method in MethodChannel::ALL {
        assert_eq!(Completion::from(*method).as_str(), method.as_str());
    }
    for role in PhoneRole::ALL {
        assert_eq!(FactorKind::from(*role).phone_role(), Some(*role));
    }
    assert!(SecurityLevel::Standard < SecurityLevel::High);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_stored_is_what_is_read(policy in any_policy()) {
        let stored = serde_json::to_string(&policy).unwrap();
        prop_assert_eq!(serde_json::from_str::<Policy>(&stored).unwrap(), policy);
    }
}
