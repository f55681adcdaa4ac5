//! The handle.

use svc_platform::Platform;

use crate::Retention;

/// Sees to it that nothing is kept longer than it may. Cheap to clone; several processes may each have
/// one and work at the same time.
#[derive(Clone)]
pub struct Caretaker {
    pub(crate) platform: Platform,
    pub(crate) retention: Retention,
}

impl Caretaker {
    /// A caretaker by these terms.
    #[must_use]
    pub fn new(platform: Platform, retention: Retention) -> Self {
        Self { platform, retention }
    }
}
