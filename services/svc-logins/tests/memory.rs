//! The SQL that keeps the memory: what `core_risk` says of it, element by element; and the same
//! whatever the order in which logins are completed.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use chrono::{DateTime, TimeDelta};
use core_kernel::{TenantId, Timestamp, UserId};
use core_policy::UserKind;
use core_risk::Seen;
use io_postgres::TenantTx;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use support::{Fixture, Memory};
use testkit::Environment;

const CASES: usize = 300;

/// Elements on few days and values, so that equal ones meet, among numbers of any kind.
fn elements(today: i64) -> impl Strategy<Value = Vec<i64>> {
    let usual = (0_i64..8, 0_i64..24, (today - 95).max(0)..today + 3)
        .prop_map(|(kind, value, day)| (kind << 60) | (value << 16) | day);
    vec(prop_oneof![9 => usual, 1 => any::<i64>()], 0..120)
}

fn case() -> impl Strategy<Value = (i64, Vec<i64>, Vec<i64>)> {
    let today = prop_oneof![4 => Just(20_717_i64), 1 => 0..120_i64, 1 => 20_000..40_000_i64];
    today.prop_flat_map(|today| (Just(today), elements(today), elements(today)))
}

fn text(elements: &[i64]) -> String {
    elements.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sql_merges_as_the_rust_does() {
    let f = Fixture::new().await;
    let mut runner = TestRunner::deterministic();
    let cases: Vec<_> = (0..CASES).map(|_| case().new_tree(&mut runner).unwrap().current()).collect();
    let mut tx = f.tx().await;
    let merged: Vec<Vec<i64>> = sqlx::query_scalar(
        "select merge_seen(string_to_array(c.seen, ',')::bigint[], string_to_array(c.new, ',')::bigint[], c.today)
           from unnest($1::text[], $2::text[], $3::integer[]) with ordinality c (seen, new, today, item) order by c.item",
    )
    .bind(cases.iter().map(|(_, seen, _)| text(seen)).collect::<Vec<_>>())
    .bind(cases.iter().map(|(_, _, new)| text(new)).collect::<Vec<_>>())
    .bind(cases.iter().map(|(today, _, _)| i32::try_from(*today).unwrap()).collect::<Vec<_>>())
    .fetch_all(tx.connection())
    .await
    .unwrap();
    assert_eq!(merged.len(), CASES);
    for ((today, seen, new), merged) in cases.iter().zip(&merged) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(*today) + TimeDelta::hours(13);
        let expected = Seen::from_packed(seen.clone()).merge(new, now);
        assert_eq!(merged, expected.packed(), "{today}: {seen:?} and {new:?}");
    }
}

/// A completed login, as `observe_logins` is told of it.
#[derive(Debug, Clone)]
struct Completed {
    tenant: TenantId,
    user: UserId,
    created_at: Timestamp,
    completed_at: Timestamp,
    seen: &'static str,
    hour: i16,
    position: Option<(f32, f32)>,
}

