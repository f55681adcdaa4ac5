use super::*;

fn entry(value: &str, kind: &str, primary: Option<bool>) -> ContactEntry {
    let kind = (!kind.is_empty()).then(|| kind.to_owned());
    ContactEntry { value: value.to_owned(), kind, primary }
}

fn phones(entries: &[(&str, &str, Option<bool>)]) -> Profile {
    let phones = entries.iter().map(|(value, kind, primary)| entry(value, kind, *primary)).collect();
    Profile { phones, ..Profile::default() }
}

/// Kind, line and number of each suggested phone.
fn suggested(profile: &Profile) -> Vec<(FactorKind, Option<PhoneLine>, String)> {
    let numbers = profile.suggestions().into_iter().filter_map(|one| match one.contact {
        SuggestedContact::Phone(number) => Some((one.kind, one.line, number.e164().to_owned())),
        SuggestedContact::Email(_) => None,
    });
    numbers.collect()
}

#[test]
fn the_primary_address_is_the_one_on_record() {
    let main = |entries: &[ContactEntry]| main_email(entries).map(|email| email.address().to_owned());
    let (home, work) = (entry("home@a.example", "home", None), entry("work@a.example", "Work", None));
    let primary = entry("main@a.example", "other", Some(true));
    assert_eq!(main(&[home.clone(), work.clone(), primary]).as_deref(), Some("main@a.example"));
    assert_eq!(main(&[home.clone(), work.clone()]).as_deref(), Some("work@a.example"));
    assert_eq!(main(std::slice::from_ref(&home)).as_deref(), Some("home@a.example"));
    assert_eq!(main(&[entry("nobody", "work", Some(true)), home]).as_deref(), Some("home@a.example"));
    assert_eq!(main(&[entry("nobody", "work", Some(true))]), None);
}

#[test]
fn a_mobile_comes_before_a_desk_and_the_primary_one_before_all() {
    let (desk, mobile) = (("+1 415 555 0100", "work", None), ("+1 415 555 0132", "mobile", None));
    let both = suggested(&phones(&[desk, mobile]));
    let expected = [
        (FactorKind::PhonePrimary, Some(PhoneLine::Mobile), "+14155550132".to_owned()),
        (FactorKind::PhoneRecovery, Some(PhoneLine::Landline), "+14155550100".to_owned()),
    ];
    assert_eq!(both, expected);
    let chosen = suggested(&phones(&[(desk.0, desk.1, Some(true)), mobile]));
    assert_eq!(chosen[0].2, "+14155550100");
    assert_eq!(chosen[0].1, Some(PhoneLine::Landline));
}

#[test]
fn a_number_is_suggested_once_and_two_are_enough() {
    let same = suggested(&phones(&[("+14155550132", "mobile", None), ("tel:+1-415-555-0132", "other", None)]));
    assert_eq!(same.len(), 1);
    let many = [("+14155550132", "", None), ("+14155550133", "", None), ("+14155550134", "", None)];
    assert_eq!(suggested(&phones(&many)).len(), 2);
}

#[test]
fn what_cannot_be_reached_is_told_and_not_suggested() {
    let profile = Profile {
        emails: vec![entry("ann", "", None), entry("ann@example.com", "", None)],
        ..phones(&[
            ("5550132", "work", None),
            ("+14155550132;ext=7", "work", None),
            ("+14155550132", "fax", None),
            ("TEL:+14155550133", "mobile", None),
        ])
    };
    assert_eq!(profile.unusable(), ["ann", "5550132", "+14155550132;ext=7"]);
    assert_eq!(suggested(&profile).len(), 1, "nobody answers a facsimile");
    assert_eq!(profile.suggestions().len(), 2, "and the address");
}

#[test]
fn a_fixed_line_is_called_whatever_it_is_named() {
    let swiss = suggested(&phones(&[("+41 44 668 18 00", "mobile", None)]));
    assert_eq!(swiss[0].1, Some(PhoneLine::Landline));
    let mobile = suggested(&phones(&[("+41 79 123 45 67", "work", None)]));
    assert_eq!(mobile[0].1, Some(PhoneLine::Mobile));
}

#[test]
fn a_multibyte_beginning_is_no_scheme() {
    assert_eq!(phones(&[("té:+14155550132", "", None), ("日本", "", None)]).unusable().len(), 2);
}

#[test]
fn a_new_address_takes_the_place_of_the_main_one() {
    let on_record = EmailAddress::parse("new@a.example").ok();
    let list = vec![entry("x", "work", Some(true)), entry("old@a.example", "home", None)];
    let changed = with_address_on_record(list.clone(), on_record.clone());
    assert_eq!(changed[1].value, "new@a.example");
    let none_usable = with_address_on_record(vec![list[0].clone()], on_record);
    assert_eq!((none_usable[0].value.as_str(), none_usable[0].primary), ("new@a.example", Some(true)));
    assert_eq!(none_usable[1].primary, Some(false), "one is primary");
    assert_eq!(with_address_on_record(list.clone(), None), list);
}
