//! Workers that die at any moment, under load, with a provider that takes texts and does not say so.

mod common;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::phones::{gateway_options, with_twilio};
use common::{Sent, code, factor, row, send_code, start_with, user};
use core_kernel::{Entropy, SeededEntropy};
use svc_delivery::{CarrierOptions, DeliveryOptions};
use testkit::{Environment, GatewayStandIn, TestBed, Twilio, TwilioStandIn};

/// How often a worker is killed.
const KILLS: usize = 200;

/// A number below `bound`, from the seed.
fn below(random: &SeededEntropy, bound: u64) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    u64::from_le_bytes(bytes) % bound
}

/// Nine of ten requests are taken; of those some are not acknowledged, some late.
fn mood(random: &SeededEntropy) -> Twilio {
    match below(random, 20) {
        0 => Twilio::Fails(500),
        1 => Twilio::Refuses(429, 20429),
        2 | 3 => Twilio::AcceptsAndDrops,
        4..=9 => Twilio::AcceptsAfter(Duration::from_millis(below(random, 80))),
        _ => Twilio::Accepts,
    }
}

/// Codes without end, each to a number of its own, until told to stop.
async fn crowd(bed: Arc<TestBed>, stop: Arc<AtomicBool>) -> Vec<(String, Sent)> {
    let mut tenants = Vec::new();
    for _ in 0..3 {
        tenants.push(bed.tenant(Environment::Live).await);
    }
    let mut all = Vec::new();
    for number in 100.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let tenant = tenants[number % tenants.len()];
        let phone = format!("+1415555{number:04}");
        let person = user(&bed, tenant, &phone).await;
        let factor = factor(&bed, tenant, person, "PHONE_PRIMARY", &phone).await;
        all.push((phone, send_code(&bed, tenant, person, factor, "SMS").await));
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_crashes_lose_nothing_and_a_doubled_text_carries_the_same_code() {
    let (bed, twilio) = (Arc::new(TestBed::new().await), TwilioStandIn::start().await);
    let random = SeededEntropy::new(2026);
    let options = DeliveryOptions { lease: Duration::from_secs(1), ..DeliveryOptions::default() };
    let stop = Arc::new(AtomicBool::new(false));
    let crowd = tokio::spawn(crowd(bed.clone(), stop.clone()));
    for _ in 0..KILLS {
        twilio.next((0..4).map(|_| mood(&random)));
        let worker = start_with(&bed, with_twilio(&twilio), options.clone());
        tokio::time::sleep(Duration::from_millis(30 + below(&random, 120))).await;
        worker.kill().await;
    }
    stop.store(true, Ordering::Relaxed);
    let sent = crowd.await.unwrap();

    let worker = start_with(&bed, with_twilio(&twilio), options);
    settled(&bed, &sent).await;
    worker.stop().await;
    assert!(sent.len() > 100, "there was a load: {}", sent.len());
    assert_eq!(twilio.malformed(), [""; 0]);

    let mut texts: HashMap<String, Vec<String>> = HashMap::new();
    for text in twilio.messages() {
        texts.entry(text.param("To").to_owned()).or_default().push(text.param("Body").to_owned());
    }
    let mut doubts = 0;
    for (phone, sent) in &sent {
        let row = row(&bed, sent.tenant, sent.message).await;
        assert_eq!(row["status"], "ACCEPTED", "{row}");
        doubts += usize::from(row["doubts"] != 0);
        let bodies = texts.get(phone).expect("it went out");
        assert!(bodies.iter().all(|body| body.contains(&code(&bed, sent))), "every text carries the code");
        assert!(bodies.len() <= 2, "{phone}: {} texts; {row}", bodies.len());
    }
    let doubled = texts.values().filter(|bodies| bodies.len() > 1).count();
    assert!(doubled * 20 < sent.len(), "Twilio was asked before anything went out again: {doubled}");
    let strangers: HashSet<_> = texts.keys().filter(|to| !sent.iter().any(|(phone, _)| phone == *to)).collect();
    assert!(strangers.is_empty() && doubts > 20, "the crashes came in the middle of work: {doubts}");
    eprintln!("{} messages, {doubts} were in doubt, {doubled} went out twice", sent.len());
}

/// A gateway keeps no list that could be asked: what nobody knows of goes out once more, and not twice.
#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_be_asked_a_doubled_text_carries_the_same_code() {
    let (bed, gateway) = (Arc::new(TestBed::new().await), GatewayStandIn::start().await);
    gateway.drops_one_of(5);
    let random = SeededEntropy::new(7);
    let options = DeliveryOptions { lease: Duration::from_secs(1), ..DeliveryOptions::default() };
    let carriers = CarrierOptions { http: Some(gateway_options(&gateway)), ..CarrierOptions::default() };
    let stop = Arc::new(AtomicBool::new(false));
    let crowd = tokio::spawn(crowd(bed.clone(), stop.clone()));
    for _ in 0..30 {
        let before = gateway.requests();
        let worker = start_with(&bed, carriers.clone(), options.clone());
        // Each gets to work, however slow the machine; then it dies at a random moment.
        for _ in 0..200 {
            if gateway.requests() > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        tokio::time::sleep(Duration::from_millis(200 + below(&random, 400))).await;
        worker.kill().await;
    }
    stop.store(true, Ordering::Relaxed);
    let sent = crowd.await.unwrap();
    let worker = start_with(&bed, carriers, options);
    settled(&bed, &sent).await;
    worker.stop().await;

    let texts = gateway.messages();
    let (mut doubled, mut given_up) = (0, 0);
    for (phone, sent) in &sent {
        let row = row(&bed, sent.tenant, sent.message).await;
        let of_this: Vec<_> = texts.iter().filter(|text| text["to"] == phone.as_str()).collect();
        assert!(of_this.len() <= 2, "{phone}: {row}");
        assert!(of_this.iter().all(|text| text["text"].as_str().unwrap().contains(&code(&bed, sent))));
        doubled += usize::from(of_this.len() == 2);
        given_up += usize::from(row["status"] == "FAILED");
        let accepted = row["status"] == "ACCEPTED" && !of_this.is_empty();
        assert!(accepted || row["status"] == "FAILED" && row["doubts"] != 0 && row["attempts"] != 1, "{row}");
    }
    assert!(doubled > 5 && given_up * 2 < sent.len(), "{doubled} doubled, {given_up} given up of {}", sent.len());
    eprintln!("{} messages, {doubled} went out twice, {given_up} were given up after two doubts", sent.len());
}

/// Waits until nothing is waiting.
async fn settled(bed: &TestBed, sent: &[(String, Sent)]) {
    for (_, sent) in sent {
        for _ in 0..1_500 {
            let row = row(bed, sent.tenant, sent.message).await;
            if row["status"] != "QUEUED" && row["status"] != "SENDING" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
