//! What is known of an address.

/// What is known of an address. Each part is there or not by itself; for a private address none is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Located {
    /// The country, as ISO 3166-1 alpha-2 in capitals.
    pub country: Option<String>,
    /// The city's name, in English.
    pub city: Option<String>,
    /// Latitude and longitude in degrees, north and east positive.
    pub position: Option<(f64, f64)>,
    /// How far, in kilometres, the address may be from the position. Few files say so.
    pub accuracy_km: Option<f64>,
    /// The number of the autonomous system that announces the address.
    pub network: Option<u32>,
    /// Who runs that network, as the file calls them.
    pub organization: Option<String>,
    /// What hides who is behind the address.
    pub anonymizer: Option<Anonymizer>,
}

/// What hides who is behind an address. Where a file says several, the first in this order holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anonymizer {
    /// A Tor exit.
    TorExit,
    /// A VPN that sells anonymity.
    AnonymousVpn,
    /// A proxy that anyone may use.
    PublicProxy,
    /// A data center: seldom where a person sits.
    HostingProvider,
    /// On the operator's list, or in a file that says no more than "anonymous".
    Listed,
}

/// Where an address is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Place {
    pub country: Option<String>,
    pub city: Option<String>,
    pub position: Option<(f64, f64)>,
    pub accuracy_km: Option<f64>,
}

impl Place {
    pub(crate) fn is_known(&self) -> bool {
        self.country.is_some() || self.city.is_some() || self.position.is_some()
    }
}

/// Which network an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Network {
    pub number: u32,
    pub organization: Option<String>,
}
