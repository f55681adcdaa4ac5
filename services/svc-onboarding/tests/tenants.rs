//! A partner's file of tenants.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Fixture, upload};
use core_access::Operation;
use core_kernel::{PLATFORM_TENANT, PageRequest, PartnerId, RefusalCode};
use svc_onboarding::{ImportJob, ImportKind, ImportStatus, TenantImportOptions};

const PLAIN: TenantImportOptions = TenantImportOptions { dry_run: false, sandbox_twins: false };
const TWINS: TenantImportOptions = TenantImportOptions { dry_run: false, sandbox_twins: true };
const REHEARSE: TenantImportOptions = TenantImportOptions { dry_run: true, sandbox_twins: true };

const FILE: &str = "slug,name,owner_email,environment
acme,Acme,ann@acme.example,
beta,Beta,bob@beta.example,SANDBOX
";

async fn slugs(test: &Fixture, partner: PartnerId) -> Vec<String> {
    let permit = test.partner_permit(partner, Operation::ReadPartner);
    let page = PageRequest::new(100, None).unwrap();
    let (page, _) = test.directory.tenants_of_partner(&permit, &page, None).await.unwrap();
    page.rows.into_iter().map(|(_, settings)| settings.slug).collect()
}

fn counts(job: &ImportJob) -> [i32; 4] {
    [job.created_rows, job.updated_rows, job.unchanged_rows, job.failed_rows]
}

#[tokio::test]
async fn tenants_are_made_with_their_owners_invited_and_again_nothing_changes() {
    let test = Fixture::new().await;
    let partner = test.partner().await;
    let job = test.import_tenants(partner, PLAIN, FILE).await;
    assert_eq!((job.kind, job.status, counts(&job)), (ImportKind::Tenants, ImportStatus::Completed, [2, 0, 0, 0]));
    assert_eq!(slugs(&test, partner).await, ["acme", "beta"]);
    let permit = test.partner_permit(partner, Operation::ReadPartner);
    let acme = test.directory.tenant_of_partner_by_slug(&permit, "acme").await.unwrap().unwrap();
    let invited = "select count(*) from tenant_admin where tenant_id = $1 and email_folded = 'ann@acme.example' and role = 'OWNER'";
    assert_eq!(test.count_of(acme.tenant_id, invited).await, 1);
    let mails = "select count(*) from message where tenant_id = $1 and purpose = 'ADMIN_INVITATION'";
    assert_eq!(test.count_of(acme.tenant_id, mails).await, 1);
    let audited =
        "select count(*) from audit_entry where tenant_id = $1 and action = 'tenant.created' and actor = 'key:partner'";
    assert_eq!(test.count_of(acme.tenant_id, audited).await, 1);

    assert_eq!(counts(&test.import_tenants(partner, PLAIN, FILE).await), [0, 0, 2, 0]);
    assert_eq!(test.count_of(acme.tenant_id, mails).await, 1, "nobody is written to twice");
}

#[tokio::test]
async fn a_slug_again_brings_its_tenant_up_to_date() {
    let test = Fixture::new().await;
    let partner = test.partner().await;
    test.import_tenants(partner, PLAIN, FILE).await;
    let rows =
        "slug,name,owner_email,environment\nacme,Acme Ltd,eve@acme.example,LIVE\nbeta,Beta,bob@beta.example,LIVE\n";
    let job = test.import_tenants(partner, PLAIN, rows).await;
    assert_eq!(counts(&job), [0, 1, 0, 1]);
    assert_eq!(test.faults(&job).await, [(3, "environment".to_owned())]);
    let permit = test.partner_permit(partner, Operation::ReadPartner);
    let acme = test.directory.tenant_of_partner_by_slug(&permit, "acme").await.unwrap().unwrap();
    assert_eq!(acme.name, "Acme Ltd");
    let owners = "select count(*) from tenant_admin where tenant_id = $1 and role = 'OWNER'";
    assert_eq!(test.count_of(acme.tenant_id, owners).await, 2);
}

#[tokio::test]
async fn a_twin_stands_beside_each_live_tenant() {
    let test = Fixture::new().await;
    let partner = test.partner().await;
    assert_eq!(counts(&test.import_tenants(partner, REHEARSE, FILE).await), [2, 0, 0, 0]);
    assert!(slugs(&test, partner).await.is_empty(), "a rehearsal makes none");
    assert_eq!(counts(&test.import_tenants(partner, PLAIN, FILE).await), [2, 0, 0, 0]);
    assert_eq!(counts(&test.import_tenants(partner, TWINS, FILE).await), [0, 1, 1, 0]);
    assert_eq!(slugs(&test, partner).await, ["acme", "acme-sandbox", "beta"]);
}

#[tokio::test]
async fn every_bad_row_is_named_and_costs_no_other() {
    let test = Fixture::new().await;
    let (partner, other) = (test.partner().await, test.partner().await);
    test.import_tenants(other, PLAIN, "slug,name,owner_email\ntaken,Taken,t@t.example\n").await;
    let rows = "owner_email,name,slug
a@a.example,A,Not A Slug
nobody,B,bbb
c@c.example,,ccc
t@t.example,Mine,taken
d@d.example,D,ddd
e@e.example,E,ddd
too,few
";
    let rehearsed = test.import_tenants(partner, REHEARSE, rows).await;
    let job = test.import_tenants(partner, PLAIN, rows).await;
    let expected = [(2, "slug"), (3, "owner_email"), (4, "name"), (5, "slug"), (7, "slug"), (8, "")];
    let expected = expected.map(|(line, column)| (line, column.to_owned()));
    assert_eq!(test.faults(&job).await, expected);
    assert_eq!(test.faults(&rehearsed).await, expected, "a rehearsal finds the same");
    assert_eq!((job.status, counts(&job)), (ImportStatus::CompletedWithErrors, [1, 0, 0, 6]));
    assert_eq!(slugs(&test, partner).await, ["ddd"]);
    assert_eq!(slugs(&test, other).await, ["taken"]);
    assert!(test.refused(&job).await.contains("5,slug: "));
}

#[tokio::test]
async fn a_partner_sees_and_ends_its_own_imports_alone() {
    let test = Fixture::new().await;
    let (partner, other) = (test.partner().await, test.partner().await);
    let permit = test.partner_permit(partner, Operation::ImportTenants);
    let sent = test.imports.receive_tenants(&permit, PLAIN, upload(FILE)).await.unwrap();
    let read = |partner| test.partner_permit(partner, Operation::ReadPartner);
    let page = PageRequest::new(10, None).unwrap();
    assert_eq!(test.imports.list_of_partner(&read(partner), &page).await.unwrap().rows.len(), 1);
    assert!(test.imports.list_of_partner(&read(other), &page).await.unwrap().rows.is_empty());
    assert!(test.imports.lookup_of_partner(&read(other), sent.id).await.unwrap().is_none());
    // It lies with the platform's tenant, whose own list does not have it either.
    let platform = test.permit_of(PLATFORM_TENANT, Operation::ReadImports);
    assert!(test.imports.list(&platform, &page).await.unwrap().rows.is_empty());

    let foreign = test.partner_permit(other, Operation::ImportTenants);
    let refused = test.imports.cancel_of_partner(&foreign, &common::text(sent.id)).await.unwrap_err();
    assert_eq!(refused.refusal_code(), Some(RefusalCode::NotFound));
    let ended = test.imports.cancel_of_partner(&permit, &common::text(sent.id)).await.unwrap();
    assert_eq!(ended.status, ImportStatus::Canceled);
    test.work().await;
    assert!(slugs(&test, partner).await.is_empty());
}
