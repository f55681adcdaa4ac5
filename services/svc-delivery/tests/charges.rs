//! What was sent, and what was charged for it: workers that die, answers that are lost, reports that
//! overtake and come again.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::phones::{arrives, callbacks, report, there_are, with_twilio};
use common::{Sent, becomes, factor, one_code, row, send_code, start, start_with, user};
use core_kernel::TenantId;
use io_postgres::TenantTx;
use svc_delivery::{CarrierOptions, DeliveryOptions};
use testkit::{Environment, TestBed, Twilio, TwilioStandIn, twilio_status};

/// Message, kind and units of every charge of a tenant's.
async fn charged(bed: &TestBed, tenant: TenantId) -> Vec<(uuid::Uuid, String, i32)> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_as("select message_id, kind, units from usage_ledger where tenant_id = $1 order by message_id, entry")
        .bind(tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

async fn crowd(bed: &TestBed, tenant: TenantId, size: u32) -> Vec<Sent> {
    let mut all = Vec::new();
    for number in 0..size {
        let phone = format!("+1415555{:04}", 1_000 + number);
        let person = user(bed, tenant, &phone).await;
        let factor = factor(bed, tenant, person, "PHONE_PRIMARY", &phone).await;
        all.push(send_code(bed, tenant, person, factor, "SMS").await);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_dies_and_however_often_it_is_reported_each_message_is_charged_once() {
    let (bed, twilio) = (Arc::new(TestBed::new().await), TwilioStandIn::start().await);
    let tenant = bed.tenant(Environment::Live).await;
    let options = DeliveryOptions { lease: Duration::from_secs(1), ..DeliveryOptions::default() };
    let own = callbacks(&bed, &with_twilio(&twilio));
    let early = own.clone();
    // Of some the report is here before the answer.
    twilio.before_answer(move |text| {
        let own = early.clone();
        Box::pin(async move {
            if text.param("To").ends_with('7') {
                report(&own, &twilio_status(&text, "delivered", None)).await;
            }
        })
    });
    let sent = crowd(&bed, tenant, 60).await;
    for round in 0..12 {
        let mood =
            if round % 3 == 0 { Twilio::AcceptsAndDrops } else { Twilio::AcceptsAfter(Duration::from_millis(40)) };
        twilio.next([mood, Twilio::Fails(503), Twilio::Accepts]);
        let worker = start_with(&bed, with_twilio(&twilio), options.clone());
        tokio::time::sleep(Duration::from_millis(80)).await;
        worker.kill().await;
    }
    let worker = start_with(&bed, with_twilio(&twilio), options);
    for sent in &sent {
        for _ in 0..600 {
            if !matches!(row(&bed, tenant, sent.message).await["status"].as_str().unwrap(), "QUEUED" | "SENDING") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    worker.stop().await;
    // And then all of them three times, in any order.
    for status in ["sent", "delivered", "queued", "delivered", "undelivered"] {
        for text in twilio.messages() {
            let told = own.twilio_status(&arrives(&twilio_status(&text, status, None))).await;
            assert!(told.is_ok());
        }
    }

    let mut taken: Vec<_> = Vec::new();
    for sent in &sent {
        let row = row(&bed, tenant, sent.message).await;
        if row["status"] == "DELIVERED" {
            taken.push(sent.message.0);
        }
    }
    taken.sort_unstable();
    let charged = charged(&bed, tenant).await;
    assert!(taken.len() > 50, "{}", taken.len());
    assert_eq!(charged.iter().map(|(message, ..)| *message).collect::<Vec<_>>(), taken, "each once, and no other");
    assert!(charged.iter().all(|(_, kind, units)| (kind.as_str(), *units) == ("CHARGE", 1)), "{charged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_is_billed_and_a_sandbox_is_not() {
    let bed = TestBed::new().await;
    let worker = start(&bed, CarrierOptions::default());
    for (environment, charges) in [(Environment::Live, 1), (Environment::Sandbox, 0)] {
        for channel in ["SMS", "VOICE", "EMAIL"] {
            let sent = one_code(&bed, environment, channel).await;
            let row = becomes(&bed, sent.tenant, sent.message, "DELIVERED").await;
            assert_eq!(row["provider"], "sandbox");
            assert_eq!(charged(&bed, sent.tenant).await.len(), charges, "{environment:?} {channel}");
        }
    }
    worker.stop().await;
}

/// A tenant whose texts take two segments: outside the alphabet of texts 70 characters fit.
async fn wordy(bed: &TestBed) -> TenantId {
    let tenant = bed.tenant(Environment::Live).await;
    let name = "銀行".repeat(10);
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("update tenant set branding = jsonb_build_object('product_name', $2::text, 'domain', 'sign-in.of-the-bank.example') where tenant_id = $1")
        .bind(tenant.0)
        .bind(name)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    tenant
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_whose_worker_died_is_charged_by_its_segments_when_it_is_reported() {
    let (bed, twilio) = (TestBed::new().await, TwilioStandIn::start().await);
    let tenant = wordy(&bed).await;
    twilio.next([Twilio::AcceptsAfter(Duration::from_secs(4))]);
    let worker = start(&bed, with_twilio(&twilio));
    let sent = crowd(&bed, tenant, 1).await[0];
    let taken = there_are(1, async || twilio.messages()).await;
    worker.kill().await;
    report(&callbacks(&bed, &with_twilio(&twilio)), &twilio_status(&taken[0], "delivered", None)).await;
    becomes(&bed, tenant, sent.message, "DELIVERED").await;
    assert_eq!(charged(&bed, tenant).await, [(sent.message.0, "CHARGE".to_owned(), 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_charged_by_its_segments() {
    let bed = TestBed::new().await;
    let tenant = wordy(&bed).await;
    let worker = start(&bed, CarrierOptions::default());
    let sent = crowd(&bed, tenant, 1).await[0];
    becomes(&bed, tenant, sent.message, "DELIVERED").await;
    worker.stop().await;
    let charged = charged(&bed, tenant).await;
    assert_eq!((charged.len(), charged[0].1.as_str(), charged[0].2), (1, "CHARGE", 2));
}
