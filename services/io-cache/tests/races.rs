//! What happens when loads and invalidations cross. Every interleaving here is forced, none is timed.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use core_kernel::{Fault, TenantId};
use futures::future::join_all;
use futures::poll;
use io_cache::{CacheSet, GlobalCache, MAX_TTL, TenantCache, unshare};
use tokio::sync::oneshot;
use uuid::Uuid;

type Cache = TenantCache<&'static str, u32>;

const A: TenantId = TenantId(Uuid::from_u128(1));
const B: TenantId = TenantId(Uuid::from_u128(2));

fn cache() -> Cache {
    Cache::new("test", 100, MAX_TTL)
}

async fn ok(value: u32) -> Result<u32, Fault> {
    Ok(value)
}

async fn must_not_load() -> Result<u32, Fault> {
    panic!("this load is not needed")
}

async fn get(cache: &Cache, tenant: TenantId, value: u32) -> u32 {
    *cache.get_with(tenant, &"key", || ok(value)).await.unwrap()
}

/// Runs a load of the value 1 up to its end, invalidates, lets it end, and asks again for the value 2.
async fn late_loader(invalidate: impl Fn(&Cache)) -> (u32, u32) {
    let cache = cache();
    let (finish, finished) = oneshot::channel::<()>();
    let mut late = pin!(cache.get_with(A, &"key", || async {
        finished.await.unwrap();
        ok(1).await
    }));
    assert!(poll!(late.as_mut()).is_pending(), "the load has begun");
    invalidate(&cache);
    finish.send(()).unwrap();
    let late = *late.await.unwrap();
    (late, get(&cache, A, 2).await)
}

#[tokio::test]
async fn a_late_loader_does_not_bring_back_what_was_invalidated() {
    assert_eq!(late_loader(|cache| cache.invalidate(A, &"key")).await, (1, 2));
    assert_eq!(late_loader(|cache| cache.invalidate_tenant(A)).await, (1, 2));
    assert_eq!(late_loader(Cache::invalidate_all).await, (1, 2));
}

#[tokio::test]
async fn without_an_invalidation_the_late_value_is_kept() {
    assert_eq!(late_loader(|_| ()).await, (1, 1), "or the test above would prove nothing");
}

#[tokio::test]
async fn who_asks_after_an_invalidation_does_not_join_an_older_load() {
    let cache = cache();
    let (finish, finished) = oneshot::channel::<()>();
    let mut late = pin!(cache.get_with(A, &"key", || async {
        finished.await.unwrap();
        ok(1).await
    }));
    assert!(poll!(late.as_mut()).is_pending());
    cache.invalidate(A, &"key");
    let fresh = pin!(get(&cache, A, 2));
    assert_eq!(poll!(fresh), Poll::Ready(2), "while the older load still runs");
    finish.send(()).unwrap();
    assert_eq!(*late.await.unwrap(), 1);
    assert_eq!(get(&cache, A, 3).await, 2, "and its end changes nothing");
}

#[tokio::test]
async fn the_global_cache_is_guarded_alike() {
    let cache = GlobalCache::<[u8; 32], u32>::new("digests", 100, MAX_TTL);
    let key = [7; 32];
    for (round, invalidate) in
        [&(|| cache.invalidate(&key)) as &dyn Fn(), &|| cache.invalidate_all()].into_iter().enumerate()
    {
        invalidate();
        let (finish, finished) = oneshot::channel::<()>();
        let mut late = pin!(cache.get_with(&key, || async {
            finished.await.unwrap();
            ok(1).await
        }));
        assert!(poll!(late.as_mut()).is_pending());
        invalidate();
        finish.send(()).unwrap();
        assert_eq!(*late.await.unwrap(), 1);
        assert_eq!(cache.get(&key).await, None, "round {round}");
        assert_eq!(*cache.get_with(&key, || ok(2)).await.unwrap(), 2, "round {round}");
    }
}

#[tokio::test]
async fn a_hit_does_not_load() {
    let cache = cache();
    assert_eq!(get(&cache, A, 1).await, 1);
    assert_eq!(*cache.get_with(A, &"key", must_not_load).await.unwrap(), 1);
    assert_eq!(cache.get(A, &"key").await.as_deref(), Some(&1));
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses), (2, 1));
}

#[tokio::test]
async fn many_who_miss_at_once_share_one_load() {
    let cache = cache();
    let loads = AtomicU32::new(0);
    let load = || async {
        loads.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        ok(1).await
    };
    let values = join_all((0..100).map(|_| cache.get_with(A, &"key", load))).await;
    assert!(values.into_iter().all(|value| *value.unwrap() == 1));
    assert_eq!(loads.into_inner(), 1);
}

