//! What the operator does by the command line: suspending a tenant, serving it again, and making the
//! first partner with its key.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod common;

use common::{audit, bed, partner, refusal, tenant_input};
use core_access::{ApiScope, ScopeSet};
use core_kernel::{PLATFORM_TENANT, RefusalCode, TenantId, TypedId as _};
use io_postgres::{Change, ChangeEvent, Database, DatabaseOptions, Topic, listen};
use sqlx::{Connection as _, PgConnection};
use svc_directory::{
    Authenticated, PartnerKeyInput, TenantStatus, find_tenant, give_sign_in_domain, set_tenant_status,
    take_sign_in_domain,
};
use testkit::{Environment, TestBed};

/// The database as the tables' owner, as the command line opens it.
fn owner(bed: &TestBed) -> Database {
    Database::connect_lazy(&DatabaseOptions::new(bed.database.owner_url())).unwrap()
}

async fn acts(bed: &TestBed, tenant: TenantId) -> Vec<String> {
    let mut acts = audit(bed, tenant).await;
    acts.retain(|(actor, _)| actor == "operator");
    acts.into_iter().map(|(_, action)| action).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_suspended_and_resumed_on_record_and_no_other() {
    let (bed, directory) = bed().await;
    let (tenant, bystander) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let owner = owner(&bed);
    assert!(set_tenant_status(&owner, tenant, TenantStatus::Suspended).await.unwrap());
    assert!(!set_tenant_status(&owner, tenant, TenantStatus::Suspended).await.unwrap(), "it was so before");
    assert_eq!(directory.settings(tenant).await.unwrap().status, TenantStatus::Suspended);
    assert_eq!(directory.settings(bystander).await.unwrap().status, TenantStatus::Active);
    assert!(set_tenant_status(&owner, tenant, TenantStatus::Active).await.unwrap());
    directory.invalidate_tenant(tenant);
    assert_eq!(directory.settings(tenant).await.unwrap().status, TenantStatus::Active);
    assert_eq!(acts(&bed, tenant).await, ["tenant.suspended", "tenant.resumed"], "what changed nothing is no act");
    assert_eq!(acts(&bed, bystander).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_are_told_also_by_a_command_that_is_repeated() {
    let (bed, _) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let listener = tokio::spawn(listen(bed.platform.database.clone(), move |event| {
        let _ = heard.send(event);
    }));
    assert_eq!(hears.recv().await, Some(ChangeEvent::Missed), "it listens");
    for _ in 0..2 {
        set_tenant_status(&owner(&bed), tenant, TenantStatus::Suspended).await.unwrap();
        assert_eq!(hears.recv().await, Some(ChangeEvent::Changed(Change::of_tenant(Topic::Tenant, tenant))));
    }
    listener.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_found_by_slug_and_by_identifier_and_nothing_else_is() {
    let (bed, directory) = bed().await;
    let (_, permit) = partner(&directory).await;
    let mut made = Vec::new();
    for slug in ["acme", "acme-50", "meridian"] {
        made.push(directory.create_tenant(&permit, &tenant_input(slug)).await.unwrap().settings);
    }
    let owner = owner(&bed);
    for settings in &made {
        assert_eq!(find_tenant(&owner, &settings.slug).await.unwrap(), settings.tenant_id);
        assert_eq!(find_tenant(&owner, &settings.tenant_id.to_text()).await.unwrap(), settings.tenant_id);
    }
    let absent = directory.new_tenant_id().to_text();
    for named in ["", "ACME", "acm", "%", absent.as_str(), "tenant_nonsense"] {
        assert_eq!(refusal(find_tenant(&owner, named).await.unwrap_err()).0, RefusalCode::NotFound, "{named}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_own_tenant_is_always_served() {
    let (bed, _) = bed().await;
    let stop = set_tenant_status(&owner(&bed), PLATFORM_TENANT, TenantStatus::Suspended).await.unwrap_err();
    assert_eq!(refusal(stop).0, RefusalCode::NotAllowedByPolicy);
    let absent = TenantId(uuid::Uuid::from_u128(7));
    let stop = set_tenant_status(&owner(&bed), absent, TenantStatus::Suspended).await.unwrap_err();
    assert_eq!(refusal(stop).0, RefusalCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_founded_with_a_key_that_opens() {
    let (_bed, directory) = bed().await;
    let key = PartnerKeyInput { name: "first".to_owned(), scopes: ScopeSet::of(&ApiScope::ALL) };
    let founded = directory.found_partner("  Northgate Services ", &key).await.unwrap();
    let Authenticated::Partner(who) = directory.authenticate(founded.key.secret.expose()).await.unwrap() else {
        panic!("a tenant's key");
    };
    assert_eq!((who.partner, who.id, who.scopes), (founded.partner_id, founded.key.key.api_key_id, key.scopes));
    let permit = who.caller(None).permit(core_access::Operation::CreateTenant).unwrap();
    assert_eq!(directory.partner(&permit).await.unwrap().name, "Northgate Services");
    directory.create_tenant(&permit, &tenant_input("acme")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_without_its_key_is_not_left_behind() {
    let (bed, directory) = bed().await;
    let scopes = ScopeSet::of(&ApiScope::ALL);
    for (name, key, scopes) in [("\n", "first", scopes), ("Northgate", " ", scopes), ("Northgate", "x", ScopeSet::NONE)]
    {
        let input = PartnerKeyInput { name: key.to_owned(), scopes };
        let stop = directory.found_partner(name, &input).await.unwrap_err();
        assert_eq!(refusal(stop).0, RefusalCode::Invalid, "{name:?} {key:?}");
    }
    let mut superuser = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    let partners: i64 = sqlx::query_scalar("select count(*) from partner").fetch_one(&mut superuser).await.unwrap();
    assert_eq!(partners, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_domain_leads_to_one_tenant_and_is_given_and_taken_on_record() {
    let (bed, _) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let owner = owner(&bed);
    assert!(give_sign_in_domain(&owner, tenant, " Firm.example").await.unwrap());
    assert!(!give_sign_in_domain(&owner, tenant, "firm.EXAMPLE").await.unwrap(), "it had it");
    assert_eq!(
        refusal(give_sign_in_domain(&owner, other, "firm.example").await.unwrap_err()).0,
        RefusalCode::AlreadyExists
    );
    assert_eq!(refusal(give_sign_in_domain(&owner, other, "no domain").await.unwrap_err()).0, RefusalCode::Invalid);
    assert!(!take_sign_in_domain(&owner, other, "firm.example").await.unwrap(), "not its own");
    let (one, two) = tokio::join!(
        give_sign_in_domain(&owner, tenant, "new.example"),
        give_sign_in_domain(&owner, other, "new.example"),
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    assert!(take_sign_in_domain(&owner, tenant, "firm.example").await.unwrap());
    assert!(give_sign_in_domain(&owner, other, "firm.example").await.unwrap());
    let acts = acts(&bed, tenant).await;
    assert!(acts.starts_with(&["tenant.sign_in_domain_given".to_owned()]), "{acts:?}");
    assert_eq!(acts.last().map(String::as_str), Some("tenant.sign_in_domain_taken"));
}
