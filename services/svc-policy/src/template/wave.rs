//! Bringing many tenants to the template.

use chrono::TimeDelta;
use core_access::PartnerPermit;
use core_kernel::{Fault, Stop, TenantId};
use futures::StreamExt;

use crate::Policies;

/// How many tenants are brought to it at once: a wave must not take the connections of logins.
const AT_ONCE: usize = 4;
/// After this no further tenant is begun: the request that waits for the wave has 10 s.
const BUDGET: TimeDelta = TimeDelta::seconds(7);

/// What became of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alignment {
    /// It has a new version, or two where one is scheduled.
    Changed {
        /// The highest number given out.
        version: i32,
        /// What was changed, as paths into `PolicyInput`.
        fields: Vec<&'static str>,
    },
    /// Its locked fields were as the template has them.
    Unchanged,
    /// Nothing of it was changed; why, for a person.
    Failed(&'static str),
}

/// One tenant of a wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantAlignment {
    /// The tenant.
    pub tenant: TenantId,
    /// What became of it.
    pub alignment: Alignment,
}

/// What became of the tenants of a wave, in the order of their slugs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wave {
    /// One by one.
    pub tenants: Vec<TenantAlignment>,
}

impl Wave {
    /// How many have a new version.
    #[must_use]
    pub fn changed(&self) -> usize {
        let changed = |one: &&TenantAlignment| matches!(one.alignment, Alignment::Changed { .. });
        self.tenants.iter().filter(changed).count()
    }

    /// How many were not reached.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.tenants.iter().filter(|one| matches!(one.alignment, Alignment::Failed(_))).count()
    }
}

impl Policies {
    /// One tenant's failure stops no other: it is reported, and another wave goes on from it.
    pub(super) async fn align_all(&self, permit: &PartnerPermit, tenants: Vec<TenantId>) -> Wave {
        let end = self.platform.now() + BUDGET;
        let alignments = futures::stream::iter(tenants)
            .map(
                |tenant| async move { TenantAlignment { tenant, alignment: self.align_by(permit, tenant, end).await } },
            )
            .buffered(AT_ONCE);
        Wave { tenants: alignments.collect().await }
    }

    async fn align_by(&self, permit: &PartnerPermit, tenant: TenantId, end: core_kernel::Timestamp) -> Alignment {
        if self.platform.now() >= end {
            return Alignment::Failed("There was no time left for this tenant. Run it again to go on.");
        }
        let caller = permit.caller().in_tenant(tenant, None);
        match self.align(&caller).await {
            Ok(alignment) => alignment,
            Err(Stop::Fault(Fault::Unavailable)) => {
                Alignment::Failed("The tenant could not be reached at the moment. Run it again to go on.")
            }
            Err(stop) => {
                tracing::error!(error = %stop, tenant = %tenant, "a tenant could not be brought to its template");
                Alignment::Failed("Something went wrong on our side; nothing of this tenant was changed.")
            }
        }
    }
}
