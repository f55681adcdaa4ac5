//! A product's file: for each step the request, what the answer must say, and what is taken from it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::compare::{Facts, Step};

/// A product.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What tables call it.
    pub name: String,
    /// Sent with every step.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    evaluate: Call,
    start: Call,
    /// Left out where the users' facts have a `code`.
    code: Option<Call>,
    verify: Call,
}

/// A request and its answer. In paths, headers and bodies `${name}` stands for a fact.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// `POST` where nothing is said.
    #[serde(default = "post")]
    pub method: String,
    /// Behind the product's address.
    pub path: String,
    /// The body; facts are written into it as the inside of a JSON string.
    #[serde(default)]
    pub body: String,
    /// What the answer must say, by JSON pointer. The right status alone does not make it the right answer.
    #[serde(default)]
    pub expect: BTreeMap<String, Value>,
    /// What is taken from the answer, by JSON pointer.
    #[serde(default)]
    pub take: BTreeMap<String, String>,
    /// Facts of which only the first digits in a row count: a code in its text.
    #[serde(default)]
    pub digits: Vec<String>,
    /// For how many milliseconds it is asked again until the answer is right: a code is on its way for a while.
    #[serde(default)]
    pub patience_ms: u64,
}

fn post() -> String {
    "POST".to_owned()
}

impl Mapping {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not there, or has a key that means nothing.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        toml::from_str(&text).with_context(|| file.display().to_string())
    }

    /// The request of a step, where there is one.
    #[must_use]
    pub const fn call(&self, step: Step) -> Option<&Call> {
        match step {
            Step::Evaluate => Some(&self.evaluate),
            Step::Start => Some(&self.start),
            Step::Code => self.code.as_ref(),
            Step::Verify => Some(&self.verify),
        }
    }
}

impl Call {
    /// Takes from an answer what is wanted of it.
    ///
    /// # Errors
    /// When it is not the right one.
    pub fn read(&self, answer: &Value, facts: &mut Facts) -> anyhow::Result<()> {
        for (pointer, wanted) in &self.expect {
            ensure!(answer.pointer(pointer) == Some(wanted), "{pointer} is not {wanted}: {answer}");
        }
        for (name, pointer) in &self.take {
            let value = match answer.pointer(pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => bail!("no {pointer}: {answer}"),
            };
            let value = if self.digits.contains(name) { first_digits(&value)? } else { value };
            facts.insert(name.clone(), value);
        }
        Ok(())
    }
}

/// Four digits or more in a row.
fn first_digits(text: &str) -> anyhow::Result<String> {
    let mut runs = text.split(|letter: char| !letter.is_ascii_digit());
    Ok(runs.find(|run| run.len() >= 4).context("no code in the text")?.to_owned())
}

/// Puts facts into a text; `escape` makes them harmless where they stand.
///
/// # Errors
/// When a fact is named that is not known.
pub(super) fn filled(text: &str, facts: &Facts, escape: impl Fn(&str) -> String) -> anyhow::Result<String> {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').context("${ without }")?;
        whole += &escape(facts.get(name).with_context(|| format!("nothing is known of {name}"))?);
        whole += rest;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/products");

    fn facts() -> Facts {
        Facts::from([("user".to_owned(), "a\"b".to_owned())])
    }

    #[test]
    fn every_file_is_a_product() {
        for file in std::fs::read_dir(FOLDER).unwrap() {
            let mapping = Mapping::read(&file.unwrap().path()).unwrap();
            assert!(!mapping.name.is_empty() && mapping.call(Step::Verify).is_some());
        }
    }

    #[test]
    fn facts_are_put_in_and_one_that_is_unknown_is_no_empty_text() {
        let inside = |text: &str| text.replace('"', "\\\"");
        assert_eq!(filled(r#"{"u":"${user}"}"#, &facts(), inside).unwrap(), r#"{"u":"a\"b"}"#);
        assert_eq!(filled("/x/$1", &facts(), str::to_owned).unwrap(), "/x/$1");
        assert!(filled("${other}", &facts(), str::to_owned).is_err());
        assert!(filled("${user", &facts(), str::to_owned).is_err());
    }

    #[test]
    fn an_answer_must_say_what_is_expected_and_have_what_is_taken() {
        let call: Call = toml::from_str(
            r#"path = "/"
               expect = { "/ok" = true }
               take = { id = "/login/id", code = "/text" }
               digits = ["code"]"#,
        )
        .unwrap();
        let mut facts = Facts::new();
        let good = json!({ "ok": true, "login": { "id": 7 }, "text": "Room 12: 123456 is your code" });
        call.read(&good, &mut facts).unwrap();
        assert_eq!((facts["id"].as_str(), facts["code"].as_str()), ("7", "123456"));
        for (pointer, value) in [("/ok", json!(false)), ("/login", json!(null)), ("/text", json!("none"))] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            assert!(call.read(&bad, &mut Facts::new()).is_err(), "{pointer}");
        }
    }
}
