//! Logins, histories and weights of every kind.

use core_kernel::Timestamp;
use core_risk::*;
use proptest::array::{uniform, uniform24};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::common::*;

/// Instants lie on few values, so that equal ones meet and edges are hit.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (-5_i64..=5).prop_map(|step| at(step * 30 * MINUTE)),
        (-100_i64..=2).prop_map(|days| at(days * DAY)),
        (-80_i64..=2).prop_map(|hours| at(hours * HOUR)),
    ]
}

pub fn address() -> impl Strategy<Value = std::net::IpAddr> {
    select(vec![
        HOME_ADDRESS,
        "192.0.2.11",
        AWAY_ADDRESS,
        "::ffff:192.0.2.10",
        "2001:db8:1:2::1",
        "2001:db8:1:2::2",
        "fd00::1",
    ])
    .prop_map(ip)
}

pub fn on_earth() -> impl Strategy<Value = Position> {
    (-90.0..=90.0, -180.0..=180.0, 0.0..300.0).prop_map(|(north, east, km)| Position::new(north, east, Some(km)))
}

/// Any bits, as well as places.
pub fn position() -> impl Strategy<Value = Position> {
    let garbage = any::<(f64, f64, f64)>().prop_map(|(north, east, km)| Position::new(north, east, Some(km)));
    prop_oneof![2 => Just(minneapolis()), 2 => Just(san_francisco()), 4 => on_earth(), 1 => garbage]
}

pub fn origin() -> impl Strategy<Value = Origin> {
    let anonymizer = select(vec![Anonymizer::TorExit, Anonymizer::Listed]);
    let country = select(vec!["US", "GB", "gb", "?", ""]).prop_map(str::to_owned);
    (
        address(),
        option::of(country),
        option::of(position()),
        option::of(64_496_u32..64_499),
        option::weighted(0.2, anonymizer),
    )
        .prop_map(|(address, country, position, network, anonymizer)| Origin {
            address,
            country,
            city: None,
            position,
            network,
            anonymizer,
        })
}

pub fn any_attempt() -> impl Strategy<Value = Attempt> {
    let device = option::of(select(vec![WINDOWS_CHROME, "curl/8.5.0"])).prop_map(DeviceFamily::of);
    (0..=25_u8, origin(), device, any::<bool>()).prop_map(|(hour, origin, device, known_device)| Attempt {
        now: at(0),
        hour,
        origin,
        device,
        known_device,
    })
}

pub fn any_seen() -> impl Strategy<Value = Vec<i64>> {
    let before =
        (any_attempt(), -100_i64..3).prop_map(|(attempt, days)| Attempt { now: at(days * DAY), ..attempt }.seen_keys());
    (vec(before, 0..4), vec(any::<i64>(), 0..3)).prop_map(|(keys, garbage)| [keys.concat(), garbage].concat())
}

pub fn any_last() -> impl Strategy<Value = LastPosition> {
    (instant(), position()).prop_map(|(at, position)| LastPosition { at, position, place: None })
}

pub fn any_change() -> impl Strategy<Value = FactorChange> {
    (instant(), option::of(address())).prop_map(|(at, address)| FactorChange { at, address })
}

pub fn any_history() -> impl Strategy<Value = History> {
    let hours = uniform24(prop_oneof![Just(0_u16), 0..4_u16, 0..200_u16]);
    (
        option::weighted(0.8, instant()),
        option::of(any_last()),
        any_seen(),
        hours,
        vec(instant(), 0..7),
        vec(any_change(), 0..4),
    )
        .prop_map(|(last_completed_at, last_position, seen, hours, wrong_codes, factor_changes)| History {
            last_completed_at,
            last_position,
            seen: Seen::from_packed(seen),
            hours,
            wrong_codes,
            factor_changes,
        })
}

pub fn weights_of(values: [u32; 11]) -> Weights {
    let [
        impossible_travel,
        anonymizer,
        first_login,
        new_country,
        new_device,
        dormant_user,
        wrong_code,
        wrong_codes_at_most,
        factor_recently_changed,
        new_network,
        unusual_time,
    ] = values.map(weight);
    Weights {
        impossible_travel,
        anonymizer,
        first_login,
        new_country,
        new_device,
        dormant_user,
        wrong_code,
        wrong_codes_at_most,
        factor_recently_changed,
        new_network,
        unusual_time,
    }
}

pub fn any_weights() -> impl Strategy<Value = [u32; 11]> {
    uniform(prop_oneof![Just(0), 0..20_u32, 0..=100_u32])
}

pub fn speed() -> impl Strategy<Value = u32> {
    prop_oneof![300..=2_000_u32, any::<u32>()]
}
