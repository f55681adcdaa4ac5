//! Replacing a tenant's data key while it is in use.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use core_crypto::OpenError;
use core_kernel::{Entropy as _, SystemClock, SystemEntropy, TenantId};
use core_policy::UserKind;
use io_postgres::{Database, DatabaseOptions, TenantTx};
use sqlx::{Connection as _, PgConnection};
use svc_keys::{DataRotation, Pace, Resealed, SEALED, SealedRow};
use svc_platform::{Keys, Platform, place};
use testkit::{Environment, TestBed, test_master_key};
use uuid::Uuid;

/// As long as a process keeps a key, and no longer.
const PACE: Pace = Pace { ahead: Duration::from_secs(6), in_flight: Duration::from_secs(6) };
const AT_ONCE: Pace = Pace { ahead: Duration::ZERO, in_flight: Duration::ZERO };

fn owner(bed: &TestBed) -> Database {
    Database::connect_lazy(&DatabaseOptions::new(bed.database.owner_url())).unwrap()
}

fn rotation(bed: &TestBed, pace: Pace) -> DataRotation {
    DataRotation::new(owner(bed), bed.platform.clone(), pace)
}

/// Another process on the same database.
async fn replica(bed: &TestBed) -> Platform {
    let database = Database::connect_lazy(&DatabaseOptions::new(bed.database.app_url())).unwrap();
    let keys = Keys::load(&database, test_master_key()).await.unwrap();
    Platform::new(database, Arc::new(SystemClock), Arc::new(SystemEntropy), keys, "http://localhost:8080")
}

/// What a factor holds is its own identifier, so that whoever reads it knows what is right.
async fn add_factor(platform: &Platform, tenant: TenantId, user: Uuid) -> Uuid {
    let factor = SystemEntropy.uuid_v7(platform.now());
    let key = platform.keys.data_key(&platform.database, tenant).await.unwrap();
    let sealed = key.seal(&place(tenant, "factor", factor, "secret_sealed"), factor.as_bytes(), &SystemEntropy);
    let mut tx = TenantTx::begin(&platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, secret_sealed, created_at, removed_at)
         values ($1, $2, $3, 'TOTP', 'REMOVED', $4, now(), now())",
    )
    .bind(tenant.0)
    .bind(factor)
    .bind(user)
    .bind(sealed)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    factor
}

