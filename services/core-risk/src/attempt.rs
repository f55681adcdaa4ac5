//! The login to be assessed.

use core_kernel::Timestamp;

use crate::{DeviceFamily, Origin, SeenKey, day_of};

/// One login, as it comes.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// On the tenant's clock.
    pub now: Timestamp,
    /// The hour of `now` in the tenant's time zone, 0 to 23.
    pub hour: u8,
    /// Where it comes from.
    pub origin: Origin,
    /// On what.
    pub device: DeviceFamily,
    /// Whether it carries the valid token of a trusted device.
    pub known_device: bool,
}

impl Attempt {
    /// What a user's [`Seen`](crate::Seen) gains when this login is completed, as of today.
    #[must_use]
    pub fn seen_keys(&self) -> Vec<i64> {
        let day = day_of(self.now);
        self.keys().into_iter().flatten().map(|key| key.packed(day)).collect()
    }

    pub(crate) fn prefix_key(&self) -> SeenKey {
        SeenKey::prefix(self.origin.address)
    }

    fn keys(&self) -> [Option<SeenKey>; 4] {
        [
            self.origin.country.as_deref().and_then(SeenKey::country),
            self.origin.network.map(SeenKey::network),
            Some(SeenKey::device(&self.device)),
            Some(self.prefix_key()),
        ]
    }
}
