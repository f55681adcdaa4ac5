//! The limits of one process as callers meet them: burst, refusal, refill, and what an attacker might try on them.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Duration};
use core_kernel::{ApiKeyId, Fault, ManualClock, TenantId, UserId};
use io_limits::{ClientNetwork, LIMITS, Limit, LimitKey, LimitsConfig, LocalLimits, Per, Rate, limit};
use uuid::Uuid;

fn limits(config: &LimitsConfig) -> (Arc<ManualClock>, LocalLimits) {
    let clock = Arc::new(ManualClock::starting_at(DateTime::from_timestamp(1_790_000_000, 0).unwrap()));
    (clock.clone(), LocalLimits::new(config, clock).unwrap())
}

fn defaults() -> (Arc<ManualClock>, LocalLimits) {
    limits(&LimitsConfig::default())
}

fn tenant(n: u128) -> TenantId {
    TenantId(Uuid::from_u128(n))
}

fn user(n: u128) -> (TenantId, UserId) {
    (tenant(1), UserId(Uuid::from_u128(n)))
}

fn client(text: &str) -> ClientNetwork {
    text.parse::<IpAddr>().unwrap().into()
}

/// How many of `tries` checks pass.
fn passed<K: Into<LimitKey> + Copy>(limits: &LocalLimits, limit: Limit<K>, key: K, tries: u32) -> u32 {
    passed_n(limits, limit, key, 1, tries)
}

/// The same for checks of `n` units.
fn passed_n<K: Into<LimitKey> + Copy>(limits: &LocalLimits, limit: Limit<K>, key: K, n: u32, tries: u32) -> u32 {
    (0..tries).map(|_| u32::from(limits.check_n(limit, key, n).is_ok())).sum()
}

fn retry_after(checked: Result<(), Fault>) -> u64 {
    match checked.unwrap_err() {
        Fault::RateLimited { retry_after_seconds } => retry_after_seconds,
        other => panic!("{other}"),
    }
}

/// Spends a burst in portions of `n`, is refused, gets one span's worth back.
fn burst_refuse_refill<K: Into<LimitKey> + Copy>(limit: Limit<K>, key: K, n: u32) {
    let (clock, limits) = defaults();
    let spec = limit.spec();
    let (burst, back) = (spec.burst / n, spec.rate.min(spec.burst) / n);
    assert_eq!(passed_n(&limits, limit, key, n, burst + 10), burst, "{}: burst", spec.name);
    assert!(retry_after(limits.check_n(limit, key, n)) >= 1, "{}", spec.name);
    clock.advance(Duration::from_std(spec.per.duration()).unwrap());
    assert_eq!(passed_n(&limits, limit, key, n, back + 10), back, "{}: refill", spec.name);
    clock.advance(Duration::days(2));
    assert_eq!(passed_n(&limits, limit, key, n, burst + 10), burst, "{}: never more than the burst", spec.name);
}

#[test]
fn every_limit_lets_a_burst_through_then_its_rate() {
    burst_refuse_refill(limit::API_KEY, ApiKeyId(Uuid::from_u128(1)), 1);
    burst_refuse_refill(limit::TENANT, tenant(1), 1);
    burst_refuse_refill(limit::USER_EVALUATE_LOGIN, user(1), 1);
    burst_refuse_refill(limit::USER_START_CHALLENGE, user(1), 1);
    burst_refuse_refill(limit::CLIENT_ADDRESS, client("192.0.2.1"), 1);
    burst_refuse_refill(limit::API_KEY_COMPLEXITY, ApiKeyId(Uuid::from_u128(1)), 20_000);
}

#[test]
fn the_defaults_are_those_that_were_promised() {
    let table: Vec<_> = LIMITS.iter().map(|spec| (spec.name, spec.rate, spec.per, spec.burst)).collect();
    assert_eq!(
        table,
        [
            ("api_key", 2_000, Per::Second, 4_000),
            ("api_key_complexity", 6_000_000, Per::Minute, 600_000),
            ("tenant", 4_000, Per::Second, 4_000),
            ("tenant_simulate_policy", 6, Per::Minute, 6),
            ("user_evaluate_login", 30, Per::Minute, 60),
            ("user_start_challenge", 30, Per::Minute, 60),
            ("client_address", 60, Per::Minute, 60),
        ]
    );
}

