//! The memory of what was seen, as it is stored.

use core_risk::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::*;

const TODAY: u16 = 20_717;

/// These numbers are in databases; they were computed by another program. If this fails, it is the code
/// that is wrong.
#[test]
fn golden() {
    let keys = [
        (SeenKey::country("US").expect("a country"), 0x1000_0000_5553_50ed),
        (SeenKey::network(64_496), 0x2000_0000_fbf0_50ed),
        (SeenKey::device(&attempt().device), 0x3a97_95bf_1967_50ed),
        (SeenKey::device(&DeviceFamily::UNKNOWN), 0x35c7_bd1b_a1df_50ed),
        (SeenKey::prefix(ip("192.0.2.10")), 0x4461_f2f2_dbfb_50ed),
        (SeenKey::prefix(ip("2001:db8:1::1")), 0x4c19_d64c_f462_50ed),
    ];
    for (key, golden) in keys {
        assert_eq!(key.packed(TODAY), golden, "{:#018x}", key.packed(TODAY));
    }
}

#[test]
fn a_completed_login_adds_what_is_known_of_it() {
    assert_eq!(day_of(at(0)), TODAY);
    let expected = [
        SeenKey::country("US").expect("a country"),
        SeenKey::network(64_496),
        SeenKey::device(&attempt().device),
        SeenKey::prefix(ip(HOME_ADDRESS)),
    ];
    assert_eq!(attempt().seen_keys(), expected.map(|key| key.packed(TODAY)));
    let unknown = from(Origin::unknown(ip(HOME_ADDRESS)));
    assert_eq!(unknown.seen_keys(), [expected[2].packed(TODAY), expected[3].packed(TODAY)]);
}

#[test]
fn an_address_written_as_ipv6_is_the_same_prefix() {
    assert_eq!(SeenKey::prefix(ip("::ffff:192.0.2.1")), SeenKey::prefix(ip("192.0.2.254")));
    assert_eq!(Origin::unknown(ip("::ffff:192.0.2.1")).address, ip("192.0.2.1"));
    assert_ne!(SeenKey::prefix(ip("192.0.3.1")), SeenKey::prefix(ip("192.0.2.1")));
}

#[test]
fn a_key_is_seen_for_ninety_days() {
    let key = SeenKey::network(7);
    let seen_on = |day| Seen::from_packed(vec![key.packed(day)]).contains(key, at(0));
    assert!(seen_on(TODAY) && seen_on(TODAY - 90) && seen_on(TODAY + 1) && seen_on(u16::MAX));
    assert!(!seen_on(TODAY - 91) && !seen_on(0));
    assert!(!Seen::from_packed(vec![SeenKey::network(8).packed(TODAY)]).contains(key, at(0)));
}

#[test]
fn memory_works_in_the_first_days_of_all_time() {
    let (key, now) = (SeenKey::network(7), chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(5));
    let seen = Seen::from_packed(vec![key.packed(3)]);
    assert!(seen.contains(key, now));
    assert_eq!(seen.merge(&[], now), seen);
}

#[test]
fn kinds_are_kept_apart() {
    let letters = u32::from(u16::from_be_bytes(*b"US"));
    let country = Seen::from_packed(vec![SeenKey::country("US").expect("a country").packed(TODAY)]);
    assert!(!country.contains(SeenKey::network(letters), at(0)));
}

#[test]
fn garbage_is_equal_to_no_key_and_hides_none() {
    let key = SeenKey::network(7);
    let garbage = vec![i64::MIN, -1, 0, 1, i64::MAX, -key.packed(TODAY), key.packed(TODAY) | i64::MIN];
    assert!(!Seen::from_packed(garbage.clone()).contains(key, at(0)));
    let with_key = Seen::from_packed([garbage, vec![key.packed(TODAY)]].concat());
    assert!(with_key.contains(key, at(0)));
}

#[test]
fn of_one_key_the_latest_day_stays() {
    let key = SeenKey::network(7);
    let seen = Seen::from_packed(vec![key.packed(TODAY - 3), key.packed(TODAY - 5), key.packed(TODAY - 3)]);
    assert_eq!(seen.merge(&[], at(0)).packed(), [key.packed(TODAY - 3)]);
    assert_eq!(seen.merge(&[key.packed(TODAY)], at(0)).packed(), [key.packed(TODAY)]);
    assert_eq!(seen.merge(&[key.packed(TODAY - 80)], at(0)).packed(), [key.packed(TODAY - 3)]);
}

