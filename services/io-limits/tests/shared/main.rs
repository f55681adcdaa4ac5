//! Limits that several processes hold together, in a real Redis: exact while it is there, bounded while it is away, slow,
//! flushed or restarted.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod redis_server;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use core_kernel::{ApiKeyId, Fault, ManualClock, TenantId, UserId};
use io_limits::{Charge, LimitUse, Limits, LimitsConfig, Rate, RedisOptions, limit};
use redis_server::RedisServer;
use uuid::Uuid;

const CONNECTED_WITHIN: Duration = Duration::from_secs(30);
const BURST: u32 = 60;

/// A process: its own memory, its own clock, everybody's Redis.
struct Process {
    clock: Arc<ManualClock>,
    limits: Arc<Limits>,
}

impl Process {
    async fn start(config: &LimitsConfig, options: &RedisOptions) -> Self {
        let clock = Arc::new(ManualClock::starting_at(DateTime::from_timestamp(1_790_000_000, 0).unwrap()));
        let limits = Limits::new(config, clock.clone()).unwrap().with_redis(config, clock.clone(), options).unwrap();
        let process = Self { clock, limits: Arc::new(limits) };
        process.limits.connect().await;
        let limits = process.limits.clone();
        tokio::spawn(async move { limits.keep_connected().await });
        process
    }

    /// How many of `tries` pass.
    async fn passed(&self, key: UserId, tries: u32) -> u32 {
        let mut passed = 0;
        for _ in 0..tries {
            passed += u32::from(self.limits.check(limit::USER_EVALUATE_LOGIN, (tenant(), key)).await.is_ok());
        }
        passed
    }

    async fn until_connected(&self, wanted: bool) {
        let waiting = async {
            while self.limits.shared_usage().unwrap().connected != wanted {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(CONNECTED_WITHIN, waiting).await.expect("connected, or not, in time");
    }
}

/// Redis has the clock of this machine: what comes back within a test must not count.
fn hardly_any_comes_back() -> LimitsConfig {
    LimitsConfig::default().with(limit::USER_EVALUATE_LOGIN, Rate { rate: 1, burst: BURST }).unwrap()
}

fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(1))
}

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

async fn processes(count: usize, options: &RedisOptions) -> Vec<Process> {
    let config = hardly_any_comes_back();
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(Process::start(&config, options).await);
    }
    all
}

/// What all of them together let through.
async fn passed_at_all(processes: &[Process], key: UserId, tries: u32) -> u32 {
    let all = processes.iter().map(|process| process.passed(key, tries));
    futures::future::join_all(all).await.into_iter().sum()
}

