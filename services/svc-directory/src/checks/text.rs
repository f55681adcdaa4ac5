//! Names, slugs and time zones.

use std::str::FromStr;

use chrono_tz::Tz;

use super::Complaint;

/// Names stand in mails that come from our domain: no line of them may be a link or a second line.
pub(crate) const MAX_NAME_CHARS: usize = 100;

/// A name for people to read, trimmed.
///
/// # Errors
/// A sentence, when it is too long, more than a line, or holds the address of a page.
pub fn read_name(given: &str) -> Result<String, Complaint> {
    let name = given.trim();
    if !(1..=MAX_NAME_CHARS).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(format!("A name has 1 to {MAX_NAME_CHARS} characters on a single line."));
    }
    if name.contains("://") {
        return Err("A name cannot contain the address of a web page.".to_owned());
    }
    Ok(name.to_owned())
}

/// A tenant's stable key: `[a-z0-9-]{3,63}`.
pub(crate) fn read_slug(given: &str) -> Result<&str, Complaint> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (3..=63).contains(&given.len()) && given.bytes().all(letter) {
        return Ok(given);
    }
    Err("A slug has 3 to 63 characters, each a lower-case letter, a digit or a hyphen.".to_owned())
}

/// An IANA time zone, such as `America/Chicago`.
pub(crate) fn read_time_zone(given: &str) -> Result<String, Complaint> {
    Tz::from_str(given)
        .map(|zone| zone.name().to_owned())
        .map_err(|_| "This is not an IANA time zone, such as America/Chicago.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_without_links() {
        assert_eq!(read_name("  Acme & Söhne "), Ok("Acme & Söhne".to_owned()));
        assert!(read_name(&"é".repeat(100)).is_ok());
        for bad in ["", " ", "a\nb", "a\0b", "Win at https://evil.example", &"x".repeat(101)] {
            assert!(read_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn slugs_are_narrow() {
        for good in ["abc", "a-1", "---", &"x".repeat(63)] {
            assert!(read_slug(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "Abc", "a_b", "a b", "ábc", "abc\n", &"x".repeat(64)] {
            assert!(read_slug(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn time_zones_are_those_of_iana() {
        for good in ["UTC", "America/Chicago", "Europe/Zurich", "Asia/Kolkata"] {
            assert_eq!(read_time_zone(good).as_deref(), Ok(good));
        }
        for bad in ["", "Mars/Olympus", "america/chicago", "+02:00", "CEST", "America/Chicago "] {
            assert!(read_time_zone(bad).is_err(), "{bad:?}");
        }
    }
}