#[test]
fn names_and_constants_belong_together() {
    assert_eq!(limit::API_KEY.spec().name, "api_key");
    assert_eq!(limit::API_KEY_COMPLEXITY.spec().config_key, "limits.api_key_complexity");
    assert_eq!(limit::TENANT.spec().name, "tenant");
    assert_eq!(limit::TENANT_SIMULATE_POLICY.spec().name, "tenant_simulate_policy");
    assert_eq!(limit::USER_EVALUATE_LOGIN.spec().name, "user_evaluate_login");
    assert_eq!(limit::USER_START_CHALLENGE.spec().name, "user_start_challenge");
    assert_eq!(limit::CLIENT_ADDRESS.spec().name, "client_address");
}

#[test]
fn the_wait_that_is_told_is_enough_and_not_too_long() {
    let (clock, limits) = defaults();
    passed(&limits, limit::USER_EVALUATE_LOGIN, user(1), 60);
    assert_eq!(retry_after(limits.check(limit::USER_EVALUATE_LOGIN, user(1))), 2, "30 a minute are one in 2 s");
    clock.advance(Duration::milliseconds(1_500));
    assert_eq!(retry_after(limits.check(limit::USER_EVALUATE_LOGIN, user(1))), 1, "half a second is told as one");
    clock.advance(Duration::seconds(1));
    assert!(limits.check(limit::USER_EVALUATE_LOGIN, user(1)).is_ok());
}

#[test]
fn hammering_does_not_lengthen_the_wait() {
    let (clock, limits) = defaults();
    passed(&limits, limit::USER_EVALUATE_LOGIN, user(1), 100_000);
    clock.advance(Duration::seconds(2));
    assert!(limits.check(limit::USER_EVALUATE_LOGIN, user(1)).is_ok());
}

#[test]
fn nobody_pays_for_another() {
    let (_, limits) = defaults();
    passed(&limits, limit::TENANT, tenant(1), 5_000);
    assert!(limits.check(limit::TENANT, tenant(1)).is_err());
    assert!(limits.check(limit::TENANT, tenant(2)).is_ok());

    passed(&limits, limit::USER_EVALUATE_LOGIN, user(1), 100);
    let namesake = (tenant(2), user(1).1);
    assert!(limits.check(limit::USER_EVALUATE_LOGIN, user(1)).is_err());
    assert!(limits.check(limit::USER_EVALUATE_LOGIN, user(2)).is_ok(), "another user");
    assert!(limits.check(limit::USER_EVALUATE_LOGIN, namesake).is_ok(), "the same identifier in another tenant");
    assert!(limits.check(limit::USER_START_CHALLENGE, user(1)).is_ok(), "another limit");
}

#[test]
fn an_ipv6_client_has_one_budget_for_its_network() {
    let (_, limits) = defaults();
    let from = |n: u32| client(&format!("2001:db8:1:2::{n:x}"));
    let passed: u32 = (1..=1_000).map(|n| u32::from(limits.check(limit::CLIENT_ADDRESS, from(n)).is_ok())).sum();
    assert_eq!(passed, 60);
    assert!(limits.check(limit::CLIENT_ADDRESS, client("2001:db8:1:3::1")).is_ok());
}

#[test]
fn complexity_is_spent_all_or_none() {
    let key = ApiKeyId(Uuid::from_u128(1));
    let config = LimitsConfig::default().with(limit::API_KEY_COMPLEXITY, Rate { rate: 60, burst: 100 }).unwrap();
    let (clock, limits) = limits(&config);
    assert!(limits.check_n(limit::API_KEY_COMPLEXITY, key, 70).is_ok());
    assert_eq!(retry_after(limits.check_n(limit::API_KEY_COMPLEXITY, key, 40)), 10);
    assert!(limits.check_n(limit::API_KEY_COMPLEXITY, key, 30).is_ok(), "the refused one spent nothing");
    assert!(limits.check_n(limit::API_KEY_COMPLEXITY, key, 0).is_ok(), "nothing costs nothing");
    clock.advance(Duration::seconds(10));
    assert!(limits.check_n(limit::API_KEY_COMPLEXITY, key, 10).is_ok());
    assert!(limits.check_n(limit::API_KEY_COMPLEXITY, key, 1).is_err());
}

