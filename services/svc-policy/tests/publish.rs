//! Publishing: numbers, conflicts, acknowledgement, and what the record says.

mod common;

use common::{audit, draft, events, in_force, input, publisher, reader, refusals, statuses};
use core_access::{AdminRole, Operation, Principal};
use core_kernel::{AccountId, AdminId, Fault, PageRequest, RefusalCode, TenantId, TypedId};
use core_policy::{Channel, UserKind};
use io_postgres::TenantTx;
use svc_policy::{Policies, PolicyStatus, PublishPolicyInput};
use testkit::{Environment, TestBed};

async fn bed() -> (TestBed, Policies, TenantId) {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Sandbox).await;
    let policies = Policies::new(bed.platform.clone());
    (bed, policies, tenant)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_version_holds_at_once_and_is_on_record() {
    let (bed, policies, tenant) = bed().await;
    assert_eq!(in_force(&bed, &policies, tenant).await, 1, "and now it is cached");
    let given = PublishPolicyInput { comment: Some("  Apps only. ".to_owned()), ..input(1) };
    let view = policies.publish(&publisher(tenant), given).await.unwrap();
    assert_eq!((view.version.version, view.status), (2, PolicyStatus::Active));
    assert_eq!(view.version.comment.as_deref(), Some("Apps only."));
    assert_eq!(view.version.published_by.as_deref(), Some("key:test"));
    assert_eq!(in_force(&bed, &policies, tenant).await, 2);
    assert_eq!(statuses(&policies, tenant).await, [(2, "ACTIVE"), (1, "SUPERSEDED")]);

    let (actor, action, detail) = audit(&bed, tenant).await.remove(0);
    assert_eq!((actor.as_str(), action.as_str(), &detail["version"]), ("key:test", "policy.published", &2.into()));
    let (kind, payload) = events(&bed, tenant).await.remove(0);
    assert_eq!((kind.as_str(), &payload["policy_id"]), ("POLICY_PUBLISHED", &view.version.policy_id.to_text().into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn at_once_is_the_instant_of_publishing_on_the_tenants_clock() {
    let (bed, policies, tenant) = bed().await;
    bed.advance(tenant, 86_400).await;
    let before = bed.now(tenant).await;
    let version = policies.publish(&publisher(tenant), input(1)).await.unwrap().version;
    assert!(version.effective_at >= before);
    assert_eq!(version.policy.audience(UserKind::External).mandatory_from, Some(version.effective_at));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_edited_an_older_version_is_told_and_changes_nothing() {
    let (bed, policies, tenant) = bed().await;
    policies.publish(&publisher(tenant), input(1)).await.unwrap();
    for stale in [1, 0, 3, -1, i32::MAX, i32::MIN] {
        let stop = policies.publish(&publisher(tenant), input(stale)).await.unwrap_err();
        assert_eq!(refusals(stop), [(RefusalCode::Conflict, "expectedVersion".to_owned())], "{stale}");
    }
    assert_eq!(statuses(&policies, tenant).await.len(), 2);
    assert_eq!(audit(&bed, tenant).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_parallel_publishers_exactly_one_succeeds() {
    let (bed, policies, tenant) = bed().await;
    let publisher = publisher(tenant);
    let results = futures::future::join_all((0..8).map(|_| policies.publish(&publisher, input(1)))).await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7));
    for stop in lost.into_iter().filter_map(Result::err) {
        assert_eq!(stop.refusal_code(), Some(RefusalCode::Conflict));
    }
    assert_eq!(in_force(&bed, &policies, tenant).await, 2);
    assert_eq!(events(&bed, tenant).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_with_its_field_and_nothing_is_published() {
    let (bed, policies, tenant) = bed().await;
    let mut bad = draft(&[]);
    bad.codes.digits = Some(5);
    let given = PublishPolicyInput {
        draft: bad,
        effective_at: Some("tomorrow".to_owned()),
        comment: Some("a\u{0}b".to_owned()),
        ..input(1)
    };
    let told = refusals(policies.publish(&publisher(tenant), given).await.unwrap_err());
    assert!(told.iter().all(|(code, _)| *code == RefusalCode::Invalid));
    let fields: Vec<_> = told.iter().map(|(_, field)| field.as_str()).collect();
    for field in [
        "effectiveAt",
        "comment",
        "policy.internal.allowedChannels",
        "policy.external.allowedChannels",
        "policy.codes.digits",
    ] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    assert_eq!(statuses(&policies, tenant).await, [(1, "ACTIVE")]);
    assert!(audit(&bed, tenant).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn email_needs_an_acknowledgement_once_with_the_administrators_name() {
    let (bed, policies, tenant) = bed().await;
    let mut by_admin = publisher(tenant).caller().clone();
    by_admin.principal = Principal::Admin(core_access::Actor {
        id: AdminId::new(&*bed.platform.entropy, bed.platform.now()),
        account: AccountId::new(&*bed.platform.entropy, bed.platform.now()),
        email: "olga@firm.example".to_owned(),
        role: AdminRole::Owner,
    });
    let permit = by_admin.permit(Operation::PublishPolicy).unwrap();
    let with_email =
        |expected| PublishPolicyInput { draft: draft(&[Channel::Totp, Channel::Email]), ..input(expected) };

    for named in [vec![], vec![Channel::Sms]] {
        let given = PublishPolicyInput { acknowledge_weaker_channels: named, ..with_email(1) };
        let told = refusals(policies.publish(&permit, given).await.unwrap_err());
        assert_eq!(told, [(RefusalCode::AcknowledgementRequired, "acknowledgeWeakerChannels".to_owned())]);
    }
    let named = vec![Channel::Email, Channel::Sms];
    let given = PublishPolicyInput { acknowledge_weaker_channels: named, ..with_email(1) };
    let view = policies.publish(&permit, given).await.unwrap();
    assert_eq!(view.version.acknowledged, [Channel::Email], "only what is weaker goes on record");
    let (actor, _, detail) = audit(&bed, tenant).await.remove(0);
    assert_eq!((actor.as_str(), &detail["acknowledged"]), ("admin:olga@firm.example", &serde_json::json!(["EMAIL"])));

    policies.publish(&permit, input(2)).await.unwrap();
    policies.publish(&permit, with_email(3)).await.expect("accepted once, for good");
}

#[tokio::test(flavor = "multi_thread")]
async fn naming_a_channel_that_the_policy_lacks_accepts_nothing() {
    let (_bed, policies, tenant) = bed().await;
    let given = PublishPolicyInput { acknowledge_weaker_channels: vec![Channel::Email], ..input(1) };
    assert!(policies.publish(&publisher(tenant), given).await.unwrap().version.acknowledged.is_empty());
    let given = PublishPolicyInput { draft: draft(&[Channel::Email]), ..input(2) };
    let stop = policies.publish(&publisher(tenant), given).await.unwrap_err();
    assert_eq!(stop.refusal_code(), Some(RefusalCode::AcknowledgementRequired));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_cannot_be_read_lets_nobody_in() {
    let (bed, policies, tenant) = bed().await;
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("update policy_version set document = '{\"codes\": {\"digits\": \"six\"}}' where tenant_id = $1")
        .bind(tenant.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(policies.snapshot(tenant).await, Err(Fault::Internal(_))));
    assert!(matches!(policies.active(&reader(tenant)).await, Err(Fault::Internal(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_versions_do_not_exist() {
    let (bed, policies, tenant) = bed().await;
    let other = bed.tenant(Environment::Live).await;
    let foreign = policies.active(&reader(tenant)).await.unwrap().version.policy_id;
    assert!(policies.lookup(&reader(tenant), foreign).await.unwrap().is_some());
    assert_eq!(policies.lookup(&reader(other), foreign).await.unwrap(), None);
    policies.publish(&publisher(tenant), input(1)).await.unwrap();
    assert_eq!(statuses(&policies, other).await, [(1, "ACTIVE")]);
    assert_eq!(in_force(&bed, &policies, other).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_come_in_pages_newest_first() {
    let (_bed, policies, tenant) = bed().await;
    for expected in 1..5 {
        policies.publish(&publisher(tenant), input(expected)).await.unwrap();
    }
    let first = policies.list_versions(&reader(tenant), &PageRequest::new(2, None).unwrap()).await.unwrap();
    let numbers = |page: &core_kernel::Page<svc_policy::PolicyView>| -> Vec<i32> {
        page.rows.iter().map(|(_, view)| view.version.version).collect()
    };
    assert_eq!((numbers(&first), first.has_next, first.has_previous), (vec![5, 4], true, false));
    let after = PageRequest::new(9, Some(first.rows[1].0.0.clone())).unwrap();
    let rest = policies.list_versions(&reader(tenant), &after).await.unwrap();
    assert_eq!((numbers(&rest), rest.has_next, rest.has_previous), (vec![3, 2, 1], false, true));
}
