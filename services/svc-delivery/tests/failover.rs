//! A provider that fails in every way it can, and another beside it.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::time::Duration;

use chrono::TimeDelta;
use common::phones::{arrives, callbacks, gateway_options, report, with_both};
use common::{Sent, as_superuser, becomes, code, factor, one_code, row, send_code, start, start_with, steps, user};
use core_crypto::CallbackTicket;
use core_kernel::{TenantId, TypedId as _};
use serde_json::Value;
use svc_delivery::{BreakerOptions, Callbacks, CarrierOptions, DeliveryOptions, Verified, WebhookHeaders};
use testkit::{Environment, GatewayStandIn, TestBed, Twilio, TwilioStandIn, twilio_status};

/// As by default, but that a provider is tried again soon.
fn impatient() -> DeliveryOptions {
    let breaker = BreakerOptions { cool_down: TimeDelta::milliseconds(700), ..BreakerOptions::default() };
    DeliveryOptions { breaker, ..DeliveryOptions::default() }
}

/// Many codes of one tenant, each to a number of its own.
async fn many_codes(bed: &TestBed, tenant: TenantId, count: u32, first: u32) -> Vec<Sent> {
    let mut all = Vec::new();
    for number in first..first + count {
        let person = user(bed, tenant, &format!("user-{number}")).await;
        let phone = factor(bed, tenant, person, "PHONE_PRIMARY", &format!("+1415555{number:04}")).await;
        all.push(send_code(bed, tenant, person, phone, "SMS").await);
    }
    all
}

/// Waits until all are with a provider, and gives the rows.
async fn all_arrive(bed: &TestBed, sent: &[Sent]) -> Vec<Value> {
    let mut rows = Vec::new();
    for sent in sent {
        rows.push(becomes(bed, sent.tenant, sent.message, "ACCEPTED").await);
    }
    rows
}

