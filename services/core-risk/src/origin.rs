//! Where a login comes from.

use std::net::IpAddr;

use crate::Position;

/// A way of hiding where one comes from. Of several that apply, whoever looks an address up names the
/// first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anonymizer {
    /// An exit of the Tor network.
    TorExit,
    /// A VPN sold for hiding.
    AnonymousVpn,
    /// A proxy that anybody may use.
    PublicProxy,
    /// A hosting provider: where servers are, and few people.
    HostingProvider,
    /// On a list that does not say what it is.
    Listed,
}

/// What is known of where a login comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// As the database spells it.
    pub city: Option<String>,
    /// Where the database puts the address.
    pub position: Option<Position>,
    /// The autonomous system's number (RFC 6793).
    pub network: Option<u32>,
    /// How it hides, if it does.
    pub anonymizer: Option<Anonymizer>,
}

impl Origin {
    /// An address of which nothing else is known. An IPv4 address written as IPv6 becomes IPv4.
    #[must_use]
    pub fn unknown(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { address, country: None, city: None, position: None, network: None, anonymizer: None }
    }

    /// The position, if there is such a place.
    pub(crate) fn place(&self) -> Option<&Position> {
        self.position.as_ref().filter(|position| position.is_on_earth())
    }
}
