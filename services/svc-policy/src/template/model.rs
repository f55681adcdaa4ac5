//! A version of a template.

use core_kernel::{PolicyId, Refusal, RefusalCode, Refusals, Timestamp};
use core_policy::{Channel, LockedFields, Policy};

use crate::model::{PolicyStatus, PolicyVersion, PolicyView};

/// One numbered version of a partner's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateVersion {
    /// Counts up from 1 within the partner.
    pub version: i32,
    /// Its public identifier.
    pub template_id: PolicyId,
    /// The rules. *At once* is the instant at which this version was published.
    pub policy: Policy,
    /// Which of them hold for all tenants.
    pub locked: LockedFields,
    /// The weaker channels whose risk the partner accepted, with this version or an earlier one.
    pub acknowledged: Vec<Channel>,
    /// By the wall clock.
    pub published_at: Timestamp,
    /// Who published it, as in the audit log.
    pub published_by: String,
}

impl TemplateVersion {
    /// The template as a policy is shown: in force since it was published.
    #[must_use]
    pub fn view(&self) -> PolicyView {
        let version = PolicyVersion {
            version: self.version,
            policy_id: self.template_id,
            policy: self.policy.clone(),
            effective_at: self.published_at,
            published_at: self.published_at,
            published_by: Some(self.published_by.clone()),
            comment: None,
            acknowledged: self.acknowledged.clone(),
            canceled_at: None,
        };
        PolicyView { version, status: PolicyStatus::Active }
    }

    /// LOCKED_BY_PARTNER for every locked field that `next` may not have as it has it; `before` is what
    /// it would replace.
    #[must_use]
    pub fn refuse_breaches(&self, next: &Policy, before: Option<&Policy>) -> Refusals {
        let breaches = self.locked.breaches(next, &self.policy, before);
        breaches.into_iter().map(|field| locked(field.path())).collect()
    }
}

fn locked(path: &str) -> Refusal {
    let message = format!("The partner's template locks {path}: leave it as the template has it.");
    Refusal::new(RefusalCode::LockedByPartner, message).at(&format!("policy.{path}"))
}
