//! An export of the log proves itself: whole, after an erasure, and when its beginning is not kept any more.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod common;

use common::{Fixture, operator};
use core_access::Operation;
use core_audit::{Head, Report, Verifier, Wrong};
use core_kernel::TenantId;
use svc_audit::chain::{list_heads, published_keys, seal_tenant};
use svc_directory::delete_tenant;
use svc_lifecycle::{ExportFormat, ExportRequest, Exported, KeptDays, Retention, export};
use testkit::Environment;
use uuid::Uuid;

async fn exported(f: &Fixture, tenant: TenantId) -> Vec<String> {
    let mut out = Vec::new();
    let request = ExportRequest { what: Exported::Audit, format: ExportFormat::Jsonl, contacts: false };
    export(&f.bed.platform, &operator(tenant, Operation::ReadAudit), request, &mut out).await.unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

async fn proved(f: &Fixture, lines: &[String], kept: Vec<Head>) -> Report {
    let keys = published_keys(&f.bed.platform.database).await.unwrap();
    let mut verifier = Verifier::new(&keys, kept);
    lines.iter().for_each(|line| verifier.read(line));
    verifier.finish()
}

async fn heads(f: &Fixture, tenant: TenantId) -> Vec<Head> {
    let keys = published_keys(&f.bed.platform.database).await.unwrap();
    let tokens = list_heads(&f.bed.platform, &operator(tenant, Operation::ReadAudit)).await.unwrap();
    tokens.iter().map(|token| Head::verify(token, &keys).unwrap()).collect()
}

const MANY: &str = "select count(add_audit($1, 'admin:owner@firm.example', 'policy.published', $2::text, jsonb_build_object('n', n), null))
                      from generate_series(1, 1200) n";
const OLD: &str = "insert into audit_entry (tenant_id, month, entry_id, at, actor, action)
    select $1, (this_month() - make_interval(months => 14 - n % 3))::date, uuid_v7(), now(), 'system', 'user.locked'
      from generate_series(1, 30) n where $2::uuid is not null";

#[tokio::test(flavor = "multi_thread")]
async fn an_export_proves_itself_and_whatever_is_done_to_it_shows() {
    let f = Fixture::new().await;
    let (tenant, bystander) = (f.full_tenant(Environment::Live).await, f.full_tenant(Environment::Live).await);
    let before = f.everything(bystander).await;
    f.run(tenant, MANY, Uuid::nil()).await;
    let lines = exported(&f, tenant).await;
    let report = proved(&f, &lines, heads(&f, tenant).await).await;
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!((report.tenant, report.entries), (Some(tenant), lines.len() as u64));
    assert!(lines.len() > 1200 && lines.last().unwrap().contains("tenant.exported"), "the export itself is in it");
    assert_eq!(f.everything(bystander).await, before);

    let mut fewer = lines.clone();
    fewer.remove(700);
    assert_eq!(proved(&f, &fewer, Vec::new()).await.findings[0].wrong, Wrong::Deleted(701, 701));
    let mut edited = lines.clone();
    edited[700] = edited[700].replace("owner@firm.example", "other@firm.example");
    assert_eq!(proved(&f, &edited, Vec::new()).await.findings[0].wrong, Wrong::Edited(701));
    assert_eq!(proved(&f, &lines[..900], Vec::new()).await.findings[0].wrong, Wrong::EndCut(900));
    // Another tenant's log in the place of this one's.
    let others = exported(&f, bystander).await;
    assert!(!proved(&f, &others, heads(&f, tenant).await).await.holds());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_of_an_erased_tenant_holds_without_a_person_in_it() {
    let f = Fixture::new().await;
    let tenant = f.full_tenant(Environment::Live).await;
    let kept = exported(&f, tenant).await;
    assert!(kept.iter().any(|line| line.contains("owner@firm.example")));
    let kept = heads(&f, tenant).await;
    delete_tenant(&f.owner, tenant, f.in_days(-31), chrono::TimeDelta::days(30)).await.unwrap();
    assert_eq!(f.caretaker.erase_tenants().await.unwrap(), [tenant]);
    assert_eq!(f.number(tenant, "select count(*) from audit_entry where tenant_id = $1 and hash is null").await, 0);
    let lines = exported(&f, tenant).await;
    let report = proved(&f, &lines, kept).await;
    assert!(report.holds() && report.erased > 0, "{report:?}");
    let text = lines.concat();
    assert!(!text.contains("firm.example") && !text.contains("192.0.2.7"), "{text}");
    let salted =
        "select count(*) from audit_entry where tenant_id = $1 and salt is not null and action = 'admin.invited'";
    assert_eq!(f.number(tenant, salted).await, 0, "without its salt nobody tries out addresses");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_is_proved_from_a_checkpoint_when_months_go() {
    let f = Fixture::with(Retention { audit: KeptDays::try_from(62).unwrap(), ..Retention::default() }).await;
    let (tenant, young) = (f.bed.tenant(Environment::Live).await, f.bed.tenant(Environment::Live).await);
    let mut connection = io_postgres::NoTenant::acquire(&f.bed.platform.database).await.unwrap();
    sqlx::query("select ensure_partitions((now() - interval '15 months')::date, 16)")
        .execute(connection.connection())
        .await
        .unwrap();
    f.run(tenant, OLD, Uuid::nil()).await;
    f.run(tenant, MANY, Uuid::nil()).await;
    f.run(young, MANY, Uuid::nil()).await;
    seal_tenant(&f.bed.platform, tenant, false).await.unwrap();
    let retired = f.caretaker.retire_partitions().await.unwrap();
    assert!(retired.iter().filter(|name| name.starts_with("audit_entry_")).count() >= 3, "{retired:?}");
    let lines = exported(&f, tenant).await;
    let report = proved(&f, &lines, Vec::new()).await;
    assert!(report.holds(), "{:?}", report.findings);
    assert_eq!((report.first, report.last), (31, 1231));
    // The checkpoint vouches for that beginning alone.
    assert_eq!(proved(&f, &lines[1..], Vec::new()).await.findings[0].wrong, Wrong::BeginningCut(32));
    let report = proved(&f, &exported(&f, young).await, Vec::new()).await;
    assert!(report.holds() && report.first == 1, "{:?}", report.findings);
    assert_eq!(f.caretaker.retire_partitions().await.unwrap(), Vec::<String>::new());
}
