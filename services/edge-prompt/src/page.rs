//! Drawing a page: its template, the firm's looks, and a content policy with a nonce.

use axum::http::StatusCode;
use axum::response::Response;
use core_kernel::{Entropy, Fault};
use edge_http::Nonce;
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Error, Value, context};

use crate::words::{self, Language, Words};

const TEMPLATES: [(&str, &str); 11] = [
    ("base.html", include_str!("../templates/base.html")),
    ("code.html", include_str!("../templates/code.html")),
    ("options.html", include_str!("../templates/options.html")),
    ("advisor.html", include_str!("../templates/advisor.html")),
    ("enroll.html", include_str!("../templates/enroll.html")),
    ("confirm.html", include_str!("../templates/confirm.html")),
    ("app.html", include_str!("../templates/app.html")),
    ("passkey.html", include_str!("../templates/passkey.html")),
    ("settings.html", include_str!("../templates/settings.html")),
    ("backup.html", include_str!("../templates/backup.html")),
    ("denied.html", include_str!("../templates/denied.html")),
];
const OVER: (&str, &str) = ("over.html", include_str!("../templates/over.html"));
const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/script.js");
const PASSKEY_SCRIPT: &str = include_str!("../templates/passkey.js");

/// The templates and sentences.
pub(crate) struct Pages {
    templates: Environment<'static>,
    english: Words,
    spanish: Words,
}

/// What every page shows of the firm and the user.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// What users know the firm by.
    pub firm: String,
    /// Where its logo is served, if it has one.
    pub logo: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// How users reach a person.
    pub support_contact: Option<String>,
    /// In which language.
    pub language: Language,
    /// The prompt's own address; empty on a page that belongs to none.
    pub place: String,
    /// What came of the last act.
    pub notice: Option<Notice>,
}

/// A sentence about the last act.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// Its name among the sentences, without `notice_`.
    pub name: String,
    /// Whether it is good news.
    pub is_good: bool,
}

impl Pages {
    pub(crate) fn new() -> Self {
        let mut templates = Environment::new();
        templates.add_filter("fill", fill);
        for (name, text) in TEMPLATES.into_iter().chain([OVER]) {
            // They are part of the program: that they can be read is a test.
            if let Err(error) = templates.add_template(name, text) {
                tracing::error!(error = %error, name, "a template of the hosted prompt cannot be read");
            }
        }
        Self { templates, english: words::load(Language::English), spanish: words::load(Language::Spanish) }
    }

    pub(crate) fn words(&self, language: Language) -> &Words {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
        }
    }

    /// A page, by its template and what is its own.
    ///
    /// # Errors
    /// When the template cannot be drawn.
    pub(crate) fn draw(
        &self,
        status: StatusCode,
        name: &str,
        frame: &Frame,
        own: Value,
        entropy: &dyn Entropy,
    ) -> Result<Response, Fault> {
        let nonce = Nonce::new(entropy);
        let template = self.templates.get_template(name).map_err(Fault::internal)?;
        let shared = self.shared(frame, nonce.as_str());
        let text = template.render(context! { ..own, ..shared }).map_err(Fault::internal)?;
        Ok(nonce.page(status, text))
    }

    fn shared(&self, frame: &Frame, nonce: &str) -> Value {
        let words = self.words(frame.language);
        let notice = frame.notice.as_ref().map(|notice| {
            let sentence = words.get(&format!("notice_{}", notice.name)).or_else(|| words.get("notice_OTHER"));
            words::fill(sentence.map_or("", String::as_str), &[("firm", &frame.firm)])
        });
        context! {
            t => Serde(words), language => frame.language.tag(), nonce, style => Value::from_safe_string(STYLE.to_owned()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            passkey_script => Value::from_safe_string(PASSKEY_SCRIPT.to_owned()), firm => frame.firm.clone(), logo => frame.logo.clone(), color => frame.color.clone(),
            support_contact => frame.support_contact.clone(), place => frame.place.clone(), notice,
            notice_is_good => frame.notice.as_ref().is_some_and(|notice| notice.is_good),
        }
    }
}

/// `{{ t.sentence | fill(name=value) }}`.
fn fill(sentence: String, places: Kwargs) -> Result<String, Error> {
    let mut text = sentence;
    for name in places.args() {
        let value: Value = places.get(name)?;
        text = words::fill(&text, &[(name, &value.to_string())]);
    }
    places.assert_all_used()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header;
    use core_kernel::SeededEntropy;

    fn frame() -> Frame {
        Frame {
            firm: "<b>Acme</b>".into(),
            logo: Some("/logo/t/d.png".into()),
            color: Some("#123456".into()),
            support_contact: Some("\"><script>".into()),
            language: Language::Spanish,
            place: "/prompt/t/p".into(),
            notice: Some(Notice { name: "WRONG_CODE".into(), is_good: false }),
        }
    }

    fn drawn(name: &str) -> (String, String) {
        let own = context! { to => "<i>x</i>", why => "<i>x</i>", explain => "x", title => "x" };
        let response = Pages::new().draw(StatusCode::OK, name, &frame(), own, &SeededEntropy::new(1)).unwrap();
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let body = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(async { axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap() });
        (String::from_utf8(body.to_vec()).unwrap(), policy)
    }

    #[test]
    fn every_page_can_be_drawn_is_light_and_lets_nobody_write_into_it() {
        for (name, _) in TEMPLATES.into_iter().chain([OVER]) {
            let (text, policy) = drawn(name);
            assert!(text.contains("lang=\"es\"") && !policy.contains("unsafe"), "{name}");
            assert!(!text.contains("<b>Acme") && !text.contains("<i>x") && !text.contains("\"><script>"), "{name}");
            assert!(text.len() < 30_000, "{name} takes {} bytes", text.len());
            assert!(!text.contains("{to}") && !text.contains("{firm}"), "{name}: a place was not filled in");
        }
    }

    #[test]
    fn what_went_wrong_is_said() {
        assert!(drawn("code.html").0.contains("Ese código no es correcto."));
    }
}
