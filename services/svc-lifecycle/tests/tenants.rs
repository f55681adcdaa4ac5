//! The end of a tenant: at once for everybody, to be undone for a while, and then for good.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod common;

use chrono::TimeDelta;
use common::Fixture;
use core_access::{ApiScope, Operation};
use core_kernel::{Fault, PLATFORM_TENANT, RefusalCode, Stop, TenantId};
use io_postgres::{NoTenant, TenantTx};
use svc_directory::{CreateApiKeyInput, TenantStatus, delete_tenant, lookup_ending, restore_tenant, set_tenant_status};
use svc_lifecycle::{Caretaker, Retention};
use svc_platform::place;
use testkit::Environment;

const DAYS: TimeDelta = TimeDelta::days(30);

/// What an erased tenant leaves: its name, its end, what it was charged, and what was done.
const LEFT: [&str; 6] = ["audit_chain", "audit_entry", "audit_head", "tenant", "tenant_ending", "usage_ledger"];

fn code(stop: Stop) -> RefusalCode {
    match stop {
        Stop::Refused(refusals) => refusals[0].code,
        Stop::Fault(fault) => panic!("a fault instead of a refusal: {fault:?}"),
    }
}

async fn due_for_messages(f: &Fixture) -> Vec<uuid::Uuid> {
    let mut connection = NoTenant::acquire(&f.bed.platform.database).await.unwrap();
    sqlx::query_scalar(
        "select distinct d.tenant_id
           from generate_series(0, 3) lane
          cross join lateral postern_cross.due_messages(null, lane::smallint, true, 100) d",
    )
    .fetch_all(connection.connection())
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_second_a_deleted_tenant_is_there_for_nobody() {
    let f = Fixture::new().await;
    let tenant = f.full_tenant(Environment::Live).await;
    let input = CreateApiKeyInput { name: "website".into(), scopes: vec![ApiScope::Login], expires_at: None };
    let key = f.directory.create_api_key(&common::operator(tenant, Operation::ManageApiKeys), input).await.unwrap();
    assert!(f.directory.authenticate(key.secret.expose()).await.is_ok());
    assert_eq!(due_for_messages(&f).await, [tenant.0]);

    let until = delete_tenant(&f.owner, tenant, f.now(), DAYS).await.unwrap();
    assert_eq!((until - f.now() + TimeDelta::minutes(1)).num_days(), 30);
    // Another replica, which remembers nothing, and this one when it has heard.
    f.directory.invalidate_all();
    assert!(matches!(f.directory.authenticate(key.secret.expose()).await, Err(Fault::Unauthenticated)));
    assert_eq!(f.directory.settings(tenant).await.unwrap().status, TenantStatus::Suspended, "logins are denied");
    f.run(tenant, common::MESSAGE, uuid::Uuid::nil()).await;
    assert!(due_for_messages(&f).await.is_empty(), "what comes in late is not sent either");
    let unsent = "select count(*) from message where tenant_id = $1 and status = 'CANCELED'";
    assert_eq!(f.number(tenant, unsent).await, 3);
    let ending = lookup_ending(&f.bed.platform.database, tenant).await.unwrap().unwrap();
    assert_eq!(ending.erase_after.timestamp_millis(), until.timestamp_millis());
    assert_eq!(ending.keys_destroyed_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_a_role_in_it_and_it_is_no_partners() {
    let f = Fixture::new().await;
    let partner = f.directory.create_partner("Northstar").await.unwrap();
    let tenant = f.full_tenant(Environment::Live).await;
    let mut superuser = f.superuser().await;
    sqlx::query("update tenant set partner_id = $2 where tenant_id = $1")
        .bind(tenant.0)
        .bind(partner.0)
        .execute(&mut superuser)
        .await
        .unwrap();
    let account: uuid::Uuid =
        sqlx::query_scalar("select account_id from tenant_admin").fetch_one(&mut superuser).await.unwrap();
    let roles = async || {
        let mut connection = NoTenant::acquire(&f.bed.platform.database).await.unwrap();
        let roles: Vec<uuid::Uuid> = sqlx::query_scalar("select r.tenant_id from postern_cross.roles_of_account($1) r")
            .bind(account)
            .fetch_all(connection.connection())
            .await
            .unwrap();
        roles.len()
    };
    assert_eq!((roles().await, f.directory.partner_owns_tenant(partner, tenant).await.unwrap()), (1, true));
    delete_tenant(&f.owner, tenant, f.now(), DAYS).await.unwrap();
    f.directory.invalidate_all();
    assert_eq!((roles().await, f.directory.partner_owns_tenant(partner, tenant).await.unwrap()), (0, false));
    restore_tenant(&f.owner, tenant, f.now()).await.unwrap();
    f.directory.invalidate_all();
    assert_eq!((roles().await, f.directory.partner_owns_tenant(partner, tenant).await.unwrap()), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_looks_across_tenants_does_not_see_one_that_was_deleted() {
    let f = Fixture::new().await;
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_policy y
           join pg_class c on c.oid = y.polrelid
           join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
          where y.polroles = array['postern_cross'::regrole::oid]
            and pg_get_expr(y.polqual, y.polrelid) not like '%tenant_ending%' order by 1",
    )
    .fetch_all(&mut f.superuser().await)
    .await
    .unwrap();
    // What is still to be paid is, and whoever restores a tenant has to find it.
    assert_eq!(open, ["stripe_account", "tenant", "tenant_ending", "user_erasure"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn until_its_time_is_over_it_comes_back_as_it_was() {
    let f = Fixture::new().await;
    for before in [TenantStatus::Active, TenantStatus::Suspended] {
        let tenant = f.full_tenant(Environment::Live).await;
        set_tenant_status(&f.owner, tenant, before).await.unwrap();
        let had = f.everything(tenant).await;
        delete_tenant(&f.owner, tenant, f.now(), DAYS).await.unwrap();
        assert_eq!(f.caretaker.erase_tenants().await.unwrap(), [], "its time is not over");
        assert_eq!(
            code(set_tenant_status(&f.owner, tenant, TenantStatus::Active).await.unwrap_err()),
            RefusalCode::NotAllowedByPolicy
        );
        assert_eq!(
            code(delete_tenant(&f.owner, tenant, f.now(), DAYS).await.unwrap_err()),
            RefusalCode::NotAllowedByPolicy
        );
        // Nor does anybody else serve it again, say because it has paid.
        f.run(tenant, "update tenant set status = 'ACTIVE' where tenant_id = $1 and $2::uuid is not null", tenant.0)
            .await;
        f.directory.invalidate_all();
        assert_eq!(f.directory.settings(tenant).await.unwrap().status, TenantStatus::Suspended);
        assert_eq!(restore_tenant(&f.owner, tenant, f.in_days(29)).await.unwrap(), before);
        f.directory.invalidate_all();
        assert_eq!(f.directory.settings(tenant).await.unwrap().status, before);
        // Messages are not sent weeks later, and the log tells both; all else is as it was.
        let differ = |(had, has): (&(String, String), &(String, String))| (had != has).then(|| had.0.clone());
        let has = f.everything(tenant).await;
        let changed: Vec<_> = had.iter().zip(&has).filter_map(differ).collect();
        assert_eq!(changed, ["audit_entry", "message"]);
        assert_eq!(code(restore_tenant(&f.owner, tenant, f.now()).await.unwrap_err()), RefusalCode::NotAllowedByPolicy);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_its_time_is_over_nothing_brings_it_back_and_a_bystander_is_untouched() {
    let f = Fixture::new().await;
    let (tenant, bystander) = (f.full_tenant(Environment::Live).await, f.full_tenant(Environment::Live).await);
    let sealed = sealed_address(&f, tenant).await;
    let key = f.bed.platform.keys.data_key(&f.bed.platform.database, tenant).await.unwrap();
    assert!(key.open(&place(tenant, "tenant_user", sealed.0, "email_sealed"), &sealed.1).is_ok());
    let before = f.everything(bystander).await;
    delete_tenant(&f.owner, tenant, f.in_days(-31), DAYS).await.unwrap();
    assert_eq!(code(restore_tenant(&f.owner, tenant, f.now()).await.unwrap_err()), RefusalCode::NotAllowedByPolicy);

    assert_eq!(f.caretaker.erase_tenants().await.unwrap(), [tenant]);
    assert_eq!(f.everything(bystander).await, before);
    let gone = f.bed.platform.keys.data_key(&f.bed.platform.database, tenant).await;
    assert!(gone.is_err(), "what was sealed, and was copied before, does not open");
    let left = f.everything(tenant).await;
    let names: Vec<_> = left.iter().filter(|(_, text)| !text.is_empty()).map(|(table, _)| table.as_str()).collect();
    assert_eq!(names, LEFT);
    for (table, text) in &left {
        for person in ["owner@firm.example", "192.0.2.7", "example.com", "ann", "cleo"] {
            assert!(!text.contains(person), "{table} holds {person}: {text}");
        }
    }
    let log = &left.iter().find(|(table, _)| table == "audit_entry").unwrap().1;
    assert!(log.contains("admin.invited") && log.contains("tenant.deleted") && log.contains("tenant.erased"), "{log}");
    assert_eq!(code(restore_tenant(&f.owner, tenant, f.now()).await.unwrap_err()), RefusalCode::NotAllowedByPolicy);
    assert_eq!(f.caretaker.erase_tenants().await.unwrap(), [], "once");
}

async fn sealed_address(f: &Fixture, tenant: TenantId) -> (uuid::Uuid, Vec<u8>) {
    let mut tx = TenantTx::begin(&f.bed.platform.database, tenant).await.unwrap();
    sqlx::query_as("select user_id, email_sealed from tenant_user where tenant_id = $1 limit 1")
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_go_first_and_a_crash_between_batches_loses_nothing() {
    let f = Fixture::new().await;
    let tenant = f.full_tenant(Environment::Live).await;
    delete_tenant(&f.owner, tenant, f.in_days(-31), DAYS).await.unwrap();
    assert_eq!(f.caretaker.erase_batch(tenant).await.unwrap(), 1);
    assert!(f.bed.platform.keys.data_key(&f.bed.platform.database, tenant).await.is_err());
    let users = "select count(*) from tenant_user where tenant_id = $1";
    assert_eq!(f.number(tenant, users).await, 3, "and all else is still there");
    assert!(restore_tenant(&f.owner, tenant, f.in_days(-30)).await.is_err(), "without its keys it is not restored");
    // Each process dies after a batch; another one goes on.
    let mut batches = 1;
    while Caretaker::new(f.bed.platform.clone(), Retention::default()).erase_batch(tenant).await.unwrap() > 0 {
        batches += 1;
    }
    assert!(batches > 8, "{batches}");
    assert_eq!(f.number(tenant, users).await, 0);
    assert!(lookup_ending(&f.bed.platform.database, tenant).await.unwrap().unwrap().erased_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_erase_one_tenant_together() {
    let f = Fixture::new().await;
    let tenant = f.full_tenant(Environment::Live).await;
    delete_tenant(&f.owner, tenant, f.in_days(-31), DAYS).await.unwrap();
    let workers = (0..3).map(|_| f.caretaker.erase_tenants());
    for done in futures::future::join_all(workers).await {
        done.unwrap();
    }
    assert_eq!(f.number(tenant, "select count(*) from login where tenant_id = $1").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_not_to_be_erased_is_not_erased_whoever_asks() {
    let f = Fixture::new().await;
    let (living, deleted) = (f.full_tenant(Environment::Live).await, f.full_tenant(Environment::Live).await);
    delete_tenant(&f.owner, deleted, f.now(), DAYS).await.unwrap();
    for tenant in [living, deleted, PLATFORM_TENANT] {
        assert!(f.caretaker.erase_batch(tenant).await.is_err());
    }
    // In the transaction of another tenant, row-level security hides the one that is meant.
    delete_tenant(&f.owner, living, f.in_days(-31), DAYS).await.unwrap();
    let mut tx = TenantTx::begin(&f.bed.platform.database, deleted).await.unwrap();
    let foreign = sqlx::query("select erase_tenant_rows($1, 10)").bind(living.0).execute(tx.connection()).await;
    assert!(foreign.is_err());
    drop(tx);
    assert_eq!(
        code(delete_tenant(&f.owner, PLATFORM_TENANT, f.now(), DAYS).await.unwrap_err()),
        RefusalCode::NotAllowedByPolicy
    );
    assert_eq!(f.number(living, "select count(*) from tenant_user where tenant_id = $1").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_that_serves_ends_nobody() {
    let f = Fixture::new().await;
    let tenant = f.full_tenant(Environment::Live).await;
    let stop = delete_tenant(&f.bed.platform.database, tenant, f.now(), DAYS).await.unwrap_err();
    assert!(matches!(stop, Stop::Fault(_)), "it may not write the end: {stop:?}");
    assert_eq!(lookup_ending(&f.bed.platform.database, tenant).await.unwrap(), None);
}
