//! How an act is answered: a redirect to a page of the prompt, with the name of a sentence, or away.

use axum::response::Response;
use core_kernel::{Fault, Refusal, RefusalCode, Stop};
use url::form_urlencoded;

/// Where the browser goes after an act.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Next {
    view: Option<&'static str>,
    notice: Option<String>,
    more: Vec<(&'static str, String)>,
}

impl Next {
    /// To the page that follows from how things stand.
    pub(crate) fn start() -> Self {
        Self::default()
    }

    /// To this page.
    pub(crate) fn view(view: &'static str) -> Self {
        Self { view: Some(view), ..Self::default() }
    }

    /// Telling this.
    pub(crate) fn telling(mut self, name: &str) -> Self {
        self.notice = Some(name.to_owned());
        self
    }

    /// Telling why not.
    pub(crate) fn refused(self, refusal: &Refusal) -> Self {
        let about =
            |name: &str| refusal.code == RefusalCode::Invalid && refusal.field.iter().any(|field| field == name);
        let name = match () {
            () if about("number") => "NUMBER",
            () if about("line") => "LINE",
            () if refusal.code == RefusalCode::WrongCode && refusal.field == ["credential"] => "PASSKEY",
            () => refusal.code.as_str(),
        };
        self.telling(name)
    }

    /// With one more parameter.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.more.push((name, value.into()));
        self
    }

    pub(crate) fn address(&self, place: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.more {
            query.append_pair(name, value);
        }
        if let Some(view) = self.view {
            query.append_pair("view", view);
        }
        if let Some(notice) = &self.notice {
            query.append_pair("notice", notice);
        }
        let query = query.finish();
        if query.is_empty() { place.to_owned() } else { format!("{place}?{query}") }
    }
}

/// What an act came to.
pub(crate) enum Outcome {
    /// To another page of the prompt.
    Page(Next),
    /// Back to the integrator.
    Away(String),
    /// A page that is shown once, such as a secret: it cannot be reloaded.
    Shown(Response),
}

impl From<Next> for Outcome {
    fn from(next: Next) -> Self {
        Self::Page(next)
    }
}

/// The page that tells of an expected *no*; faults go up.
pub(crate) fn told(stop: Stop, next: Next) -> Result<Outcome, Fault> {
    match stop {
        Stop::Refused(refusals) => Ok(refusals.first().map_or(next.clone(), |first| next.refused(first)).into()),
        Stop::Fault(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_names_and_no_sentences() {
        assert_eq!(Next::start().address("/p"), "/p");
        let refusal = Refusal::new(RefusalCode::WrongCode, "No.");
        assert_eq!(Next::view("options").refused(&refusal).address("/p"), "/p?view=options&notice=WRONG_CODE");
        assert_eq!(Next::start().refused(&Refusal::invalid("number", "No.")).address("/p"), "/p?notice=NUMBER");
        assert_eq!(Next::start().refused(&Refusal::invalid("line", "No.")).address("/p"), "/p?notice=LINE");
        let passkey = Refusal { field: vec!["credential".to_owned()], ..refusal };
        assert_eq!(Next::start().refused(&passkey).address("/p"), "/p?notice=PASSKEY");
        assert_eq!(Next::view("confirm").with("factor", "a&b").address("/p"), "/p?factor=a%26b&view=confirm");
    }
}
