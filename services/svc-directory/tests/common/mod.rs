//! Short ways to say what the tests of the directory say again and again.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

pub mod open;

use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, PartnerPermit, Permit, Principal};
use core_kernel::{AccountId, AdminId, PartnerId, RefusalCode, Stop, TenantId};
use core_policy::UserKind;
use io_postgres::TenantTx;
use svc_directory::{CreateTenantInput, Directory, Environment, UpsertUserInput, UpsertedUser};
use svc_policy::Policies;
use testkit::{TestBed, caller, partner_caller};

/// A database with the services on it.
pub async fn bed() -> (TestBed, Directory) {
    let bed = TestBed::new().await;
    let directory = Directory::new(bed.platform.clone(), Policies::new(bed.platform.clone()));
    (bed, directory)
}

/// A key with these scopes may do this.
pub fn permit(tenant: TenantId, scope: ApiScope, operation: Operation) -> Permit {
    caller(tenant, &[scope]).permit(operation).unwrap()
}

/// A permit to write users.
pub fn users(tenant: TenantId) -> Permit {
    permit(tenant, ApiScope::Users, Operation::UpsertUser)
}

/// A permit to read users.
pub fn reader(tenant: TenantId) -> Permit {
    permit(tenant, ApiScope::Read, Operation::ReadUsers)
}

/// A partner with every scope.
pub async fn partner(directory: &Directory) -> (PartnerId, PartnerPermit) {
    let partner = directory.create_partner("Northstar Onboarding").await.unwrap();
    let permit = partner_caller(partner, &ApiScope::ALL).permit(Operation::CreateTenant).unwrap();
    (partner, permit)
}

/// An input for a tenant.
pub fn tenant_input(slug: &str) -> CreateTenantInput {
    CreateTenantInput {
        slug: slug.to_owned(),
        name: "Acme Advisers".to_owned(),
        environment: Environment::Sandbox,
        owner_email: "owner@acme.example".to_owned(),
        policy: None,
    }
}

/// An input for an external user with nothing else.
pub fn user_input(external_id: &str) -> UpsertUserInput {
    UpsertUserInput {
        external_id: external_id.to_owned(),
        kind: UserKind::External,
        display_name: None,
        email: None,
        advisor_email: None,
        language: None,
        disabled: None,
    }
}

/// Upserts with all rights.
pub async fn upsert(directory: &Directory, tenant: TenantId, input: UpsertUserInput) -> UpsertedUser {
    directory.upsert_user(&users(tenant), input).await.unwrap()
}

/// A console user of this role, in the database.
pub async fn admin(bed: &TestBed, tenant: TenantId, email: &str, role: AdminRole) -> Actor {
    let (entropy, now) = (&*bed.platform.entropy, bed.platform.now());
    let actor =
        Actor { id: AdminId::new(entropy, now), account: AccountId::new(entropy, now), email: email.to_owned(), role };
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
         values ($1, $2, $3, $4, $4, $5, $6)",
    )
    .bind(tenant.0)
    .bind(actor.id.0)
    .bind(actor.account.0)
    .bind(email)
    .bind(role.as_str())
    .bind(now)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    actor
}

/// That console user as a caller.
pub fn as_admin(tenant: TenantId, actor: &Actor) -> Caller {
    Caller { tenant, principal: Principal::Admin(actor.clone()), actor: None, ip: None }
}

/// Code and dotted field of each refusal.
pub fn refusals(stop: Stop) -> Vec<(RefusalCode, String)> {
    match stop {
        Stop::Refused(refusals) => refusals.into_iter().map(|one| (one.code, one.field.join("."))).collect(),
        Stop::Fault(fault) => panic!("a fault instead of a refusal: {fault:?}"),
    }
}

/// The same, of one refusal.
pub fn refusal(stop: Stop) -> (RefusalCode, String) {
    let mut all = refusals(stop);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Actor and action of the audit log, oldest first.
pub async fn audit(bed: &TestBed, tenant: TenantId) -> Vec<(String, String)> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_as("select actor, action from audit_entry where tenant_id = $1 order by entry_id")
        .bind(tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

/// Runs a statement whose first two parameters are the tenant and an identifier.
pub async fn run(bed: &TestBed, tenant: TenantId, sql: &'static str, id: uuid::Uuid) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(sql).bind(tenant.0).bind(id).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Asks for one number, the same way.
pub async fn number(bed: &TestBed, tenant: TenantId, sql: &'static str, id: uuid::Uuid) -> i64 {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_scalar(sql).bind(tenant.0).bind(id).fetch_one(tx.connection()).await.unwrap()
}