#[test]
fn what_is_old_goes() {
    let key = SeenKey::network(7);
    assert!(Seen::from_packed(vec![key.packed(TODAY - 91)]).merge(&[], at(0)).packed().is_empty());
    let edge = Seen::from_packed(vec![key.packed(TODAY - 90)]);
    assert_eq!(edge.merge(&[], at(0)), edge);
}

/// Networks of which the greater number was seen later.
fn networks(range: std::ops::Range<u16>) -> Vec<i64> {
    range.map(|number| SeenKey::network(number.into()).packed(TODAY - 40 + number)).collect()
}

#[test]
fn of_a_kind_the_sixteen_seen_last_stay() {
    let us = SeenKey::country("US").expect("a country").packed(TODAY - 60);
    let merged = Seen::from_packed(networks(0..20).into_iter().rev().collect()).merge(&[us], at(0));
    let expected = [vec![us], networks(4..20)].concat();
    assert_eq!(merged.packed(), expected, "in ascending order; other kinds have their own room");
}

#[test]
fn of_equal_days_the_greater_values_stay() {
    let same_day = |range: std::ops::Range<u32>| range.map(|number| SeenKey::network(number).packed(TODAY));
    let merged = Seen::from_packed(same_day(0..40).collect()).merge(&[], at(0));
    assert_eq!(merged.packed(), same_day(24..40).collect::<Vec<_>>());
}

/// Elements on few days and values, so that equal ones meet, among numbers of any kind.
fn elements() -> impl Strategy<Value = Vec<i64>> {
    let usual = (0_i64..8, 0_i64..24, (TODAY - 95)..(TODAY + 3))
        .prop_map(|(kind, value, day)| (kind << 60) | (value << 16) | i64::from(day));
    vec(prop_oneof![9 => usual, 1 => any::<i64>()], 0..120)
}

fn merged(one: &[i64], other: &[i64]) -> Seen {
    Seen::from_packed(one.to_vec()).merge(other, at(0))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_again_changes_nothing(one in elements(), other in elements()) {
        let once = merged(&one, &other);
        prop_assert_eq!(&once.merge(&other, at(0)), &once);
        prop_assert_eq!(&once.merge(&[], at(0)), &once);
        prop_assert_eq!(&once.merge(once.packed(), at(0)), &once);
    }

    #[test]
    fn the_order_of_merging_does_not_matter(one in elements(), other in elements(), third in elements()) {
        prop_assert_eq!(merged(&one, &other), merged(&other, &one));
        let left = merged(&one, &other).merge(&third, at(0));
        let right = merged(&one, merged(&other, &third).packed());
        prop_assert_eq!(left, right);
    }

    #[test]
    fn a_memory_is_bounded_and_holds_what_was_added(one in elements(), number in any::<u32>()) {
        let key = SeenKey::network(number);
        // Days after today would outdo it: they are of a clock that was set back.
        let past: Vec<_> = one.into_iter().filter(|element| element & 0xffff <= i64::from(TODAY)).collect();
        let seen = merged(&past, &[key.packed(TODAY)]);
        prop_assert!(seen.packed().len() <= 16 * SEEN_PER_KIND);
        prop_assert!(seen.packed().is_sorted());
        let rivals = |element: &&i64| **element >> 60 == 2 && **element & 0xffff == i64::from(TODAY);
        let crowded = past.iter().filter(rivals).count();
        prop_assert!(crowded >= SEEN_PER_KIND || seen.contains(key, at(0)));
    }

    #[test]
    fn a_merge_forgets_no_key_but_for_want_of_room(one in elements(), other in elements()) {
        let all: Vec<_> = one.iter().chain(&other).copied().collect();
        let seen = merged(&one, &other);
        for kind in -8..8 {
            let distinct: std::collections::BTreeSet<_> = all.iter()
                .filter(|element| **element >> 60 == kind && **element & 0xffff >= i64::from(TODAY - SEEN_DAYS))
                .map(|element| element >> 16)
                .collect();
            let kept = seen.packed().iter().filter(|element| **element >> 60 == kind).count();
            prop_assert_eq!(kept, distinct.len().min(SEEN_PER_KIND));
        }
    }

    #[test]
    fn any_numbers_at_any_time_are_borne(numbers in vec(any::<i64>(), 0..50), seconds in any::<i32>()) {
        let now = at(i64::from(seconds) * 1_000);
        let seen = Seen::from_packed(numbers);
        let merged = seen.merge(seen.packed(), now);
        let key = SeenKey::network(7);
        prop_assert_eq!(merged.contains(key, now), seen.contains(key, now));
    }
}
