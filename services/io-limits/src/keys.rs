//! By what limits are counted.

use std::net::IpAddr;

use core_kernel::{ApiKeyId, TenantId, UserId};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The network that counts as one client: an IPv4 address, or an IPv6 /64, within which a client
/// picks its addresses freely (RFC 4291 §2.5.1, RFC 8981).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientNetwork(IpNet);

impl ClientNetwork {
    /// The network itself.
    #[must_use]
    pub const fn network(self) -> IpNet {
        self.0
    }
}

impl From<IpAddr> for ClientNetwork {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => Ipv4Net::from(address).into(),
            IpAddr::V6(address) => Ipv6Net::new_assert(address, 64).trunc().into(),
        })
    }
}

/// What a limiter stores: one type for all limits, since each limit has a store of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKey {
    /// Counted by API key.
    ApiKey(ApiKeyId),
    /// Counted by tenant.
    Tenant(TenantId),
    /// Counted by user, within the tenant.
    User(TenantId, UserId),
    /// Counted by the client's network.
    Client(ClientNetwork),
}

impl From<ApiKeyId> for LimitKey {
    fn from(key: ApiKeyId) -> Self {
        Self::ApiKey(key)
    }
}

impl From<TenantId> for LimitKey {
    fn from(tenant: TenantId) -> Self {
        Self::Tenant(tenant)
    }
}

impl From<(TenantId, UserId)> for LimitKey {
    fn from((tenant, user): (TenantId, UserId)) -> Self {
        Self::User(tenant, user)
    }
}

impl From<ClientNetwork> for LimitKey {
    fn from(network: ClientNetwork) -> Self {
        Self::Client(network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> ClientNetwork {
        address.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn an_ipv6_client_cannot_walk_out_of_its_limit_within_its_own_network() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("2001:db8:1:2::1").network().to_string(), "2001:db8:1:2::/64");
    }

    #[test]
    fn an_ipv4_client_is_its_address_however_it_is_written() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_ne!(network("::ffff:192.0.2.1"), network("::ffff:192.0.2.2"), "mapped addresses share no /64");
    }
}
