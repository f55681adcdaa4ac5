//! The handle.

use svc_directory::Directory;
use svc_platform::Platform;
use svc_policy::Policies;

/// Commands and queries of the rollout; cheap to clone.
#[derive(Clone)]
pub struct Rollout {
    pub(crate) platform: Platform,
    pub(crate) policies: Policies,
    pub(crate) directory: Directory,
}

impl Rollout {
    /// Makes the handle.
    #[must_use]
    pub fn new(platform: Platform, policies: Policies, directory: Directory) -> Self {
        Self { platform, policies, directory }
    }
}
