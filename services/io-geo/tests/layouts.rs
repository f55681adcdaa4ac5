//! Every way in which files say the same, and what they say wrong.

mod common;

use common::{Folder, city_of, database, locate, now, open};
use io_geo::mmdb::{Value, Writer};
use io_geo::{Anonymizer, AtlasOptions, Located};
use proptest::prelude::*;

const ADDRESS: &str = "192.0.2.1";

/// What an atlas of one file of places says of a record.
fn place_of(record: Value) -> Located {
    locate(&Folder::new().city(&database([("192.0.2.0/24", record)])), ADDRESS)
}

fn network_of(record: Value) -> Located {
    locate(&Folder::new().asn(&database([("192.0.2.0/24", record)])), ADDRESS)
}

fn anonymizer_of(record: Value) -> Option<Anonymizer> {
    let file = database([("192.0.2.0/24", record)]).finish();
    locate(&Folder::new().anonymizer("anonymizer.mmdb", &file), ADDRESS).anonymizer
}

fn names(english: &str) -> Value {
    Value::map([("names", Value::map([("de", "Anderswo".into()), ("en", english.into())]))])
}

fn minneapolis() -> Located {
    Located {
        country: Some("US".into()),
        city: Some("Minneapolis".into()),
        position: Some((44.9778, -93.265)),
        accuracy_km: Some(20.0),
        ..Located::default()
    }
}

#[test]
fn maxminds_nested_records() {
    let record = Value::map([
        ("city", names("Minneapolis")),
        ("continent", Value::map([("code", "NA".into()), ("names", names("North America"))])),
        ("country", Value::map([("iso_code", "US".into()), ("names", names("United States"))])),
        (
            "location",
            Value::map([
                ("accuracy_radius", Value::U16(20)),
                ("latitude", Value::Double(44.9778)),
                ("longitude", Value::Double(-93.265)),
                ("time_zone", "America/Chicago".into()),
            ]),
        ),
        ("registered_country", Value::map([("iso_code", "CA".into())])),
        ("subdivisions", Value::List(vec![Value::map([("iso_code", "MN".into())])])),
    ]);
    assert_eq!(place_of(record), minneapolis());
}

#[test]
fn the_country_of_registration_stands_in() {
    let record = Value::map([
        ("continent", Value::map([("code", "EU".into())])),
        ("registered_country", Value::map([("iso_code", "DE".into())])),
    ]);
    assert_eq!(place_of(record).country.as_deref(), Some("DE"));
}

#[test]
fn flat_records() {
    let record = Value::map([
        ("city", "Minneapolis".into()),
        ("country_code", "US".into()),
        ("latitude", Value::Double(44.9778)),
        ("longitude", Value::Double(-93.265)),
        ("accuracy_radius", Value::U32(20)),
    ]);
    assert_eq!(place_of(record), minneapolis());
}

#[test]
fn numbers_as_text_and_the_countrys_name_beside_its_code() {
    let record = Value::map([
        ("city", "Minneapolis".into()),
        ("country", "United States".into()),
        ("country_code", "us".into()),
        ("lat", "44.9778".into()),
        ("lng", "-93.265".into()),
        ("radius", "20".into()),
    ]);
    assert_eq!(place_of(record), minneapolis());
    let code_alone = Value::map([("country", "US".into()), ("latitude", Value::Float(1.5)), ("lon", Value::U16(2))]);
    let located = place_of(code_alone);
    assert_eq!((located.country.as_deref(), located.position), (Some("US"), Some((1.5, 2.0))));
}

#[test]
fn parts_may_be_missing() {
    let country = place_of(Value::map([("country_code", "US".into())]));
    assert_eq!(country, Located { country: Some("US".into()), ..Located::default() });
    let no_radius = place_of(Value::map([("latitude", Value::Double(1.0)), ("longitude", Value::Double(2.0))]));
    assert_eq!((no_radius.position, no_radius.accuracy_km), (Some((1.0, 2.0)), None));
    let half = place_of(Value::map([("latitude", Value::Double(1.0)), ("accuracy_radius", Value::U16(5))]));
    assert_eq!(half, Located::default());
    assert_eq!(place_of(Value::Map(Vec::new())), Located::default());
}