fn retry_after(checked: Result<(), Fault>) -> u64 {
    match checked.unwrap_err() {
        Fault::RateLimited { retry_after_seconds } => retry_after_seconds,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_ask_at_once_let_exactly_one_burst_through() {
    let redis = RedisServer::start();
    let all = processes(3, &redis.options()).await;
    assert_eq!(passed_at_all(&all, user(1), 100).await, BURST);
    assert_eq!(passed_at_all(&all, user(2), 10).await, 30, "nobody pays for another");
    assert!(all.iter().all(|process| process.limits.shared_usage().unwrap().unanswered == 0));
    let refused: u64 =
        all.iter().flat_map(|process| process.limits.usage()).map(|LimitUse { refused, .. }| refused).sum();
    assert_eq!(refused, 240);
}

#[tokio::test]
async fn a_process_that_joins_later_finds_what_was_spent() {
    let redis = RedisServer::start();
    let first = Process::start(&hardly_any_comes_back(), &redis.options()).await;
    assert_eq!(first.passed(user(1), 100).await, BURST);
    let second = Process::start(&hardly_any_comes_back(), &redis.options()).await;
    let wait = retry_after(second.limits.check(limit::USER_EVALUATE_LOGIN, (tenant(), user(1))).await);
    assert!((30..=60).contains(&wait), "one comes back in a minute: {wait}");
}

#[tokio::test]
async fn what_comes_back_does_so_for_all() {
    let redis = RedisServer::start();
    let config = LimitsConfig::default().with(limit::API_KEY, Rate { rate: 20, burst: 2 }).unwrap();
    let (one, other) =
        (Process::start(&config, &redis.options()).await, Process::start(&config, &redis.options()).await);
    let key = ApiKeyId(Uuid::from_u128(1));
    for process in [&one, &other] {
        process.limits.check(limit::API_KEY, key).await.unwrap();
    }
    assert_eq!(retry_after(one.limits.check(limit::API_KEY, key).await), 1, "50 ms are told as a second");
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(other.limits.check(limit::API_KEY, key).await.is_ok());
}

#[tokio::test]
async fn all_charges_of_a_request_are_made_or_none_in_one_question() {
    let redis = RedisServer::start();
    let config = hardly_any_comes_back().with(limit::API_KEY_COMPLEXITY, Rate { rate: 1, burst: 100 }).unwrap();
    let process = Process::start(&config, &redis.options()).await;
    let key = ApiKeyId(Uuid::from_u128(1));
    let request = |units| {
        [
            Charge::one(limit::USER_EVALUATE_LOGIN, (tenant(), user(1))),
            Charge::of(limit::API_KEY_COMPLEXITY, key, units),
        ]
    };
    process.limits.spend(&request(70)).await.unwrap();
    let wait = retry_after(process.limits.spend(&request(40)).await);
    assert!((570..=600).contains(&wait), "ten units, one a minute: {wait}");
    process.limits.spend(&request(30)).await.unwrap();
    assert_eq!(process.limits.shared_usage().unwrap().answered, 3);
    assert_eq!(process.passed(user(1), 100).await, BURST - 2, "the refused request spent nothing of the other budget");
    assert!(retry_after(process.limits.spend(&request(u32::MAX)).await) <= 60, "known: not a unit is there before");
}

#[tokio::test]
async fn whoever_was_refused_is_refused_again_without_a_question() {
    let redis = RedisServer::start();
    let process = Process::start(&hardly_any_comes_back(), &redis.options()).await;
    assert_eq!(process.passed(user(1), BURST + 1_000).await, BURST);
    assert_eq!(process.limits.shared_usage().unwrap().answered, u64::from(BURST) + 1);
    let charge = Charge::one(limit::USER_EVALUATE_LOGIN, (tenant(), user(1)));
    assert!((30..=60).contains(&retry_after(process.limits.refuse_known(&[charge]))));
    process.clock.advance(TimeDelta::minutes(2));
    assert!(process.limits.refuse_known(&[charge]).is_ok(), "then it is worth a question");
}

/// Three processes with 40 % each: together a fifth more than the limit, and not more, while Redis is away; nor
/// afterwards, from a memory that is empty.
#[tokio::test(flavor = "multi_thread")]
async fn without_redis_nobody_gets_more_than_the_shares_and_it_goes_on() {
    let mut redis = RedisServer::start();
    let config = LimitsConfig::default();
    let options = RedisOptions { local_percent: 40, young_for: Duration::from_secs(3_600), ..redis.options() };
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(Process::start(&config, &options).await);
    }
    let before = passed_at_all(&all, user(1), 200).await;
    assert!(before <= BURST, "{before}");
    redis.kill();

    // A minute of attack: 30 come back by the limit, 12 at each process.
    let mut during = 0;
    for _ in 0..60 {
        all.iter().for_each(|process| process.clock.advance(TimeDelta::seconds(1)));
        during += passed_at_all(&all, user(1), 20).await;
    }
    // What a share had left when Redis went, it may still give.
    assert!((30..=36 + (72 - before)).contains(&during), "{during} in a minute of 30, {before} before");
    assert!(all[0].limits.check(limit::USER_EVALUATE_LOGIN, (tenant(), user(2))).await.is_ok(), "others go on");
    assert!(all.iter().all(|process| process.limits.shared_usage().unwrap().lost == 1), "given up once");

    redis.up();
    for process in &all {
        process.until_connected(true).await;
    }
    assert_eq!(passed_at_all(&all, user(1), 200).await, 0, "it came back empty, and is not believed alone");
}

#[tokio::test]
async fn a_flush_gives_nobody_a_burst_and_is_noticed_without_a_lost_connection() {
    let redis = RedisServer::start();
    let options = RedisOptions { young_for: Duration::from_millis(1), ..redis.options() };
    let process = Process::start(&hardly_any_comes_back(), &options).await;
    assert_eq!(process.passed(user(1), 1).await, 1);
    tokio::time::sleep(Duration::from_millis(5)).await;
    let old = RedisOptions { young_for: Duration::from_secs(3_600), ..options };
    let process = Process::start(&hardly_any_comes_back(), &old).await;
    assert_eq!(process.passed(user(2), 100).await, BURST / 2, "while it is young the share holds as well");
    redis.tell(&["FLUSHALL"]);
    process.clock.advance(TimeDelta::minutes(1));
    assert_eq!(process.passed(user(2), 100).await, 1, "what came back to the share");
    assert_eq!(process.limits.shared_usage().unwrap().lost, 0);
}

#[tokio::test]
async fn redis_that_answers_late_holds_nobody_up_twice() {
    let redis = RedisServer::start();
    let options = RedisOptions { timeout: Duration::from_millis(50), ..redis.options() };
    let process = Process::start(&hardly_any_comes_back(), &options).await;
    process.until_connected(true).await;
    redis.tell(&["CLIENT", "PAUSE", "60000", "ALL"]);
    assert_eq!(process.passed(user(1), 100).await, BURST / 2, "its share");
    let usage = process.limits.shared_usage().unwrap();
    assert!(!usage.connected && usage.unanswered >= u64::from(BURST / 2), "{usage:?}");
}

#[tokio::test]
async fn a_server_that_forgot_the_script_is_given_it_again() {
    let redis = RedisServer::start();
    let process = Process::start(&hardly_any_comes_back(), &redis.options()).await;
    assert_eq!(process.passed(user(1), 10).await, 10);
    redis.tell(&["SCRIPT", "FLUSH"]);
    assert_eq!(process.passed(user(1), 100).await, BURST - 10);
    assert_eq!(process.limits.shared_usage().unwrap().unanswered, 0);
}

#[tokio::test]
async fn a_clock_that_was_set_back_at_redis_locks_nobody_out() {
    let redis = RedisServer::start();
    let config = LimitsConfig::default().with(limit::TENANT, Rate { rate: 2, burst: 10 }).unwrap();
    let process = Process::start(&config, &redis.options()).await;
    let key = format!("{{postern}}:limit:tenant:{}", tenant().0.simple());
    redis.tell(&["SET", &key, "999999999999999.000"]);
    assert_eq!(retry_after(process.limits.check(limit::TENANT, tenant()).await), 1, "as if no time had passed");
}

#[tokio::test]
async fn nothing_is_left_behind_when_budgets_are_whole_again() {
    let redis = RedisServer::start();
    let config = LimitsConfig::default().with(limit::TENANT, Rate { rate: 1_000, burst: 10 }).unwrap();
    let process = Process::start(&config, &redis.options()).await;
    for n in 0..50 {
        process.limits.check(limit::TENANT, TenantId(Uuid::from_u128(n))).await.unwrap();
    }
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let mut left = usize::MAX;
    for _ in 0..500 {
        left = redis::cmd("KEYS").arg("*:limit:*").query::<Vec<String>>(&mut connection).unwrap().len();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_redis_that_never_was_there_is_no_obstacle() {
    let mut redis = RedisServer::start();
    redis.kill();
    let process = Process::start(&hardly_any_comes_back(), &redis.options()).await;
    assert_eq!(process.passed(user(1), 100).await, BURST / 2);
    assert!(!process.limits.shared_usage().unwrap().connected);
}

#[test]
fn an_address_that_is_none_is_refused_without_being_told() {
    let clock = Arc::new(ManualClock::starting_at(DateTime::from_timestamp(0, 0).unwrap()));
    let config = LimitsConfig::default();
    let options = RedisOptions::new("http://user:hunter2@host".to_owned().into());
    let refused = Limits::new(&config, clock.clone()).unwrap().with_redis(&config, clock, &options).unwrap_err();
    assert!(refused.to_string().starts_with("redis.url") && !refused.to_string().contains("hunter2"), "{refused}");
}
