//! Tenants, users, factors and codes for the tests of delivery.

#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

pub mod phones;
pub mod sink;

use std::time::Duration;

use core_contact::{EmailAddress, PhoneNumber};
use core_crypto::{CodePurpose, CodeSubject, KeyPurpose, blind_index, derive_code};
use core_kernel::{ChallengeId, FactorId, MessageId, SystemEntropy, TenantId, UserId};
use core_policy::UserKind;
use io_postgres::TenantTx;
use sqlx::{Connection, PgConnection};
use svc_delivery::{CarrierOptions, Carriers, DeliveryOptions, DeliveryWorker, SmtpOptions};
use svc_platform::place;
use testkit::{Environment, TestBed};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const PHONE: &str = "+14155550132";
pub const EMAIL: &str = "ann.lee@client.example";

/// A code on its way.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    pub tenant: TenantId,
    pub user: UserId,
    pub challenge: ChallengeId,
    pub message: MessageId,
}

/// A running worker.
pub struct Running {
    shutdown: CancellationToken,
    pub task: JoinHandle<()>,
}

impl Running {
    /// Lets it finish.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.expect("the worker ends");
    }

    /// As a crash would.
    pub async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

pub fn start(bed: &TestBed, carriers: CarrierOptions) -> Running {
    start_with(bed, carriers, DeliveryOptions::default())
}

pub fn start_with(bed: &TestBed, carriers: CarrierOptions, options: DeliveryOptions) -> Running {
    let carriers = Carriers::new(&bed.platform, &carriers).expect("providers");
    let worker = DeliveryWorker::new(bed.platform.clone(), carriers, options);
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let task = tokio::spawn(async move { worker.run(stop).await });
    Running { shutdown, task }
}

pub fn with_smtp(port: u16) -> CarrierOptions {
    let url = format!("smtp://127.0.0.1:{port}?tls=none");
    let smtp = Some(SmtpOptions { url: url.into(), from: "no-reply@postern.example".to_owned() });
    CarrierOptions { smtp, ..CarrierOptions::default() }
}

pub async fn user(bed: &TestBed, tenant: TenantId, name: &str) -> UserId {
    bed.user(tenant, name, UserKind::External).await
}

