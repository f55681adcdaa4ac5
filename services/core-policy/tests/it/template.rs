//! Locked and free fields: what drifts, what is refused, and what aligning does.

use std::collections::BTreeSet;

use crate::common::*;
use core_policy::*;
use proptest::prelude::*;
use serde_json::Value;

fn locked(names: &[&str]) -> LockedFields {
    LockedFields::parse(names).expect("paths")
}

fn paths(fields: &[PolicyField]) -> Vec<&'static str> {
    fields.iter().map(|field| field.path()).collect()
}

/// The leaves of a stored policy in the API's spelling.
fn leaves(prefix: &str, value: &Value, found: &mut BTreeSet<String>) {
    let Value::Object(fields) = value else {
        found.insert(prefix.to_owned());
        return;
    };
    for (name, value) in fields {
        let mut words = name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        let camel = words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..]);
        leaves(&if prefix.is_empty() { camel } else { format!("{prefix}.{camel}") }, value, found);
    }
}

#[test]
fn every_field_of_the_model_has_a_name_and_no_other_thing_has() {
    let mut found = BTreeSet::new();
    leaves("", &serde_json::to_value(Policy::default()).unwrap(), &mut found);
    let named: BTreeSet<String> = POLICY_FIELDS.iter().map(|field| field.path().to_owned()).collect();
    assert_eq!(named, found);
    assert_eq!(POLICY_FIELDS.len(), named.len(), "each once");
}

#[test]
fn a_path_has_one_spelling() {
    for name in ["external.mandatoryFrom", "codes", "external", "allowedNetworks", "temporaryAccessMaxSeconds"] {
        assert_eq!(locked(&[name]).names(), [name]);
    }
    for name in [
        "",
        ".",
        "policy.external.mandatoryFrom",
        "External.mandatoryFrom",
        "external.MandatoryFrom",
        "external.mandatory_from",
        "external.mandatoryFrom ",
        " external",
        "external.",
        ".external",
        "external..mandatoryFrom",
        "external.mandatoryFrom.x",
        "external/mandatoryFrom",
        "extern",
        "external.mandatory",
        "allowedNetworks.0",
        "externаl",
        "external\u{200b}",
    ] {
        assert_eq!(LockedFields::parse(&["codes", name]), Err(vec![1]), "{name:?}");
    }
    assert_eq!(LockedFields::parse(&["codes", "codes", "x"]), Err(vec![1, 2]), "every fault, repetitions among them");
}

#[test]
fn a_group_locks_what_is_below_it_and_nothing_beside() {
    let group = locked(&["external", "codes.digits", "codes"]);
    let inside = |field: &&PolicyField| field.path().starts_with("external.") || field.path().starts_with("codes.");
    for field in POLICY_FIELDS {
        assert_eq!(group.contains(*field), inside(&field), "{field:?}");
    }
    assert_eq!(group.names(), ["external", "codes.digits", "codes"], "as they were given");
    assert!(locked(&[]).is_empty());
}

#[test]
fn only_locked_fields_drift() {
    let template = policy();
    let mut other = template.clone();
    other.external.max_skips = Some(3);
    other.codes.digits = 8;
    other.temporary_access_max_seconds = 600;
    assert_eq!(
        paths(&differing(&other, &template)),
        ["external.maxSkips", "codes.digits", "temporaryAccessMaxSeconds"]
    );
    let drift = |names: &[&str]| paths(&locked(names).drift(&other, &template));
    assert_eq!(drift(&["codes", "external.maxSkips"]), ["external.maxSkips", "codes.digits"]);
    assert!(drift(&["codes.ttlSeconds", "risk"]).is_empty());
    assert!(drift(&[]).is_empty());
}

#[test]
fn lists_differ_by_order_only_where_order_says_something() {
    let mut template = policy();
    template.phone_countries = vec!["US".into(), "CA".into()];
    template.allowed_networks.push(network("198.51.100.0/24", None));
    let mut other = template.clone();
    other.phone_countries.reverse();
    other.allowed_networks.reverse();
    assert!(differing(&other, &template).is_empty());
    other.internal.allowed_channels.reverse();
    assert_eq!(paths(&differing(&other, &template)), ["internal.allowedChannels"], "the order is that of preference");
    other = template.clone();
    other.allowed_networks[1] = other.allowed_networks[0].clone();
    other.allowed_networks[0].expires_at = Some(at(0));
    assert_eq!(paths(&differing(&other, &template)), ["allowedNetworks"]);
    other = template.clone();
    other.allowed_networks = vec![template.allowed_networks[0].clone(); 2];
    assert_eq!(paths(&differing(&other, &template)), ["allowedNetworks"], "a repetition does not stand for another");
}

