//! A partner's template: versions, drift, waves, and what its locks refuse.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::time::Instant;

use chrono::Duration;
use common::{
    audit, draft, events, in_force, input, partner, partner_publisher, publisher, refusals, scheduled, statuses,
    tenant_of,
};
use core_access::{ApiScope, Operation, PartnerPermit};
use core_kernel::{PageRequest, PartnerId, PolicyId, RefusalCode, TenantId, TypedId};
use core_policy::{AllowedNetworkDraft, Channel, Given, PolicyDraft, UserKind};
use io_postgres::{ChangeEvent, TenantTx, listen};
use svc_policy::{Alignment, Policies, PublishPolicyInput, PublishTemplateInput, PublishedTemplate, TenantDrift};
use testkit::{Environment, TestBed, partner_caller};

struct Scene {
    bed: TestBed,
    policies: Policies,
    partner: PartnerId,
    permit: PartnerPermit,
    tenants: Vec<TenantId>,
}

async fn scene(tenants: usize) -> Scene {
    let bed = TestBed::new().await;
    let partner = partner(&bed).await;
    let mut made = Vec::new();
    for _ in 0..tenants {
        made.push(tenant_of(&bed, partner).await);
    }
    Scene {
        policies: Policies::new(bed.platform.clone()),
        permit: partner_publisher(partner),
        partner,
        tenants: made,
        bed,
    }
}

impl Scene {
    async fn publish(&self, input: PublishTemplateInput) -> PublishedTemplate {
        self.policies.publish_template(&self.permit, input).await.unwrap()
    }

    async fn refused(&self, input: PublishTemplateInput) -> Vec<(RefusalCode, String)> {
        refusals(self.policies.publish_template(&self.permit, input).await.unwrap_err())
    }

    async fn drift(&self) -> Vec<TenantDrift> {
        let template = self.policies.template(&self.permit).await.unwrap().unwrap();
        let page = PageRequest::new(100, None).unwrap();
        let (page, total) = self.policies.template_drift(&self.permit, &template, &page).await.unwrap();
        assert_eq!(usize::try_from(total).unwrap(), page.rows.len());
        page.rows.into_iter().map(|(_, drift)| drift).collect()
    }

    async fn policy_of(&self, tenant: TenantId) -> core_policy::Policy {
        let now = self.bed.now(tenant).await;
        self.policies.snapshot(tenant).await.unwrap().require(now).unwrap().policy.clone()
    }

    async fn tenant_refused(&self, tenant: TenantId, input: PublishPolicyInput) -> Vec<(RefusalCode, String)> {
        refusals(self.policies.publish(&publisher(tenant), input).await.unwrap_err())
    }
}

fn ids(tenants: &[TenantId]) -> Option<Vec<String>> {
    Some(tenants.iter().map(|tenant| tenant.to_text()).collect())
}

/// Codes of this many digits, locked, for all.
fn digits(digits: i32) -> PublishTemplateInput {
    PublishTemplateInput {
        draft: with_digits(digits),
        locked_fields: vec!["codes.digits".to_owned()],
        apply_to_tenants: true,
        ..PublishTemplateInput::default()
    }
}

fn with_digits(digits: i32) -> PolicyDraft {
    let mut draft = draft(&[Channel::Sms, Channel::Totp]);
    draft.codes.digits = Some(digits);
    draft
}

/// A tenant's own version with codes of this many digits.
fn own(expected_version: i32, digits: i32) -> PublishPolicyInput {
    PublishPolicyInput { draft: with_digits(digits), ..input(expected_version) }
}

const LOCKED: RefusalCode = RefusalCode::LockedByPartner;

