//! What is remembered of a user.

use std::net::IpAddr;

use core_kernel::Timestamp;

use crate::{Position, Seen};

/// What earlier logins left behind. Only completed ones do, and wrong codes; else whoever knows a
/// password could train the history by trying. The default is that of a user who never logged in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// When a login was completed last.
    pub last_completed_at: Option<Timestamp>,
    /// Where the user was last, as far as that was known.
    pub last_position: Option<LastPosition>,
    /// Countries, networks, devices and addresses.
    pub seen: Seen,
    /// Completed logins by the hour of the tenant's day.
    pub hours: [u16; 24],
    /// When wrong codes were given; at least those of the last hour, in any order.
    pub wrong_codes: Vec<Timestamp>,
    /// Factors added or changed; at least those of the last 72 hours, in any order.
    pub factor_changes: Vec<FactorChange>,
}

/// A completed login of which the position was known.
#[derive(Debug, Clone, PartialEq)]
pub struct LastPosition {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub position: Position,
    /// Its city or country for a person, if known.
    pub place: Option<String>,
}

/// A factor that was added or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorChange {
    /// When.
    pub at: Timestamp,
    /// From where; `None`: not within a login of the user, as by the help desk.
    pub address: Option<IpAddr>,
}

impl History {
    /// The last position, if there is such a place.
    pub(crate) fn last_place(&self) -> Option<&LastPosition> {
        self.last_position.as_ref().filter(|last| last.position.is_on_earth())
    }
}