#[test]
fn values_of_a_wrong_type_are_passed_over() {
    let record = Value::map([
        ("city", Value::List(vec!["Minneapolis".into()])),
        ("country", Value::map([("iso_code", Value::U16(7))])),
        ("country_code", Value::Flag(true)),
        ("location", "44.9778,-93.265".into()),
        ("latitude", "north".into()),
        ("longitude", Value::map([("west", Value::U16(93))])),
        ("asn", Value::Double(64_500.5)),
    ]);
    assert_eq!(place_of(record), Located::default());
    let around = Value::map([("country", Value::U16(7)), ("country_code", "US".into()), ("city", Value::U16(7))]);
    assert_eq!(place_of(around).country.as_deref(), Some("US"));
}

#[test]
fn positions_off_the_globe_are_none() {
    for (latitude, longitude) in
        [(90.1, 0.0), (-91.0, 0.0), (0.0, 180.5), (f64::NAN, 1.0), (1.0, f64::INFINITY), (0.0, 0.0)]
    {
        let record = Value::map([("latitude", Value::Double(latitude)), ("longitude", Value::Double(longitude))]);
        assert_eq!(place_of(record).position, None, "{latitude} {longitude}");
    }
    let pole = Value::map([("latitude", Value::Double(-90.0)), ("longitude", Value::Double(0.0))]);
    assert_eq!(place_of(pole).position, Some((-90.0, 0.0)));
}

#[test]
fn names_of_networks() {
    let organization = |name: &'static str| Some(name.to_owned());
    for (record, expected) in [
        (
            Value::map([
                ("autonomous_system_number", Value::U32(64_500)),
                ("autonomous_system_organization", "Net".into()),
            ]),
            organization("Net"),
        ),
        (
            Value::map([("asn", "AS64500".into()), ("as_name", "Net".into()), ("country_code", "".into())]),
            organization("Net"),
        ),
        (
            Value::map([("asn", Value::U32(64_500)), ("name", "NET-AS".into()), ("org", "Net".into())]),
            organization("Net"),
        ),
        (Value::map([("as_number", "64500".into()), ("name", "Net".into())]), organization("Net")),
        (Value::map([("as_number", Value::U64(64_500))]), None),
        (Value::map([("traits", Value::map([("autonomous_system_number", Value::U32(64_500))]))]), None),
    ] {
        let located = network_of(record.clone());
        assert_eq!((located.network, located.organization), (Some(64_500), expected), "{record:?}");
    }
    for nothing in [Value::map([("asn", "none".into()), ("name", "x".into())]), Value::map([("asn", Value::U32(0))])] {
        let located = network_of(nothing.clone());
        assert_eq!((located.network, located.organization), (None, None), "{nothing:?}");
    }
}

#[test]
fn flags_of_anonymizers_in_their_order() {
    let flags = |names: &[&str]| Value::Map(names.iter().map(|name| ((*name).to_owned(), Value::Flag(true))).collect());
    for (names, expected) in [
        (&["is_anonymous", "is_hosting_provider", "is_tor_exit_node"][..], Anonymizer::TorExit),
        (&["is_anonymous", "is_public_proxy", "is_anonymous_vpn"], Anonymizer::AnonymousVpn),
        (&["is_hosting_provider", "is_public_proxy"], Anonymizer::PublicProxy),
        (&["is_anonymous", "is_hosting_provider"], Anonymizer::HostingProvider),
        (&["is_anonymous", "is_residential_proxy"], Anonymizer::Listed),
        (&["is_anonymous"], Anonymizer::Listed),
        (&["vpn", "hosting"], Anonymizer::AnonymousVpn),
    ] {
        assert_eq!(anonymizer_of(flags(names)), Some(expected), "{names:?}");
    }
    assert_eq!(anonymizer_of(Value::map([("tor", "true".into())])), Some(Anonymizer::TorExit));
    for nothing in [
        Value::map([("is_anonymous", Value::Flag(false)), ("is_tor_exit_node", Value::Flag(false))]),
        Value::map([("tor", "".into())]),
        Value::map([("is_tor_exit_node", Value::map([]))]),
    ] {
        assert_eq!(anonymizer_of(nothing.clone()), None, "{nothing:?}");
    }
}

