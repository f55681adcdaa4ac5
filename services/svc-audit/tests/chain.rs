//! The chain of a tenant's log: whole under any number of writers and sealers, waited for by nobody, and
//! changed by nobody.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::time::Duration;

use core_audit::{Line, Report, Verifier};
use core_kernel::TenantId;
use io_postgres::TenantTx;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use svc_audit::chain::{Sealer, close_chain, list_sealed, published_keys, seal_tenant};
use svc_audit::record_as;
use testkit::{Environment, TestBed};
use tokio_util::sync::CancellationToken;

async fn write(bed: &TestBed, tenant: TenantId, target: &str) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let detail = json!({ "words": target, "at": 1.25 });
    let ip = Some("192.0.2.7".parse().unwrap());
    record_as(&mut tx, "admin:owner@firm.example", "user.locked", Some(target), detail, ip).await.unwrap();
    tx.commit().await.unwrap();
}

/// The tenant's log as an export writes it, read by a verifier.
async fn proved(bed: &TestBed, tenant: TenantId) -> Report {
    let chain = close_chain(&bed.platform, tenant).await.unwrap();
    let keys = published_keys(&bed.platform.database).await.unwrap();
    let mut verifier = Verifier::new(&keys, Vec::new());
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    for entry in list_sealed(&mut tx, chain.after, chain.last, 10_000).await.unwrap() {
        let (entry, seal, head) = entry.read().unwrap();
        let end = (seal.sequence.cast_signed() == chain.last).then(|| chain.end.clone());
        let line = Line { head: end.or(head), ..Line::of(&entry, &seal) };
        verifier.read(&serde_json::to_string(&line).unwrap());
    }
    verifier.finish()
}

async fn count(bed: &TestBed, tenant: TenantId, sql: &'static str) -> i64 {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_scalar(sql).bind(tenant.0).fetch_one(tx.connection()).await.unwrap()
}

const UNSEALED: &str = "select count(*) from audit_entry where tenant_id = $1 and hash is null";

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_and_several_sealers_make_one_chain_and_leave_others_alone() {
    let bed = TestBed::new().await;
    let (tenant, bystander) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    write(&bed, bystander, "elsewhere").await;
    let writers = (0..6).map(|writer| {
        let bed = &bed;
        async move {
            for number in 0..20 {
                write(bed, tenant, &format!("{writer}-{number}")).await;
            }
        }
    });
    let sealers = (0..3).map(|_| async {
        for _ in 0..10 {
            seal_tenant(&bed.platform, tenant, false).await.unwrap();
        }
    });
    futures::future::join(futures::future::join_all(writers), futures::future::join_all(sealers)).await;
    let report = proved(&bed, tenant).await;
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!((report.tenant, report.entries, report.last, report.erased), (Some(tenant), 120, 120, 0));
    assert_eq!(count(&bed, bystander, UNSEALED).await, 1, "nobody asked for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_waits_for_no_sealer_and_a_late_commit_is_sealed_late() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let mut late = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    record_as(&mut late, "system", "user.locked", Some("late"), json!({}), None).await.unwrap();
    write(&bed, tenant, "early").await;
    assert_eq!(seal_tenant(&bed.platform, tenant, false).await.unwrap(), 1);

    // A sealer that holds the chain and does not come to an end.
    let mut sealer = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("select from audit_chain where tenant_id = $1 for update")
        .bind(tenant.0)
        .execute(sealer.connection())
        .await
        .unwrap();
    tokio::time::timeout(Duration::from_secs(10), write(&bed, tenant, "meanwhile")).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), late.commit()).await.unwrap().unwrap();
    sealer.rollback().await.unwrap();

    let report = proved(&bed, tenant).await;
    assert!(report.holds() && report.last == 3, "{report:?}");
    let late = "select sequence from audit_entry where tenant_id = $1 and target = 'late'";
    assert!(count(&bed, tenant, late).await > 1, "it was written first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_finds_who_has_something_to_seal_and_signs_it() {
    let bed = TestBed::new().await;
    let (one, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Sandbox).await);
    write(&bed, one, "a").await;
    write(&bed, other, "b").await;
    let (sealer, stop) = (Sealer::new(bed.platform.clone()), CancellationToken::new());
    // In the first minute of a month that month's entries wait.
    for _ in 0..90 {
        sealer.seal_once(&stop).await.unwrap();
        if count(&bed, one, UNSEALED).await + count(&bed, other, UNSEALED).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let heads = "select count(*) from audit_head where tenant_id = $1";
    assert_eq!((count(&bed, one, heads).await, count(&bed, other, heads).await), (1, 1));
    // A chain that went on is not signed again at once.
    write(&bed, one, "c").await;
    seal_tenant(&bed.platform, one, false).await.unwrap();
    assert_eq!((count(&bed, one, UNSEALED).await, count(&bed, one, heads).await), (0, 1));
    assert_eq!(sealer.seal_once(&stop).await.unwrap(), 0, "there is nothing to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_is_changed_by_no_role() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    write(&bed, tenant, "a").await;
    seal_tenant(&bed.platform, tenant, false).await.unwrap();
    for change in
        ["hash = '\\x00'", "sequence = 7", "salt = null", "commitment = '\\x00'", "action = 'x'", "detail = '{}'"]
    {
        let sql = format!("update audit_entry set {change} where tenant_id = $1");
        let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
        let changed = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant.0).execute(tx.connection()).await;
        assert!(changed.is_err(), "{change}");
    }
    // Nor by a superuser, who would have to drop the trigger first, and then meets the chain.
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    let changed = sqlx::query("update audit_entry set action = 'x' where tenant_id = $1").bind(tenant.0);
    assert!(changed.execute(&mut superuser).await.is_err());
    assert!(proved(&bed, tenant).await.holds());
    sqlx::raw_sql("alter table audit_entry disable trigger keep_sealed; update audit_entry set action = 'x'")
        .execute(&mut superuser)
        .await
        .unwrap();
    assert_eq!(proved(&bed, tenant).await.findings.len(), 1);
}

/// The functions that requests run write entries and nothing of the chain: a login waits for no other login of its
/// tenant there.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_path_without_audit_entries_does_not_touch_the_chain() {
    let bed = TestBed::new().await;
    let touching: Vec<String> = sqlx::query_scalar(
        "select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where n.nspname = 'public' and p.prokind = 'f' and p.proname <> 'erase_tenant_rows'
            and pg_get_functiondef(p.oid) ~ 'audit_(chain|head)'",
    )
    .fetch_all(&mut PgConnection::connect(&bed.database.superuser_url()).await.unwrap())
    .await
    .unwrap();
    assert_eq!(touching, Vec::<String>::new(), "the chain is the sealer's alone");
}
