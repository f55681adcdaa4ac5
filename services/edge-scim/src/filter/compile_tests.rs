use super::*;
use crate::filter::parse_filter;
use uuid::Uuid;

fn compiled(text: &str) -> Result<UserPredicate, ScimError> {
    compile(&parse_filter(text).unwrap())
}

fn user_name(test: TextTest) -> UserPredicate {
    UserPredicate::Test(UserTest::Text(TextField::UserName, test))
}

#[test]
fn what_can_be_searched_becomes_a_test() {
    let id = UserId(Uuid::from_u128(7));
    let test = UserPredicate::Test;
    for (text, expected) in [
        (r#"USERNAME eq "ann""#, user_name(TextTest::Equals("ann".into()))),
        (r#"urn:ietf:params:scim:schemas:core:2.0:user:userName co "a""#, user_name(TextTest::Contains("a".into()))),
        (r#"userName ne "ann""#, not(user_name(TextTest::Equals("ann".into())))),
        (
            r#"externalId ge "00u1""#,
            UserPredicate::Any(vec![
                test(UserTest::Text(TextField::DirectoryId, TextTest::Compares(Ordering::Greater, "00u1".into()))),
                test(UserTest::Text(TextField::DirectoryId, TextTest::Compares(Ordering::Equal, "00u1".into()))),
            ]),
        ),
        ("active eq true", test(UserTest::Active(true))),
        (r#"active eq "False""#, test(UserTest::Active(false))),
        ("active ne false", not(test(UserTest::Active(false)))),
        (r#"emails eq "a@a.example""#, test(UserTest::Email("a@a.example".into()))),
        (r#"emails.value eq "a@a.example""#, test(UserTest::Email("a@a.example".into()))),
        (r#"emails[value eq "a@a.example"]"#, test(UserTest::Email("a@a.example".into()))),
        ("emails pr", test(UserTest::HasEmail)),
        ("displayName eq null", not(test(UserTest::Text(TextField::DisplayName, TextTest::Present)))),
        ("id pr", UserPredicate::All(Vec::new())),
        (&format!(r#"id eq "{}""#, id.to_text()), test(UserTest::Id(id))),
        (r#"id eq "1""#, nobody()),
        (&format!(r#"{EXTENSION}:kind eq "internal""#), test(UserTest::Kind(UserKind::Internal))),
        (&format!(r#"{EXTENSION}:kind eq "boss""#), nobody()),
    ] {
        assert_eq!(compiled(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn times_are_instants() {
    let UserPredicate::Any(parts) = compiled(r#"meta.created gt "2026-01-01T01:00:00+01:00""#).unwrap() else {
        panic!("an order");
    };
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(parts, [UserPredicate::Test(UserTest::Created(Ordering::Greater, at))]);
    assert!(compiled(r#"meta.created gt "yesterday""#).is_err());
}

#[test]
fn what_cannot_be_searched_is_refused() {
    for text in [
        r#"title eq "Dr""#,
        r#"name.givenName eq "Ann""#,
        r#"phoneNumbers.value eq "+14155550132""#,
        r#"emails.type eq "work""#,
        r#"emails[type eq "work" and value eq "a@a.example"]"#,
        r#"emails[emails.value eq "a@a.example"]"#,
        r#"emails co "example""#,
        r#"emails sw "a""#,
        "userName eq 1",
        "userName eq true",
        r#"userName co null"#,
        "active eq 1",
        "active gt true",
        r#"id co "user""#,
        r#"meta.lastModified gt "2026-01-01T00:00:00Z""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:userName eq "x""#,
        r#"tenant_id eq "x""#,
        r#"password sw "a""#,
        r#"not (userName eq "a" or tenantId eq "b")"#,
    ] {
        assert_eq!(compiled(text).unwrap_err().scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}
