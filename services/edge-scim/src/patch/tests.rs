use super::*;
use crate::schema::EXTENSION;
use serde_json::json;

fn user() -> Map<String, Value> {
    let user = json!({
        "userName": "ann", "displayName": "Ann", "active": true, "name": { "givenName": "Ann", "familyName": "Lee" },
        "emails": [
            { "value": "w@a.example", "type": "work", "primary": true }, { "value": "h@a.example", "type": "home" },
        ],
        EXTENSION: { "kind": "EXTERNAL" },
    });
    user.as_object().unwrap().clone()
}

fn patched(operations: Value) -> Result<Value, ScimError> {
    let mut user = user();
    Patch::read(&json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations }))?
        .apply(&mut user)?;
    Ok(Value::Object(user))
}

/// The user after one operation, at a pointer into it.
fn after(operation: Value, pointer: &str) -> Value {
    patched(json!([operation])).unwrap().pointer(pointer).cloned().unwrap_or(Value::Null)
}

fn refused(operation: Value) -> Option<ScimType> {
    patched(json!([operation.clone()])).map(|user| panic!("{operation} made {user}")).unwrap_err().scim_type
}

#[test]
fn single_values_are_set_and_removed() {
    assert_eq!(after(json!({ "op": "replace", "path": "userName", "value": "bob" }), "/userName"), "bob");
    assert_eq!(after(json!({ "op": "add", "path": "EXTERNALID", "value": "00u1" }), "/externalId"), "00u1");
    assert_eq!(after(json!({ "op": "remove", "path": "displayName" }), "/displayName"), Value::Null);
    assert_eq!(after(json!({ "op": "replace", "path": "displayName", "value": "" }), "/displayName"), Value::Null);
    assert_eq!(
        after(
            json!({ "op": "replace", "path": format!("{EXTENSION}:kind"), "value": "INTERNAL" }),
            &format!("/{EXTENSION}/kind")
        ),
        "INTERNAL"
    );
}

#[test]
fn parts_of_a_name_are_set_without_the_others() {
    let set = json!({ "op": "replace", "path": "name.familyName", "value": "Smith" });
    assert_eq!(after(set, "/name"), json!({ "givenName": "Ann", "familyName": "Smith" }));
    let merge = json!({ "op": "replace", "path": "name", "value": { "FORMATTED": "A. Lee", "givenName": null, "middleName": "B" } });
    assert_eq!(after(merge, "/name"), json!({ "familyName": "Lee", "formatted": "A. Lee" }));
    let gone = json!([{ "op": "remove", "path": "name.givenName" }, { "op": "remove", "path": "name.familyName" }]);
    assert!(patched(gone).unwrap().get("name").is_none());
}

#[test]
fn the_habits_of_entra_are_understood() {
    let off = json!({ "op": "Replace", "path": "active", "value": "False" });
    assert_eq!(after(off, "/active"), false);
    let whole = json!({ "op": "Replace", "value": {
        "active": "False", "name.familyName": "Smith", "emails[type eq \"home\"].value": "new@a.example",
        "urn:postern:params:scim:schemas:extension:2.0:User:kind": "INTERNAL",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "x", "id": "user_1", "title": "Dr",
    }});
    let user = patched(json!([whole])).unwrap();
    assert_eq!((&user["active"], &user["name"]["familyName"]), (&json!(false), &json!("Smith")));
    assert_eq!((&user["emails"][1]["value"], &user[EXTENSION]["kind"]), (&json!("new@a.example"), &json!("INTERNAL")));
    assert!(user.get("id").is_none() && user.get("title").is_none());
    let make = json!({ "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+14155550132" });
    assert_eq!(after(make, "/phoneNumbers"), json!([{ "type": "mobile", "value": "+14155550132" }]));
}

#[test]
fn the_habits_of_okta_are_understood() {
    assert_eq!(after(json!({ "op": "replace", "value": { "active": false } }), "/active"), false);
}

#[test]
fn values_are_added_once() {
    let new = json!({ "value": "o@a.example", "type": "other" });
    let add = json!({ "op": "add", "path": "emails", "value": [new, { "value": "h@a.example", "type": "home" }] });
    let emails = after(add, "/emails");
    assert_eq!(emails.as_array().unwrap().len(), 3, "{emails}");
    assert_eq!(emails[2], new);
}

#[test]
fn a_new_primary_value_takes_it_from_the_old_one() {
    let add = json!({ "op": "add", "path": "emails", "value": { "value": "o@a.example", "primary": true } });
    let emails = after(add, "/emails");
    assert_eq!((&emails[0]["primary"], &emails[2]["primary"]), (&json!(false), &json!(true)));
    let make = json!({ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true });
    let emails = after(make, "/emails");
    assert_eq!((&emails[0]["primary"], &emails[1]["primary"]), (&json!(false), &json!(true)));
}