fn by(rows: &[Value], provider: &str) -> usize {
    rows.iter().filter(|row| row["provider"] == provider).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sure_refusal_goes_to_the_next_at_once_and_the_record_tells() {
    let (bed, twilio, gateway) = (TestBed::new().await, TwilioStandIn::start().await, GatewayStandIn::start().await);
    let worker = start(&bed, with_both(&twilio, &gateway));
    for (refusal, said) in [(Twilio::Refuses(400, 21408), "21408"), (Twilio::Refuses(429, 20429), "20429")] {
        twilio.next([refusal]);
        let sent = one_code(&bed, Environment::Live, "SMS").await;
        let row = becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
        assert_eq!(
            (row["provider"].as_str(), row["attempts"].as_i64(), row["doubts"].as_i64()),
            (Some("http"), Some(1), Some(0))
        );
        assert_eq!(steps(&row), ["SENDING", "SENDING", "ACCEPTED"]);
        assert!(row["timeline"][1]["detail"].as_str().unwrap().contains(said), "{row}");
        let took = gateway.messages().pop().unwrap();
        assert!(took["text"].as_str().unwrap().contains(&code(&bed, &sent)));
    }
    worker.stop().await;
    assert_eq!((gateway.unsigned(), twilio.messages().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn however_the_first_fails_the_codes_arrive_by_the_second() {
    let ways = [
        (Twilio::Refuses(400, 21606), 40),
        (Twilio::Refuses(429, 20429), 40),
        (Twilio::Fails(500), 40),
        (Twilio::Hangs, 40),
        (Twilio::AcceptsAfter(Duration::from_secs(20)), 40),
    ];
    for (what, count) in ways {
        let (bed, twilio, gateway) =
            (TestBed::new().await, TwilioStandIn::start().await, GatewayStandIn::start().await);
        twilio.always(what);
        let worker = start_with(&bed, with_both(&twilio, &gateway), impatient());
        let tenant = bed.tenant(Environment::Live).await;
        let sent = many_codes(&bed, tenant, count, 100).await;
        let rows = all_arrive(&bed, &sent).await;
        // A slow one took some in the end; what it took may be on record as its.
        let slow = matches!(what, Twilio::AcceptsAfter(_));
        assert!(slow || by(&rows, "http") == rows.len(), "{what:?}: {}", by(&rows, "http"));
        let asked = twilio.requests();
        assert!(asked < 40 || !matches!(what, Twilio::Fails(_)), "{what:?}: left alone after {asked}");

        // And it is used again when it is well.
        twilio.always(Twilio::Accepts);
        tokio::time::sleep(Duration::from_millis(3_000)).await;
        for number in 0..3 {
            let one = many_codes(&bed, tenant, 1, 500 + number).await;
            all_arrive(&bed, &one).await;
        }
        let again = many_codes(&bed, tenant, 5, 600).await;
        let rows = all_arrive(&bed, &again).await;
        assert_eq!(by(&rows, "twilio"), 5, "{what:?}");
        worker.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_up_and_nothing_goes_out_twice() {
    let (bed, twilio, gateway) = (TestBed::new().await, TwilioStandIn::start().await, GatewayStandIn::start().await);
    let worker = start(&bed, with_both(&twilio, &gateway));
    for channel in ["SMS", "VOICE"] {
        twilio.next([Twilio::AcceptsAndDrops]);
        let sent = one_code(&bed, Environment::Live, channel).await;
        let row = becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
        let took = twilio.messages().pop().unwrap();
        assert_eq!((row["provider"].as_str(), row["provider_ref"].as_str()), (Some("twilio"), Some(took.sid.as_str())));
        assert_eq!((row["doubts"].as_i64(), row["accepted_attempt"].as_i64()), (Some(1), Some(1)));
    }
    worker.stop().await;
    assert_eq!((twilio.messages().len(), gateway.messages().len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_settles_a_doubt() {
    let (bed, twilio, gateway) = (TestBed::new().await, TwilioStandIn::start().await, GatewayStandIn::start().await);
    let options = with_both(&twilio, &gateway);
    let own = callbacks(&bed, &options);
    twilio.next([Twilio::AcceptsAndDrops]);
    let worker = start(&bed, options);
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    common::tried(&bed, &sent).await;
    report(&own, &twilio_status(&twilio.messages()[0], "delivered", None)).await;
    let delivered = row(&bed, sent.tenant, sent.message).await;
    assert_eq!((delivered["status"].as_str(), delivered["attempts"].as_i64()), (Some("DELIVERED"), Some(1)));
    tokio::time::sleep(Duration::from_secs(4)).await;
    worker.stop().await;
    assert_eq!((twilio.messages().len(), gateway.messages().len()), (1, 0), "nobody sends it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_of_goes_out_once_more_by_another_with_the_same_code() {
    let (bed, twilio, gateway) = (TestBed::new().await, TwilioStandIn::start().await, GatewayStandIn::start().await);
    twilio.next([Twilio::Fails(503)]);
    let options = with_both(&twilio, &gateway);
    let own = callbacks(&bed, &options);
    let worker = start(&bed, options);
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    let row = becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
    assert_eq!(
        (row["provider"].as_str(), row["doubts"].as_i64(), row["attempts"].as_i64()),
        (Some("http"), Some(1), Some(2))
    );
    let took = gateway.messages().pop().unwrap();
    assert!(took["text"].as_str().unwrap().contains(&code(&bed, &sent)));
    assert_eq!(took["attempt"], 2);
    assert!(gateway_reports(&own, &gateway, &took, r#"{"status":"delivered","reference":"g7"}"#).await);
    let row = common::row(&bed, sent.tenant, sent.message).await;
    assert_eq!((row["status"].as_str(), row["provider_ref"].as_str()), (Some("DELIVERED"), Some("g7")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_doubts_are_given_up_until_a_report_says_more() {
    let (bed, gateway) = (TestBed::new().await, GatewayStandIn::start().await);
    let options = CarrierOptions { http: Some(gateway_options(&gateway)), ..CarrierOptions::default() };
    let own = callbacks(&bed, &options);
    gateway.answers(500, "");
    let worker = start(&bed, options);
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    let failed = becomes(&bed, sent.tenant, sent.message, "FAILED").await;
    worker.stop().await;
    assert_eq!((failed["attempts"].as_i64(), gateway.requests()), (Some(2), 2), "not a third time");
    // The first had been sent after all.
    let took = serde_json::json!({ "status_callback": url_of_first_attempt(&bed, &sent) });
    assert!(gateway_reports(&own, &gateway, &took, r#"{"status":"accepted"}"#).await);
    assert_eq!(row(&bed, sent.tenant, sent.message).await["status"], "FAILED", "that it was taken is no arrival");
    assert!(gateway_reports(&own, &gateway, &took, r#"{"status":"delivered"}"#).await);
    let row = row(&bed, sent.tenant, sent.message).await;
    assert_eq!((row["status"].as_str(), row["failure"].as_str()), (Some("DELIVERED"), None));
}

/// The status URL of the first attempt at a message, made as the worker makes it.
fn url_of_first_attempt(bed: &TestBed, sent: &Sent) -> String {
    let ticket = CallbackTicket { tenant: sent.tenant, attempt: 1, units: 1 };
    let ticket = ticket.seal(&bed.platform.keys.ring(), "http", sent.message);
    format!("http://localhost:8080/callbacks/http/{}/{ticket}", sent.message.to_text())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_is_believed_by_its_signature_alone() {
    let (bed, twilio, gateway) = (TestBed::new().await, TwilioStandIn::start().await, GatewayStandIn::start().await);
    twilio.always(Twilio::Refuses(400, 21606));
    let options = with_both(&twilio, &gateway);
    let own = callbacks(&bed, &options);
    let worker = start(&bed, options);
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    worker.stop().await;
    let took = gateway.messages().pop().unwrap();
    let url = took["status_callback"].as_str().unwrap();
    let mut parts = url.rsplit('/');
    let (ticket, message) = (parts.next().unwrap(), parts.next().unwrap());
    let body = br#"{"status":"failed","detail":"to +14155550132 with 123456"}"#;
    let now = bed.platform.now();
    let (timestamp, signature) = (now.timestamp().to_string(), gateway.secret().sign("r1", now, body));
    let ok = async |id: &str, signature: &str, body: &[u8], ticket: &str| {
        let headers = WebhookHeaders { id, timestamp: &timestamp, signature };
        own.gateway_status(message, ticket, headers, body).await.unwrap() == Verified::Yes(())
    };
    assert!(!ok("r2", &signature, body, ticket).await);
    assert!(!ok("r1", &signature[..20], body, ticket).await);
    assert!(!ok("r1", &signature, br#"{"status":"delivered"}"#, ticket).await);
    assert!(!ok("r1", &signature, body, &ticket.replace('0', "1")).await);
    assert!(ok("r1", &signature, body, ticket).await);
    let row = row(&bed, sent.tenant, sent.message).await;
    assert_eq!((row["status"].as_str(), row["failure"].as_str()), (Some("FAILED"), Some("to +•••••• with ••••••")));
    assert!(own.twilio_status(&arrives(&twilio_status(&fake(url), "delivered", None))).await.unwrap() == Verified::No);
}

/// A text that Twilio never took, with a gateway's URL.
fn fake(url: &str) -> testkit::TwilioMessage {
    let url = url.replace("/callbacks/http/", "/callbacks/twilio/");
    let params = vec![("StatusCallback".to_owned(), url)];
    let created = chrono::DateTime::UNIX_EPOCH;
    testkit::TwilioMessage { sid: "SM1".into(), resource: "Messages", params, created, status: "queued".into() }
}

async fn gateway_reports(own: &Callbacks, gateway: &GatewayStandIn, took: &Value, body: &str) -> bool {
    let url = took["status_callback"].as_str().unwrap();
    let mut parts = url.rsplit('/');
    let (ticket, message) = (parts.next().unwrap(), parts.next().unwrap());
    let now = core_kernel::Clock::now(&core_kernel::SystemClock);
    let (timestamp, signature) = (now.timestamp().to_string(), gateway.secret().sign("r1", now, body.as_bytes()));
    let headers = WebhookHeaders { id: "r1", timestamp: &timestamp, signature: &signature };
    own.gateway_status(message, ticket, headers, body.as_bytes()).await.unwrap() == Verified::Yes(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_without_a_provider_is_told() {
    let (bed, twilio, gateway) = (TestBed::new().await, TwilioStandIn::start().await, GatewayStandIn::start().await);
    let worker = start(&bed, with_both(&twilio, &gateway));
    let sent = one_code(&bed, Environment::Live, "SMS").await;
    becomes(&bed, sent.tenant, sent.message, "ACCEPTED").await;
    as_superuser(&bed, "update factor set country = 'GB' where tenant_id = $1", sent.tenant).await;
    as_superuser(&bed, "delete from destination_send where tenant_id = $1", sent.tenant).await;
    let person = user(&bed, sent.tenant, "bob").await;
    let phone = factor(&bed, sent.tenant, person, "PHONE_PRIMARY", "+14155550199").await;
    as_superuser(&bed, "update factor set country = 'GB' where tenant_id = $1", sent.tenant).await;
    let abroad = send_code(&bed, sent.tenant, person, phone, "SMS").await;
    let row = becomes(&bed, abroad.tenant, abroad.message, "FAILED").await;
    worker.stop().await;
    assert_eq!(row["failure"], "No provider serves this country.");
}