fn locked(path: &str) -> (RefusalCode, String) {
    (LOCKED, path.to_owned())
}

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
async fn waves_reach_those_who_are_named_then_all_and_drift_says_who_is_left() {
    let scene = scene(4).await;
    let published = scene.publish(PublishTemplateInput { apply_to_tenants: false, ..digits(7) }).await;
    assert!(published.wave.tenants.is_empty());
    let drift = scene.drift().await;
    assert_eq!(drift.iter().map(|one| one.tenant).collect::<Vec<_>>(), scene.tenants, "by slug, which is by age here");
    assert!(drift.iter().all(|one| one.fields == ["codes.digits"]), "free fields are no drift: {drift:?}");

    let first = [scene.tenants[2], scene.tenants[0], scene.tenants[2]];
    let published = scene.publish(PublishTemplateInput { tenant_ids: ids(&first), ..digits(7) }).await;
    assert_eq!((published.template.version, published.wave.changed()), (1, 2));
    assert_eq!(
        published.wave.tenants.iter().map(|one| one.tenant).collect::<Vec<_>>(),
        [scene.tenants[0], scene.tenants[2]]
    );
    let left: Vec<_> = scene.drift().await.into_iter().map(|one| one.tenant).collect();
    assert_eq!(left, [scene.tenants[1], scene.tenants[3]]);

    let published = scene.publish(digits(7)).await;
    let alignments: Vec<_> = published.wave.tenants.iter().map(|one| one.alignment.clone()).collect();
    let changed = Alignment::Changed { version: 2, fields: vec!["codes.digits"] };
    assert_eq!(alignments, [Alignment::Unchanged, changed.clone(), Alignment::Unchanged, changed]);
    assert!(scene.drift().await.is_empty());
    for tenant in &scene.tenants {
        let policy = scene.policy_of(*tenant).await;
        assert_eq!(policy.codes.digits, 7);
        assert_eq!(policy.external.allowed_channels.len(), 4, "the tenant's own channels are free, and kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tenants_in_one_command_each_on_its_own_record() {
    let scene = scene(200).await;
    scene.publish(PublishTemplateInput { apply_to_tenants: false, ..digits(7) }).await;
    let template = scene.policies.template(&scene.permit).await.unwrap().unwrap();
    let started = Instant::now();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = PageRequest::new(60, after).unwrap();
        let (page, total) = scene.policies.template_drift(&scene.permit, &template, &page).await.unwrap();
        assert_eq!(total, 200);
        seen.extend(page.rows.iter().map(|(_, drift)| drift.tenant));
        after = page.rows.last().map(|(cursor, _)| cursor.0.clone());
        if !page.has_next {
            break;
        }
    }
    println!("four pages of drift among 200 tenants: {:?}", started.elapsed());
    assert_eq!(seen, scene.tenants, "each once, over all pages");

    let started = Instant::now();
    let published = scene.publish(digits(7)).await;
    println!("a wave of 200 tenants: {:?}", started.elapsed());
    assert_eq!((published.wave.changed(), published.wave.failed()), (200, 0));
    assert!(scene.drift().await.is_empty());
    for tenant in &scene.tenants {
        let audit = audit(&scene.bed, *tenant).await;
        assert_eq!(audit.len(), 1);
        let (actor, action, detail) = &audit[0];
        assert_eq!((actor.as_str(), action.as_str()), ("key:partner", "policy.published"));
        assert_eq!((&detail["template_version"], &detail["fields"]), (&1.into(), &serde_json::json!(["codes.digits"])));
        assert_eq!(events(&scene.bed, *tenant).await[0].0, "POLICY_PUBLISHED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_fails_stops_no_other_and_the_next_wave_goes_on_with_it() {
    let scene = scene(3).await;
    let broken = scene.tenants[1];
    let set = async |text: &str| {
        let mut tx = TenantTx::begin(&scene.bed.platform.database, broken).await.unwrap();
        sqlx::query("update policy_version set document = $2::jsonb where tenant_id = $1")
            .bind(broken.0)
            .bind(text)
            .execute(tx.connection())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    set("{\"codes\": {\"digits\": \"six\"}}").await;
    let wave = scene.publish(digits(7)).await.wave;
    assert_eq!((wave.changed(), wave.failed()), (2, 1));
    assert!(matches!(wave.tenants[1].alignment, Alignment::Failed(_)), "{wave:?}");
    assert!(audit(&scene.bed, broken).await.is_empty(), "all of it or nothing");
    set("{}").await;
    let wave = scene.policies.realign(&scene.permit, None).await.unwrap().wave;
    assert_eq!((wave.changed(), wave.failed()), (1, 0));
    assert!(matches!(wave.tenants[1].alignment, Alignment::Changed { version: 2, .. }));
    assert!(scene.drift().await.is_empty());
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_and_what_is_scheduled_are_both_brought_to_the_template_at_their_dates() {
    let scene = scene(1).await;
    let tenant = scene.tenants[0];
    let at = scene.bed.now(tenant).await + Duration::hours(2);
    let mut later = PublishPolicyInput { draft: with_digits(8), ..scheduled(1, at) };
    later.draft.external.max_skips = Some(9);
    scene.policies.publish(&publisher(tenant), later).await.unwrap();
    scene.publish(digits(7)).await;
    let expected = [(4, "SCHEDULED"), (3, "ACTIVE"), (2, "CANCELED"), (1, "SUPERSEDED")];
    assert_eq!(statuses(&scene.policies, tenant).await, expected, "and still one is scheduled");
    let now = scene.policy_of(tenant).await;
    assert_eq!((now.codes.digits, now.external.max_skips), (7, None));
    scene.bed.advance(tenant, 2 * 3_600 + 1).await;
    let then = scene.policy_of(tenant).await;
    assert_eq!((then.codes.digits, then.external.max_skips), (7, Some(9)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_own_publishing_and_waves_at_once_end_without_drift() {
    let scene = scene(3).await;
    scene.publish(PublishTemplateInput { apply_to_tenants: false, ..digits(6) }).await;
    for round in 0..4 {
        let wave = async {
            scene.publish(digits(7 + round % 2)).await;
        };
        let edits = scene.tenants.iter().map(|tenant| async {
            let version = statuses(&scene.policies, *tenant).await[0].0;
            // Refused or overtaken now and then: both are answers. What counts is where it ends.
            let mut input = own(version, 6 + round % 3);
            input.draft.external.max_skips = Some(round);
            match scene.policies.publish(&publisher(*tenant), input).await {
                Ok(_) => {}
                Err(stop) => {
                    let code = refusals(stop)[0].0;
                    assert!(matches!(code, RefusalCode::Conflict | RefusalCode::LockedByPartner), "{code:?}");
                }
            }
        });
        futures::join!(wave, futures::future::join_all(edits));
        assert!(scene.drift().await.is_empty(), "round {round}");
        for tenant in &scene.tenants {
            let statuses = statuses(&scene.policies, *tenant).await;
            let numbers: Vec<_> = statuses.iter().map(|(version, _)| *version).collect();
            let expected: Vec<_> = (1..=i32::try_from(numbers.len()).unwrap()).rev().collect();
            assert_eq!(numbers, expected, "every number once");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_waves_at_once_the_older_does_not_undo_the_newer() {
    let scene = scene(6).await;
    for (older, newer) in [(7, 8), (6, 7), (8, 6)] {
        futures::join!(scene.publish(digits(older)), scene.publish(digits(newer)));
        assert!(scene.drift().await.is_empty(), "all are where the last template is");
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn other_replicas_hear_of_a_wave() {
    let scene = scene(2).await;
    let other_replica = Policies::new(scene.bed.platform.clone());
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let replica = other_replica.clone();
    let listener = tokio::spawn(listen(scene.bed.platform.database.clone(), move |event| {
        match event {
            ChangeEvent::Missed => replica.invalidate_all(),
            ChangeEvent::Changed(change) => replica.invalidate(TenantId(change.subject)),
            _ => {}
        }
        let _ = heard.send(event);
    }));
    assert_eq!(hears.recv().await, Some(ChangeEvent::Missed), "it listens");
    for tenant in &scene.tenants {
        assert_eq!(in_force(&scene.bed, &other_replica, *tenant).await, 1, "cached");
    }
    scene.publish(digits(7)).await;
    for _ in &scene.tenants {
        hears.recv().await;
    }
    for tenant in &scene.tenants {
        assert_eq!(in_force(&scene.bed, &other_replica, *tenant).await, 2);
    }
    listener.abort();
}
