//! Whether a value of a list satisfies a filter on its sub-attributes.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Comparison, Filter, Operator};
use crate::schema::as_boolean;

/// Asks a filter of one value. Texts are compared in any case: no sub-attribute that is kept is exact.
pub(crate) fn matches(filter: &Filter, value: &Value) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| matches(part, value)),
        Filter::Or(parts) => parts.iter().any(|part| matches(part, value)),
        Filter::Not(inner) => !matches(inner, value),
        Filter::Values(..) => false,
        Filter::Test(path, operator) => {
            let name = path.part.as_deref().unwrap_or(&path.name);
            let own = value.as_object().and_then(|object| {
                object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            });
            test(own, operator)
        }
    }
}

fn test(own: Option<&Value>, operator: &Operator) -> bool {
    let Operator::Compare(comparison, given) = operator else { return own.is_some() };
    let Some(own) = own else {
        return match comparison {
            Comparison::Equal => given.is_null(),
            Comparison::NotEqual => !given.is_null(),
            _ => false,
        };
    };
    match own {
        Value::Bool(truth) => compare_truth(*comparison, *truth, as_boolean(given)),
        Value::String(text) => given.as_str().map_or(*comparison == Comparison::NotEqual, |given| {
            compare_text(*comparison, &text.to_lowercase(), &given.to_lowercase())
        }),
        _ => false,
    }
}

fn compare_truth(comparison: Comparison, own: bool, given: Option<bool>) -> bool {
    match comparison {
        Comparison::Equal => given == Some(own),
        Comparison::NotEqual => given != Some(own),
        _ => false,
    }
}

fn compare_text(comparison: Comparison, own: &str, given: &str) -> bool {
    match comparison {
        Comparison::Equal => own == given,
        Comparison::NotEqual => own != given,
        Comparison::Contains => own.contains(given),
        Comparison::StartsWith => own.starts_with(given),
        Comparison::EndsWith => own.ends_with(given),
        Comparison::Greater => own.cmp(given) == Ordering::Greater,
        Comparison::GreaterOrEqual => own.cmp(given) != Ordering::Less,
        Comparison::Less => own.cmp(given) == Ordering::Less,
        Comparison::LessOrEqual => own.cmp(given) != Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::parse_filter;
    use serde_json::json;

    #[test]
    fn a_value_is_asked_for_its_parts() {
        let value = json!({ "value": "Ann@example.com", "type": "work", "primary": true });
        let asked = |text: &str| matches(&parse_filter(text).unwrap(), &value);
        for yes in [
            r#"type eq "WORK""#,
            r#"TYPE eq "work" and primary eq true"#,
            r#"primary eq "True""#,
            r#"value co "@EXAMPLE""#,
            r#"value sw "ann" and value ew ".com""#,
            r#"display eq null"#,
            r#"not (display pr)"#,
            r#"display ne "x""#,
            r#"type gt "home" and type le "work""#,
            r#"emails.type eq "work""#,
            r#"type eq "home" or primary eq true"#,
        ] {
            assert!(asked(yes), "{yes}");
        }
        for no in [
            r#"type eq "home""#,
            "primary eq false",
            "primary gt true",
            r#"type eq 1"#,
            "display pr",
            r#"display eq """#,
            r#"value[type eq "work"]"#,
            r#"type ne "work""#,
            r#"type lt "work""#,
        ] {
            assert!(!asked(no), "{no}");
        }
        assert!(!matches(&parse_filter("type pr").unwrap(), &json!("work")));
    }
}
