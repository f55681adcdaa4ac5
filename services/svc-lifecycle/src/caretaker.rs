//! The handle.

use svc_platform::Platform;

use crate::Retention;

/// Sees to it that nothing is kept longer than it may. Cheap to clone; several processes may each have
/// one and work at the same time.
#[derive(Clone)]
pub struct Caretaker {
    pub(crate) platform: Platform,
    pub(crate) retention: Retention,
    /// Of more tenants than that each has its turn once a day.
    pub(crate) many: usize,
}

/// It takes PostgreSQL a few milliseconds to look after a tenant of which nothing is over: half a minute for so many.
const MANY: usize = 10_000;

impl Caretaker {
    /// A caretaker by these terms.
    #[must_use]
    pub fn new(platform: Platform, retention: Retention) -> Self {
        Self { platform, retention, many: MANY }
    }

    /// The same, to whom more tenants than these are many.
    #[must_use]
    pub fn with_turns_beyond(self, tenants: usize) -> Self {
        Self { many: tenants, ..self }
    }
}