/// An active factor with its destination sealed.
pub async fn factor(bed: &TestBed, tenant: TenantId, user: UserId, kind: &str, to: &str) -> FactorId {
    let id = FactorId::new(&SystemEntropy, bed.platform.now());
    let key = bed.platform.keys.data_key(&bed.platform.database, tenant).await.expect("a data key");
    let sealed = key.seal(&place(tenant, "factor", id.0, "secret_sealed"), to.as_bytes(), &SystemEntropy);
    let ring = bed.platform.keys.ring();
    let kind_of_contact = if kind == "EMAIL" { core_crypto::BlindKind::Email } else { core_crypto::BlindKind::Phone };
    let (_, index) = blind_index(&ring, tenant, kind_of_contact, to);
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index, created_at)
         values ($1, $2, $3, $4, 'ACTIVE', case when $4 = 'EMAIL' then null else 'MOBILE' end,
                 case when $4 = 'EMAIL' then null else 'US' end, $5, $6, tenant_now($1))",
    )
    .bind(tenant.0)
    .bind(id.0)
    .bind(user.0)
    .bind(kind)
    .bind(sealed)
    .bind(&index[..])
    .execute(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

/// Puts the user's address on record.
pub async fn address_on_record(bed: &TestBed, tenant: TenantId, user: UserId, to: &str) {
    let key = bed.platform.keys.data_key(&bed.platform.database, tenant).await.expect("a data key");
    let sealed = key.seal(&place(tenant, "tenant_user", user.0, "email_sealed"), to.as_bytes(), &SystemEntropy);
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("update tenant_user set email_sealed = $3 where tenant_id = $1 and user_id = $2")
        .bind(tenant.0)
        .bind(user.0)
        .bind(sealed)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// A user with a phone that never gave a right code, as an enrollment begins one.
pub async fn stranger(bed: &TestBed, tenant: TenantId, number: &str) -> (UserId, FactorId) {
    let user = user(bed, tenant, number).await;
    let factor = factor(bed, tenant, user, "PHONE_PRIMARY", number).await;
    let prefix = PhoneNumber::parse(number).expect("a number").prefix().to_owned();
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("update factor set phone_prefix = $3 where tenant_id = $1 and factor_id = $2")
        .bind(tenant.0)
        .bind(factor.0)
        .bind(prefix)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (user, factor)
}

/// Sends a code as an enrollment outside a login does.
pub async fn send_code(bed: &TestBed, tenant: TenantId, user: UserId, factor: FactorId, channel: &str) -> Sent {
    let (outcome, sent) = try_send_code(bed, tenant, user, factor, channel).await;
    assert_eq!(outcome, "OK");
    sent.expect("a challenge")
}

/// The same, with whatever comes of it.
pub async fn try_send_code(
    bed: &TestBed,
    tenant: TenantId,
    user: UserId,
    factor: FactorId,
    channel: &str,
) -> (String, Option<Sent>) {
    let now = bed.platform.now();
    let challenge = ChallengeId::new(&SystemEntropy, now);
    let message = MessageId::new(&SystemEntropy, now);
    let key = bed.platform.keys.ring().current(KeyPurpose::Code).id();
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let (outcome, challenge): (String, Option<uuid::Uuid>) = sqlx::query_as(
        "select outcome, challenge_id from send_code($1, tenant_now($1), $2, null, null, $3, $4, 'ENROLL',
                $5, $6, $7, $8, $9, 6::smallint, 300, 30)",
    )
    .bind(tenant.0)
    .bind(user.0)
    .bind(factor.0)
    .bind(channel)
    .bind(challenge.0)
    .bind(challenge.month())
    .bind(message.0)
    .bind(message.month())
    .bind(key)
    .fetch_one(tx.connection())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    bed.platform.messages_queued.notify_one();
    (outcome, challenge.map(|challenge| Sent { tenant, user, challenge: ChallengeId(challenge), message }))
}

/// A tenant with one user who is sent one code.
pub async fn one_code(bed: &TestBed, environment: Environment, channel: &str) -> Sent {
    let tenant = bed.tenant(environment).await;
    let user = user(bed, tenant, "ann").await;
    let (kind, to) = if channel == "EMAIL" { ("EMAIL", EMAIL) } else { ("PHONE_PRIMARY", PHONE) };
    let factor = factor(bed, tenant, user, kind, to).await;
    send_code(bed, tenant, user, factor, channel).await
}

/// The right code.
pub fn code(bed: &TestBed, sent: &Sent) -> String {
    let ring = bed.platform.keys.ring();
    let subject = CodeSubject { tenant: sent.tenant, challenge: sent.challenge, purpose: CodePurpose::Enroll };
    derive_code(ring.current(KeyPurpose::Code), &subject, 6)
}

/// A message's row, as JSON.
pub async fn row(bed: &TestBed, tenant: TenantId, message: MessageId) -> serde_json::Value {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_scalar("select to_jsonb(m) from message m where tenant_id = $1 and message_id = $2")
        .bind(tenant.0)
        .bind(message.0)
        .fetch_one(tx.connection())
        .await
        .unwrap()
}

/// Waits until the message has this status, and gives its row.
pub async fn becomes(bed: &TestBed, tenant: TenantId, message: MessageId, status: &str) -> serde_json::Value {
    let mut last = serde_json::Value::Null;
    for _ in 0..600 {
        last = row(bed, tenant, message).await;
        if last["status"] == status {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never {status}: {last}");
}

/// Waits until an attempt did not succeed and another will follow, and gives the row.
pub async fn tried(bed: &TestBed, sent: &Sent) -> serde_json::Value {
    for _ in 0..600 {
        let row = row(bed, sent.tenant, sent.message).await;
        if row["status"] == "SENDING" && row["answered"] == row["attempts"] {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never tried");
}

/// The statuses of its timeline.
pub fn steps(row: &serde_json::Value) -> Vec<&str> {
    row["timeline"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect()
}

/// Runs a statement past row-level security, to bring about what a test cannot wait for.
pub async fn as_superuser(bed: &TestBed, sql: &'static str, tenant: TenantId) {
    let mut connection = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    sqlx::query(sql).bind(tenant.0).execute(&mut connection).await.unwrap();
}

/// As [`as_superuser`], for statements without a tenant.
pub async fn raw_as_superuser(bed: &TestBed, sql: &'static str) {
    let mut connection = PgConnection::connect(&bed.database.superuser_url()).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
}

/// That these read as contacts, so that masks are tested on what factors hold.
#[test]
fn the_contacts_of_these_tests_are_valid() {
    assert!(PhoneNumber::parse(PHONE).is_ok() && EmailAddress::parse(EMAIL).is_ok());
}
