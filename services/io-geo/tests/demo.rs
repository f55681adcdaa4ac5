//! The demo's databases, as they are written for `postern dev`.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::net::IpAddr;

use common::{locate, now, open};
use io_geo::{Anonymizer, Atlas, AtlasOptions, demo};

fn demo_atlas() -> (tempfile::TempDir, Atlas) {
    let folder = tempfile::tempdir().unwrap();
    let options: AtlasOptions = demo::write(&folder.path().join("places"), now()).unwrap();
    (folder, open(options))
}

#[test]
fn its_networks_are_where_the_stories_say() {
    let (_folder, atlas) = demo_atlas();
    for (address, city, country, network) in [
        ("192.0.2.10", "Minneapolis", "US", 64_496),
        ("198.51.100.10", "San Francisco", "US", 64_497),
        ("203.0.113.10", "London", "GB", 64_498),
        ("2001:db8:1::10", "Boston", "US", 64_499),
        ("2001:db8:2::10", "Sydney", "AU", 64_500),
    ] {
        let located = locate(&atlas, address);
        assert_eq!(
            (located.city.as_deref(), located.country.as_deref(), located.network, located.anonymizer),
            (Some(city), Some(country), Some(network), None),
            "{address}"
        );
        assert_eq!(located.accuracy_km, Some(20.0));
        assert_eq!(located.organization.unwrap(), format!("{city} demo network"));
    }
}

#[test]
fn the_upper_half_of_london_is_a_tor_exit() {
    let (_folder, atlas) = demo_atlas();
    for (address, anonymizer) in [
        ("203.0.113.127", None),
        ("203.0.113.128", Some(Anonymizer::TorExit)),
        ("203.0.113.255", Some(Anonymizer::TorExit)),
        ("203.0.114.0", None),
    ] {
        assert_eq!(locate(&atlas, address).anonymizer, anonymizer, "{address}");
    }
    assert_eq!(locate(&atlas, "203.0.113.200").city.as_deref(), Some("London"));
}

#[test]
fn the_table_and_the_files_agree_from_end_to_end() {
    let (_folder, atlas) = demo_atlas();
    for network in demo::NETWORKS {
        let range: ipnet::IpNet = network.network.parse().unwrap();
        for address in [range.network(), range.broadcast()] {
            let located = atlas.locate(address);
            assert_eq!(
                (located.position, located.network),
                (Some(network.position), Some(network.number)),
                "{address}"
            );
        }
    }
    for elsewhere in ["8.8.8.8", "192.0.3.0", "2001:db8:3::1", "2600::1"] {
        assert_eq!(atlas.locate(elsewhere.parse::<IpAddr>().unwrap()), io_geo::Located::default(), "{elsewhere}");
    }
}

#[test]
fn it_is_written_again_at_every_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = demo::write(folder.path(), now()).unwrap();
    let second = demo::write(folder.path(), now() + chrono::Duration::days(90)).unwrap();
    assert_eq!(first.city, second.city);
    let status = open(second).status().remove(0);
    assert_eq!(status.loaded().unwrap().built_at, Some(now() + chrono::Duration::days(90)));
}