#[tokio::test]
async fn if_the_leader_goes_away_a_waiter_leads() {
    let cache = cache();
    let mut leader = Box::pin(cache.get_with(A, &"key", std::future::pending::<Result<u32, Fault>>));
    assert!(poll!(leader.as_mut()).is_pending());
    let mut waiter = pin!(cache.get_with(A, &"key", || ok(2)));
    assert!(poll!(waiter.as_mut()).is_pending());
    drop(leader);
    assert_eq!(*waiter.await.unwrap(), 2);
}

#[tokio::test]
async fn errors_reach_every_waiter_and_are_not_kept() {
    let cache = cache();
    let fail = || async {
        tokio::task::yield_now().await;
        Err::<u32, _>(Fault::Unavailable)
    };
    for answer in join_all((0..3).map(|_| cache.get_with(A, &"key", fail))).await {
        assert!(matches!(unshare(answer.unwrap_err()), Fault::Unavailable));
    }
    assert_eq!(get(&cache, A, 1).await, 1);
}

#[tokio::test]
async fn a_tenant_is_invalidated_alone_and_whole() {
    // Two tenants can share a stripe; of twenty bystanders not all do.
    let cache = cache();
    let bystanders: Vec<_> = (10..30).map(|n| TenantId(Uuid::from_u128(n))).collect();
    for tenant in bystanders.iter().chain([&A]) {
        cache.get_with(*tenant, &"key", || ok(1)).await.unwrap();
        cache.get_with(*tenant, &"other", || ok(1)).await.unwrap();
    }
    cache.invalidate_tenant(A);
    assert_eq!(cache.get(A, &"key").await, None);
    assert_eq!(cache.get(A, &"other").await, None);
    let left = join_all(bystanders.iter().map(|tenant| cache.get(*tenant, &"key"))).await;
    assert!(left.iter().flatten().count() >= 10, "the others are left alone");
    cache.invalidate_all();
    let left = join_all(bystanders.iter().map(|tenant| cache.get(*tenant, &"key"))).await;
    assert_eq!(left.iter().flatten().count(), 0);
}

#[tokio::test]
async fn values_run_out_by_themselves() {
    let cache = Cache::new("short", 100, Duration::from_millis(1));
    assert_eq!(get(&cache, A, 1).await, 1);
    while get(&cache, A, 2).await != 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_load_that_takes_longer_than_a_value_may_live_is_not_kept() {
    let ttl = Duration::from_millis(20);
    let cache = Cache::new("slow", 100, ttl);
    let slow = async {
        tokio::time::sleep(ttl).await;
        ok(1).await
    };
    assert_eq!(*cache.get_with(A, &"key", || slow).await.unwrap(), 1);
    assert_eq!(get(&cache, A, 2).await, 2);
}

#[tokio::test]
async fn a_full_cache_takes_new_values_after_an_invalidation() {
    let cache = TenantCache::<u32, u32>::new("full", 10, MAX_TTL);
    let fill = async |value| {
        for _ in 0..20 {
            for key in 0..8 {
                cache.get_with(A, &key, || ok(value)).await.unwrap();
            }
        }
    };
    fill(1).await;
    cache.invalidate_tenant(A);
    fill(2).await;
    let before = cache.stats();
    for key in 0..8 {
        assert_eq!(*cache.get_with(A, &key, || ok(3)).await.unwrap(), 2, "{key}");
    }
    assert_eq!(cache.stats().hits - before.hits, 8);
}

#[tokio::test]
async fn a_notification_reaches_those_who_follow_its_topic() {
    let (policies, tenants) = (Arc::new(cache()), Arc::new(cache()));
    let digests = Arc::new(GlobalCache::<u32, u32>::new("digests", 10, MAX_TTL));
    let set = CacheSet::default()
        .following("policy", policies.clone())
        .following("tenant", tenants.clone())
        .following("api_key", digests.clone());
    let fill = async || {
        get(&policies, A, 1).await;
        get(&tenants, A, 1).await;
        digests.get_with(&1, || ok(1)).await.unwrap();
    };
    let held = async || {
        [policies.get(A, &"key").await, tenants.get(A, &"key").await, digests.get(&1).await]
            .map(|value| value.is_some())
    };
    fill().await;
    assert!(set.changed(A, "policy"));
    assert_eq!(held().await, [false, true, true]);
    assert!(set.changed(B, "api_key"));
    assert_eq!(held().await, [false, true, false], "whose key it was is not known, so all are dropped");
    assert!(!set.changed(A, "nobody"));
    fill().await;
    set.connection_lost();
    assert_eq!(held().await, [false, false, false]);
    assert_eq!(set.stats().count(), 3);
}
