//! What is kept for how long: not a day less, and not much more.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod common;

use std::sync::Arc;

use chrono::TimeDelta;
use common::Fixture;
use core_kernel::{ManualClock, TenantId};
use io_postgres::{NoTenant, TenantTx};
use sqlx::{Connection as _, PgConnection};
use svc_lifecycle::{Caretaker, KeptDays, Retention};
use svc_platform::Platform;
use testkit::Environment;

const DAY: i64 = 86_400;

async fn count(f: &Fixture, tenant: TenantId, sql: &'static str) -> i64 {
    f.number(tenant, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_that_grows_by_the_month_has_a_term() {
    let f = Fixture::new().await;
    let growing: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_partitioned_table p
           join pg_class c on c.oid = p.partrelid
           join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
          where a.attname = 'month' order by 1",
    )
    .fetch_all(&mut f.superuser().await)
    .await
    .unwrap();
    let mut terms = Caretaker::tables_with_a_term();
    terms.sort_unstable();
    assert_eq!(growing, terms, "what has no term is kept for ever");
}

/// The first days of the months of which a table has a partition, as text.
async fn months(f: &Fixture, table: &str) -> Vec<String> {
    sqlx::query_scalar("select right(c.relname, 7) from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by 1")
        .bind(table)
        .fetch_all(&mut f.superuser().await)
        .await
        .unwrap()
}

async fn make_months(f: &Fixture, back: i64) {
    let mut connection = NoTenant::acquire(&f.bed.platform.database).await.unwrap();
    sqlx::query("select ensure_partitions($1, 36)")
        .bind(f.in_days(-back).date_naive())
        .execute(connection.connection())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn months_go_when_the_last_of_them_is_over_each_table_by_its_own_term() {
    let days = |days: u32| KeptDays::try_from(days).unwrap();
    let f = Fixture::with(Retention { logins: days(400), audit: days(62), ..Retention::default() }).await;
    make_months(&f, 1000).await;
    let month = |days: i64| f.in_days(-days).format("%Y_%m").to_string();
    let retired = f.caretaker.retire_partitions().await.unwrap();
    assert!(retired.iter().any(|name| name.starts_with("login_")), "{retired:?}");
    for (table, term) in
        [("login", 400), ("challenge", 400), ("message", 400), ("audit_entry", 62), ("outbox_event", 90)]
    {
        let left = months(&f, table).await;
        assert_eq!(left[0], month(term), "{table}: the month in which the term ends is kept");
        assert!(left.contains(&month(0)), "{table}");
    }
    assert_eq!(months(&f, "usage_ledger").await[0], month(1000), "ten years");
    assert_eq!(f.caretaker.retire_partitions().await.unwrap(), Vec::<String>::new(), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_table_is_left_for_later_and_nobody_waits_long() {
    let f = Fixture::new().await;
    make_months(&f, 1000).await;
    let mut busy = PgConnection::connect(&f.bed.database.superuser_url()).await.unwrap();
    let mut transaction = busy.begin().await.unwrap();
    sqlx::query("lock table login in access share mode").execute(&mut *transaction).await.unwrap();
    let retired = f.caretaker.retire_partitions().await.unwrap();
    assert!(
        retired.iter().all(|name| !name.starts_with("login_"))
            && retired.iter().any(|name| name.starts_with("message_"))
    );
    transaction.rollback().await.unwrap();
    let retired = f.caretaker.retire_partitions().await.unwrap();
    assert!(!retired.is_empty() && retired.iter().all(|name| name.starts_with("login_")), "{retired:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_use_is_dropped_for_nobody() {
    let f = Fixture::new().await;
    let mut connection = NoTenant::acquire(&f.bed.platform.database).await.unwrap();
    let today = f.now().date_naive();
    for (table, before) in [("login", today), ("message", today + chrono::TimeDelta::days(400))] {
        let asked = sqlx::query("select retire_partition($1, $2)").bind(table).bind(before);
        assert!(asked.execute(connection.connection()).await.is_err());
    }
    // What is not partitioned by month has no partitions to drop, nor has what is not there.
    for table in ["tenant_user", "pg_class", "login; drop table tenant"] {
        let dropped: Option<String> = sqlx::query_scalar("select retire_partition($1, '2020-01-01')")
            .bind(table)
            .fetch_one(connection.connection())
            .await
            .unwrap();
        assert_eq!(dropped, None);
    }
}

/// Something that ends of each kind, by the tenant's clock: how it is made, and how many there are.
const ENDING: [(&str, i64, &str, &str); 10] = [
    ("idempotency keys", 0,
     "insert into idempotency_key values ($1, uuid_v7(), 'k', '\\x00', $2, tenant_now($1))",
     "select count(*) from idempotency_key where tenant_id = $1"),
    ("trusted devices", 0,
     "insert into trusted_device values ($1, uuid_v7(), $2, '\\x00', null, tenant_now($1), tenant_now($1), tenant_now($1))",
     "select count(*) from trusted_device where tenant_id = $1"),
    ("factors that were never confirmed", 1,
     "insert into factor (tenant_id, factor_id, user_id, kind, status, created_at, expires_at)
      values ($1, uuid_v7(), $2, 'TOTP', 'PENDING', tenant_now($1), tenant_now($1))",
     "select count(*) from factor where tenant_id = $1 and status = 'PENDING'"),
    ("factors that were removed", 30,
     "insert into factor (tenant_id, factor_id, user_id, kind, status, created_at, removed_at)
      values ($1, uuid_v7(), $2, 'TOTP', 'REMOVED', tenant_now($1), tenant_now($1))",
     "select count(*) from factor where tenant_id = $1 and status = 'REMOVED'"),
    (
        "hosted prompts",
        1,
        "insert into prompt_session (tenant_id, prompt_id, user_id, login_id, login_month, purpose, return_url, created_at,
                expires_at, open_digest)
         values ($1, uuid_v7(), $2, uuid_v7(), this_month(), 'LOGIN', '', tenant_now($1), tenant_now($1), '\\x00')",
        "select count(*) from prompt_session where tenant_id = $1",
    ),
    ("counts of sends", 1,
     "insert into destination_send select $1, '\\x00', array[tenant_now($1)] where $2::uuid is not null",
     "select count(*) from destination_send where tenant_id = $1"),
    ("temporary access codes", 90,
     "insert into temporary_access_code (tenant_id, code_id, user_id, digest_key_id, digest, issued_by, reason,
             may_change_factors, created_at, expires_at)
      values ($1, uuid_v7(), $2, 1, '\\x00', 'a', 'r', false, tenant_now($1), tenant_now($1))",
     "select count(*) from temporary_access_code where tenant_id = $1"),
    ("requests for temporary access", 90,
     "insert into temporary_access_request (tenant_id, request_id, login_id, user_id, status, created_at, expires_at)
      values ($1, uuid_v7(), uuid_v7(), $2, 'OPEN', tenant_now($1), tenant_now($1))",
     "select count(*) from temporary_access_request where tenant_id = $1"),
    ("one-time links", 90, common::LINK, "select count(*) from one_time_link where tenant_id = $1"),
    ("destinations of messages", 30, common::MESSAGE,
     "select count(*) from message where tenant_id = $1 and (destination_sealed <> '' or params <> '{}')"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_removed_after_its_term_and_not_before() {
    let f = Fixture::new().await;
    let (tenant, bystander) = (f.bed.tenant(Environment::Sandbox).await, f.full_tenant(Environment::Live).await);
    let user = f.user(tenant, "ann").await;
    for (_, _, make, _) in ENDING {
        f.run(tenant, make, user.0).await;
    }
    // What has not ended stays whatever the day.
    f.run(tenant, common::FACTOR, user.0).await;
    f.run(
        tenant,
        "insert into factor (tenant_id, factor_id, user_id, kind, status, suggested, created_at)
                   values ($1, uuid_v7(), $2, 'PHONE_RECOVERY', 'PENDING', true, tenant_now($1))",
        user.0,
    )
    .await;
    let before = f.everything(bystander).await;
    f.bed.advance(tenant, 60).await;
    let mut day = 0;
    for checked in [0, 1, 29, 30, 89, 90] {
        f.bed.advance(tenant, (checked - day) * DAY).await;
        day = checked;
        f.caretaker.sweep().await.unwrap();
        for (what, term, _, there) in ENDING {
            let left = count(&f, tenant, there).await - i64::from(what == "factors that were never confirmed");
            assert_eq!(left, i64::from(checked < term), "{what} on day {checked}");
        }
    }
    let stay = "select count(*) from factor where tenant_id = $1 and (status = 'ACTIVE' or suggested)";
    assert_eq!(count(&f, tenant, stay).await, 2);
    assert_eq!(f.everything(bystander).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_stays_and_does_not_fall_back_on_another_address() {
    let f = Fixture::new().await;
    let tenant = f.bed.tenant(Environment::Sandbox).await;
    let user = f.user(tenant, "ann").await;
    f.run(tenant, common::MESSAGE, user.0).await;
    f.bed.advance(tenant, 31 * DAY).await;
    assert_eq!(f.caretaker.sweep().await.unwrap().0.into_iter().collect::<Vec<_>>(), [("destinations of messages", 1)]);
    let erased =
        "select count(*) from message where tenant_id = $1 and destination_sealed = '' and user_id is not null";
    assert_eq!(count(&f, tenant, erased).await, 1);
    assert!(f.caretaker.sweep().await.unwrap().0.is_empty(), "it is not erased again and again");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_batch_is_removed_whole_and_a_tenant_at_which_others_are_is_left_to_them() {
    let f = Fixture::new().await;
    let tenant = f.bed.tenant(Environment::Live).await;
    let user = f.user(tenant, "ann").await;
    let many = "insert into idempotency_key
                select $1, uuid_v7(), 'k' || n, '\\x00', $2, tenant_now($1) - interval '1 minute' from generate_series(1, 2500) n";
    f.run(tenant, many, user.0).await;
    let there = "select count(*) from idempotency_key where tenant_id = $1";
    let mut other = TenantTx::begin(&f.bed.platform.database, tenant).await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('postern.sweep:' || $1::text, 0))")
        .bind(tenant.0)
        .execute(other.connection())
        .await
        .unwrap();
    assert!(f.caretaker.sweep().await.unwrap().0.is_empty());
    assert_eq!(count(&f, tenant, there).await, 2500);
    // It died: its lock went with it.
    drop(other);
    f.bed.settled().await;
    let workers = (0..3).map(|_| f.caretaker.sweep());
    futures::future::join_all(workers).await.into_iter().for_each(|swept| drop(swept.unwrap()));
    f.caretaker.sweep().await.unwrap();
    assert_eq!(count(&f, tenant, there).await, 0);
}

async fn a_tenant_with_a_link_that_is_over(f: &Fixture) {
    let tenant = f.bed.tenant(Environment::Sandbox).await;
    let user = f.user(tenant, "ann").await;
    f.run(tenant, common::LINK, user.0).await;
    f.bed.advance(tenant, 91 * DAY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_tenants_each_has_its_turn_once_a_day() {
    const TENANTS: usize = 6;
    let f = Fixture::new().await;
    for _ in 0..TENANTS {
        a_tenant_with_a_link_that_is_over(&f).await;
    }
    let clock = Arc::new(ManualClock::starting_at(f.now()));
    let platform = Platform { clock: clock.clone(), ..f.bed.platform.clone() };
    let in_turns = Caretaker::new(platform, Retention::default()).with_turns_beyond(TENANTS - 1);
    let mut removed = Vec::new();
    for _ in 0..24 {
        let swept = in_turns.sweep_in_turn().await.unwrap();
        removed.extend(swept.0.get("one-time links"));
        clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(removed.iter().sum::<u64>(), TENANTS as u64, "each had its turn");
    assert!(removed.len() > 1, "they have not all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_tenants_are_all_looked_after_every_hour() {
    let f = Fixture::new().await;
    for _ in 0..6 {
        a_tenant_with_a_link_that_is_over(&f).await;
    }
    let few = f.caretaker.clone().with_turns_beyond(6);
    assert_eq!(few.sweep_in_turn().await.unwrap().0.get("one-time links"), Some(&6));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_row_that_somebody_holds() {
    let f = Fixture::new().await;
    let tenant = f.bed.tenant(Environment::Sandbox).await;
    let user = f.user(tenant, "ann").await;
    f.run(tenant, common::LINK, user.0).await;
    f.bed.advance(tenant, 91 * DAY).await;
    let mut holder = TenantTx::begin(&f.bed.platform.database, tenant).await.unwrap();
    sqlx::query("select from one_time_link where tenant_id = $1 for update")
        .bind(tenant.0)
        .execute(holder.connection())
        .await
        .unwrap();
    assert!(f.caretaker.sweep().await.unwrap().0.is_empty());
    holder.rollback().await.unwrap();
    assert_eq!(f.caretaker.sweep().await.unwrap().0.len(), 1);
}
