//! JSON in one spelling, whoever wrote it and in whichever order (as RFC 8785 does, but for numbers, which
//! stand as serde_json prints them).

use serde_json::Value;

/// The value without white space, members in the order of their names' bytes.
pub(crate) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => write_list(text, ['[', ']'], items.iter(), write),
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            write_list(text, ['{', '}'], sorted.into_iter(), |(name, value), text| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            });
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn write_list<T>(text: &mut String, ends: [char; 2], items: impl Iterator<Item = T>, each: fn(T, &mut String)) {
    text.push(ends[0]);
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push(',');
        }
        each(item, text);
    }
    text.push(ends[1]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_order_nor_white_space_matters() {
        let written = r#" {"b": [1, {"z": null, "y": "\u00e9\n\""}], "a": {}, "": [] } "#;
        let value: Value = serde_json::from_str(written).unwrap();
        assert_eq!(canonical(&value), r#"{"":[],"a":{},"b":[1,{"y":"é\n\"","z":null}]}"#);
        assert_eq!(canonical(&serde_json::from_str(&canonical(&value)).unwrap()), canonical(&value));
    }

    #[test]
    fn what_differs_is_spelled_differently() {
        for (one, other) in [("[1,2]", "[2,1]"), ("\"1\"", "1"), ("{}", "[]"), ("{\"a\":null}", "{}"), ("1", "1.5")] {
            let read = |text| canonical(&serde_json::from_str::<Value>(text).unwrap());
            assert_ne!(read(one), read(other));
        }
    }
}
