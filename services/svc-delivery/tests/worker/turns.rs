//! Whose turn it is: codes first, each tenant its share, many at a time.

use std::collections::HashMap;

use core_kernel::TenantId;
use io_postgres::{NoTenant, TenantTx};
use sqlx::Connection as _;
use svc_delivery::CarrierOptions;
use testkit::{Environment, TestBed};
use uuid::Uuid;

use crate::common::{self, PHONE, as_superuser, factor, one_code, send_code, start, user};
use crate::outbox::{claim, notices};

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_send_every_message_once() {
    let bed = TestBed::new().await;
    let mut tenants = Vec::new();
    for _ in 0..5 {
        let tenant = bed.tenant(Environment::Sandbox).await;
        let someone = user(&bed, tenant, "ann").await;
        let factor = factor(&bed, tenant, someone, "PHONE_PRIMARY", PHONE).await;
        notices(&bed, tenant, someone.0, 60).await;
        send_code(&bed, tenant, someone, factor, "SMS").await;
        tenants.push(tenant);
    }
    let (one, other) = (start(&bed, CarrierOptions::default()), start(&bed, CarrierOptions::default()));
    for tenant in &tenants {
        drained(&bed, *tenant).await;
    }
    one.stop().await;
    other.stop().await;
    for tenant in tenants {
        let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
        let wrong: i64 = sqlx::query_scalar(
            "select count(*) from message where tenant_id = $1
                and (status <> 'DELIVERED' or attempts <> 1 or jsonb_array_length(timeline) <> 2)",
        )
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
        assert_eq!(wrong, 0);
    }
}

/// What a message costs is counted, not timed.
#[tokio::test(flavor = "multi_thread")]
async fn many_messages_are_claimed_and_recorded_in_few_statements() {
    let bed = TestBed::new().await;
    common::raw_as_superuser(
        &bed,
        "do $$ begin execute format('alter database %I set track_functions = ''pl''', current_database()); end $$",
    )
    .await;
    let mut tenants = Vec::new();
    for _ in 0..40 {
        let tenant = bed.tenant(Environment::Sandbox).await;
        let someone = user(&bed, tenant, "ann").await;
        notices(&bed, tenant, someone.0, 3).await;
        tenants.push(tenant);
    }
    let worker = start(&bed, CarrierOptions::default());
    for tenant in &tenants {
        drained(&bed, *tenant).await;
    }
    worker.stop().await;
    let mut connection = sqlx::PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    let calls = async |connection: &mut sqlx::PgConnection, name: &str| -> i64 {
        let calls = "select coalesce(sum(calls), 0)::bigint from pg_stat_user_functions where funcname = $1";
        sqlx::query_scalar(calls).bind(name).fetch_one(connection).await.unwrap()
    };
    let settlements = calls(&mut connection, "settle_messages_batch").await;
    assert!((1..=12).contains(&settlements), "120 messages of 40 tenants, {settlements} settlements");
    assert_eq!(calls(&mut connection, "charge_messages").await, 0, "nor is any charged by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_go_first_and_each_tenant_gets_its_share() {
    let bed = TestBed::new().await;
    let busy = bed.tenant(Environment::Live).await;
    let quiet = bed.tenant(Environment::Live).await;
    for tenant in [busy, quiet] {
        let someone = user(&bed, tenant, "ann").await;
        let factor = factor(&bed, tenant, someone, "PHONE_PRIMARY", PHONE).await;
        notices(&bed, tenant, someone.0, if tenant == busy { 50 } else { 1 }).await;
        send_code(&bed, tenant, someone, factor, "SMS").await;
    }
    let claimed = claim(&bed, 8, 4).await;
    let purposes: Vec<&str> = claimed.iter().map(|(_, purpose, _)| purpose.as_str()).collect();
    let notice = "SECURITY_NOTICE";
    assert_eq!(purposes, ["CODE", "CODE", notice, notice, notice], "codes of all before anything else of any");
    let of = |tenant: TenantId| claimed.iter().filter(|(of, ..)| *of == tenant).count();
    assert_eq!((of(busy), of(quiet)), (3, 2), "a busy tenant takes its share alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_go_round_however_many_tenants_there_are() {
    let bed = TestBed::new().await;
    let mut tenants = Vec::new();
    for _ in 0..5 {
        let tenant = bed.tenant(Environment::Live).await;
        let someone = user(&bed, tenant, "ann").await;
        notices(&bed, tenant, someone.0, 3).await;
        tenants.push(tenant);
    }
    tenants.sort();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
        let due: Vec<(Uuid, Option<Uuid>)> =
            sqlx::query_as("select tenant_id, turn from postern_cross.due_messages($1, 0::smallint, true, 2)")
                .bind(after)
                .fetch_all(connection.connection())
                .await
                .unwrap();
        seen.extend(due.iter().map(|(tenant, _)| TenantId(*tenant)));
        after = due.last().and_then(|(_, turn)| *turn);
        if after.is_none() {
            break;
        }
    }
    // Two tenants a turn, one message each; the last is alone, and its turn is two of its messages.
    assert_eq!(seen, [&tenants[..], &tenants[4..]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_another_try_keeps_nobody_from_its_turn() {
    let bed = TestBed::new().await;
    let (stuck, fresh) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    for tenant in [stuck, fresh] {
        let someone = user(&bed, tenant, "ann").await;
        notices(&bed, tenant, someone.0, 3).await;
    }
    as_superuser(&bed, "update message set claimable_at = now() + interval '1 hour' where tenant_id = $1", stuck).await;
    let claimed = claim(&bed, 0, 3).await;
    assert!(claimed.len() == 3 && claimed.iter().all(|(tenant, ..)| *tenant == fresh), "{claimed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_leaves_no_tenant_behind_on_its_connection() {
    let bed = TestBed::new().await;
    one_code(&bed, Environment::Live, "SMS").await;
    let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
    sqlx::query("select * from claim_messages_batch(null, null, 0::smallint, 1, 1, 30, 30, 10, true)")
        .execute(connection.connection())
        .await
        .unwrap();
    let visible: i64 =
        sqlx::query_scalar("select count(*) from message").fetch_one(connection.connection()).await.unwrap();
    assert_eq!(visible, 0);
}

async fn drained(bed: &TestBed, tenant: TenantId) {
    for _ in 0..600 {
        let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
        let statuses: Vec<(String, i64)> =
            sqlx::query_as("select status, count(*) from message where tenant_id = $1 group by status")
                .bind(tenant.0)
                .fetch_all(tx.connection())
                .await
                .unwrap();
        let left: HashMap<String, i64> = statuses.into_iter().collect();
        if !left.contains_key("QUEUED") && !left.contains_key("SENDING") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the outbox does not empty");
}
