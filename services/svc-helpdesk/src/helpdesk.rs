//! The handle.

use svc_platform::Platform;
use svc_policy::Policies;

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
}
