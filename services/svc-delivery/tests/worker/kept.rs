//! What is said, and what is kept of it.

use chrono::Duration;
use io_postgres::TenantTx;
use svc_delivery::{CarrierOptions, Content, NewMessage, enqueue};
use testkit::{Environment, TestBed};

use crate::common::{self, PHONE, becomes, code, one_code, row, start, steps, user};
use crate::outbox::{claim, settle};

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
async fn the_database_keeps_no_live_body_whatever_it_is_handed() {
    let bed = TestBed::new().await;
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    claim(&bed, 9, 9).await;
    assert!(settle(&bed, sent.tenant, sent.message, 1, "DELIVERED", Some("123456 is your code")).await);
    assert!(row(&bed, sent.tenant, sent.message).await["sandbox_body"].is_null());
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
