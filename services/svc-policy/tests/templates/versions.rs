//! Versions of a template, and who may publish one.

use core_access::{ApiScope, Operation};
use core_kernel::{PageRequest, PolicyId, RefusalCode, TenantId, TypedId};
use core_policy::{Channel, UserKind};
use svc_policy::{PublishPolicyInput, PublishTemplateInput};
use testkit::{Environment, partner_caller};

use crate::common::{audit, draft, input, partner, partner_publisher, refusals, statuses, tenant_of};
use crate::scene::{digits, ids, scene, with_digits};

#[tokio::test(flavor = "multi_thread")]
async fn a_template_has_versions_and_the_same_words_make_no_new_one() {
    let scene = scene(0).await;
    assert_eq!(scene.policies.template(&scene.permit).await.unwrap(), None);
    let first = scene.publish(digits(7)).await.template;
    assert_eq!(
        (first.version, first.locked.names(), first.published_by.as_str()),
        (1, &["codes.digits".to_owned()][..], "key:partner")
    );
    assert_eq!(first.policy.external.mandatory_from, Some(first.published_at), "at once is when it was published");
    assert_eq!(scene.publish(digits(7)).await.template, first, "at once included");
    let second = scene.publish(digits(8)).await.template;
    assert_eq!((second.version, scene.policies.template(&scene.permit).await.unwrap()), (2, Some(second.clone())));
    assert_eq!(scene.policies.lookup_template(&scene.permit, first.template_id).await.unwrap(), Some(first));

    let unlocked = PublishTemplateInput { locked_fields: Vec::new(), ..digits(8) };
    assert_eq!(scene.publish(unlocked).await.template.version, 3, "other locks are another template");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_edited_an_older_version_is_told() {
    let scene = scene(1).await;
    let expecting = |version, value| PublishTemplateInput { expected_version: Some(version), ..digits(value) };
    let calls = (0..6).map(|_| scene.policies.publish_template(&scene.permit, expecting(0, 7)));
    let results = futures::future::join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for stale in [0, 2, -1] {
        assert_eq!(scene.refused(expecting(stale, 8)).await, [(RefusalCode::Conflict, "expectedVersion".to_owned())]);
    }
    assert_eq!(scene.publish(expecting(1, 8)).await.template.version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_with_its_field_and_nothing_is_published() {
    let scene = scene(1).await;
    let names = ["codes.digits", "Codes.digits", "policy.codes", "codes.digits", "codes.digits ", ""];
    let told = scene
        .refused(PublishTemplateInput {
            locked_fields: names.map(str::to_owned).to_vec(),
            draft: with_digits(5),
            ..digits(5)
        })
        .await;
    let fields: Vec<_> = told.iter().map(|(_, field)| field.as_str()).collect();
    assert!(told.iter().all(|(code, _)| *code == RefusalCode::Invalid));
    assert_eq!(
        fields,
        [
            "policy.codes.digits",
            "lockedFields.1",
            "lockedFields.2",
            "lockedFields.3",
            "lockedFields.4",
            "lockedFields.5"
        ]
    );
    let mut sandbox_only = with_digits(7);
    sandbox_only.codes.resend_after_seconds = Some(0);
    let told = scene.refused(PublishTemplateInput { draft: sandbox_only, ..digits(7) }).await;
    assert_eq!(told, [(RefusalCode::Invalid, "policy.codes.resendAfterSeconds".to_owned())]);
    let unsaid = PublishTemplateInput { apply_to_tenants: false, tenant_ids: ids(&scene.tenants), ..digits(7) };
    assert_eq!(scene.refused(unsaid).await, [(RefusalCode::Invalid, "tenantIds".to_owned())]);
    assert_eq!(scene.policies.template(&scene.permit).await.unwrap(), None);
    assert_eq!(statuses(&scene.policies, scene.tenants[0]).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_of_others_are_not_found_before_anything_else_is_looked_at() {
    let scene = scene(1).await;
    let other_partner = partner(&scene.bed).await;
    let theirs = tenant_of(&scene.bed, other_partner).await;
    let nobodys = scene.bed.tenant(Environment::Live).await;
    let absent = TenantId::new(&*scene.bed.platform.entropy, scene.bed.platform.now());
    let foreign = PolicyId(theirs.0).to_text();
    for bad in [theirs.to_text(), nobodys.to_text(), absent.to_text(), foreign, String::new(), "x".repeat(300)] {
        let tenant_ids = Some(vec![scene.tenants[0].to_text(), bad]);
        let given = PublishTemplateInput { tenant_ids, draft: with_digits(99), expected_version: Some(7), ..digits(7) };
        assert_eq!(scene.refused(given.clone()).await, [(RefusalCode::NotFound, "tenantIds.1".to_owned())]);
        let stop = scene.policies.realign(&scene.permit, given.tenant_ids.as_deref()).await.unwrap_err();
        assert_eq!(refusals(stop), [(RefusalCode::NotFound, "tenantIds.1".to_owned())]);
    }
    scene.publish(digits(7)).await;
    for untouched in [theirs, nobodys] {
        assert_eq!(statuses(&scene.policies, untouched).await, [(1, "ACTIVE")]);
    }
    let others = partner_publisher(other_partner);
    assert_eq!(scene.policies.template(&others).await.unwrap(), None, "another partner's template does not exist");
    let mine = scene.policies.template(&scene.permit).await.unwrap().unwrap();
    assert_eq!(scene.policies.lookup_template(&others, mine.template_id).await.unwrap(), None);
    let page = PageRequest::new(10, None).unwrap();
    let (drift, _) = scene.policies.template_drift(&others, &mine, &page).await.unwrap();
    let seen: Vec<_> = drift.rows.iter().map(|(_, drift)| drift.tenant).collect();
    assert_eq!(seen, [theirs], "whatever template is asked about, one's own tenants and no others");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_partners_publish_templates() {
    let scene = scene(1).await;
    for scopes in [&[ApiScope::Policy, ApiScope::Users, ApiScope::Read][..], &[]] {
        assert!(partner_caller(scene.partner, scopes).permit(Operation::PublishTemplatePolicy).is_err());
    }
    assert!(testkit::caller(scene.tenants[0], &[ApiScope::Policy]).permit(Operation::PublishTemplatePolicy).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn email_needs_the_partners_acknowledgement_and_is_on_record_with_each_tenant() {
    let scene = scene(1).await;
    let tenant = scene.tenants[0];
    let with_email = || PublishTemplateInput {
        draft: draft(&[Channel::Totp, Channel::Email]),
        locked_fields: vec!["external.allowedChannels".to_owned()],
        apply_to_tenants: true,
        ..PublishTemplateInput::default()
    };
    let missing = [(RefusalCode::AcknowledgementRequired, "acknowledgeWeakerChannels".to_owned())];
    assert_eq!(scene.refused(with_email()).await, missing);
    let acknowledged = PublishTemplateInput { acknowledge_weaker_channels: vec![Channel::Email], ..with_email() };
    assert_eq!(scene.publish(acknowledged).await.wave.changed(), 1);
    let (_, _, detail) = audit(&scene.bed, tenant).await.pop().unwrap();
    assert_eq!(detail["acknowledged"], serde_json::json!(["EMAIL"]));
    assert_eq!(
        scene.policy_of(tenant).await.audience(UserKind::External).allowed_channels,
        [Channel::Totp, Channel::Email]
    );
    assert_eq!(scene.publish(with_email()).await.template.version, 1, "accepted once, for good");

    // What the partner accepted is not the tenant's to extend before it reached it.
    let other = tenant_of(&scene.bed, scene.partner).await;
    let own = PublishPolicyInput { draft: draft(&[Channel::Totp, Channel::Email]), ..input(1) };
    assert_eq!(scene.tenant_refused(other, own).await, missing);
}
