//! Codes pumped to numbers of one prefix: stopped, shown, released, stopped again; and nobody else is.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::collections::HashMap;

use common::phones::gateway_options;
use common::{Running, Sent, as_superuser, becomes, row, send_code, start_with, stranger, try_send_code};
use core_access::{ApiScope, Operation, Permit};
use core_kernel::{RefusalCode, Stop, TenantId};
use futures::future::join_all;
use io_postgres::TenantTx;
use svc_delivery::{BlockedPrefix, CarrierOptions, DeliveryOptions, GuardMode, GuardOptions, Messages};
use testkit::{Environment, GatewayStandIn, TestBed, caller};

fn worker(bed: &TestBed, gateway: &GatewayStandIn, mode: GuardMode) -> Running {
    let carriers = CarrierOptions { http: Some(gateway_options(gateway)), ..CarrierOptions::default() };
    let guard = GuardOptions { mode, ..GuardOptions::default() };
    start_with(bed, carriers, DeliveryOptions { guard, ..DeliveryOptions::default() })
}

fn permit(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Policy]).permit(Operation::ReleasePrefix).unwrap()
}

async fn blocked(bed: &TestBed, tenant: TenantId) -> Vec<BlockedPrefix> {
    Messages::new(bed.platform.clone()).blocked_prefixes(&permit(tenant)).await.unwrap()
}

/// Codes to strangers of a prefix, all queued at the same time: more than the guard lets go at once.
async fn pump(bed: &TestBed, tenant: TenantId, prefix: &str, numbers: std::ops::Range<u32>) -> Vec<Sent> {
    let send = async |number: u32| {
        let (user, factor) = stranger(bed, tenant, &format!("{prefix}555{number:04}")).await;
        try_send_code(bed, tenant, user, factor, "SMS").await.1
    };
    join_all(numbers.map(send)).await.into_iter().flatten().collect()
}