async fn observe(tx: &mut TenantTx, logins: &[Completed]) -> Result<(), sqlx::Error> {
    let position = |part: fn((f32, f32)) -> f32| logins.iter().map(|one| one.position.map(part)).collect::<Vec<_>>();
    sqlx::query("select observe_logins($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(logins.iter().map(|one| one.tenant.0).collect::<Vec<_>>())
        .bind(logins.iter().map(|one| one.user.0).collect::<Vec<_>>())
        .bind(logins.iter().map(|one| one.created_at).collect::<Vec<_>>())
        .bind(logins.iter().map(|one| one.completed_at).collect::<Vec<_>>())
        .bind(logins.iter().map(|one| one.seen).collect::<Vec<_>>())
        .bind(logins.iter().map(|one| one.hour).collect::<Vec<_>>())
        .bind(position(|(latitude, _)| latitude))
        .bind(position(|(_, longitude)| longitude))
        .bind(logins.iter().map(|one| one.position.map(|_| 20.0_f32)).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map(|_| ())
}

async fn remembered(tx: &mut TenantTx, user: UserId) -> Memory {
    let tenant = tx.tenant().0;
    sqlx::query_as(
        "select seen, login_hours, last_accuracy_km, last_latitude, last_longitude, last_position_at, last_completed_at
           from tenant_user where tenant_id = $1 and user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .fetch_one(tx.connection())
    .await
    .unwrap()
}

fn orders(logins: &[Completed]) -> Vec<Vec<Completed>> {
    if logins.len() < 2 {
        return vec![logins.to_vec()];
    }
    let begun_with = |first: usize| {
        let mut rest = logins.to_vec();
        let first = rest.remove(first);
        orders(&rest).into_iter().map(move |order| [vec![first.clone()], order].concat())
    };
    (0..logins.len()).flat_map(begun_with).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_never_goes_back_in_time_whatever_the_order() {
    let f = Fixture::new().await;
    let user = f.bed.user(f.tenant, "ann", UserKind::External).await;
    let at = |minute: i64| DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap();
    let login = |created: i64, completed: i64, seen, hour, position| Completed {
        tenant: f.tenant,
        user,
        created_at: at(created),
        completed_at: at(completed),
        seen,
        hour,
        position,
    };
    let logins = [
        login(0, 9, "1152922505987707085,2305843009213693951", 4, Some((45.0, -93.0))),
        // Three at the same instant: of these the northernmost, then the easternmost stays.
        login(5, 6, "1152922505987707080", 4, Some((38.0, -122.0))),
        login(5, 8, "1152922505987707086", 5, Some((38.0, -120.0))),
        login(5, 7, "3458764513820540927", 4, Some((37.0, 170.0))),
        // The last one comes from nowhere.
        login(9, 9, "1152922505987707085", 23, None),
    ];
    let mut results = Vec::new();
    for order in orders(&logins) {
        for cut in 0..order.len() {
            let mut tx = f.tx().await;
            // Some together, the others one by one.
            if cut > 0 {
                observe(&mut tx, &order[..cut]).await.unwrap();
            }
            for one in &order[cut..] {
                observe(&mut tx, std::slice::from_ref(one)).await.unwrap();
            }
            results.push(remembered(&mut tx, user).await);
            tx.rollback().await.unwrap();
        }
    }
    assert_eq!(results.len(), 120 * 5);
    results.dedup();
    assert_eq!(results.len(), 1, "{results:#?}");
    let memory = &results[0];
    assert_eq!((memory.last_latitude, memory.last_longitude), (Some(38.0), Some(-120.0)));
    assert_eq!((memory.last_position_at, memory.last_completed_at), (Some(at(5)), Some(at(9))));
    assert_eq!((memory.login_hours[4], memory.login_hours[5], memory.login_hours[23]), (3, 1, 1));
}

/// Both sides count days since 1970: by the same day elements are kept or go.
#[tokio::test(flavor = "multi_thread")]
async fn days_are_counted_alike() {
    let f = Fixture::new().await;
    let user = f.bed.user(f.tenant, "ann", UserKind::External).await;
    let mut tx = f.tx().await;
    for seconds in [8_640_000, 8_726_399, 8_726_400, 1_790_000_000, 4_000_000_000_i64] {
        let at: Timestamp = DateTime::from_timestamp(seconds, 0).unwrap();
        let today = i64::from(core_risk::day_of(at));
        let element = |value: i64, day: i64| (1 << 60) | (value << 16) | day;
        let before = vec![element(1, today - 90), element(2, today - 91)];
        sqlx::query("update tenant_user set seen = $3 where tenant_id = $1 and user_id = $2")
            .bind(f.tenant.0)
            .bind(user.0)
            .bind(before)
            .execute(tx.connection())
            .await
            .unwrap();
        let seen = Box::leak(element(3, today).to_string().into_boxed_str());
        let login =
            Completed { tenant: f.tenant, user, created_at: at, completed_at: at, seen, hour: 3, position: None };
        observe(&mut tx, &[login]).await.unwrap();
        assert_eq!(remembered(&mut tx, user).await.seen, [element(1, today - 90), element(3, today)], "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_noted_under_another_tenant_and_the_callers_tenant_is_put_back() {
    let f = Fixture::new().await;
    let theirs = f.bed.tenant(Environment::Sandbox).await;
    let (ann, eve) =
        (f.bed.user(f.tenant, "ann", UserKind::External).await, f.bed.user(theirs, "eve", UserKind::External).await);
    let now = f.bed.platform.now();
    let login = |tenant, user| Completed {
        tenant,
        user,
        created_at: now,
        completed_at: now,
        seen: "1152922505987707085",
        hour: 3,
        position: Some((45.0, -93.0)),
    };
    let mut tx = f.tx().await;
    observe(&mut tx, &[login(f.tenant, ann), login(theirs, eve)]).await.unwrap();
    let set: String =
        sqlx::query_scalar("select current_setting('postern.tenant_id')").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(set, f.tenant.0.to_string());
    assert_eq!(remembered(&mut tx, ann).await.logins(), 1);
    // Who is not there is left out, alone and among others.
    observe(&mut tx, &[login(f.tenant, eve)]).await.unwrap();
    observe(&mut tx, &[login(f.tenant, ann), login(f.tenant, eve)]).await.unwrap();
    observe(&mut tx, &[login(theirs, ann), login(theirs, eve)]).await.unwrap();
    assert_eq!(remembered(&mut tx, ann).await.logins(), 2);
    tx.commit().await.unwrap();
    let mut tx = TenantTx::begin(&f.bed.platform.database, theirs).await.unwrap();
    assert_eq!(remembered(&mut tx, eve).await.logins(), 2, "under the own tenant, and only there");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_with_one_user_each_are_all_found() {
    let f = Fixture::new().await;
    let now = f.bed.platform.now();
    let mut logins = Vec::new();
    for at in 0..12 {
        let tenant = f.bed.tenant(Environment::Sandbox).await;
        let user = f.bed.user(tenant, "ann", UserKind::External).await;
        let position = Some((f32::from(i16::try_from(at).unwrap()), 10.0));
        let seen = "1152922505987707085";
        logins.push(Completed { tenant, user, created_at: now, completed_at: now, seen, hour: 3, position });
    }
    logins.reverse();
    let mut tx = f.tx().await;
    // Planned while the planner thinks of every tenant as of one row, and when it knows better.
    for round in 1..=2 {
        observe(&mut tx, &logins).await.unwrap();
        tx.commit().await.unwrap();
        for (at, one) in logins.iter().enumerate() {
            let mut tx = TenantTx::begin(&f.bed.platform.database, one.tenant).await.unwrap();
            let memory = remembered(&mut tx, one.user).await;
            assert_eq!((memory.logins(), memory.last_latitude), (round, one.position.map(|(north, _)| north)), "{at}");
        }
        sqlx::raw_sql("analyze").execute(&mut f.superuser().await).await.unwrap();
        tx = f.tx().await;
    }
}