#[test]
fn chosen_values_are_changed_and_removed() {
    let change = json!({ "op": "replace", "path": "emails[type eq \"WORK\" and primary eq true].value", "value": "x@a.example" });
    assert_eq!(after(change, "/emails/0"), json!({ "value": "x@a.example", "type": "work", "primary": true }));
    let swap = json!({ "op": "replace", "path": "emails[type eq \"home\"]", "value": { "value": "y@a.example" } });
    assert_eq!(after(swap, "/emails/1"), json!({ "value": "y@a.example" }), "replaced whole");
    let merge = json!({ "op": "add", "path": "emails[type eq \"home\"]", "value": { "value": "y@a.example" } });
    assert_eq!(after(merge, "/emails/1"), json!({ "value": "y@a.example", "type": "home" }));
    let remove = json!({ "op": "remove", "path": "emails[type eq \"work\"]" });
    assert_eq!(after(remove, "/emails"), json!([{ "value": "h@a.example", "type": "home" }]));
    let part = json!({ "op": "remove", "path": "emails[type eq \"work\"].primary" });
    assert_eq!(after(part, "/emails/0"), json!({ "value": "w@a.example", "type": "work" }));
    let value = json!({ "op": "remove", "path": "emails[type eq \"work\"].value" });
    assert_eq!(after(value, "/emails").as_array().unwrap().len(), 1, "without a value nothing is left");
    let listed = json!({ "op": "remove", "path": "emails", "value": [{ "value": "h@a.example" }] });
    assert_eq!(after(listed, "/emails").as_array().unwrap().len(), 1);
}

#[test]
fn a_part_without_a_filter_is_that_of_every_value() {
    let all = json!({ "op": "replace", "path": "emails.type", "value": "other" });
    let emails = after(all, "/emails");
    assert_eq!((&emails[0]["type"], &emails[1]["type"]), (&json!("other"), &json!("other")));
    let none = json!({ "op": "add", "path": "phoneNumbers.value", "value": "+14155550132" });
    assert_eq!(after(none, "/phoneNumbers"), json!([{ "value": "+14155550132" }]));
    assert_eq!(after(json!({ "op": "remove", "path": "phoneNumbers.value" }), "/phoneNumbers"), Value::Null);
}

#[test]
fn lists_are_replaced_and_removed_whole() {
    let new = json!([{ "value": "n@a.example", "primary": "true" }]);
    let replace = json!({ "op": "replace", "path": "emails", "value": new });
    assert_eq!(after(replace, "/emails"), json!([{ "value": "n@a.example", "primary": true }]));
    assert_eq!(after(json!({ "op": "remove", "path": "emails" }), "/emails"), Value::Null);
    assert_eq!(after(json!({ "op": "replace", "path": "emails", "value": [] }), "/emails"), Value::Null);
}

#[test]
fn a_whole_schema_is_a_path_too() {
    let core = json!({ "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User", "value": { "userName": "bob" } });
    assert_eq!(after(core, "/userName"), "bob");
    let own = json!({ "op": "add", "path": EXTENSION, "value": { "kind": "INTERNAL" } });
    assert_eq!(after(own, &format!("/{EXTENSION}/kind")), "INTERNAL");
    let read = json!({ "op": "replace", "path": EXTENSION, "value": { "schemas": [EXTENSION], "kind": "INTERNAL" } });
    assert_eq!(after(read, &format!("/{EXTENSION}/kind")), "INTERNAL", "as it was read");
    assert_eq!(after(json!({ "op": "remove", "path": EXTENSION }), &format!("/{EXTENSION}")), Value::Null);
    let nested = json!({ "op": "add", "value": { EXTENSION: { "KIND": "INTERNAL" } } });
    assert_eq!(after(nested, &format!("/{EXTENSION}/kind")), "INTERNAL");
}

#[test]
fn what_cannot_be_done_is_refused_by_its_kind() {
    for (operation, scim_type) in [
        (json!({ "op": "remove" }), ScimType::NoTarget),
        (json!({ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x" }), ScimType::NoTarget),
        (json!({ "op": "remove", "path": "emails[type eq \"other\"]" }), ScimType::NoTarget),
        (json!({ "op": "remove", "path": "userName" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "userName", "value": null }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "id", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "meta.version", "value": "x" }), ScimType::Mutability),
        (json!({ "op": "replace", "path": "nothing", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "replace", "path": "emails[type eq", "value": "x" }), ScimType::InvalidPath),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "userName" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "emails" }), ScimType::InvalidValue),
        (json!({ "op": "replace", "path": "name", "value": "Ann" }), ScimType::InvalidValue),
        (json!({ "op": "move", "path": "name" }), ScimType::InvalidSyntax),
        (json!({ "op": "add", "path": 1 }), ScimType::InvalidSyntax),
        (json!({ "op": "add", "value": "x" }), ScimType::InvalidValue),
        (json!("add"), ScimType::InvalidSyntax),
    ] {
        assert_eq!(refused(operation.clone()), Some(scim_type), "{operation}");
    }
    for body in [json!({}), json!([]), json!({ "Operations": [] }), json!({ "Operations": {} })] {
        assert_eq!(Patch::read(&body).unwrap_err().scim_type, Some(ScimType::InvalidSyntax), "{body}");
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    let one = json!({ "op": "add", "path": "emails", "value": { "value": "x" } });
    let body = json!({ "Operations": vec![one; MAX_OPERATIONS + 1] });
    assert_eq!(Patch::read(&body).unwrap_err().scim_type, Some(ScimType::TooMany));
    let many = |from: usize| (from..from + 90).map(|n| json!({ "value": format!("{n}") })).collect::<Vec<_>>();
    let grows = json!([
        { "op": "add", "path": "emails", "value": many(0) }, { "op": "add", "path": "emails", "value": many(90) },
    ]);
    assert_eq!(patched(grows).unwrap_err().scim_type, Some(ScimType::InvalidValue));
}
