//! Around the queue: what is rolled back, who is woken, and the months ahead.

use io_postgres::{Change, ChangeEvent, TenantTx, Topic, listen};
use svc_delivery::{CarrierOptions, Content, NewMessage, enqueue, maintain, notify_workers};
use testkit::{Environment, TestBed};

use crate::common::{self, becomes, start};

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
