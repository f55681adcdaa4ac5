//! What directories send: filters, and PATCHes with paths and filters in them.

use edge_scim::reading::{ReadFilter, patched};
use fuzz::Source;
use serde_json::{Map, Value, json};

const EXTENSION: &str = "urn:postern:params:scim:schemas:extension:2.0:User";

/// A filter as it was meant, of texts alone: what the reader is compared with.
enum Meant {
    All(Vec<Meant>),
    Any(Vec<Meant>),
    Not(Box<Meant>),
    Present(&'static str),
    Compared(&'static str, &'static str, String),
}

/// Two properties: what was written by the grammar is read as it was meant, by whatever spelling; and whatever else
/// is accepted has one spelling, which reads back as the same.
pub(super) fn filters(source: &mut Source<'_>) {
    let meant = meant(source, 0);
    let text = written(source, &meant);
    let filter = ReadFilter::read(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    for value in [json!({}), user_value(source), user_value(source)] {
        assert_eq!(filter.holds_for(&value), holds(&meant, &value), "{text} of {value}");
    }
    reads_back(&filter);

    let noise = source.text("aeE not(pr)[]\"\\.:-$ eqco09", 40);
    for text in [String::from_utf8_lossy(&source.mutated(text.as_bytes())).into_owned(), noise] {
        if let Ok(filter) = ReadFilter::read(&text) {
            reads_back(&filter);
        }
    }
}

fn reads_back(filter: &ReadFilter) {
    let printed = filter.to_string();
    let again = ReadFilter::read(&printed).unwrap_or_else(|error| panic!("{printed}: {error}"));
    assert_eq!(again.to_string(), printed, "one spelling");
    assert_eq!(again.is_searchable(), filter.is_searchable(), "{printed}");
}

fn meant(source: &mut Source<'_>, depth: usize) -> Meant {
    const NAMES: [&str; 3] = ["value", "type", "display"];
    const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
    let several = |source: &mut Source<'_>| (0..2 + source.below(2)).map(|_| meant(source, depth + 1)).collect();
    match source.below(if depth < 3 { 7 } else { 4 }) {
        0 => Meant::Present(source.pick::<&str>(&NAMES)),
        1..=3 => {
            Meant::Compared(source.pick::<&str>(&NAMES), source.pick::<&str>(&OPERATORS), source.text("abAB \"\\", 3))
        }
        4 => Meant::All(several(source)),
        5 => Meant::Any(several(source)),
        _ => Meant::Not(Box::new(meant(source, depth + 1))),
    }
}

/// In some spelling: any case, more spaces and parentheses than are needed.
fn written(source: &mut Source<'_>, meant: &Meant) -> String {
    match meant {
        Meant::Present(name) => format!("{} {}", cased(source, name), cased(source, "pr")),
        Meant::Compared(name, operator, text) => {
            format!(
                "{}{}{} {}",
                cased(source, name),
                spaces(source),
                cased(source, operator),
                Value::from(text.as_str())
            )
        }
        Meant::Not(inner) => format!("{}{}({})", cased(source, "not"), source.pick(&["", " "]), written(source, inner)),
        Meant::All(parts) => joined(source, parts, "and"),
        Meant::Any(parts) => joined(source, parts, "or"),
    }
}

fn joined(source: &mut Source<'_>, parts: &[Meant], word: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("({})", written(source, part))).collect();
    let word = format!("{}{}{}", spaces(source), cased(source, word), spaces(source));
    parts.join(&word)
}

fn cased(source: &mut Source<'_>, word: &str) -> String {
    word.chars().map(|c| if source.once_in(3) { c.to_ascii_uppercase() } else { c }).collect()
}

fn spaces(source: &mut Source<'_>) -> &'static str {
    source.pick::<&str>(&[" ", "  ", " \t"])
}

fn user_value(source: &mut Source<'_>) -> Value {
    let mut object = Map::new();
    for name in ["value", "type"] {
        if source.once_in(2) {
            object.insert(name.to_owned(), source.text("abAB \"\\", 3).into());
        }
    }
    Value::Object(object)
}

fn holds(meant: &Meant, value: &Value) -> bool {
    match meant {
        Meant::All(parts) => parts.iter().all(|part| holds(part, value)),
        Meant::Any(parts) => parts.iter().any(|part| holds(part, value)),
        Meant::Not(inner) => !holds(inner, value),
        Meant::Present(name) => value.get(name).is_some(),
        Meant::Compared(name, operator, text) => {
            let Some(own) = value.get(name).and_then(Value::as_str) else { return *operator == "ne" };
            compared(&own.to_lowercase(), operator, &text.to_lowercase())
        }
    }
}

fn compared(own: &str, operator: &str, given: &str) -> bool {
    match operator {
        "eq" => own == given,
        "ne" => own != given,
        "co" => own.contains(given),
        "sw" => own.starts_with(given),
        "ew" => own.ends_with(given),
        "gt" => own > given,
        "ge" => own >= given,
        "lt" => own < given,
        _ => own <= given,
    }
}

/// What holds of a PATCH of any kind: the same one is read the same; a user that it leaves has attributes of the
/// table alone, none that the server assigns, and a user name; replacing single values twice is replacing them once.
pub(super) fn patches(source: &mut Source<'_>) {
    let single = source.once_in(2);
    let operations: Vec<Value> = (0..=source.below(4)).map(|_| operation(source, single)).collect();
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let user = user();
    let once = patched(user.clone(), &body);
    assert_eq!(patched(user, &body), once, "the same is read the same");
    let Ok(once) = once else { return };
    is_of_the_table(&once, &body);
    if single {
        assert_eq!(patched(once.clone(), &body), Ok(once), "{body} twice");
    }
}

fn user() -> Map<String, Value> {
    let user = json!({
        "userName": "ann", "displayName": "Ann", "active": true, "name": { "givenName": "Ann" },
        "emails": [{ "value": "w@a.example", "type": "work", "primary": true }, { "value": "h@a.example", "type": "home" }],
        EXTENSION: { "kind": "EXTERNAL" },
    });
    user.as_object().expect("an object").clone()
}

fn operation(source: &mut Source<'_>, single: bool) -> Value {
    const SINGLE: [&str; 7] =
        ["userName", "displayName", "active", "name.givenName", "name", "preferredLanguage", "externalId"];
    const OTHERS: [&str; 14] = [
        "emails",
        "emails[type eq \"work\"].value",
        "emails[type eq \"new\"]",
        "phoneNumbers[primary eq true].value",
        "emails.value",
        "id",
        "meta",
        "groups",
        "title",
        "roles[",
        "emails[not (type pr)]",
        EXTENSION,
        "urn:postern:params:scim:schemas:extension:2.0:User:kind",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ];
    if single {
        return json!({ "op": "replace", "path": source.pick(&SINGLE), "value": value(source, 0) });
    }
    let op = *source.pick(&["add", "replace", "remove", "Replace", "ADD", "move"]);
    let path = match source.below(4) {
        0 => Value::Null,
        1 => (*source.pick(&SINGLE)).into(),
        2 => (*source.pick(&OTHERS)).into(),
        _ => String::from_utf8_lossy(&{
            let path = *source.pick(&OTHERS);
            source.mutated(path.as_bytes())
        })
        .into(),
    };
    json!({ "op": op, "path": path, "value": value(source, 0) })
}

fn value(source: &mut Source<'_>, depth: usize) -> Value {
    const KEYS: [&str; 10] =
        ["value", "type", "primary", "givenName", "userName", "id", "active", "emails", "kind", "x"];
    match source.below(if depth < 3 { 9 } else { 6 }) {
        0 => Value::Null,
        1 => source.once_in(2).into(),
        2 => source.number().into(),
        3..=5 => source.text("work@a.exmpl +14True", 10).into(),
        6 => (0..source.below(3)).map(|_| value(source, depth + 1)).collect(),
        _ => Value::Object(
            (0..source.below(4)).map(|_| (source.pick(&KEYS).to_string(), value(source, depth + 1))).collect(),
        ),
    }
}

fn is_of_the_table(user: &Map<String, Value>, body: &Value) {
    const WRITABLE: [&str; 9] = [
        "userName",
        "displayName",
        "active",
        "name",
        "emails",
        "phoneNumbers",
        "preferredLanguage",
        "externalId",
        EXTENSION,
    ];
    for name in user.keys() {
        assert!(WRITABLE.contains(&name.as_str()), "{body} wrote {name}");
    }
    assert!(
        user.get("userName").and_then(Value::as_str).is_some_and(|name| !name.is_empty()),
        "{body} took the user name"
    );
    for list in ["emails", "phoneNumbers"].iter().filter_map(|name| user.get(*name)) {
        let values = list.as_array().expect("a list");
        assert!(
            (1..=100).contains(&values.len()) && values.iter().all(|one| one.get("value").is_some()),
            "{body}: {list}"
        );
    }
    let depth = Value::Object(user.clone()).to_string().matches('{').count();
    assert!(depth < 250, "{body} made something large");
}