#[test]
fn files_of_ipv4_and_of_ipv6() {
    let folder = Folder::new();
    let mut v4 = Writer::of_ipv4("V4", now());
    v4.insert("192.0.2.0/24".parse().unwrap(), &Value::map([("city", "Four".into())]));
    let v6 = database([("2001:db8:1::/48", Value::map([("city", "Six".into())]))]);
    let city = vec![folder.put("4.mmdb", &v4.finish()), folder.put("6.mmdb", &v6.finish())];
    for city in [city.clone(), city.into_iter().rev().collect()] {
        let atlas = open(AtlasOptions { city, ..folder.options() });
        assert_eq!(city_of(&atlas, "192.0.2.255").as_deref(), Some("Four"));
        assert_eq!(city_of(&atlas, "::ffff:192.0.2.1").as_deref(), Some("Four"));
        assert_eq!(city_of(&atlas, "2001:db8:1:ffff::1").as_deref(), Some("Six"));
        assert_eq!(city_of(&atlas, "2001:db8:2::1"), None);
        assert_eq!(city_of(&atlas, "192.0.3.0"), None);
    }
}

#[test]
fn the_first_file_that_knows_the_address_answers() {
    let folder = Folder::new();
    let first =
        database([("192.0.2.0/24", Value::map([("city", "First".into())])), ("198.51.100.0/24", Value::map([]))]);
    let second = database([
        ("192.0.2.0/24", Value::map([("city", "Second".into()), ("country_code", "US".into())])),
        ("198.51.100.0/24", Value::map([("city", "Second".into())])),
    ]);
    let city = vec![folder.put("1.mmdb", &first.finish()), folder.put("2.mmdb", &second.finish())];
    let atlas = open(AtlasOptions { city, ..folder.options() });
    assert_eq!(locate(&atlas, ADDRESS), Located { city: Some("First".into()), ..Located::default() });
    assert_eq!(city_of(&atlas, "198.51.100.1").as_deref(), Some("Second"));
}

#[test]
fn one_file_may_say_both() {
    let both = || {
        let record = Value::map([("asn", "AS64500".into()), ("as_name", "Net".into()), ("country_code", "US".into())]);
        database([("192.0.2.0/24", record)])
    };
    let expected = Located {
        country: Some("US".into()),
        network: Some(64_500),
        organization: Some("Net".into()),
        ..Located::default()
    };
    assert_eq!(locate(&Folder::new().city(&both()), ADDRESS), expected);
    assert_eq!(locate(&Folder::new().asn(&both()), ADDRESS), expected);
}

#[test]
fn a_narrower_network_goes_before_a_wider() {
    let atlas = Folder::new().city(&database([
        ("192.0.2.0/24", Value::map([("city", "Wide".into())])),
        ("192.0.2.128/25", Value::map([("city", "Narrow".into())])),
        ("192.0.2.77/32", Value::map([("city", "One".into())])),
    ]));
    for (address, city) in
        [("192.0.2.76", "Wide"), ("192.0.2.77", "One"), ("192.0.2.78", "Wide"), ("192.0.2.200", "Narrow")]
    {
        assert_eq!(city_of(&atlas, address).as_deref(), Some(city), "{address}");
    }
}

