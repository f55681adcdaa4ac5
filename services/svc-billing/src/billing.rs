//! The handle.

use svc_platform::Platform;

/// Commands and queries of billing; cheap to clone.
#[derive(Clone)]
pub struct Billing {
    pub(crate) platform: Platform,
}

impl Billing {
    /// Makes the handle.
    #[must_use]
    pub const fn new(platform: Platform) -> Self {
        Self { platform }
    }
}
