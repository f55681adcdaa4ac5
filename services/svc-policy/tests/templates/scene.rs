//! A partner with tenants, and what it does to them.

use core_access::PartnerPermit;
use core_kernel::{PageRequest, PartnerId, RefusalCode, TenantId, TypedId};
use core_policy::{Channel, PolicyDraft};
use svc_policy::{Policies, PublishPolicyInput, PublishTemplateInput, PublishedTemplate, TenantDrift};
use testkit::TestBed;

use crate::common::{draft, input, partner, partner_publisher, publisher, refusals, tenant_of};

pub struct Scene {
    pub bed: TestBed,
    pub policies: Policies,
    pub partner: PartnerId,
    pub permit: PartnerPermit,
    pub tenants: Vec<TenantId>,
}

pub async fn scene(tenants: usize) -> Scene {
    let bed = TestBed::new().await;
    let partner = partner(&bed).await;
    let mut made = Vec::new();
    for _ in 0..tenants {
        made.push(tenant_of(&bed, partner).await);
    }
    Scene {
        policies: Policies::new(bed.platform.clone()),
        permit: partner_publisher(partner),
        partner,
        tenants: made,
        bed,
    }
}

impl Scene {
    pub async fn publish(&self, input: PublishTemplateInput) -> PublishedTemplate {
        self.policies.publish_template(&self.permit, input).await.unwrap()
    }

    pub async fn refused(&self, input: PublishTemplateInput) -> Vec<(RefusalCode, String)> {
        refusals(self.policies.publish_template(&self.permit, input).await.unwrap_err())
    }

    pub async fn drift(&self) -> Vec<TenantDrift> {
        let template = self.policies.template(&self.permit).await.unwrap().unwrap();
        let page = PageRequest::new(100, None).unwrap();
        let (page, total) = self.policies.template_drift(&self.permit, &template, &page).await.unwrap();
        assert_eq!(usize::try_from(total).unwrap(), page.rows.len());
        page.rows.into_iter().map(|(_, drift)| drift).collect()
    }

    pub async fn policy_of(&self, tenant: TenantId) -> core_policy::Policy {
        let now = self.bed.now(tenant).await;
        self.policies.snapshot(tenant).await.unwrap().require(now).unwrap().policy.clone()
    }

    pub async fn tenant_refused(&self, tenant: TenantId, input: PublishPolicyInput) -> Vec<(RefusalCode, String)> {
        refusals(self.policies.publish(&publisher(tenant), input).await.unwrap_err())
    }
}

pub fn ids(tenants: &[TenantId]) -> Option<Vec<String>> {
    Some(tenants.iter().map(|tenant| tenant.to_text()).collect())
}

/// Codes of this many digits, locked, for all.
pub fn digits(digits: i32) -> PublishTemplateInput {
    PublishTemplateInput {
        draft: with_digits(digits),
        locked_fields: vec!["codes.digits".to_owned()],
        apply_to_tenants: true,
        ..PublishTemplateInput::default()
    }
}

pub fn with_digits(digits: i32) -> PolicyDraft {
    let mut draft = draft(&[Channel::Sms, Channel::Totp]);
    draft.codes.digits = Some(digits);
    draft
}

/// A tenant's own version with codes of this many digits.
pub fn own(expected_version: i32, digits: i32) -> PublishPolicyInput {
    PublishPolicyInput { draft: with_digits(digits), ..input(expected_version) }
}
