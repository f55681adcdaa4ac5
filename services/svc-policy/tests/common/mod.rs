//! Short ways to say what the tests of policies say again and again.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use core_access::{ApiScope, Operation, Permit};
use core_kernel::{RefusalCode, Stop, TenantId, Timestamp};
use core_policy::{AudienceDraft, Channel, PolicyDraft};
use svc_policy::{Policies, PolicyView, PublishPolicyInput};
use testkit::{TestBed, caller};

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
