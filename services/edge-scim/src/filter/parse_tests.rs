use super::*;
use serde_json::json;

fn path(schema: Option<&str>, name: &str, part: Option<&str>) -> AttributePath {
    AttributePath { schema: schema.map(str::to_owned), name: name.to_owned(), part: part.map(str::to_owned) }
}

fn equal(name: &str, value: Value) -> Filter {
    Filter::Test(path(None, name, None), Operator::Compare(Comparison::Equal, value))
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    for text in [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        r#"UserName Eq "x" AND active EQ TRUE"#,
        "not(active eq false)",
    ] {
        assert!(parse_filter(text).is_ok(), "{text}: {:?}", parse_filter(text));
    }
}

#[test]
fn and_binds_more_than_or() {
    let (a, b, c) = (equal("a", json!(1)), equal("b", json!(true)), equal("c", json!(null)));
    let left = Filter::Or(vec![Filter::And(vec![a.clone(), b.clone()]), c.clone()]);
    assert_eq!(parse_filter("a eq 1 and b eq true or c eq null"), Ok(left));
    let grouped = Filter::And(vec![a.clone(), Filter::Or(vec![b, c])]);
    assert_eq!(parse_filter("a eq 1 and (b eq true or c eq null)"), Ok(grouped));
    assert_eq!(parse_filter("not (a eq 1)"), Ok(Filter::Not(Box::new(a))));
}

#[test]
fn a_uri_ends_at_its_last_colon() {
    let uri = "urn:ietf:params:scim:schemas:core:2.0:User";
    let Ok(Filter::Test(found, Operator::Present)) = parse_filter(&format!("{uri}:name.givenName pr")) else {
        panic!("a test");
    };
    assert_eq!(found, path(Some(uri), "name", Some("givenName")));
}

#[test]
fn paths_name_an_attribute_a_part_or_some_values() {
    let read = |text: &str| parse_path(text).unwrap();
    assert_eq!(read("name.givenName").attribute, path(None, "name", Some("givenName")));
    let filtered = read(r#"emails[type eq "work"].value"#);
    assert_eq!(filtered.attribute, path(None, "emails", Some("value")));
    assert_eq!(filtered.filter, Some(equal("type", json!("work"))));
    assert!(read("emails[primary eq true]").attribute.part.is_none());
    for bad in ["", "a b", "a.", ".a", "a[b eq 1", "a[b eq 1]c", "a[b eq 1].c.d", "a[]", "a eq 1", "a.b.c", ":a", "1a"]
    {
        assert!(parse_path(bad).is_err(), "{bad}");
    }
}

#[test]
fn anything_else_is_refused() {
    for bad in [
        "",
        " ",
        "userName",
        "userName eq",
        "userName eq bob",
        r#"userName is "bob""#,
        r#"userName eq "bob" and"#,
        r#"and userName eq "bob""#,
        r#"userName eq "bob" userName eq "bob""#,
        r#"(userName eq "bob""#,
        r#"userName eq "bob")"#,
        r#"not userName eq "bob""#,
        r#"emails[type eq "work""#,
        r#"userName eq "x'; drop table tenant_user; --"; select 1"#,
        "\0",
    ] {
        assert!(matches!(parse_filter(bad), Err(ParseError::Malformed(_))), "{bad}: {:?}", parse_filter(bad));
    }
}

#[test]
fn depth_length_and_tests_have_an_end() {
    let deep = |n: usize| format!("{}a pr{}", "(".repeat(n), ")".repeat(n));
    assert!(parse_filter(&deep(MAX_DEPTH)).is_ok());
    for text in [
        deep(MAX_DEPTH + 1),
        deep(2_000),
        format!("{}a pr{}", "not (".repeat(600), ")".repeat(600)),
        format!("{}a pr{}", "a[".repeat(1_000), "]".repeat(1_000)),
        vec!["a pr"; MAX_TESTS + 1].join(" or "),
        format!("a eq \"{}\"", "x".repeat(MAX_BYTES)),
    ] {
        assert_eq!(parse_filter(&text), Err(ParseError::TooMuch), "{}", text.len());
    }
    assert!(parse_filter(&vec!["a pr"; MAX_TESTS].join(" or ")).is_ok());
}