#[test]
fn what_is_dearer_than_the_burst_takes_it_whole() {
    let key = ApiKeyId(Uuid::from_u128(1));
    let config = LimitsConfig::default().with(limit::API_KEY_COMPLEXITY, Rate { rate: 60, burst: 100 }).unwrap();
    let (clock, limits) = limits(&config);
    assert!(limits.check_n(limit::API_KEY_COMPLEXITY, key, u32::MAX).is_ok());
    assert_eq!(retry_after(limits.check_n(limit::API_KEY_COMPLEXITY, key, u32::MAX)), 100);
    clock.advance(Duration::seconds(100));
    assert!(limits.check_n(limit::API_KEY_COMPLEXITY, key, u32::MAX).is_ok());
}

#[test]
fn a_clock_set_back_neither_locks_out_nor_lets_in() {
    let (clock, limits) = defaults();
    clock.advance(Duration::hours(2));
    assert_eq!(passed(&limits, limit::USER_EVALUATE_LOGIN, user(1), 100), 60);
    clock.advance(Duration::hours(-1));
    assert_eq!(retry_after(limits.check(limit::USER_EVALUATE_LOGIN, user(1))), 2, "not an hour");
    clock.advance(Duration::seconds(2));
    assert_eq!(passed(&limits, limit::USER_EVALUATE_LOGIN, user(1), 10), 1);
    assert_eq!(passed(&limits, limit::USER_EVALUATE_LOGIN, user(2), 100), 60, "a new key has its burst");
}

#[test]
fn a_clock_from_before_1970_is_a_clock() {
    let clock = Arc::new(ManualClock::starting_at(DateTime::from_timestamp(-5, 0).unwrap()));
    let limits = LocalLimits::new(&LimitsConfig::default(), clock.clone()).unwrap();
    assert_eq!(passed(&limits, limit::CLIENT_ADDRESS, client("192.0.2.1"), 100), 60);
    clock.advance(Duration::days(100_000));
    assert_eq!(passed(&limits, limit::CLIENT_ADDRESS, client("192.0.2.1"), 100), 60);
}

#[test]
fn a_sweep_forgets_only_who_owes_nothing() {
    let (clock, limits) = defaults();
    let keys = |name: &str| limits.usage().iter().find(|limit| limit.name == name).unwrap().keys;
    for n in 0..1_000 {
        limits.check(limit::USER_EVALUATE_LOGIN, user(n)).unwrap();
    }
    passed(&limits, limit::USER_EVALUATE_LOGIN, user(0), 100);
    assert_eq!(keys("user_evaluate_login"), 1_000);
    clock.advance(Duration::seconds(5));
    limits.sweep();
    assert_eq!(keys("user_evaluate_login"), 1, "the busy one is kept");
    assert_eq!(passed(&limits, limit::USER_EVALUATE_LOGIN, user(0), 100), 2, "with what it owes");
    clock.advance(Duration::minutes(3));
    limits.sweep();
    assert_eq!(keys("user_evaluate_login"), 0);
}

#[test]
fn a_flood_of_addresses_stays_bounded_and_frees_nobody() {
    let config = LimitsConfig::default().with_max_keys(1_000.try_into().unwrap());
    let (_, limits) = limits(&config);
    let attacker = client("192.0.2.1");
    assert_eq!(passed(&limits, limit::CLIENT_ADDRESS, attacker, 100), 60);
    for n in 0..50_000_u32 {
        let _ = limits.check(limit::CLIENT_ADDRESS, ClientNetwork::from(IpAddr::from(n.to_be_bytes())));
    }
    let address = limits.usage().into_iter().find(|limit| limit.name == "client_address").unwrap();
    assert!(address.keys <= 1_024 && address.shed >= 48_000, "{address:?}");
    assert_eq!(passed(&limits, limit::CLIENT_ADDRESS, attacker, 10), 0, "the attacker's record outlives the flood");
}

#[test]
fn parallel_checks_pass_exactly_the_burst() {
    let (_, limits) = defaults();
    let passes = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| passes.fetch_add(passed(&limits, limit::TENANT, tenant(1), 1_000), Ordering::Relaxed));
        }
    });
    assert_eq!(passes.into_inner(), 4_000);
    assert_eq!(limits.usage().iter().find(|limit| limit.name == "tenant").unwrap().refused, 12_000);
}

#[test]
fn sweeping_under_load_gives_nobody_more() {
    let (_, limits) = defaults();
    let passes = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| passes.fetch_add(passed(&limits, limit::TENANT, tenant(1), 1_000), Ordering::Relaxed));
        }
        scope.spawn(|| (0..200).for_each(|_| limits.sweep()));
    });
    assert_eq!(passes.into_inner(), 4_000);
}
