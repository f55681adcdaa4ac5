//! Short ways to say what the tests of policies say again and again.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use core_access::{ApiScope, Operation, PartnerPermit, Permit};
use core_kernel::{PartnerId, RefusalCode, Stop, TenantId, Timestamp};
use core_policy::{AudienceDraft, Channel, PolicyDraft};
use io_postgres::{PartnerTx, TenantTx};
use svc_policy::{Policies, PolicyView, PublishPolicyInput};
use testkit::{Environment, TestBed, caller, partner_caller};

/// A permit to publish, by a key with POLICY.
pub fn publisher(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Policy]).permit(Operation::PublishPolicy).unwrap()
}

/// A permit to read policies.
pub fn reader(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Read]).permit(Operation::ReadPolicy).unwrap()
}

/// A policy with these channels for both audiences.
pub fn draft(channels: &[Channel]) -> PolicyDraft {
    let audience = AudienceDraft { allowed_channels: channels.to_vec(), ..AudienceDraft::default() };
    PolicyDraft { internal: audience.clone(), external: audience, ..PolicyDraft::default() }
}

/// An input that publishes now.
pub fn input(expected_version: i32) -> PublishPolicyInput {
    PublishPolicyInput { draft: draft(&[Channel::Totp]), expected_version, ..PublishPolicyInput::default() }
}

/// An input that publishes at an instant.
pub fn scheduled(expected_version: i32, at: Timestamp) -> PublishPolicyInput {
    PublishPolicyInput { effective_at: Some(at.to_rfc3339()), ..input(expected_version) }
}

/// Code and dotted field of each refusal.
pub fn refusals(stop: Stop) -> Vec<(RefusalCode, String)> {
    match stop {
        Stop::Refused(refusals) => refusals.into_iter().map(|one| (one.code, one.field.join("."))).collect(),
        Stop::Fault(fault) => panic!("a fault instead of a refusal: {fault:?}"),
    }
}

/// The version that decides now.
pub async fn in_force(bed: &TestBed, policies: &Policies, tenant: TenantId) -> i32 {
    let now = bed.now(tenant).await;
    policies.snapshot(tenant).await.unwrap().require(now).unwrap().version
}

/// Version and status of all, newest first.
pub async fn statuses(policies: &Policies, tenant: TenantId) -> Vec<(i32, &'static str)> {
    let page = core_kernel::PageRequest::new(100, None).unwrap();
    let rows = policies.list_versions(&reader(tenant), &page).await.unwrap().rows;
    rows.iter().map(|(_, PolicyView { version, status })| (version.version, status.as_str())).collect()
}

/// A partner.
pub async fn partner(bed: &TestBed) -> PartnerId {
    let partner = PartnerId::new(&*bed.platform.entropy, bed.platform.now());
    let mut tx = PartnerTx::begin(&bed.platform.database, partner).await.unwrap();
    sqlx::query("insert into partner (partner_id, name) values ($1, 'Partner')")
        .bind(partner.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    partner
}

/// A tenant of the partner, with the policy of a new tenant.
pub async fn tenant_of(bed: &TestBed, partner: PartnerId) -> TenantId {
    let tenant = bed.tenant(Environment::Sandbox).await;
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("update tenant set partner_id = $2 where tenant_id = $1")
        .bind(tenant.0)
        .bind(partner.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    tenant
}

/// A permit to publish the partner's template.
pub fn partner_publisher(partner: PartnerId) -> PartnerPermit {
    partner_caller(partner, &[ApiScope::Tenants]).permit(Operation::PublishTemplatePolicy).unwrap()
}

/// What the tenant's audit log says: actor, action and detail, the oldest first.
pub async fn audit(bed: &TestBed, tenant: TenantId) -> Vec<(String, String, serde_json::Value)> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_as("select actor, action, detail from audit_entry where tenant_id = $1 order by entry_id")
        .bind(tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

/// What others are told of: kind and payload, the oldest first.
pub async fn events(bed: &TestBed, tenant: TenantId) -> Vec<(String, serde_json::Value)> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_as("select kind, payload from outbox_event where tenant_id = $1 order by event_id")
        .bind(tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}
