//! Dates: what is scheduled takes effect by the tenant's clock, and at most one is.

mod common;

use chrono::Duration;
use common::{in_force, input, publisher, refusals, scheduled, statuses};
use core_kernel::{RefusalCode, TenantId};
use io_postgres::{ChangeEvent, listen};
use svc_policy::{Policies, PolicyStatus};
use testkit::{Environment, TestBed};

async fn bed() -> (TestBed, Policies, TenantId) {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Sandbox).await;
    let policies = Policies::new(bed.platform.clone());
    (bed, policies, tenant)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_version_takes_effect_by_the_tenants_clock() {
    let (bed, policies, tenant) = bed().await;
    let at = bed.now(tenant).await + Duration::hours(2);
    let view = policies.publish(&publisher(tenant), scheduled(1, at)).await.unwrap();
    assert_eq!(view.status, PolicyStatus::Scheduled);
    assert_eq!(in_force(&bed, &policies, tenant).await, 1);
    assert_eq!(statuses(&policies, tenant).await, [(2, "SCHEDULED"), (1, "ACTIVE")]);
    bed.advance(tenant, 2 * 3_600).await;
    // Without any invalidation: the snapshot already knew.
    assert_eq!(in_force(&bed, &policies, tenant).await, 2);
    assert_eq!(statuses(&policies, tenant).await, [(2, "ACTIVE"), (1, "SUPERSEDED")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduling_another_cancels_the_first() {
    let (bed, policies, tenant) = bed().await;
    let at = bed.now(tenant).await + Duration::hours(2);
    policies.publish(&publisher(tenant), scheduled(1, at)).await.unwrap();
    policies.publish(&publisher(tenant), scheduled(2, at + Duration::hours(1))).await.unwrap();
    assert_eq!(statuses(&policies, tenant).await, [(3, "SCHEDULED"), (2, "CANCELED"), (1, "ACTIVE")]);
    bed.advance(tenant, 2 * 3_600 + 60).await;
    assert_eq!(in_force(&bed, &policies, tenant).await, 1, "the cancelled one never takes effect");
    bed.advance(tenant, 3_600).await;
    assert_eq!(in_force(&bed, &policies, tenant).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_now_leaves_the_scheduled_one() {
    let (bed, policies, tenant) = bed().await;
    let at = bed.now(tenant).await + Duration::hours(2);
    policies.publish(&publisher(tenant), scheduled(1, at)).await.unwrap();
    policies.publish(&publisher(tenant), input(2)).await.unwrap();
    assert_eq!(statuses(&policies, tenant).await, [(3, "ACTIVE"), (2, "SCHEDULED"), (1, "SUPERSEDED")]);
    bed.advance(tenant, 3 * 3_600).await;
    assert_eq!(in_force(&bed, &policies, tenant).await, 2, "the one that took effect last");
    assert_eq!(statuses(&policies, tenant).await, [(3, "SUPERSEDED"), (2, "ACTIVE"), (1, "SUPERSEDED")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_version_can_be_cancelled_until_it_takes_effect() {
    let (bed, policies, tenant) = bed().await;
    let at = bed.now(tenant).await + Duration::hours(2);
    policies.publish(&publisher(tenant), scheduled(1, at)).await.unwrap();
    let view = policies.cancel_scheduled(&publisher(tenant), 2).await.unwrap();
    assert_eq!((view.version.version, view.status), (2, PolicyStatus::Canceled));
    bed.advance(tenant, 3 * 3_600).await;
    assert_eq!(in_force(&bed, &policies, tenant).await, 1);
    for (version, code) in [
        (2, RefusalCode::Conflict),
        (1, RefusalCode::Conflict),
        (3, RefusalCode::NotFound),
        (-1, RefusalCode::NotFound),
    ] {
        let stop = policies.cancel_scheduled(&publisher(tenant), version).await.unwrap_err();
        assert_eq!(refusals(stop), [(code, "version".to_owned())], "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_cancelling_both_the_kept_and_the_highest_number_are_expected() {
    for expected in [1, 2] {
        let (bed, policies, tenant) = bed().await;
        let at = bed.now(tenant).await + Duration::hours(2);
        policies.publish(&publisher(tenant), scheduled(1, at)).await.unwrap();
        policies.cancel_scheduled(&publisher(tenant), 2).await.unwrap();
        let view = policies.publish(&publisher(tenant), input(expected)).await.unwrap();
        assert_eq!(view.version.version, 3, "numbers are never given out twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_schedule_cannot_be_cancelled() {
    let (bed, policies, tenant) = bed().await;
    let other = bed.tenant(Environment::Live).await;
    let at = bed.now(tenant).await + Duration::hours(2);
    policies.publish(&publisher(tenant), scheduled(1, at)).await.unwrap();
    let stop = policies.cancel_scheduled(&publisher(other), 2).await.unwrap_err();
    assert_eq!(stop.refusal_code(), Some(RefusalCode::NotFound));
    assert_eq!(statuses(&policies, tenant).await[0], (2, "SCHEDULED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_refused_by_the_tenants_clock() {
    let (bed, policies, tenant) = bed().await;
    let wall_soon = bed.now(tenant).await + Duration::hours(1);
    bed.advance(tenant, 86_400).await;
    let stop = policies.publish(&publisher(tenant), scheduled(1, wall_soon)).await.unwrap_err();
    assert_eq!(refusals(stop), [(RefusalCode::Invalid, "effectiveAt".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_hears_of_a_publication() {
    let (bed, policies, tenant) = bed().await;
    let other_replica = Policies::new(bed.platform.clone());
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let replica = other_replica.clone();
    let listener = tokio::spawn(listen(bed.platform.database.clone(), move |event| {
        match event {
            ChangeEvent::Missed => replica.invalidate_all(),
            ChangeEvent::Changed(change) => replica.invalidate(TenantId(change.subject)),
            _ => {}
        }
        let _ = heard.send(event);
    }));
    assert_eq!(hears.recv().await, Some(ChangeEvent::Missed), "it listens");
    assert_eq!(in_force(&bed, &other_replica, tenant).await, 1);
    policies.publish(&publisher(tenant), input(1)).await.unwrap();
    assert!(matches!(hears.recv().await, Some(ChangeEvent::Changed(_))));
    assert_eq!(in_force(&bed, &other_replica, tenant).await, 2);
    listener.abort();
}
