//! The demo's own databases: the networks that are reserved for documentation (RFC 5737, RFC 3849),
//! put into cities that a story can travel between, on the autonomous systems that are reserved for it
//! too (RFC 5398). They are made at each start of `postern dev`, so that they are never old.

use std::io;
use std::path::{Path, PathBuf};

use core_kernel::Timestamp;

use crate::atlas::AtlasOptions;
use crate::mmdb::{Value, Writer};

/// A network and where the demo says that it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DemoNetwork {
    /// The network.
    pub network: &'static str,
    /// Its city.
    pub city: &'static str,
    /// Its country.
    pub country: &'static str,
    /// Latitude and longitude.
    pub position: (f64, f64),
    /// Its autonomous system.
    pub number: u32,
}

/// All networks of the demo.
pub const NETWORKS: [DemoNetwork; 5] = [
    demo("192.0.2.0/24", "Minneapolis", "US", (44.9778, -93.2650), 64_496),
    demo("198.51.100.0/24", "San Francisco", "US", (37.7749, -122.4194), 64_497),
    demo("203.0.113.0/24", "London", "GB", (51.5074, -0.1278), 64_498),
    demo("2001:db8:1::/48", "Boston", "US", (42.3601, -71.0589), 64_499),
    demo("2001:db8:2::/48", "Sydney", "AU", (-33.8688, 151.2093), 64_500),
];

/// The demo's Tor exits, in London.
pub const TOR_EXITS: &str = "203.0.113.128/25";

/// How far from its position an address of the demo may be.
const ACCURACY_KM: u16 = 20;

const fn demo(
    network: &'static str,
    city: &'static str,
    country: &'static str,
    position: (f64, f64),
    number: u32,
) -> DemoNetwork {
    DemoNetwork { network, city, country, position, number }
}

/// Writes the three databases into a folder, which is made, and names them.
///
/// # Errors
/// When they cannot be written.
pub fn write(folder: &Path, built_at: Timestamp) -> io::Result<AtlasOptions> {
    std::fs::create_dir_all(folder)?;
    Ok(AtlasOptions {
        city: vec![write_file(folder, "city.mmdb", &city(built_at))?],
        asn: vec![write_file(folder, "asn.mmdb", &asn(built_at))?],
        anonymizer: vec![write_file(folder, "anonymizer.mmdb", &anonymizer(built_at))?],
        copy_folders: vec![folder.to_owned()],
    })
}

/// By renaming, as an operator should.
fn write_file(folder: &Path, name: &str, writer: &Writer) -> io::Result<PathBuf> {
    let path = folder.join(name);
    let draft = path.with_extension("tmp");
    std::fs::write(&draft, writer.finish())?;
    std::fs::rename(&draft, &path)?;
    Ok(path)
}

fn city(built_at: Timestamp) -> Writer {
    database("Postern-Demo-City", built_at, |demo| {
        Value::map([
            ("city", Value::map([("names", Value::map([("en", demo.city.into())]))])),
            ("country", Value::map([("iso_code", demo.country.into())])),
            (
                "location",
                Value::map([
                    ("accuracy_radius", Value::U16(ACCURACY_KM)),
                    ("latitude", Value::Double(demo.position.0)),
                    ("longitude", Value::Double(demo.position.1)),
                ]),
            ),
        ])
    })
}

fn asn(built_at: Timestamp) -> Writer {
    database("Postern-Demo-ASN", built_at, |demo| {
        Value::map([
            ("autonomous_system_number", Value::U32(demo.number)),
            ("autonomous_system_organization", format!("{} demo network", demo.city).as_str().into()),
        ])
    })
}

fn database(database_type: &str, built_at: Timestamp, record: impl Fn(&DemoNetwork) -> Value) -> Writer {
    let mut writer = Writer::new(database_type, built_at);
    for demo in &NETWORKS {
        insert(&mut writer, demo.network, &record(demo));
    }
    writer
}

fn anonymizer(built_at: Timestamp) -> Writer {
    let mut writer = Writer::new("Postern-Demo-Anonymizer", built_at);
    let record = Value::map([("is_anonymous", Value::Flag(true)), ("is_tor_exit_node", Value::Flag(true))]);
    insert(&mut writer, TOR_EXITS, &record);
    writer
}

fn insert(writer: &mut Writer, network: &str, record: &Value) {
    writer.insert(network.parse().expect("the table holds networks"), record);
}
