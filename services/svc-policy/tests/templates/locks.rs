//! Locks: which fields of its own policy a tenant may not change.

use chrono::Duration;
use core_access::{ApiScope, Operation};
use core_kernel::RefusalCode;
use core_policy::{AllowedNetworkDraft, Given, PolicyDraft};
use svc_policy::{Alignment, PublishPolicyInput, PublishTemplateInput};
use testkit::partner_caller;

use crate::common::{audit, in_force, input, publisher, refusals, scheduled, statuses};
use crate::scene::{digits, own, scene, with_digits};

const LOCKED: RefusalCode = RefusalCode::LockedByPartner;

fn locked(path: &str) -> (RefusalCode, String) {
    (LOCKED, path.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_field_is_refused_by_its_path_and_the_rest_is_free() {
    let scene = scene(1).await;
    let tenant = scene.tenants[0];
    let mut template = with_digits(7);
    template.external.mandatory_from = Given::Value("2031-03-01T00:00:00Z".to_owned());
    template.allowed_networks = ["198.51.100.0/24", "203.0.113.0/24"]
        .map(|cidr| AllowedNetworkDraft { cidr: cidr.to_owned(), label: "Office".to_owned(), expires_at: None })
        .to_vec();
    let locks = ["codes", "external.mandatoryFrom", "allowedNetworks", "phoneCountries"].map(str::to_owned).to_vec();
    scene.publish(PublishTemplateInput { draft: template.clone(), locked_fields: locks, ..digits(7) }).await;

    let publish = |draft: PolicyDraft| PublishPolicyInput { draft, ..input(2) };
    let bad = |change: fn(&mut PolicyDraft)| {
        let mut draft = template.clone();
        change(&mut draft);
        publish(draft)
    };
    for (change, path) in [
        (bad(|draft| draft.codes.digits = Some(6)), "policy.codes.digits"),
        (bad(|draft| draft.codes.digits = None), "policy.codes.digits"),
        (bad(|draft| draft.codes.max_attempts = Some(3)), "policy.codes.maxAttempts"),
        (bad(|draft| draft.external.mandatory_from = Given::Null), "policy.external.mandatoryFrom"),
        (bad(|draft| draft.external.mandatory_from = Given::LeftOut), "policy.external.mandatoryFrom"),
        (
            bad(|draft| draft.external.mandatory_from = Given::Value("2031-03-01T00:00:00.000001Z".to_owned())),
            "policy.external.mandatoryFrom",
        ),
        (bad(|draft| drop(draft.allowed_networks.pop())), "policy.allowedNetworks"),
        (bad(|draft| draft.allowed_networks[0].cidr = "198.51.100.0/25".to_owned()), "policy.allowedNetworks"),
        (bad(|draft| draft.allowed_networks[1] = draft.allowed_networks[0].clone()), "policy.allowedNetworks"),
        (bad(|draft| draft.phone_countries = Some(vec!["US".to_owned(), "CA".to_owned()])), "policy.phoneCountries"),
    ] {
        assert_eq!(scene.tenant_refused(tenant, change).await, [locked(path)]);
    }
    let both = bad(|draft| {
        draft.codes.digits = Some(8);
        draft.external.mandatory_from = Given::Null;
    });
    let told = scene.tenant_refused(tenant, both).await;
    assert_eq!(told, [locked("policy.external.mandatoryFrom"), locked("policy.codes.digits")], "all of them");
    // Spellings that would be no country or network at all are refused as such, and lock or no lock is not asked.
    let told = scene.tenant_refused(tenant, bad(|draft| draft.phone_countries = Some(vec!["us".to_owned()]))).await;
    assert_eq!(told, [(RefusalCode::Invalid, "policy.phoneCountries.0".to_owned())]);
    assert_eq!(statuses(&scene.policies, tenant).await.len(), 2, "nothing was published");

    // The same things said otherwise are the same, and what is free changes.
    let mut fine = template.clone();
    fine.allowed_networks.reverse();
    fine.allowed_networks[0].cidr = "::ffff:203.0.113.0/120".to_owned();
    fine.external.mandatory_from = Given::Value("2031-02-28T19:00:00-05:00".to_owned());
    fine.external.max_skips = Some(4);
    fine.internal.mandatory_from = Given::Null;
    let view = scene.policies.publish(&publisher(tenant), publish(fine)).await.unwrap();
    assert_eq!(view.version.policy.external.max_skips, Some(4));
    assert!(scene.drift().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_partners_own_key_in_a_tenants_name_is_held_by_the_lock_too() {
    let scene = scene(1).await;
    scene.publish(digits(7)).await;
    let key = partner_caller(scene.partner, &[ApiScope::Tenants, ApiScope::Policy]);
    let permit = key.in_tenant(scene.tenants[0], None).permit(Operation::PublishPolicy).unwrap();
    let stop = scene.policies.publish(&permit, own(2, 8)).await.unwrap_err();
    assert_eq!(refusals(stop), [locked("policy.codes.digits")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_wave_comes_a_tenant_may_leave_a_field_or_follow_but_not_go_elsewhere() {
    let scene = scene(1).await;
    let tenant = scene.tenants[0];
    scene.publish(PublishTemplateInput { apply_to_tenants: false, ..digits(7) }).await;
    scene.policies.publish(&publisher(tenant), own(1, 6)).await.expect("as it was");
    assert_eq!(scene.tenant_refused(tenant, own(2, 8)).await, [locked("policy.codes.digits")]);
    scene.policies.publish(&publisher(tenant), own(2, 7)).await.expect("as the template says");
    assert_eq!(scene.tenant_refused(tenant, own(3, 6)).await, [locked("policy.codes.digits")], "there is no way back");
    assert!(scene.drift().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_scheduled_before_the_lock_does_not_slip_past_it() {
    let scene = scene(1).await;
    let tenant = scene.tenants[0];
    let at = scene.bed.now(tenant).await + Duration::hours(2);
    let later = PublishPolicyInput { draft: with_digits(8), ..scheduled(1, at) };
    scene.policies.publish(&publisher(tenant), later).await.unwrap();
    scene.publish(PublishTemplateInput { apply_to_tenants: false, ..digits(6) }).await;
    let drift = scene.drift().await;
    assert_eq!(drift.len(), 1, "what is in force is as the template says; what is scheduled is not");
    assert_eq!(drift[0].fields, ["codes.digits"]);

    let wave = scene.publish(digits(6)).await.wave;
    assert_eq!(wave.tenants[0].alignment, Alignment::Changed { version: 3, fields: vec!["codes.digits"] });
    assert_eq!(statuses(&scene.policies, tenant).await, [(3, "SCHEDULED"), (2, "CANCELED"), (1, "ACTIVE")]);
    assert!(scene.drift().await.is_empty());
    let (_, _, detail) = audit(&scene.bed, tenant).await.pop().unwrap();
    assert_eq!(detail["canceled_versions"], serde_json::json!([2]));

    // Nor does one that is scheduled after it, nor one that is left when another is cancelled.
    let late = PublishPolicyInput { draft: with_digits(8), ..scheduled(3, at + Duration::hours(1)) };
    assert_eq!(scene.tenant_refused(tenant, late).await, [locked("policy.codes.digits")]);
    scene.policies.cancel_scheduled(&publisher(tenant), 3).await.unwrap();
    scene.bed.advance(tenant, 4 * 3_600).await;
    assert_eq!(scene.policy_of(tenant).await.codes.digits, 6);
    assert_eq!(in_force(&scene.bed, &scene.policies, tenant).await, 1);
}
