//! The worker against a real database: once each, in order, in turn, and what a crash leaves behind.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::collections::HashMap;

use chrono::Duration;
use common::{PHONE, as_superuser, becomes, code, factor, one_code, row, send_code, start, steps, user};
use core_kernel::{MessageId, TenantId};
use io_postgres::{Change, ChangeEvent, NoTenant, TenantTx, Topic, listen};
use sqlx::Connection as _;
use svc_delivery::{CarrierOptions, Content, NewMessage, enqueue, maintain, notify_workers};
use testkit::{Environment, TestBed};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_shows_what_would_have_been_sent() {
    let bed = TestBed::new().await;
    let worker = start(&bed, CarrierOptions::default());
    for channel in ["SMS", "VOICE", "EMAIL"] {
        let sent = one_code(&bed, Environment::Sandbox, channel).await;
        let row = becomes(&bed, sent.tenant, sent.message, "DELIVERED").await;
        let (body, code) = (row["sandbox_body"].as_str().unwrap().to_owned(), code(&bed, &sent));
        let spoken = code.chars().map(String::from).collect::<Vec<_>>().join(", ");
        let shown = if channel == "VOICE" { body.matches(&spoken).count() == 2 } else { body.contains(&code) };
        assert!(shown, "{channel}: {body}");
        assert_eq!(steps(&row), ["SENDING", "DELIVERED"]);
        assert_eq!((row["provider"].as_str(), row["attempts"].as_i64()), (Some("sandbox"), Some(1)));
        assert!(row["delivered_at"].is_string() && row["failure"].is_null());
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_live_tenants_message_is_kept() {
    let bed = TestBed::new().await;
    let worker = start(&bed, CarrierOptions::default());
    for channel in ["SMS", "VOICE", "EMAIL"] {
        let sent = one_code(&bed, Environment::Live, channel).await;
        let row = becomes(&bed, sent.tenant, sent.message, "DELIVERED").await;
        assert!(row["sandbox_body"].is_null());
        // All columns, the binary ones as hexadecimal.
        let code = code(&bed, &sent);
        let hex: String = code.bytes().map(|byte| format!("{byte:02x}")).collect();
        let text = row.to_string();
        assert!(!text.contains(&code) && !text.contains(&hex), "{text}");
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_it_is_sent_no_queue_holds_a_code() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Sandbox, "SMS").await;
    let text = row(&bed, sent.tenant, sent.message).await.to_string();
    assert!(!text.contains(&code(&bed, &sent)) && !text.contains(&PHONE[1..]), "{text}");
}

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
async fn what_expired_in_the_queue_is_canceled_and_not_sent() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Sandbox, "SMS").await;
    bed.advance(sent.tenant, 301).await;
    let worker = start(&bed, CarrierOptions::default());
    let row = becomes(&bed, sent.tenant, sent.message, "CANCELED").await;
    worker.stop().await;
    assert_eq!(steps(&row), ["CANCELED"]);
    assert_eq!(
        (row["attempts"].as_i64(), row["failure"].is_string(), row["sandbox_body"].is_null()),
        (Some(0), true, true)
    );
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
async fn a_claim_hides_a_message_until_its_lease_is_over() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    assert_eq!(claim(&bed, 9, 9).await.len(), 1);
    assert_eq!(claim(&bed, 9, 9).await.len(), 0);
    assert_eq!(row(&bed, sent.tenant, sent.message).await["status"], "SENDING");
    lease_runs_out(&bed, sent.tenant).await;
    let again = claim(&bed, 9, 9).await;
    assert!(again[0].2, "and is in doubt then");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_workers_message_goes_out_with_the_same_code() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Sandbox, "SMS").await;
    // The worker died after its claim.
    claim(&bed, 9, 9).await;
    lease_runs_out(&bed, sent.tenant).await;
    let worker = start(&bed, CarrierOptions::default());
    let row = becomes(&bed, sent.tenant, sent.message, "DELIVERED").await;
    worker.stop().await;
    assert!(row["sandbox_body"].as_str().unwrap().contains(&code(&bed, &sent)));
    assert_eq!(steps(&row), ["SENDING", "SENDING", "DELIVERED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_only_for_its_own_attempt() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    claim(&bed, 9, 9).await;
    lease_runs_out(&bed, sent.tenant).await;
    claim(&bed, 9, 9).await;
    assert!(!settle(&bed, sent.tenant, sent.message, 1, "FAILED", None).await, "the first worker comes too late");
    assert!(settle(&bed, sent.tenant, sent.message, 2, "DELIVERED", None).await);
    assert!(!settle(&bed, sent.tenant, sent.message, 2, "FAILED", None).await, "and states only move forward");
    assert_eq!(row(&bed, sent.tenant, sent.message).await["status"], "DELIVERED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_keeps_no_live_body_whatever_it_is_handed() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    claim(&bed, 9, 9).await;
    assert!(settle(&bed, sent.tenant, sent.message, 1, "DELIVERED", Some("123456 is your code")).await);
    assert!(row(&bed, sent.tenant, sent.message).await["sandbox_body"].is_null());
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

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_destination_and_a_lost_challenge_fail_and_are_told() {
    let bed = TestBed::new().await;
    let erased = one_code(&bed, Environment::Sandbox, "SMS").await;
    let orphaned = one_code(&bed, Environment::Sandbox, "SMS").await;
    as_superuser(&bed, "update factor set secret_sealed = null where tenant_id = $1", erased.tenant).await;
    as_superuser(&bed, "delete from challenge where tenant_id = $1", orphaned.tenant).await;
    let worker = start(&bed, CarrierOptions::default());
    for (sent, failure) in [(erased, "The destination was removed."), (orphaned, "The challenge is gone.")] {
        let row = becomes(&bed, sent.tenant, sent.message, "FAILED").await;
        assert_eq!(row["failure"], failure);
        let mut tx = TenantTx::begin(&bed.platform.database, sent.tenant).await.unwrap();
        let told: Uuid = sqlx::query_scalar(
            "select (payload->>'message_id')::uuid from outbox_event where tenant_id = $1 and kind = 'MESSAGE_FAILED'",
        )
        .bind(sent.tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
        assert_eq!(MessageId(told), sent.message);
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_in_the_mail_and_nowhere_else() {
    let bed = TestBed::new().await;
    let worker = start(&bed, CarrierOptions::default());
    for (environment, kept) in [(Environment::Sandbox, true), (Environment::Live, false)] {
        let tenant = bed.tenant(environment).await;
        let someone = user(&bed, tenant, "ann").await;
        common::address_on_record(&bed, tenant, someone, common::EMAIL).await;
        let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
        let message = NewMessage {
            user: Some(someone),
            content: Content::OneTimeLink { token: "link_SECRET".to_owned().into() },
            language: None,
            expires_at: Some(bed.platform.now() + Duration::hours(1)),
        };
        let id = enqueue(&mut tx, &bed.platform, message).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!row(&bed, tenant, id).await.to_string().contains("SECRET"));
        bed.platform.messages_queued.notify_one();
        let sent = becomes(&bed, tenant, id, "DELIVERED").await;
        assert_eq!(sent.to_string().contains("http://localhost:8080/link/link_SECRET"), kept);
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_rolled_back_was_never_queued() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Sandbox).await;
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let message = NewMessage {
        user: None,
        content: Content::AdminInvitation {
            to: core_contact::EmailAddress::parse("a@b.example").unwrap(),
            token: Some("t".to_owned().into()),
        },
        language: Some("es".to_owned()),
        expires_at: None,
    };
    enqueue(&mut tx, &bed.platform, message.clone()).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let id = enqueue(&mut tx, &bed.platform, message).await.unwrap();
    tx.commit().await.unwrap();
    let worker = start(&bed, CarrierOptions::default());
    let sent = becomes(&bed, tenant, id, "DELIVERED").await;
    assert!(sent["sandbox_body"].as_str().unwrap().contains("Se le ha invitado"));
    worker.stop().await;
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let all: i64 = sqlx::query_scalar("select count(*) from message where tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(all, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bell_is_heard_in_other_processes() {
    let bed = TestBed::new().await;
    let (heard, mut events) = tokio::sync::mpsc::unbounded_channel();
    let listener =
        tokio::spawn(listen(bed.platform.database.clone(), move |event| heard.send(event).expect("somebody waits")));
    assert_eq!(events.recv().await, Some(ChangeEvent::Missed), "it listens");
    let notifier = tokio::spawn(notify_workers(bed.platform.clone()));
    bed.platform.messages_queued.notify_one();
    let heard = events.recv().await;
    assert!(matches!(heard, Some(ChangeEvent::Changed(Change { topic: Topic::Messages, .. }))), "{heard:?}");
    notifier.abort();
    listener.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_made_ahead_and_once() {
    let bed = TestBed::new().await;
    common::raw_as_superuser(
        &bed,
        "do $$ begin
            execute format('drop table message_%s', to_char(date_trunc('month', now() at time zone 'UTC') + interval '2 months', 'YYYY_MM'));
         end $$",
    )
    .await;
    assert_eq!(maintain(&bed.platform).await.unwrap(), 1);
    assert_eq!(maintain(&bed.platform).await.unwrap(), 0);
}

/// Queues notices to the user's phone, as a change of factors does.
async fn notices(bed: &TestBed, tenant: TenantId, user: Uuid, count: i32) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let have: i64 = sqlx::query_scalar("select count(*) from factor where tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    if have == 0 {
        factor(bed, tenant, core_kernel::UserId(user), "PHONE_RECOVERY", PHONE).await;
    }
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("select enqueue_notices($1, $2, null, 'factor_added', '{}') from generate_series(1, $3)")
        .bind(tenant.0)
        .bind(user)
        .bind(count)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
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

/// Claims as a worker would: tenant, purpose, whether it is in doubt.
async fn claim(bed: &TestBed, codes: i32, others: i32) -> Vec<(TenantId, String, bool)> {
    let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
    let rows: Vec<(Uuid, String, bool)> = sqlx::query_as(
        "select tenant_id, purpose, in_doubt
           from generate_series(0, 2) lane
          cross join lateral claim_messages_batch(null, null, lane::smallint, $1, $2, 30, 30, 10, true)",
    )
    .bind(codes)
    .bind(others)
    .fetch_all(connection.connection())
    .await
    .unwrap();
    rows.into_iter().map(|(tenant, purpose, in_doubt)| (TenantId(tenant), purpose, in_doubt)).collect()
}

async fn settle(
    bed: &TestBed,
    tenant: TenantId,
    message: MessageId,
    attempt: i16,
    status: &str,
    body: Option<&str>,
) -> bool {
    let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
    sqlx::query_scalar(
        "select settled from settle_messages_batch(array[$1], array[$2], array[$3], array[$4], array[false], array[$5],
                array[false], array[0], array['test'], array[null], array[null], array[null], array[false], array[$6])",
    )
    .bind(tenant.0)
    .bind(message.month())
    .bind(message.0)
    .bind(attempt)
    .bind(status)
    .bind(body)
    .fetch_one(connection.connection())
    .await
    .unwrap()
}

async fn lease_runs_out(bed: &TestBed, tenant: TenantId) {
    as_superuser(bed, "update message set leased_until = now() - interval '1 second' where tenant_id = $1", tenant)
        .await;
}
