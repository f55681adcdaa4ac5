//! The handle.

use std::sync::Arc;

use io_stripe::Stripe;
use svc_platform::Platform;

/// Commands and queries of billing; cheap to clone.
#[derive(Clone)]
pub struct Billing {
    pub(crate) platform: Platform,
    pub(crate) stripe: Option<Arc<dyn Stripe>>,
}

impl Billing {
    /// Makes the handle, of an installation that collects nothing.
    #[must_use]
    pub const fn new(platform: Platform) -> Self {
        Self { platform, stripe: None }
    }

    /// With whom money is collected, if anybody.
    #[must_use]
    pub fn with_stripe(self, stripe: Option<Arc<dyn Stripe>>) -> Self {
        Self { stripe, ..self }
    }
}
