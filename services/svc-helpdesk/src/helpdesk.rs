//! The handle.

use core_kernel::TenantId;
use io_postgres::{Thing, Touch};
use svc_platform::Platform;
use svc_policy::Policies;

use crate::model::TemporaryAccessRequest;

/// Commands and queries of the help desk; cheap to clone.
#[derive(Clone)]
pub struct HelpDesk {
    pub(crate) platform: Platform,
    pub(crate) policies: Policies,
}

impl HelpDesk {
    /// Makes the handle.
    #[must_use]
    pub fn new(platform: Platform, policies: Policies) -> Self {
        Self { platform, policies }
    }

    /// Wakes a worker in this process, after a commit that queued messages.
    pub(crate) fn messages_were_queued(&self) {
        self.platform.messages_queued.notify_one();
    }

    /// Wakes whoever watches this request, or waits for requests, after a commit.
    pub(crate) fn touch(&self, tenant: TenantId, request: &TemporaryAccessRequest) {
        self.platform.watch.touch(Touch::new(Thing::TemporaryAccess, tenant, request.request_id));
    }
}
