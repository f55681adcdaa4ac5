//! The handle.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{PLATFORM_TENANT, TenantId, TypedId as _};
use io_outbound::{Outbound, OutboundOptions, Rules};
use io_postgres::{DbError, TenantTx};
use svc_admins::Admins;
use svc_platform::Platform;

use crate::known::KnownIssuers;

/// A person waits, and a sign-in may take three requests.
const TIME_LIMIT: Duration = Duration::from_secs(3);
/// Large providers publish many keys, with their certificates.
const MAX_ANSWER_BYTES: usize = 256 << 10;

/// Commands and queries of tenants' identity providers; cheap to clone.
#[derive(Clone)]
pub struct SingleSignOn {
    pub(crate) platform: Platform,
    pub(crate) admins: Admins,
    pub(crate) outbound: Outbound,
    pub(crate) known: Arc<KnownIssuers>,
}

impl SingleSignOn {
    /// Makes the handle; `rules` say which addresses may be called.
    #[must_use]
    pub fn new(platform: Platform, admins: Admins, rules: Rules) -> Self {
        let options = OutboundOptions {
            user_agent: "Postern-Sign-In",
            time_limit: TIME_LIMIT,
            max_answer_bytes: MAX_ANSWER_BYTES,
            ..OutboundOptions::new(rules)
        };
        Self::over(platform, admins, Outbound::new(options))
    }

    /// The same with a way out of the caller's.
    #[must_use]
    pub fn over(platform: Platform, admins: Admins, outbound: Outbound) -> Self {
        Self { platform, admins, outbound, known: Arc::default() }
    }

    /// Where a tenant's provider sends people back to. Built from configuration alone; one of its own for each
    /// tenant, so that what one provider answers is never taken for another's.
    #[must_use]
    pub fn redirect_uri(&self, tenant: TenantId) -> String {
        format!("{}/sign-in/company/{}", self.platform.public_url, tenant.to_text())
    }

    pub(crate) async fn tx(&self, tenant: TenantId) -> Result<TenantTx, DbError> {
        TenantTx::begin(&self.platform.database, tenant).await
    }

    /// For what is asked before the tenant is known.
    pub(crate) async fn platform_tx(&self) -> Result<TenantTx, DbError> {
        self.tx(PLATFORM_TENANT).await
    }
}
