//! Telephone numbers, as they are typed, pasted and sent by machines.

use core_contact::PhoneNumber;
use fuzz::Source;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

/// Beginnings that lead to plans of all kinds: shared codes, national zeros, premium, satellites, none at all.
const BEGINNINGS: [&str; 16] = [
    "+1415555", "+1876", "+1900", "+44 20", "+44(0)7", "+390", "+5411", "+521", "+882", "+979", "+800", "+7 495",
    "+599", "+3538", "+0", "1",
];

/// What holds of every text: a number that is accepted is valid to the reference, has one spelling, reads back from
/// it, says no more than its last digits when masked, and is the same however it is spaced.
pub(super) fn phone_numbers(source: &mut Source<'_>) {
    let digits = "0123456789";
    let end = if source.once_in(2) { source.text("0123456789 -()x+;,", 14) } else { source.text(digits, 9) };
    let typed = source.pick(&BEGINNINGS).to_string() + &end;
    let Ok(number) = PhoneNumber::parse(&typed) else { return };
    let e164 = number.e164();
    let reference = PHONE_NUMBER_UTIL.parse(&typed, None).unwrap_or_else(|error| panic!("{typed:?}: {error}"));
    assert!(PHONE_NUMBER_UTIL.is_valid_number(&reference), "{typed:?} is no valid number");
    assert_eq!(PHONE_NUMBER_UTIL.format(&reference, PhoneNumberFormat::E164), e164, "{typed:?}");

    let digits = e164.strip_prefix('+').expect("a plus");
    assert!((4..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()), "{e164}");
    assert_eq!(PhoneNumber::parse(e164).as_ref(), Ok(&number), "one spelling reads back as itself");
    assert_eq!(PhoneNumber::parse(&spaced(source, e164)), Ok(number.clone()), "spaces do not matter");
    assert!(e164.starts_with(number.prefix()) && number.region().len() == 2);
    hides(&number);
}

/// The same number with what people put between digits.
fn spaced(source: &mut Source<'_>, e164: &str) -> String {
    let separators = ["", "", " ", "-", "\u{a0}", "\u{2011}"];
    let spaced: String = e164.chars().map(|digit| format!("{digit}{}", source.pick(&separators))).collect();
    // Longer texts are not looked at.
    if spaced.chars().count() > 40 { e164.to_owned() } else { spaced }
}

fn hides(number: &PhoneNumber) {
    let (code, shown) = number
        .masked()
        .split_once(" ••• ••• ")
        .map(|(code, shown)| (code.to_owned(), shown.to_owned()))
        .expect("a mask");
    let national = &number.e164()[code.len()..];
    assert!(number.e164().starts_with(&code) && national.ends_with(&shown), "{number:?}");
    assert!(shown.len() <= 4 && shown.len() * 2 <= national.len(), "a mask shows at most half, and four digits");
    assert!(!format!("{number:?}").contains(national), "a whole number never prints");
}
