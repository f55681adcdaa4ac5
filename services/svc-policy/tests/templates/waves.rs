//! Waves, which bring tenants to the template, and the drift that is left.

use std::time::Instant;

use chrono::Duration;
use core_kernel::{PageRequest, RefusalCode, TenantId};
use io_postgres::{ChangeEvent, TenantTx, listen};
use svc_policy::{Alignment, Policies, PublishPolicyInput, PublishTemplateInput};

use crate::common::{audit, events, in_force, publisher, refusals, scheduled, statuses};
use crate::scene::{digits, ids, own, scene, with_digits};

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
