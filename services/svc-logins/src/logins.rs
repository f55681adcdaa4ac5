//! The handle of the service.

use std::sync::Arc;

use core_access::Permit;
use core_kernel::{Fault, TenantId, Timestamp};
use io_limits::Limits;
use svc_platform::Platform;
use svc_policy::{Policies, PolicyVersion};
use tokio::sync::Semaphore;

use crate::combiner::{Combiner, CombinerOptions};
use crate::methods::masked_destination;
use crate::steps::{load::Load, record::Record, start::Start, verify::Verify};
use crate::{ChallengeRecord, LoginView, RiskSources, assertion};

/// How many passwords or backup codes are hashed at once: each takes 19 MiB.
const HASHING: usize = 2;

/// The login path; cheap to clone.
#[derive(Clone)]
pub struct Logins {
    pub(crate) platform: Platform,
    pub(crate) policies: Policies,
    pub(crate) limits: Arc<Limits>,
    pub(crate) risk: RiskSources,
    pub(crate) load: Combiner<Load>,
    pub(crate) record: Combiner<Record>,
    pub(crate) start: Combiner<Start>,
    pub(crate) verify: Combiner<Verify>,
    pub(crate) hashing: Arc<Semaphore>,
}

impl Logins {
    /// Where an address is, as far as the operator's files know.
    #[must_use]
    pub fn located(&self, ip: std::net::IpAddr) -> io_geo::Located {
        self.risk.atlas.locate(ip)
    }

    /// Starts the workers that combine calls; on a tokio runtime.
    #[must_use]
    pub fn new(
        platform: Platform,
        policies: Policies,
        limits: Arc<Limits>,
        risk: RiskSources,
        options: CombinerOptions,
    ) -> Self {
        Self {
            load: Combiner::start(&platform, options),
            record: Combiner::start(&platform, options),
            start: Combiner::start(&platform, options),
            verify: Combiner::start(&platform, options),
            hashing: Arc::new(Semaphore::new(HASHING)),
            platform,
            policies,
            limits,
            risk,
        }
    }

    /// The policy in force, by the tenant's clock.
    pub(crate) async fn policy_at(&self, tenant: TenantId, now: Timestamp) -> Result<PolicyVersion, Fault> {
        let snapshot = self.policies.snapshot(tenant).await?;
        snapshot.require(now).cloned()
    }

    /// The assertion that a login is complete, for the payload of the call that completed it and for
    /// `login(id)` until five minutes after; none otherwise, and none to anybody but a key with LOGIN.
    ///
    /// # Errors
    /// When no key signs.
    pub fn assertion(&self, permit: &Permit, login: &LoginView) -> Result<Option<String>, Fault> {
        if !permit.caller().has_scope(core_access::ApiScope::Login) {
            return Ok(None);
        }
        assertion::sign(&self.platform, permit.tenant(), login)
    }

    /// The masked destination of a challenge's code; none where nothing is sent.
    ///
    /// # Errors
    /// When it does not unseal.
    pub async fn destination(&self, tenant: TenantId, challenge: &ChallengeRecord) -> Result<Option<String>, Fault> {
        let (Some(factor), Some(sealed)) = (challenge.factor_id, &challenge.sealed_destination) else {
            return Ok(None);
        };
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await?;
        masked_destination(&key, tenant, factor, sealed, challenge.channel).map(Some)
    }
}
