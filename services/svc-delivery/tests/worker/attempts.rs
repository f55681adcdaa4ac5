//! One message's attempts: its lease, its end, and what a dead worker leaves behind.

use core_kernel::{MessageId, TenantId};
use io_postgres::TenantTx;
use svc_delivery::CarrierOptions;
use testkit::{Environment, TestBed};
use uuid::Uuid;

use crate::common::{as_superuser, becomes, code, one_code, row, start, steps};
use crate::outbox::{claim, settle};

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

async fn lease_runs_out(bed: &TestBed, tenant: TenantId) {
    as_superuser(bed, "update message set leased_until = now() - interval '1 second' where tenant_id = $1", tenant)
        .await;
}