/// How many messages ended how, when all have.
async fn ends(bed: &TestBed, sent: &[Sent]) -> HashMap<String, usize> {
    let mut ends = HashMap::new();
    for sent in sent {
        let mut status = String::new();
        for _ in 0..600 {
            status = row(bed, sent.tenant, sent.message).await["status"].as_str().unwrap().to_owned();
            if status != "QUEUED" && status != "SENDING" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        *ends.entry(status).or_default() += 1;
    }
    ends
}

fn counts(ends: &HashMap<String, usize>) -> (usize, usize) {
    let of = |status| ends.get(status).copied().unwrap_or(0);
    assert_eq!(of("ACCEPTED") + of("CANCELED"), ends.values().sum::<usize>(), "{ends:?}");
    (of("ACCEPTED"), of("CANCELED"))
}

/// Events of blocked prefixes, and entries of the audit log about prefixes.
async fn told(bed: &TestBed, tenant: TenantId) -> (i64, Vec<String>) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let events = sqlx::query_scalar(
        "select count(*) from outbox_event where tenant_id = $1 and kind = 'PREFIX_BLOCKED' and payload ->> 'sent' = '30'",
    );
    let events = events.bind(tenant.0).fetch_one(tx.connection()).await.unwrap();
    let entries = "select action from audit_entry where tenant_id = $1 and action like 'prefix.%' order by entry_id";
    (events, sqlx::query_scalar(entries).bind(tenant.0).fetch_all(tx.connection()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pumping_attack_stops_within_the_configured_number_however_parallel_and_others_go_on() {
    let (bed, gateway) = (TestBed::new().await, GatewayStandIn::start().await);
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let attack = pump(&bed, tenant, "+1415", 100..180).await;
    let beside = pump(&bed, tenant, "+1212", 100..120).await;
    let elsewhere = pump(&bed, other, "+1415", 100..120).await;
    let workers = [GuardMode::Block; 3].map(|mode| worker(&bed, &gateway, mode));
    assert_eq!(counts(&ends(&bed, &attack).await), (30, 50));
    assert_eq!(counts(&ends(&bed, &beside).await), (20, 0), "another prefix");
    assert_eq!(counts(&ends(&bed, &elsewhere).await), (20, 0), "another tenant");
    let canceled = common::becomes(&bed, tenant, last_canceled(&bed, &attack).await, "CANCELED").await;
    assert!(canceled["failure"].as_str().unwrap().contains("blocked until an administrator releases it"));

    let shown = blocked(&bed, tenant).await;
    assert_eq!(shown.len(), 1);
    let BlockedPrefix { prefix, country, sent, verified, .. } = &shown[0];
    assert_eq!((prefix.as_str(), country.as_deref(), *sent, *verified), ("+1415", Some("US"), 30, 0));
    assert!(blocked(&bed, other).await.is_empty());
    assert_eq!(told(&bed, tenant).await, (1, vec!["prefix.blocked".to_owned()]));

    // From now on it is refused before anything is queued.
    let (user, factor) = stranger(&bed, tenant, "+14155559001").await;
    for channel in ["SMS", "VOICE"] {
        assert_eq!(try_send_code(&bed, tenant, user, factor, channel).await.0, "DESTINATION_BLOCKED");
    }
    // Whoever has given a right code before is no stranger.
    as_superuser(&bed, "update factor set confirmed_at = now() where tenant_id = $1 and secret_sealed is not null
                         and factor_id = (select factor_id from factor where tenant_id = $1 order by factor_id desc limit 1)", tenant)
        .await;
    let known = send_code(&bed, tenant, user, factor, "SMS").await;
    becomes(&bed, tenant, known.message, "ACCEPTED").await;
    for worker in workers {
        worker.stop().await;
    }
}

async fn last_canceled(bed: &TestBed, sent: &[Sent]) -> core_kernel::MessageId {
    for sent in sent.iter().rev() {
        if row(bed, sent.tenant, sent.message).await["status"] == "CANCELED" {
            return sent.message;
        }
    }
    panic!("none was canceled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_releases_it_and_if_it_goes_on_it_is_blocked_again() {
    let (bed, gateway) = (TestBed::new().await, GatewayStandIn::start().await);
    let tenant = bed.tenant(Environment::Live).await;
    let worker = worker(&bed, &gateway, GuardMode::Block);
    let messages = Messages::new(bed.platform.clone());
    for round in 0..2 {
        let attack = pump(&bed, tenant, "+1415", round * 100..round * 100 + 40).await;
        assert_eq!(counts(&ends(&bed, &attack).await).0, 30, "round {round}");
        assert_eq!(blocked(&bed, tenant).await.len(), 1);
        assert_eq!(messages.release_prefix(&permit(tenant), "+1415").await.unwrap(), []);
        let again = messages.release_prefix(&permit(tenant), "+1415").await;
        assert!(matches!(again, Err(Stop::Refused(refusals)) if refusals[0].code == RefusalCode::NotFound));
    }
    worker.stop().await;
    let (events, entries) = told(&bed, tenant).await;
    assert_eq!(events, 2);
    assert_eq!(entries, ["prefix.blocked", "prefix.released", "prefix.blocked", "prefix.released"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_enough_are_given_nobody_is_held() {
    let (bed, gateway) = (TestBed::new().await, GatewayStandIn::start().await);
    let tenant = bed.tenant(Environment::Live).await;
    let worker = worker(&bed, &gateway, GuardMode::Block);
    for round in 0..6 {
        let sent = pump(&bed, tenant, "+1415", round * 15..round * 15 + 15).await;
        assert_eq!(counts(&ends(&bed, &sent).await), (15, 0), "round {round}");
        as_superuser(
            &bed,
            "update factor set confirmed_at = now() where factor_id in (
                 select factor_id from factor where tenant_id = $1 and confirmed_at is null order by factor_id desc limit 4)",
            tenant,
        )
        .await;
    }
    worker.stop().await;
    assert!(blocked(&bed, tenant).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_observes_tells_once_and_holds_nobody() {
    let (bed, gateway) = (TestBed::new().await, GatewayStandIn::start().await);
    let (tenant, unguarded) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let observing = worker(&bed, &gateway, GuardMode::Observe);
    let attack = pump(&bed, tenant, "+1415", 100..150).await;
    assert_eq!(counts(&ends(&bed, &attack).await), (50, 0));
    observing.stop().await;
    assert!(blocked(&bed, tenant).await.is_empty());
    assert_eq!(told(&bed, tenant).await, (1, vec!["prefix.observed".to_owned()]));

    let off = worker(&bed, &gateway, GuardMode::Off);
    let attack = pump(&bed, unguarded, "+1415", 100..150).await;
    assert_eq!(counts(&ends(&bed, &attack).await), (50, 0));
    off.stop().await;
    assert_eq!(told(&bed, unguarded).await, (0, vec![]));
}
