//! The handle.

use io_outbound::Rules;
use svc_platform::Platform;

/// Commands and queries of webhooks; cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    pub(crate) platform: Platform,
    pub(crate) rules: Rules,
}

impl Webhooks {
    /// Makes the handle; `rules` say which URLs may be called.
    #[must_use]
    pub fn new(platform: Platform, rules: Rules) -> Self {
        Self { platform, rules }
    }
}
