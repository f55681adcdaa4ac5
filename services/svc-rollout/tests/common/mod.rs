//! People who have enrolled, or not, and what was mailed to them.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use core_access::{ApiScope, Operation, Permit};
use core_contact::EmailAddress;
use core_crypto::{BlindKind, blind_index};
use core_kernel::{SystemEntropy, TenantId, TypedId, UserId};
use core_policy::{Channel, Policy, UserKind};
use io_postgres::TenantTx;
use serde_json::Value;
use svc_directory::Directory;
use svc_platform::place;
use svc_policy::Policies;
use svc_rollout::{Rollout, SendRemindersInput};
use testkit::{TestBed, caller};

/// The service, as one replica has it.
pub fn rollout(bed: &TestBed) -> Rollout {
    let policies = Policies::new(bed.platform.clone());
    let directory = Directory::new(bed.platform.clone(), policies.clone());
    Rollout::new(bed.platform.clone(), policies, directory)
}

pub fn sender(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Users]).permit(Operation::SendReminders).unwrap()
}

pub fn reader(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Read]).permit(Operation::ReadUsers).unwrap()
}

/// Our own text, to all.
pub fn ours() -> SendRemindersInput {
    SendRemindersInput::default()
}

/// A client with an address on record.
pub async fn client(bed: &TestBed, tenant: TenantId, name: &str) -> UserId {
    person(bed, tenant, name, UserKind::External).await
}

pub async fn person(bed: &TestBed, tenant: TenantId, name: &str, kind: UserKind) -> UserId {
    let user = bed.user(tenant, name, kind).await;
    let email = EmailAddress::parse(&format!("{name}@client.example")).unwrap();
    let key = bed.platform.keys.data_key(&bed.platform.database, tenant).await.unwrap();
    let sealed =
        key.seal(&place(tenant, "tenant_user", user.0, "email_sealed"), email.address().as_bytes(), &SystemEntropy);
    let (_, index) = blind_index(&bed.platform.keys.ring(), tenant, BlindKind::Email, email.normalized());
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "update tenant_user set email_sealed = $3, email_index = $4, display_name = $5
          where tenant_id = $1 and user_id = $2",
    )
    .bind(tenant.0)
    .bind(user.0)
    .bind(sealed)
    .bind(&index[..])
    .bind(name)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    user
}

/// So many clients at once, whose addresses cannot be opened.
pub async fn crowd(bed: &TestBed, tenant: TenantId, size: i32) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, email_sealed, created_at)
         select $1, uuid_v7(), 'c' || n, 'c' || n, 'EXTERNAL', '\\x00', tenant_now($1) from generate_series(1, $2) n",
    )
    .bind(tenant.0)
    .bind(size)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// Gives a user a factor.
pub async fn factor(bed: &TestBed, tenant: TenantId, user: UserId, kind: &str, status: &str, line: Option<&str>) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "with f as (
             insert into factor (tenant_id, factor_id, user_id, kind, status, line, created_at)
             values ($1, uuid_v7(), $2, $3, $4, $5, tenant_now($1)) returning factor_id, kind
         )
         insert into backup_code (tenant_id, factor_id, slot, hash)
         select $1, f.factor_id, 1, 'x' from f where f.kind = 'BACKUP_CODES'",
    )
    .bind(tenant.0)
    .bind(user.0)
    .bind(kind)
    .bind(status)
    .bind(line)
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// A statement of the tenant's.
pub async fn run(bed: &TestBed, tenant: TenantId, sql: &'static str) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(sql).bind(tenant.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

/// A statement about one user.
pub async fn change(bed: &TestBed, tenant: TenantId, user: UserId, sql: &'static str) {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(sql).bind(tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
}

/// One number of the tenant's.
pub async fn number(bed: &TestBed, tenant: TenantId, sql: &'static str) -> i64 {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_scalar(sql).bind(tenant.0).fetch_one(tx.connection()).await.unwrap()
}

/// A message as it lies in the outbox.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Mail {
    pub name: Option<String>,
    pub status: String,
    pub failure: Option<String>,
    pub language: Option<String>,
    pub priority: i16,
    pub params: Value,
    pub sandbox_body: Option<String>,
}

/// Reminders of this tenant by the reader's name.
pub async fn mails(bed: &TestBed, tenant: TenantId) -> Vec<Mail> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_as(
        "select u.display_name as name, m.status, m.failure, m.language, m.priority, m.params, m.sandbox_body
           from message m left join tenant_user u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
          where m.tenant_id = $1 and m.purpose = 'ENROLLMENT_REMINDER' and m.channel = 'EMAIL'
          order by u.display_name, m.message_id",
    )
    .bind(tenant.0)
    .fetch_all(tx.connection())
    .await
    .unwrap()
}

/// Who was reminded.
pub async fn reminded(bed: &TestBed, tenant: TenantId) -> Vec<String> {
    mails(bed, tenant).await.into_iter().filter_map(|mail| mail.name).collect()
}

/// Everything mandatory a while ago, with these channels for both audiences.
pub fn policy(bed: &TestBed, channels: &[Channel]) -> Policy {
    let mut policy = Policy::new_tenant(bed.platform.now() - chrono::Duration::days(30));
    policy.internal.allowed_channels = channels.to_vec();
    policy.external.allowed_channels = channels.to_vec();
    policy
}

/// The identifier as it is sorted by.
pub fn text(user: UserId) -> String {
    user.to_text()
}
