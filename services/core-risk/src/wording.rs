//! The sentences that explain a score to a person. All of them are here, to be reviewed together:
//! they say what was found, accuse nobody, and hold neither an address nor a code.

use crate::country_names::country_name;
use crate::{Anonymizer, DeviceFamily, SEEN_DAYS};

/// Seconds of what times are told in, the largest first.
const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
/// What a distance is rounded to, in km: nobody knows it better.
const DISTANCE_STEP: f64 = 10.0;

/// "2,550 km from the last login 12 minutes ago in Minneapolis".
pub(crate) fn impossible_travel(distance_km: f64, elapsed_seconds: i64, place: Option<&str>) -> String {
    let rounded = (distance_km / DISTANCE_STEP).round() * DISTANCE_STEP;
    let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
    format!("{} km from the last login {}{place}", grouped(rounded as u64), ago(elapsed_seconds))
}

/// "Comes from the Tor network".
pub(crate) fn anonymizer(how: Anonymizer) -> String {
    match how {
        Anonymizer::TorExit => "Comes from the Tor network",
        Anonymizer::AnonymousVpn => "Comes from an anonymous VPN",
        Anonymizer::PublicProxy => "Comes from a public proxy",
        Anonymizer::HostingProvider => "Comes from a hosting provider, where servers are",
        Anonymizer::Listed => "Comes from a network that is listed as hiding its users",
    }
    .to_owned()
}

/// "First login of this user".
pub(crate) fn first_login() -> String {
    "First login of this user".to_owned()
}

/// "First login from the United Kingdom in 90 days".
pub(crate) fn new_country(code: &str) -> String {
    format!("First login from {} in {SEEN_DAYS} days", country_name(code))
}

/// "First login with Chrome on Windows in 90 days".
pub(crate) fn new_device(family: &DeviceFamily) -> String {
    if family.is_unknown() {
        return format!("First login in {SEEN_DAYS} days that does not say what device it is made on");
    }
    format!("First login with {family} in {SEEN_DAYS} days")
}

/// "Last login 143 days ago".
pub(crate) fn dormant_user(elapsed_seconds: i64) -> String {
    format!("Last login {}", ago(elapsed_seconds))
}

/// "4 wrong codes in the last hour".
pub(crate) fn failed_attempts(wrong_codes: usize) -> String {
    format!("{} in the last hour", counted(wrong_codes as u64, "wrong code"))
}

/// "A factor was added or changed from another address 5 hours ago".
pub(crate) fn factor_recently_changed(elapsed_seconds: i64) -> String {
    format!("A factor was added or changed from another address {}", ago(elapsed_seconds))
}

/// "First login through network AS64500 in 90 days".
pub(crate) fn new_network(number: u32) -> String {
    format!("First login through network AS{number} in {SEEN_DAYS} days")
}

/// "3 of 1,234 earlier logins were at this hour".
pub(crate) fn unusual_time(at_this_hour: u32, logins: u32) -> String {
    let logins = grouped(logins.into());
    match at_this_hour {
        0 => format!("None of {logins} earlier logins was at this hour"),
        1 => format!("1 of {logins} earlier logins was at this hour"),
        several => format!("{} of {logins} earlier logins were at this hour", grouped(several.into())),
    }
}

fn ago(seconds: i64) -> String {
    let fitting = UNITS.iter().find(|(unit, _)| seconds >= *unit);
    fitting.map_or_else(
        || "a moment ago".to_owned(),
        |(unit, name)| format!("{} ago", counted((seconds / unit).unsigned_abs(), name)),
    )
}

fn counted(count: u64, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {name}{plural}", grouped(count))
}

/// With a comma between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let comma_before = |index: usize| index > 0 && (digits.len() - index).is_multiple_of(3);
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if comma_before(index) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn the_sentences() {
        let chrome =
            DeviceFamily::of(Some("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120 Safari/537.36"));
        for (sentence, expected) in [
            (impossible_travel(2_552.3, 725, None), "2,550 km from the last login 12 minutes ago"),
            (impossible_travel(104.9, 59, Some("London")), "100 km from the last login 59 seconds ago in London"),
            (impossible_travel(16_994.0, 0, None), "16,990 km from the last login a moment ago"),
            (anonymizer(Anonymizer::TorExit), "Comes from the Tor network"),
            (anonymizer(Anonymizer::AnonymousVpn), "Comes from an anonymous VPN"),
            (anonymizer(Anonymizer::PublicProxy), "Comes from a public proxy"),
            (anonymizer(Anonymizer::HostingProvider), "Comes from a hosting provider, where servers are"),
            (anonymizer(Anonymizer::Listed), "Comes from a network that is listed as hiding its users"),
            (first_login(), "First login of this user"),
            (new_country("GB"), "First login from the United Kingdom in 90 days"),
            (new_country("gb"), "First login from the United Kingdom in 90 days"),
            (new_country("KM"), "First login from KM in 90 days"),
            (new_device(&chrome), "First login with Chrome on Windows in 90 days"),
            (new_device(&DeviceFamily::UNKNOWN), "First login in 90 days that does not say what device it is made on"),
            (dormant_user(143 * DAY + 5), "Last login 143 days ago"),
            (failed_attempts(1), "1 wrong code in the last hour"),
            (failed_attempts(4), "4 wrong codes in the last hour"),
            (factor_recently_changed(5 * HOUR), "A factor was added or changed from another address 5 hours ago"),
            (new_network(64_500), "First login through network AS64500 in 90 days"),
            (unusual_time(0, 50), "None of 50 earlier logins was at this hour"),
            (unusual_time(1, 120), "1 of 120 earlier logins was at this hour"),
            (unusual_time(3, 1_234), "3 of 1,234 earlier logins were at this hour"),
        ] {
            assert_eq!(sentence, expected);
        }
    }

    #[test]
    fn times_are_told_in_the_largest_unit_that_fits() {
        for (seconds, expected) in [
            (i64::MIN, "a moment ago"),
            (0, "a moment ago"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3_600, "1 hour ago"),
            (DAY - 1, "23 hours ago"),
            (DAY, "1 day ago"),
            (4_000 * DAY, "4,000 days ago"),
        ] {
            assert_eq!(ago(seconds), expected);
        }
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (20_015, "20,015"),
            (100_000, "100,000"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
