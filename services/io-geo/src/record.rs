//! Reading a record of a database. The tables below are all that is known of who calls what how; to
//! take a further maker's files, add its names there.
//!
//! | layout | as in |
//! |---|---|
//! | nested: `country.iso_code`, `city.names.en`, `location.latitude` | MaxMind GeoIP2 and GeoLite2, DB-IP |
//! | flat: `country_code`, `city`, `latitude` | files made from CSV, IPLocate |
//! | flat: `country_code` beside the country's name in `country`, `lat`, `lng`, `asn` as text | IPinfo |
//!
//! A value of another type than its name promises is passed over, as if it were not there.

use maxminddb::LookupResult;
use maxminddb::PathElement::{self, Key};

use crate::located::{Anonymizer, Network, Place};
use crate::private_copy::Bytes;
use crate::scalar::Scalar;

/// Where a value may stand; the first that can be read holds.
type Paths = &'static [&'static [PathElement<'static>]];

const COUNTRY: Paths = &[
    &[Key("country"), Key("iso_code")],
    &[Key("registered_country"), Key("iso_code")],
    &[Key("country_code")],
    &[Key("country")],
];
const CITY: Paths = &[&[Key("city"), Key("names"), Key("en")], &[Key("city")]];
const LATITUDE: Paths = &[&[Key("location"), Key("latitude")], &[Key("latitude")], &[Key("lat")]];
const LONGITUDE: Paths = &[&[Key("location"), Key("longitude")], &[Key("longitude")], &[Key("lng")], &[Key("lon")]];
const ACCURACY_KM: Paths = &[&[Key("location"), Key("accuracy_radius")], &[Key("accuracy_radius")], &[Key("radius")]];
const NETWORK: Paths = &[
    &[Key("autonomous_system_number")],
    &[Key("asn")],
    &[Key("as_number")],
    &[Key("traits"), Key("autonomous_system_number")],
];
const ORGANIZATION: Paths = &[
    &[Key("autonomous_system_organization")],
    &[Key("as_organization")],
    &[Key("as_name")],
    &[Key("org")],
    &[Key("name")],
    &[Key("traits"), Key("autonomous_system_organization")],
];
/// Flags, in the order in which they hold.
const ANONYMIZERS: &[(&str, Anonymizer)] = &[
    ("is_tor_exit_node", Anonymizer::TorExit),
    ("tor", Anonymizer::TorExit),
    ("is_anonymous_vpn", Anonymizer::AnonymousVpn),
    ("vpn", Anonymizer::AnonymousVpn),
    ("is_public_proxy", Anonymizer::PublicProxy),
    ("proxy", Anonymizer::PublicProxy),
    ("is_hosting_provider", Anonymizer::HostingProvider),
    ("hosting", Anonymizer::HostingProvider),
    ("is_residential_proxy", Anonymizer::Listed),
    ("is_anonymous", Anonymizer::Listed),
];

/// What a database holds for an address.
pub(crate) struct Record<'d>(LookupResult<'d, Bytes>);

impl<'d> Record<'d> {
    pub(crate) fn new(found: LookupResult<'d, Bytes>) -> Self {
        Self(found)
    }

    pub(crate) fn place(&self) -> Place {
        let position = self.position();
        let accuracy = self.first(ACCURACY_KM, Scalar::number).filter(|km| *km > 0.0 && position.is_some());
        Place {
            country: self.first(COUNTRY, Scalar::country),
            city: self.first(CITY, Scalar::name),
            position,
            accuracy_km: accuracy,
        }
    }

    /// A position on the globe. Exactly 0, 0 is how some write "unknown": nobody lives there, and a
    /// journey from there would be an impossible one.
    fn position(&self) -> Option<(f64, f64)> {
        let latitude = self.first(LATITUDE, Scalar::number).filter(|degrees| degrees.abs() <= 90.0)?;
        let longitude = self.first(LONGITUDE, Scalar::number).filter(|degrees| degrees.abs() <= 180.0)?;
        (latitude != 0.0 || longitude != 0.0).then_some((latitude, longitude))
    }

    pub(crate) fn network(&self) -> Option<Network> {
        let number = self.first(NETWORK, Scalar::network)?;
        // Only now: where no network is named, `name` and `org` may be anything's.
        Some(Network { number, organization: self.first(ORGANIZATION, Scalar::name) })
    }

    pub(crate) fn anonymizer(&self) -> Option<Anonymizer> {
        let set = |name| self.at(&[Key(name)]).is_some_and(Scalar::is_set);
        ANONYMIZERS.iter().find(|(name, _)| set(name)).map(|(_, anonymizer)| *anonymizer)
    }

    fn first<T>(&self, paths: Paths, read: fn(Scalar<'d>) -> Option<T>) -> Option<T> {
        paths.iter().find_map(|path| self.at(path).and_then(read))
    }

    fn at(&self, path: &[PathElement<'_>]) -> Option<Scalar<'d>> {
        // An error is a name that leads through a value that is no map: another layout.
        self.0.decode_path(path).ok().flatten()
    }
}
