//! A tenant's own reminder. Its words are the tenant's; three things can be filled in. It is no
//! template of ours: whatever else stands in braces is refused when it is given, and nothing that is
//! filled in is read for braces again, so that a user called `{{deadline}}` is called that.

/// What can be filled in.
const PLACEHOLDERS: [&str; 3] = ["display_name", "deadline", "tenant_name"];

/// What is filled in.
pub(super) struct Words<'a> {
    pub(super) display_name: &'a str,
    pub(super) deadline: &'a str,
    pub(super) tenant_name: &'a str,
}

/// The placeholders of a text, or the first thing in braces that is none.
pub(crate) fn placeholders(text: &str) -> Result<Vec<&'static str>, String> {
    let mut found = Vec::new();
    for part in parts(text) {
        match part {
            Part::Plain(plain) if plain.contains("{{") || plain.contains("}}") => return Err(shown(plain)),
            Part::Plain(_) => {}
            Part::Braced(name) => {
                found.push(PLACEHOLDERS.into_iter().find(|known| *known == name).ok_or_else(|| shown(name))?);
            }
        }
    }
    Ok(found)
}

/// The text with everything filled in.
pub(super) fn fill(text: &str, words: &Words<'_>) -> String {
    let filled = parts(text).map(|part| match part {
        Part::Plain(plain) => plain,
        Part::Braced("display_name") => words.display_name,
        Part::Braced("deadline") => words.deadline,
        Part::Braced("tenant_name") => words.tenant_name,
        Part::Braced(_) => "",
    });
    filled.collect()
}

enum Part<'a> {
    Plain(&'a str),
    /// What stands between braces, trimmed.
    Braced(&'a str),
}

fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (part, after) = next_part(rest);
        rest = after;
        Some(part)
    })
}

fn next_part(text: &str) -> (Part<'_>, &str) {
    match text.find("{{") {
        Some(0) => match text.find("}}") {
            Some(end) => (Part::Braced(text[2..end].trim()), &text[end + 2..]),
            None => (Part::Plain(text), ""),
        },
        Some(start) => (Part::Plain(&text[..start]), &text[start..]),
        None => (Part::Plain(text), ""),
    }
}

/// What was wrong, short enough for a sentence.
fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words<'static> = Words { display_name: "Ann", deadline: "2026-03-01", tenant_name: "Acme" };

    #[test]
    fn three_things_are_filled_in() {
        let text = "Hello {{display_name}}, {{ tenant_name }} asks: by {{  deadline}}!{}{";
        assert_eq!(placeholders(text), Ok(vec!["display_name", "tenant_name", "deadline"]));
        assert_eq!(fill(text, &WORDS), "Hello Ann, Acme asks: by 2026-03-01!{}{");
        assert_eq!(placeholders("no braces"), Ok(vec![]));
    }

    #[test]
    fn anything_else_in_braces_is_refused() {
        for text in [
            "{{code}}",
            "{{ display_name | upper }}",
            "{{ }}",
            "{{",
            "}}",
            "{{display_name",
            "display_name}}",
            "{{{display_name}}}",
            "{{Display_Name}}",
            "{{ display_name }} {{ url }}",
            "{{ {{ deadline }} }}",
        ] {
            assert!(placeholders(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let words = Words { display_name: "{{deadline}}", ..WORDS };
        assert_eq!(fill("{{display_name}}", &words), "{{deadline}}");
    }
}
