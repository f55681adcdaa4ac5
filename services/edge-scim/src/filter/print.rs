//! A filter in its one spelling: what was understood, for whoever wants to compare.

use std::fmt;

use super::{AttributePath, Comparison, Filter, Operator};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " and ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => joined(f, parts, " or ", |part| matches!(part, Self::Or(_))),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Test(path, Operator::Present) => write!(f, "{path} pr"),
            Self::Test(path, Operator::Compare(comparison, value)) => write!(f, "{path} {comparison} {value}"),
            Self::Values(path, inner) => write!(f, "{path}[{inner}]"),
        }
    }
}

/// The parts, in parentheses where they would bind otherwise.
fn joined(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str, apart: impl Fn(&Filter) -> bool) -> fmt::Result {
    for (number, part) in parts.iter().enumerate() {
        f.write_str(if number > 0 { word } else { "" })?;
        if apart(part) { write!(f, "({part})")? } else { write!(f, "{part}")? }
    }
    Ok(())
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        self.part.iter().try_for_each(|part| write!(f, ".{part}"))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::parse_filter;

    #[test]
    fn what_is_printed_reads_back_as_the_same() {
        for (text, printed) in [
            ("a  PR", "a pr"),
            ("(a eq \"x\\u0041\")", "a eq \"xA\""),
            ("a pr or b pr and not (c pr)", "a pr or b pr and not (c pr)"),
            ("(a pr or b pr) and (c pr and d pr)", "(a pr or b pr) and (c pr and d pr)"),
            ("(a pr or b pr) or c pr", "(a pr or b pr) or c pr"),
            (
                "urn:x:2.0:User:emails[type EQ \"w\" and primary eq TRUE]",
                "urn:x:2.0:User:emails[type eq \"w\" and primary eq true]",
            ),
        ] {
            let filter = parse_filter(text).unwrap();
            assert_eq!(filter.to_string(), printed);
            assert_eq!(parse_filter(printed).unwrap(), filter, "{printed}");
        }
    }
}