async fn factors(platform: &Platform, tenant: TenantId) -> Vec<(Uuid, Vec<u8>)> {
    let mut tx = TenantTx::begin(&platform.database, tenant).await.unwrap();
    sqlx::query_as("select factor_id, secret_sealed from factor where tenant_id = $1 order by factor_id")
        .bind(tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

/// Opens every factor; how many.
async fn read_all(platform: &Platform, tenant: TenantId) -> usize {
    let factors = factors(platform, tenant).await;
    let key = platform.keys.data_key(&platform.database, tenant).await.unwrap();
    for (factor, sealed) in &factors {
        let plain = key.open(&place(tenant, "factor", *factor, "secret_sealed"), sealed).unwrap();
        assert_eq!(&plain[..], factor.as_bytes());
    }
    factors.len()
}

async fn key_ids(bed: &TestBed, tenant: TenantId) -> Vec<i16> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_scalar("select key_id from tenant_data_key where tenant_id = $1 order by 1")
        .bind(tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_read_and_write_all_the_while_and_the_old_key_is_gone_at_the_end() {
    let bed = TestBed::new().await;
    let (tenant, bystander) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let user = bed.user(tenant, "ann", UserKind::External).await.0;
    for _ in 0..300 {
        add_factor(&bed.platform, tenant, user).await;
    }
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(300)));
    let work = |platform: Platform| {
        let (stop, written) = (stop.clone(), written.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                add_factor(&platform, tenant, user).await;
                written.fetch_add(1, Ordering::Relaxed);
                read_all(&platform, tenant).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
    };
    let other = replica(&bed).await;
    let workers = [work(bed.platform.clone()), work(other.clone())];
    let rotation = rotation(&bed, PACE);
    rotation.begin(tenant).await.unwrap();
    assert_eq!(rotation.reseal(tenant).await.unwrap(), Resealed::default(), "nobody hurries");
    assert!(!rotation.end(tenant).await.unwrap());
    tokio::time::sleep(PACE.ahead + PACE.in_flight).await;
    let resealed = rotation.reseal(tenant).await.unwrap();
    assert!(resealed.values >= 300 && resealed.refused == 0, "{resealed:?}");
    assert!(rotation.end(tenant).await.unwrap());
    assert_eq!((key_ids(&bed, tenant).await, key_ids(&bed, bystander).await), (vec![2], vec![1]));
    tokio::time::sleep(Duration::from_secs(6)).await;
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(read_all(&other, tenant).await as u64, written.load(Ordering::Relaxed));
    assert!(bed.platform.keys.alarms().take().is_empty(), "nothing failed to open");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_killed_in_the_middle_goes_on() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let user = bed.user(tenant, "ann", UserKind::External).await.0;
    for _ in 0..1000 {
        add_factor(&bed.platform, tenant, user).await;
    }
    let first = rotation(&bed, AT_ONCE);
    let begun = first.begin(tenant).await.unwrap();
    // Killed where it waits for somebody who holds one of the values, whichever batch that is in.
    let held = factors(&bed.platform, tenant).await[700].0;
    let mut holder = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("select from factor where tenant_id = $1 and factor_id = $2 for update")
        .bind(tenant.0)
        .bind(held)
        .execute(holder.connection())
        .await
        .unwrap();
    let killed = tokio::time::timeout(Duration::from_secs(1), first.reseal(tenant)).await;
    assert!(!matches!(killed, Ok(Ok(_))), "it was not done");
    holder.rollback().await.unwrap();
    assert!(!rotation(&bed, AT_ONCE).end(tenant).await.unwrap(), "something is left under the old key");
    assert_eq!(key_ids(&bed, tenant).await, [1, 2], "so it stays");
    let second = rotation(&bed, AT_ONCE);
    assert_eq!(second.begin(tenant).await.unwrap(), begun, "it goes on with the key that it made");
    assert!(second.reseal(tenant).await.unwrap().values > 0);
    assert!(second.end(tenant).await.unwrap() && second.end(tenant).await.unwrap(), "and once more does nothing");
    assert_eq!(key_ids(&bed, tenant).await, [2]);
    bed.platform.keys.forget_data_key(tenant);
    assert_eq!(read_all(&bed.platform, tenant).await, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_does_not_open_stays_and_keeps_the_key() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let user = bed.user(tenant, "ann", UserKind::External).await.0;
    let (one, other) = (add_factor(&bed.platform, tenant, user).await, add_factor(&bed.platform, tenant, user).await);
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    sqlx::query("update factor set secret_sealed = (select secret_sealed from factor where factor_id = $2) where factor_id = $1")
        .bind(one)
        .bind(other)
        .execute(&mut superuser)
        .await
        .unwrap();
    let rotation = rotation(&bed, AT_ONCE);
    rotation.begin(tenant).await.unwrap();
    assert_eq!(rotation.reseal(tenant).await.unwrap(), Resealed { values: 1, refused: 1 });
    assert!(!rotation.end(tenant).await.unwrap());
    let alarms = bed.platform.keys.alarms().take();
    assert_eq!((alarms.len(), alarms[0].place.row, alarms[0].error), (1, one, OpenError::Refused));
}

/// Whatever is called sealed in the database, of tenants' tables, and whatever is listed.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_what_there_is() {
    let bed = TestBed::new().await;
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    let there: Vec<(String, String)> = sqlx::query_as(
        "select c.relname::text, s.attname::text
           from pg_class c
           join pg_attribute s on s.attrelid = c.oid and s.atttypid = 'bytea'::regtype and s.attname ~ 'sealed$'
           join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and c.relname <> 'tenant_data_key'",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let listed: BTreeSet<_> = SEALED.iter().map(|one| (one.table.to_owned(), one.column.to_owned())).collect();
    assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), listed);
    for column in SEALED {
        let columns = match column.row {
            SealedRow::Id(id) => vec![id],
            SealedRow::Tenant => vec!["tenant_id"],
            SealedRow::Numbered(id, number) => vec![id, number],
        };
        for name in columns {
            let exists: bool = sqlx::query_scalar(
                "select exists (select from pg_attribute where attrelid = $1::regclass and attname = $2)",
            )
            .bind(column.table)
            .bind(name)
            .fetch_one(&mut superuser)
            .await
            .unwrap();
            assert!(exists, "{}.{name}", column.table);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sealed_column_refuses_what_stands_elsewhere_and_raises_the_alarm() {
    let bed = TestBed::new().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let key = bed.platform.keys.data_key(&bed.platform.database, tenant).await.unwrap();
    let others = bed.platform.keys.data_key(&bed.platform.database, other).await.unwrap();
    let (row, alarms) = (Uuid::from_u128(7), bed.platform.keys.alarms());
    for column in SEALED {
        let here = column.place(tenant, row, 1);
        let sealed = key.seal(&here, b"secret", &SystemEntropy);
        assert!(key.open(&here, &sealed).is_ok() && alarms.take().is_empty());
        let mut elsewhere: Vec<_> =
            SEALED.iter().map(|one| one.place(tenant, row, 1)).filter(|one| *one != here).collect();
        if column.row != SealedRow::Tenant {
            elsewhere.push(column.place(tenant, Uuid::from_u128(8), 1));
        }
        if let SealedRow::Numbered(..) = column.row {
            elsewhere.push(column.place(tenant, row, 2));
        }
        for place in &elsewhere {
            assert_eq!(key.open(place, &sealed), Err(OpenError::Refused), "{place:?}");
        }
        assert_eq!(alarms.take().len(), elsewhere.len(), "{}.{}", column.table, column.column);
        // In another tenant's row, under that tenant's key.
        assert_eq!(others.open(&column.place(other, row, 1), &sealed), Err(OpenError::Refused));
        assert_eq!(alarms.take()[0].place.tenant, other);
    }
}
