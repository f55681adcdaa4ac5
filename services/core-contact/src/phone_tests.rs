use super::*;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> PhoneError {
    PhoneNumber::parse(text).expect_err(text)
}

#[test]
fn the_country_is_that_of_the_plan_and_not_of_the_first_digits() {
    for (text, region) in [
        ("+14155550132", "US"),
        ("+16125550188", "US"),
        ("+14165550123", "CA"),
        ("+18765550123", "JM"),
        ("+12423591234", "BS"),
        ("+18095551234", "DO"),
        ("+17875550123", "PR"),
        ("+447400123456", "GB"),
        ("+447624123456", "IM"),
        ("+447911123456", "GG"),
        ("+390612345678", "IT"),
    ] {
        assert_eq!(number(text).region(), region, "{text}");
        assert_eq!(number(text).e164(), text);
    }
}

#[test]
fn a_policy_for_the_us_lets_no_caribbean_number_in() {
    let us = ["US".to_owned()];
    assert_eq!(number("+1 415 555 0132").check_country(&us), Ok(()));
    for foreign in ["+18765550123", "+12423591234", "+18095551234", "+14165550123", "+447400123456"] {
        assert_eq!(number(foreign).check_country(&us), Err(PhoneError::CountryNotSupported), "{foreign}");
    }
    assert_eq!(number("+18765550123").check_country(&["US".to_owned(), "JM".to_owned()]), Ok(()));
    assert_eq!(number("+14155550132").check_country(&[]), Err(PhoneError::CountryNotSupported));
}

#[test]
fn kinds_that_cost_extra_or_reach_no_person_are_refused() {
    for (text, what) in [
        ("+19005550123", "premium"),
        ("+18005551234", "toll free"),
        ("+15005550006", "personal, US"),
        ("+447012345678", "personal, GB"),
        ("+447600123456", "pager"),
        ("+448431234567", "shared cost"),
        ("+445551234567", "company-wide"),
        ("+881631234567", "satellite"),
        ("+870773111632", "Inmarsat"),
        ("+80012345678", "international freephone"),
        ("+979123456789", "international premium"),
        ("+883510012345", "international network"),
    ] {
        assert_eq!(refused(text), PhoneError::KindRefused, "{what}");
    }
}

#[test]
fn numbers_that_do_not_exist_are_refused() {
    for text in
        ["+15551230100", "+1415555013", "+141555501322", "+14151550132", "+999123456789", "+0014155550132", "+1"]
    {
        assert_eq!(refused(text), PhoneError::NotInPlan, "{text}");
    }
}

#[test]
fn one_number_has_one_spelling() {
    for typed in ["+1 415 555 0132", "+1 (415) 555-0132", " +1-415-555-0132\n", "+1\u{A0}415\u{2011}555 0132"] {
        assert_eq!(number(typed).e164(), "+14155550132", "{typed:?}");
    }
    assert_eq!(number("+44 (0)20 7946 0958"), number("+442079460958"));
    assert_eq!(number("+1 1 415 555 0132"), number("+14155550132"));
}

#[test]
fn extensions_letters_and_tricks_are_refused() {
    for typed in [
        "",
        "+",
        "4155550132",
        "14155550132",
        "0014155550132",
        "+14155550132x55",
        "+14155550132 ext. 55",
        "+14155550132;ext=55",
        "+14155550132,,55",
        "+14155550132#",
        "+1800FLOWERS",
        "tel:+14155550132",
        "++14155550132",
        "+1.415.555.0132",
        "+1415555０132",
        "+١٤١٥٥٥٥٠١٣٢",
        "+14155550132\u{0}",
        "+14155550132\n+19005550123",
        "+14155550132/33",
        "+12345678901234567",
        &format!("+1{}4155550132", " ".repeat(40)),
    ] {
        assert_eq!(refused(typed), PhoneError::Malformed, "{typed:?}");
    }
}

#[test]
fn a_fixed_line_gets_no_texts() {
    for (text, kind, texts) in [
        ("+447400123456", PhoneKind::Mobile, true),
        ("+442079460958", PhoneKind::FixedLine, false),
        ("+14155550132", PhoneKind::FixedLineOrMobile, true),
        ("+445612345678", PhoneKind::Voip, true),
    ] {
        assert_eq!((number(text).kind(), number(text).can_receive_sms()), (kind, texts), "{text}");
    }
}

#[test]
fn masks_show_the_country_and_the_last_digits() {
    assert_eq!(number("+14155550132").masked(), "+1 ••• ••• 0132");
    assert_eq!(number("+447400123456").masked(), "+44 ••• ••• 3456");
    assert_eq!(number("+35312345678").masked(), "+353 ••• ••• 5678");
    // Niue has numbers of four digits: two of them are enough to recognise one's own.
    assert_eq!(number("+6834002").masked(), "+683 ••• ••• 02");
}

#[test]
fn the_prefix_is_the_country_and_three_digits() {
    assert_eq!(number("+14155550132").prefix(), "+1415");
    assert_eq!(number("+447400123456").prefix(), "+44740");
    assert_eq!(number("+35312345678").prefix(), "+353123");
    assert_eq!(number("+6834002").prefix(), "+683400");
}

#[test]
fn a_number_prints_masked() {
    assert_eq!(format!("{:?}", number("+14155550132")), "PhoneNumber(+1 ••• ••• 0132, US)");
}

#[test]
fn refusals_have_the_code_and_the_field_of_the_api() {
    let refusal = PhoneError::CountryNotSupported.refusal("input.phone.number");
    assert_eq!(refusal.code, RefusalCode::CountryNotSupported);
    assert_eq!(refusal.field, ["input", "phone", "number"]);
    for error in [PhoneError::Malformed, PhoneError::NotInPlan, PhoneError::KindRefused] {
        let refusal = error.refusal("number");
        assert_eq!(refusal.code, RefusalCode::Invalid);
        assert!(refusal.message.ends_with('.'), "{}", refusal.message);
    }
}
