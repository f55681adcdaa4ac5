//! What a consumed link asks of the login path. The help desk does not depend on it: whoever wires
//! the two hands in a function.

use std::net::IpAddr;

use core_kernel::{TenantId, UserId};

/// A login to begin with ONE_TIME_LINK as its first factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkLogin {
    /// The link's tenant.
    pub tenant: TenantId,
    /// The link's user.
    pub user: UserId,
    /// From where the button was pressed.
    pub ip: IpAddr,
    /// By which browser.
    pub user_agent: Option<String>,
}