#[test]
fn local_addresses_are_never_looked_up() {
    let everywhere = || Value::map([("city", "Everywhere".into()), ("asn", Value::U32(64_500))]);
    let file = database([("0.0.0.0/1", everywhere()), ("128.0.0.0/1", everywhere()), ("8000::/1", everywhere())]);
    let folder = Folder::new();
    let options = AtlasOptions {
        city: vec![folder.put("city.mmdb", &file.finish())],
        anonymizer: vec![folder.put("list.txt", b"0.0.0.0/0\n::/1\n8000::/1\n")],
        ..folder.options()
    };
    let atlas = open(options);
    for local in
        ["10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.0.1", "0.0.0.0", "224.0.0.1", "fd00::1", "fe80::1", "::1"]
    {
        assert_eq!(locate(&atlas, local), Located::default(), "{local}");
    }
    assert_eq!(city_of(&atlas, "8.8.8.8").as_deref(), Some("Everywhere"));
    assert_eq!(locate(&atlas, "8.8.8.8").anonymizer, Some(Anonymizer::Listed));
}

#[test]
fn lists_name_networks_by_address_and_by_number() {
    let folder = Folder::new();
    let networks = database([("198.51.100.0/24", Value::map([("asn", Value::U32(64_497))]))]);
    let options = AtlasOptions {
        asn: vec![folder.put("asn.mmdb", &networks.finish())],
        anonymizer: vec![folder.put("list.txt", b"203.0.113.128/25\nnonsense\nAS64497\n")],
        ..folder.options()
    };
    let atlas = open(options);
    for (address, listed) in
        [("203.0.113.127", false), ("203.0.113.128", true), ("198.51.100.9", true), ("192.0.2.1", false)]
    {
        assert_eq!(locate(&atlas, address).anonymizer.is_some(), listed, "{address}");
    }
    let status = &atlas.status()[1];
    assert_eq!(status.loaded().unwrap().bad_lines, [2]);
    assert!(
        status.concerns(now())[0].contains("left out, as neither network nor address nor AS and a number: line 2"),
        "{:?}",
        status.concerns(now())
    );
}

#[test]
fn several_files_of_anonymizers_add_up() {
    let folder = Folder::new();
    let flags = database([
        ("203.0.113.0/24", Value::map([("is_tor_exit_node", Value::Flag(true))])),
        ("198.51.100.0/24", Value::map([("is_tor_exit_node", Value::Flag(false))])),
    ]);
    let anonymizer =
        vec![folder.put("a.MMDB", &flags.finish()), folder.put("b.list", b"203.0.113.0/24\n198.51.100.0/24\n")];
    let atlas = open(AtlasOptions { anonymizer, ..folder.options() });
    assert_eq!(locate(&atlas, "203.0.113.1").anonymizer, Some(Anonymizer::TorExit));
    assert_eq!(locate(&atlas, "198.51.100.1").anonymizer, Some(Anonymizer::Listed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// A file in which anything is wrong is refused, or answers something; it never ends the process.
    #[test]
    fn no_damage_panics(at in any::<proptest::sample::Index>(), byte: u8, cut in any::<proptest::sample::Index>()) {
        let record = Value::map([("city", names("Minneapolis")), ("latitude", Value::Double(1.0)), ("asn", Value::U32(1))]);
        let mut damaged = database([("192.0.2.0/24", record.clone()), ("2001:db8::/32", record)]).finish();
        let place = at.index(damaged.len());
        damaged[place] = byte;
        if byte % 4 == 0 {
            damaged.truncate(cut.index(damaged.len()));
        }
        let folder = Folder::new();
        let file = folder.put("any.mmdb", &damaged);
        let atlas = open(AtlasOptions { city: vec![file.clone()], anonymizer: vec![file], ..AtlasOptions::default() });
        for address in ["192.0.2.1", "2001:db8::1", "8.8.8.8", "2600::1"] {
            let _any = locate(&atlas, address);
        }
    }

    #[test]
    fn garbage_is_refused(content in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let folder = Folder::new();
        let atlas = open(AtlasOptions { city: vec![folder.put("any.mmdb", &content)], ..AtlasOptions::default() });
        prop_assert!(atlas.status()[0].loaded().is_none());
        prop_assert_eq!(locate(&atlas, ADDRESS), Located::default());
    }
}
