use super::*;
use core_contact::EmailAddress;
use core_kernel::FactorId;
use core_policy::{FactorStatus, UserKind};
use uuid::Uuid;

fn row(id: &str) -> UserRow {
    UserRow {
        line: 2,
        raw: Box::default(),
        external_id: id.to_owned(),
        folded: id.to_lowercase(),
        kind: UserKind::External,
        display_name: None,
        email: None,
        phone: None,
        recovery_phone: None,
        advisor_email: None,
        language: None,
    }
}

fn email(number: u8) -> Option<Indexed<EmailAddress>> {
    let value = EmailAddress::parse(&format!("u{number}@example.com")).unwrap();
    Some(Indexed { value, indexes: vec![vec![number], vec![100 + number]] })
}

fn phone(last: u8) -> Option<Indexed<PhoneNumber>> {
    let value = PhoneNumber::parse(&format!("+1415555013{last}")).unwrap();
    Some(Indexed { value, indexes: vec![vec![last]] })
}

const ANN: UserId = UserId(Uuid::from_u128(1));
const BOB: UserId = UserId(Uuid::from_u128(2));
const ADVISOR: AdminId = AdminId(Uuid::from_u128(9));

fn known(user_id: UserId, folded: &str) -> KnownUser {
    KnownUser {
        user_id,
        folded: folded.to_owned(),
        kind: Some(UserKind::External),
        display_name: Some("Ann".to_owned()),
        email_index: Some(vec![1]),
        language: None,
        advisor: None,
        closed: false,
    }
}

fn met() -> Met {
    Met {
        known: HashMap::from([("ann".to_owned(), known(ANN, "ann"))]),
        holders: HashMap::from([(vec![1], ANN), (vec![2], BOB)]),
        advisors: HashMap::from([("adv@firm.example".to_owned(), ADVISOR)]),
        ..Met::default()
    }
}

fn updated(row: UserRow, met: &Met) -> Option<Wanted> {
    let mut plan = decide(&[row], met, false);
    assert!(plan.refused.is_empty() && plan.created.is_empty());
    plan.updated.pop()
}

#[test]
fn a_stranger_is_created_with_all_that_the_row_says() {
    let row = UserRow { email: email(5), phone: phone(1), recovery_phone: phone(2), ..row("new") };
    for (vouched, expected) in
        [(false, Supply::Suggest { instead_of: None }), (true, Supply::Activate { instead_of: None })]
    {
        let plan = decide(std::slice::from_ref(&row), &met(), vouched);
        let created = &plan.created[0];
        assert!(created.writes_user && created.writes_email && created.user.is_none() && !created.enrolls());
        assert_eq!(created.phones.iter().map(|phone| phone.2).collect::<Vec<_>>(), [expected, expected]);
    }
}

#[test]
fn what_is_as_the_row_says_is_not_touched() {
    let same = UserRow { display_name: Some("Ann".to_owned()), email: email(1), ..row("ANN") };
    let plan = decide(&[same, row("ann")], &met(), false);
    assert_eq!((plan.unchanged, plan.updated.len(), plan.created.len()), (2, 0, 0));
}

#[test]
fn an_address_under_an_older_key_is_the_same() {
    let mut met = met();
    met.known.get_mut("ann").unwrap().email_index = Some(vec![101]);
    met.holders = HashMap::from([(vec![101], ANN)]);
    assert!(updated(UserRow { email: email(1), ..row("ann") }, &met).is_none());
}

#[test]
fn each_field_that_differs_is_written() {
    let wanted = updated(UserRow { language: Some("es".to_owned()), ..row("ann") }, &met()).unwrap();
    assert!(wanted.writes_user && !wanted.writes_email && wanted.audited.is_none());
    let wanted = updated(UserRow { kind: UserKind::Internal, ..row("ann") }, &met()).unwrap();
    assert_eq!(wanted.audited.unwrap(), json!({"kind": "INTERNAL"}));
    let wanted = updated(UserRow { email: email(7), ..row("ann") }, &met()).unwrap();
    assert!(wanted.writes_email);
    assert_eq!(wanted.audited.unwrap(), json!({"email": "set"}));
    let advised = UserRow { advisor_email: Some("adv@firm.example".to_owned()), ..row("ann") };
    let wanted = updated(advised, &met()).unwrap();
    assert_eq!(wanted.advisor, Some(ADVISOR));
    assert_eq!(wanted.audited.unwrap(), json!({"advisor": ADVISOR.to_string()}));
}

fn refused(rows: &[UserRow], met: &Met) -> Vec<String> {
    let refused = decide(rows, met, false).refused;
    refused.into_iter().map(|row| row.faults[0].column.clone().unwrap()).collect()
}

#[test]
fn an_address_has_one_holder() {
    assert_eq!(refused(&[UserRow { email: email(2), ..row("ann") }], &met()), ["email"], "Bob's");
    assert_eq!(refused(&[UserRow { email: email(1), ..row("new") }], &met()), ["email"], "Ann's");
    let two = [UserRow { email: email(5), ..row("one") }, UserRow { email: email(5), ..row("two") }];
    assert_eq!(refused(&two, &met()), ["email"], "the first row's");
}

#[test]
fn an_advisor_looks_after_users() {
    let stranger = UserRow { advisor_email: Some("who@firm.example".to_owned()), ..row("new") };
    assert_eq!(refused(&[stranger], &met()), ["advisor_email"]);
}

#[test]
fn phones_of_a_user_who_is_there() {
    let mut met = met();
    let with_phone = || UserRow { phone: phone(1), ..row("ann") };
    let wanted = updated(with_phone(), &met).unwrap();
    assert!(!wanted.writes_user && wanted.phones[0].2 == Supply::Suggest { instead_of: None });
    assert!(decide(&[with_phone()], &met, true).updated[0].enrolls());

    met.known.get_mut("ann").unwrap().closed = true;
    assert!(!decide(&[with_phone()], &met, true).updated[0].enrolls(), "nothing is enrolled for whoever was reset");

    let standing = Standing {
        id: FactorId(Uuid::from_u128(3)),
        user: ANN,
        kind: FactorKind::PhonePrimary,
        status: FactorStatus::Pending,
        suggested: true,
        index: Some(vec![1]),
    };
    met.standing.insert(ANN, vec![standing]);
    assert!(updated(with_phone(), &met).is_none(), "suggested already");
}
