//! PATCH (RFC 7644 §3.5.2): operations on what a client may write of a user, one after the other. If one
//! fails, nothing is written.
//!
//! The user is JSON here, in the form of the table (`crate::schema`), and becomes a user again when all
//! is done: then, and only then, is it checked whole.

mod apply;
mod list;
mod target;

use serde_json::{Map, Value};

use self::apply::{apply, each_member};
use crate::error::{ScimError, ScimType};

/// The most operations of a request.
const MAX_OPERATIONS: usize = 100;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

/// One operation.
#[derive(Debug, Clone)]
struct Operation {
    verb: Verb,
    path: Option<String>,
    value: Option<Value>,
}

/// The operations of a request.
#[derive(Debug, Clone)]
pub(crate) struct Patch(Vec<Operation>);

impl Patch {
    /// Reads a request; names and verbs in any case, as Entra writes them.
    ///
    /// # Errors
    /// `invalidSyntax` for what is no list of operations, `tooMany` for too long a one.
    pub(crate) fn read(body: &Value) -> Result<Self, ScimError> {
        let operations = member(body, "Operations").and_then(Value::as_array).filter(|list| !list.is_empty());
        let operations = operations.ok_or_else(|| syntax("A PATCH has a list of Operations."))?;
        if operations.len() > MAX_OPERATIONS {
            let detail = format!("A PATCH has {MAX_OPERATIONS} Operations at most.");
            return Err(ScimError::bad(ScimType::TooMany, detail));
        }
        Ok(Self(operations.iter().map(Operation::read).collect::<Result<_, _>>()?))
    }

    /// Does all of it.
    ///
    /// # Errors
    /// `invalidPath`, `invalidValue`, `mutability`, `noTarget`.
    pub(crate) fn apply(&self, user: &mut Map<String, Value>) -> Result<(), ScimError> {
        self.0.iter().try_for_each(|operation| operation.apply(user))
    }
}

impl Operation {
    fn read(value: &Value) -> Result<Self, ScimError> {
        let verb = member(value, "op").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let verb = match verb.as_str() {
            "add" => Verb::Add,
            "replace" => Verb::Replace,
            "remove" => Verb::Remove,
            _ => return Err(syntax("An operation's op is add, replace or remove.")),
        };
        let path = match member(value, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path.trim().to_owned()).filter(|path| !path.is_empty()),
            Some(_) => return Err(syntax("An operation's path is a text.")),
        };
        Ok(Self { verb, path, value: member(value, "value").cloned() })
    }

    fn apply(&self, user: &mut Map<String, Value>) -> Result<(), ScimError> {
        match (&self.path, self.verb) {
            (Some(path), _) => apply(user, self.verb, path, self.value.as_ref()),
            (None, Verb::Remove) => {
                Err(ScimError::bad(ScimType::NoTarget, "A remove says by its path what is removed."))
            }
            (None, _) => self.apply_whole(user),
        }
    }

    /// Without a path the value is an object of attributes, or of paths, as Entra has it.
    fn apply_whole(&self, user: &mut Map<String, Value>) -> Result<(), ScimError> {
        each_member(self.value.as_ref(), |path, value| apply(user, self.verb, path, Some(value)))
    }
}

/// An object's member, in any case.
fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn syntax(detail: &str) -> ScimError {
    ScimError::bad(ScimType::InvalidSyntax, detail)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
