//! Which tenants differ from the template, and in which fields.
//!
//! Nothing of it is kept: a scheduled version drifts when its date comes, without anybody writing
//! anything. All of a partner's tenants are read in one query (about 0.1 ms each), those whose policy is
//! the template itself are left out there, and the rest is compared here, by the code that locks.

use core_access::PartnerPermit;
use core_kernel::{Fault, Page, PageRequest, TenantId};
use core_policy::{POLICY_FIELDS, PolicyField};
use io_postgres::PartnerTx;

use super::TemplateVersion;
use super::store::{self, Standing};
use crate::Policies;

/// A tenant whose locked fields are not as the template has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantDrift {
    /// The tenant.
    pub tenant: TenantId,
    /// By it they are listed.
    pub slug: String,
    /// In what it differs now, or will when a scheduled version takes effect: paths into `PolicyInput`.
    pub fields: Vec<&'static str>,
}

impl Policies {
    /// The partner's tenants that differ from this version of its template, by slug, and how many
    /// there are.
    ///
    /// # Errors
    /// When the database fails or a policy cannot be read.
    pub async fn template_drift(
        &self,
        permit: &PartnerPermit,
        template: &TemplateVersion,
        page: &PageRequest,
    ) -> Result<(Page<TenantDrift>, i64), Fault> {
        let standings = match template.locked.is_empty() {
            true => Vec::new(),
            false => {
                let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
                store::list_standings(&mut tx, &template.policy).await?
            }
        };
        let drifts = drifts(template, &standings);
        let total = i64::try_from(drifts.len()).unwrap_or(i64::MAX);
        let after = page.after.as_deref();
        let rest = drifts.into_iter().filter(|drift| after.is_none_or(|after| drift.slug.as_str() > after));
        let rows = rest.take(usize::try_from(page.limit()).unwrap_or(0)).collect();
        Ok((Page::cut(page, rows, |drift: &TenantDrift| drift.slug.clone()), total))
    }
}

/// What lies side by side is one tenant's.
fn drifts(template: &TemplateVersion, standings: &[Standing]) -> Vec<TenantDrift> {
    let of_tenant = standings.chunk_by(|one, next| one.tenant == next.tenant);
    of_tenant.filter_map(|versions| drift(template, versions)).collect()
}

fn drift(template: &TemplateVersion, versions: &[Standing]) -> Option<TenantDrift> {
    let first = versions.first()?;
    let differ = |field: &&PolicyField| {
        let differs = |one: &Standing| field.differs(&one.policy, &template.policy);
        template.locked.contains(**field) && versions.iter().any(differs)
    };
    let fields: Vec<_> = POLICY_FIELDS.iter().filter(differ).map(|field| field.path()).collect();
    (!fields.is_empty()).then(|| TenantDrift { tenant: first.tenant, slug: first.slug.clone(), fields })
}