#[test]
fn what_drifted_may_stay_or_come_back_but_not_go_elsewhere() {
    let template = policy();
    let digits = |digits| Policy { codes: CodePolicy { digits, ..template.codes }, ..template.clone() };
    let breaches = |next, before: Option<u32>| {
        let before = before.map(digits);
        paths(&locked(&["codes.digits"]).breaches(&digits(next), &template, before.as_ref()))
    };
    for (next, before, refused) in [
        (6, Some(6), false),
        (7, Some(6), true),
        (7, Some(7), false),
        (6, Some(7), false),
        (8, Some(7), true),
        (6, None, false),
        (7, None, true),
    ] {
        assert_eq!(!breaches(next, before).is_empty(), refused, "{next} after {before:?}");
    }
}

#[test]
fn a_free_field_follows_only_where_it_cannot_stay() {
    let mut template = policy();
    template.external.minimum_level = SecurityLevel::High;
    template.external.default_level = SecurityLevel::High;
    let mut tenant = policy();
    tenant.external.max_skips = Some(9);
    let aligned = locked(&["external.minimumLevel"]).align(&tenant, &template);
    assert_eq!(paths(&aligned.changed), ["external.defaultLevel", "external.minimumLevel"]);
    assert_eq!(aligned.policy.external.max_skips, Some(9));

    tenant.external.default_level = SecurityLevel::High;
    let aligned = locked(&["external.minimumLevel"]).align(&tenant, &template);
    assert_eq!(paths(&aligned.changed), ["external.minimumLevel"]);

    template.risk = RiskPolicy { challenge_threshold: 60, deny_threshold: Some(90), ..template.risk };
    tenant.risk = RiskPolicy { challenge_threshold: 20, deny_threshold: Some(40), ..tenant.risk };
    let aligned = locked(&["risk.challengeThreshold"]).align(&tenant, &template);
    assert_eq!((aligned.policy.risk.challenge_threshold, aligned.policy.risk.deny_threshold), (60, Some(90)));

    tenant.external.enrollment_opens_at = Some(at(500));
    tenant.external.mandatory_from = Some(at(900));
    let aligned = locked(&["external.mandatoryFrom"]).align(&tenant, &template);
    assert_eq!(aligned.policy.external.enrollment_opens_at, template.external.enrollment_opens_at);
}

/// As a published policy is: the fields that must fit each other do.
fn publishable() -> impl Strategy<Value = Policy> {
    any_policy().prop_filter("a policy that could be published", |policy| {
        let fits = |audience: &AudiencePolicy| {
            let late = audience.enrollment_opens_at.zip(audience.mandatory_from).is_some_and(|(o, m)| o > m);
            audience.minimum_level <= audience.default_level && !late
        };
        let risk = policy.risk;
        fits(&policy.internal)
            && fits(&policy.external)
            && risk.deny_threshold.is_none_or(|deny| deny > risk.challenge_threshold)
    })
}

fn any_locks() -> impl Strategy<Value = LockedFields> {
    let groups = ["internal", "external", "codes", "risk"];
    let names: Vec<&str> = POLICY_FIELDS.iter().map(|field| field.path()).chain(groups).collect();
    proptest::sample::subsequence(names, 0..12).prop_map(|names| locked(&names))
}

proptest! {
    #[test]
    fn aligning_ends_drift_keeps_what_is_free_and_fits(
        tenant in publishable(), template in publishable(), locks in any_locks()
    ) {
        let aligned = locks.align(&tenant, &template);
        prop_assert!(locks.drift(&aligned.policy, &template).is_empty());
        prop_assert!(locks.breaches(&aligned.policy, &template, None).is_empty());
        for field in POLICY_FIELDS.iter().filter(|field| !locks.contains(**field)) {
            let kept = !field.differs(&aligned.policy, &tenant);
            prop_assert!(kept || !field.differs(&aligned.policy, &template), "{field:?} is the tenant's or the template's");
        }
        let again = locks.align(&aligned.policy, &template);
        prop_assert!(again.changed.is_empty(), "once is enough: {:?}", again.changed);
        for (default, minimum) in [
            (aligned.policy.internal.default_level, aligned.policy.internal.minimum_level),
            (aligned.policy.external.default_level, aligned.policy.external.minimum_level),
        ] {
            prop_assert!(minimum <= default);
        }
        prop_assert!(aligned.policy.risk.deny_threshold.is_none_or(|deny| deny > aligned.policy.risk.challenge_threshold));
    }

    #[test]
    fn whatever_is_not_refused_has_locked_fields_as_the_template_or_as_before(
        next in publishable(), template in publishable(), before in publishable(), locks in any_locks()
    ) {
        let refused = locks.breaches(&next, &template, Some(&before));
        for field in POLICY_FIELDS.iter().filter(|field| locks.contains(**field)) {
            let fine = !field.differs(&next, &template) || !field.differs(&next, &before);
            prop_assert_eq!(fine, !refused.contains(field), "{:?}", field);
        }
    }
}
