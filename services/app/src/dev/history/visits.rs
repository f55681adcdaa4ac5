//! When somebody comes to the tenant's site, from where and on what. All of it hangs on the person's
//! name and the day, so that the demo looks the same everywhere.

use std::net::IpAddr;

use chrono::{Datelike, Duration, Weekday};
use chrono_tz::Tz;
use core_kernel::Timestamp;
use core_policy::{Channel, parse_ip};

use super::people::Person;

/// How far the month goes back.
const DAYS: i64 = 30;
const COMPUTER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1";
const THIEFS_COMPUTER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
/// How long after a day's usual time a thief comes.
const THIEF_COMES_AFTER: Duration = Duration::minutes(40);

/// A right password, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Visit {
    pub(super) at: Timestamp,
    pub(super) address: IpAddr,
    pub(super) user_agent: &'static str,
    /// Somebody else, who has the password alone.
    pub(super) by_thief: bool,
    /// How the visitor would have a code sent.
    pub(super) channel: Channel,
    /// How long it takes to enter the code, in seconds.
    pub(super) seconds: u32,
    /// Wrong codes before the right one.
    pub(super) slips: i16,
}

/// A person's month, in order.
pub(super) fn of(person: &Person, now: Timestamp, zone: Tz) -> Vec<Visit> {
    (1..=DAYS).rev().flat_map(|day| on_day(person, now, zone, day)).collect()
}

fn on_day(person: &Person, now: Timestamp, zone: Tz, day: i64) -> impl Iterator<Item = Visit> {
    let usual = usual_time(person, now, zone, day);
    let elsewhere = person.elsewhere_on(day);
    let comes = elsewhere.is_some() || dice(person, day, "absent") % 10 < 8;
    let own = usual.filter(|_| comes).and_then(|at| own_visit(person, at, elsewhere.unwrap_or(person.home), day));
    let thief = person.thief.filter(|(_, robbed)| *robbed == day);
    let thief = thief.zip(usual_on_any_day(person, now, zone, day));
    let thief = thief.and_then(|((address, _), at)| thiefs_visit(address, at + THIEF_COMES_AFTER));
    own.into_iter().chain(thief)
}

fn own_visit(person: &Person, at: Timestamp, address: &str, day: i64) -> Option<Visit> {
    Some(Visit {
        at,
        address: parse_ip(address)?,
        user_agent: if dice(person, day, "device").is_multiple_of(5) { PHONE } else { COMPUTER },
        by_thief: false,
        channel: if dice(person, day, "channel").is_multiple_of(8) { Channel::Voice } else { Channel::Sms },
        seconds: 12 + dice(person, day, "seconds") % 20,
        slips: i16::from(dice(person, day, "slips").is_multiple_of(6)),
    })
}

fn thiefs_visit(address: &str, at: Timestamp) -> Option<Visit> {
    let address = parse_ip(address)?;
    let user_agent = THIEFS_COMPUTER;
    Some(Visit { at, address, user_agent, by_thief: true, channel: Channel::Sms, seconds: 0, slips: 2 })
}

/// In the morning of a workday.
fn usual_time(person: &Person, now: Timestamp, zone: Tz, day: i64) -> Option<Timestamp> {
    let at = usual_on_any_day(person, now, zone, day)?;
    let weekday = at.with_timezone(&zone).weekday();
    (!matches!(weekday, Weekday::Sat | Weekday::Sun)).then_some(at)
}

/// The same, where weekends do not matter.
fn usual_on_any_day(person: &Person, now: Timestamp, zone: Tz, day: i64) -> Option<Timestamp> {
    let date = (now - Duration::days(day)).with_timezone(&zone).date_naive();
    let hour = 7 + dice(person, 0, "hour") % 3;
    let morning = date.and_hms_opt(hour, dice(person, day, "minute") % 60, dice(person, day, "second") % 60)?;
    Some(morning.and_local_timezone(zone).earliest()?.to_utc())
}

/// A number that only depends on these: FNV-1a, of which the upper bits are used.
fn dice(person: &Person, day: i64, what: &str) -> u32 {
    let bytes = person.name.bytes().chain(day.to_le_bytes()).chain(what.bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    u32::try_from(hash >> 40).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::people::PEOPLE;
    use super::*;

    fn now() -> Timestamp {
        "2026-07-15T03:00:00Z".parse().unwrap()
    }

    fn months() -> impl Iterator<Item = (&'static Person, Vec<Visit>)> {
        PEOPLE.iter().map(|person| (person, of(person, now(), Tz::America__Chicago)))
    }

    #[test]
    fn people_come_in_the_mornings_of_workdays_and_in_order() {
        for (person, visits) in months() {
            assert!((12..=24).contains(&visits.len()), "{}: {}", person.name, visits.len());
            assert!(visits.windows(2).all(|pair| pair[0].at < pair[1].at));
            for visit in visits.iter().filter(|visit| !visit.by_thief) {
                let local = visit.at.with_timezone(&Tz::America__Chicago).naive_local();
                assert!(!matches!(local.weekday(), Weekday::Sat | Weekday::Sun), "{local}");
                assert!((7..10).contains(&chrono::Timelike::hour(&local)), "{local}");
            }
        }
    }

    #[test]
    fn all_of_it_lies_in_the_last_thirty_one_days() {
        for (_, visits) in months() {
            assert!(visits.iter().all(|visit| visit.at < now() && now() - visit.at < Duration::days(DAYS + 1)));
        }
    }

    #[test]
    fn whoever_is_away_comes_from_there_and_thieves_come_once() {
        for (person, visits) in months() {
            if let Some((address, _)) = person.elsewhere {
                let away = visits.iter().filter(|visit| visit.address == parse_ip(address).unwrap());
                assert!((2..=5).contains(&away.count()), "{}", person.name);
            }
            let thieves = visits.iter().filter(|visit| visit.by_thief).count();
            assert_eq!(thieves, usize::from(person.thief.is_some()), "{}", person.name);
        }
    }

    #[test]
    fn it_is_the_same_whenever_it_is_asked() {
        for (person, visits) in months() {
            assert_eq!(visits, of(person, now(), Tz::America__Chicago));
            assert_ne!(visits, of(person, now() + Duration::days(1), Tz::America__Chicago));
        }
    }
}
