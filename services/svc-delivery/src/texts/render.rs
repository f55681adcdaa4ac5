//! From facts to a text.

use std::collections::BTreeMap;
use std::sync::Arc;

use core_kernel::Redacted;
use minijinja::{Environment, Value, context};

use super::catalog::{LAYOUT, Language, languages};
use super::facts::Facts;
use super::{gsm7, harmless, reminder};
use crate::model::MessageChannel;

/// The colour of a tenant that chose none.
const DEFAULT_COLOR: &str = "#3457d5";

/// A text as it is handed to a provider.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    /// Of mails.
    pub(crate) subject: String,
    /// The text, what is said, or a mail's plain part.
    pub(crate) text: Redacted<String>,
    /// A mail's other part.
    pub(crate) html: Redacted<String>,
    /// Whose name stands beside the sender's address.
    pub(crate) product: String,
    /// Of calls: what is said around the text.
    pub(crate) call: Option<Call>,
}

/// What a call says beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Of the voice (BCP 47).
    pub(crate) language: String,
    /// Asks for a key, so that no voicemail hears the code.
    pub(crate) press_key: String,
    /// When none was pressed.
    pub(crate) no_key: String,
    /// When the code is over.
    pub(crate) over: String,
}

/// All templates, compiled once. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Texts {
    templates: Arc<Environment<'static>>,
    languages: Arc<BTreeMap<&'static str, Language>>,
    fallback: &'static str,
    public_url: Arc<str>,
}

impl Texts {
    /// Compiles the templates; links in them begin with `public_url`.
    pub(crate) fn new(public_url: Arc<str>) -> Result<Self, minijinja::Error> {
        let mut templates = Environment::new();
        templates.add_template("layout.html", LAYOUT)?;
        let all = languages();
        let fallback = all.first().map_or("en", |(tag, _)| tag);
        for (tag, language) in &all {
            for (name, source) in sources(language) {
                templates.add_template_owned(format!("{tag}/{name}"), source.trim_start().to_owned())?;
            }
        }
        let languages = Arc::new(all.into_iter().collect());
        Ok(Self { templates: Arc::new(templates), languages, fallback, public_url })
    }

    /// Renders a message.
    ///
    /// # Errors
    /// When the template is unknown or fails: our fault.
    pub(crate) fn render(&self, facts: &Facts) -> Result<Rendered, minijinja::Error> {
        let page = Page { texts: self, facts, tag: self.tag(&facts.language) };
        match facts.channel {
            MessageChannel::Sms => page.sms(),
            MessageChannel::Voice => page.voice(),
            MessageChannel::Email => page.mail(),
        }
    }

    /// The file for a BCP 47 tag: `es-MX` reads `es`.
    fn tag(&self, language: &str) -> &'static str {
        let primary = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        self.languages.get_key_value(primary.as_str()).map_or(self.fallback, |(tag, _)| *tag)
    }
}

fn sources(language: &Language) -> Vec<(String, &str)> {
    let code = &language.code;
    let notice = &language.notice;
    let greeting = &language.greeting;
    let mut all = vec![
        ("code.sms".to_owned(), code.sms.as_str()),
        ("code.voice".to_owned(), &code.voice),
        ("code.subject".to_owned(), &code.subject),
        ("code.mail".to_owned(), &code.mail),
        ("call.press_key".to_owned(), &language.call.press_key),
        ("call.no_key".to_owned(), &language.call.no_key),
        ("call.over".to_owned(), &language.call.over),
        ("notice.sms".to_owned(), &notice.sms),
        ("notice.voice".to_owned(), &notice.voice),
        ("notice.subject".to_owned(), &notice.subject),
        ("notice.mail".to_owned(), &notice.mail),
        ("greeting.named".to_owned(), &greeting.named),
        ("greeting.unnamed".to_owned(), &greeting.unnamed),
        ("enrollment_reminder.subject".to_owned(), &language.enrollment_reminder.subject),
        ("enrollment_reminder.mail".to_owned(), &language.enrollment_reminder.mail),
    ];
    for (name, mail) in [
        ("one_time_link", &language.one_time_link),
        ("admin_invitation", &language.admin_invitation),
        ("account_recovery", &language.account_recovery),
        ("temporary_access_request", &language.temporary_access_request),
        ("spending_cap_near", &language.spending_cap_near),
        ("spending_cap_reached", &language.spending_cap_reached),
        ("webhook_disabled", &language.webhook_disabled),
    ] {
        all.push((format!("{name}.subject"), &mail.subject));
        all.push((format!("{name}.mail"), &mail.mail));
    }
    all.extend(notice.sentences.iter().map(|(name, text)| (format!("sentence.{name}"), text.as_str())));
    all
}

/// One message in one language.
struct Page<'a> {
    texts: &'a Texts,
    facts: &'a Facts,
    tag: &'static str,
}

impl Page<'_> {
    fn sms(&self) -> Result<Rendered, minijinja::Error> {
        let product = self.product();
        let mut text = gsm7::fold(&self.text("sms", &product, false)?);
        if !gsm7::fits_one_segment(&text) {
            text = gsm7::fold(&self.text("sms", &product, true)?);
        }
        Ok(self.only_text(text))
    }

    fn voice(&self) -> Result<Rendered, minijinja::Error> {
        let rendered = self.only_text(self.text("voice", &self.product(), false)?);
        Ok(Rendered { call: Some(self.call()?), ..rendered })
    }

    fn call(&self) -> Result<Call, minijinja::Error> {
        let words = self.texts.languages.get(self.tag).map(|language| &language.call);
        let say = |name: &str| {
            let template = self.template(&format!("{}/call.{name}", self.tag))?;
            template.render(context! { product => self.product() })
        };
        Ok(Call {
            language: words.map(|words| words.language.clone()).unwrap_or_default(),
            press_key: say("press_key")?,
            no_key: say("no_key")?,
            over: say("over")?,
        })
    }

    fn mail(&self) -> Result<Rendered, minijinja::Error> {
        let product = self.product();
        let text = self.text("mail", &product, false)?;
        let subject = self.text("subject", &product, false)?;
        let parts = text.split("\n\n").map(|part| part.trim().to_owned());
        let paragraphs: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        let plain = paragraphs.join("\n\n") + "\n";
        let html = self.template("layout.html")?.render(context! {
            language => self.tag, subject => subject.as_str(), product => product.as_str(), paragraphs,
            color => self.color(), url => self.url(), code => self.code(),
        })?;
        Ok(Rendered { subject, text: Redacted::new(plain), html: Redacted::new(html), product, call: None })
    }

    fn only_text(&self, text: String) -> Rendered {
        Rendered {
            subject: String::new(),
            text: Redacted::new(text.trim().to_owned()),
            html: Redacted::default(),
            product: self.product(),
            call: None,
        }
    }

    fn text(&self, form: &str, product: &str, short: bool) -> Result<String, minijinja::Error> {
        let template = self.facts.template.as_str();
        if template == "enrollment_reminder"
            && let Some(own) = self.own_reminder(form)
        {
            return Ok(own);
        }
        let base = if template.starts_with("notice.") { "notice" } else { template };
        let context = self.context(product, short);
        let sentence = self.sentence(&context)?;
        let context = context! { sentence, ..context };
        self.template(&format!("{}/{base}.{form}", self.tag))?.render(context)
    }

    /// Of a notice; one that these files do not know is still told.
    fn sentence(&self, context: &Value) -> Result<Option<String>, minijinja::Error> {
        let Some(notice) = self.facts.template.strip_prefix("notice.") else { return Ok(None) };
        let known = self.template(&format!("{}/sentence.{notice}", self.tag));
        let template = known.or_else(|_| self.template(&format!("{}/sentence.other", self.tag)))?;
        template.render(context.clone()).map(Some)
    }

    /// A reminder in the tenant's own words.
    fn own_reminder(&self, form: &str) -> Option<String> {
        let own = self.facts.param(if form == "subject" { "subject" } else { "body" })?;
        let ours = &self.texts.languages.get(self.tag)?.enrollment_reminder;
        let name = self.name().unwrap_or_else(|| ours.unnamed.clone());
        let deadline = match self.facts.param_time("deadline") {
            Some(_) if self.overdue() => ours.now.clone(),
            given => given.unwrap_or_default(),
        };
        let tenant_name = harmless::product(&self.facts.tenant_name);
        let words = reminder::Words { display_name: &name, deadline: &deadline, tenant_name: &tenant_name };
        Some(reminder::fill(&own.replace('\r', ""), &words))
    }

    /// Whether the deadline that it speaks of has passed.
    fn overdue(&self) -> bool {
        let deadline = self.facts.param("deadline").and_then(|text| text.parse::<core_kernel::Timestamp>().ok());
        deadline.is_some_and(|deadline| deadline <= self.facts.now)
    }

    /// The reader's name, made harmless.
    fn name(&self) -> Option<String> {
        self.facts.user_name.as_deref().map(harmless::name).filter(|name| !name.is_empty())
    }

    fn context(&self, product: &str, short: bool) -> Value {
        let facts = self.facts;
        let name = self.name();
        let greeting = if name.is_some() { "greeting.named" } else { "greeting.unnamed" };
        let contact = facts.branding.support_contact.as_deref().map(harmless::contact).filter(|text| !text.is_empty());
        let contact = contact.unwrap_or_else(|| product.to_owned());
        context! {
            product, short, contact,
            tenant => harmless::product(&facts.tenant_name),
            greeting => self.line(greeting, context! { name }),
            code => self.code(),
            spoken => facts.code.as_ref().map(|code| spoken(code.expose())),
            domain => facts.branding.domain.as_deref().filter(|domain| is_domain(domain)),
            minutes => facts.minutes(),
            url => self.url(),
            has_token => facts.token.is_some(),
            at => facts.local(facts.now),
            until => facts.param_time("until").or_else(|| facts.expires_at.map(|until| facts.local(until))),
            factor => self.word("kind"),
            level => self.word("level"),
            asker => facts.param("asker").map(harmless::name),
            note => facts.param("note").map(harmless::note).filter(|note| !note.is_empty()),
            ip => facts.param("ip").and_then(|ip| ip.parse::<std::net::IpAddr>().ok()).map(|ip| ip.to_string()),
            asked_at => facts.param_time("at"),
            deadline => facts.param_time("deadline"),
            endpoint => facts.param("endpoint").filter(|host| is_domain(host)),
            overdue => self.overdue(),
        }
    }

    fn line(&self, name: &str, context: Value) -> Option<String> {
        self.template(&format!("{}/{name}", self.tag)).ok()?.render(context).ok()
    }

    /// A parameter that is one of our own words, in the reader's language.
    fn word(&self, param: &str) -> Option<&str> {
        let words = &self.texts.languages.get(self.tag)?.words;
        words.get(self.facts.param(param)?).map(String::as_str)
    }

    fn product(&self) -> String {
        harmless::product(self.facts.product())
    }

    fn code(&self) -> Option<&str> {
        self.facts.code.as_ref().map(|code| code.expose().as_str())
    }

    fn color(&self) -> &str {
        let given = self.facts.branding.color.as_deref();
        given.filter(|color| is_color(color)).unwrap_or(DEFAULT_COLOR)
    }

    /// The link that the mail is about, always to this installation.
    fn url(&self) -> Option<String> {
        let base = &self.texts.public_url;
        let token = self.facts.token.as_ref().map(|token| token.expose().as_str());
        match (self.facts.template.as_str(), token) {
            ("one_time_link", Some(token)) => Some(format!("{base}/link/{token}")),
            // After the #, so that neither a proxy nor a log sees it.
            ("admin_invitation", Some(token)) => Some(format!("{base}/invitation#{token}")),
            ("account_recovery", Some(token)) => Some(format!("{base}/recover#{token}")),
            ("admin_invitation" | "temporary_access_request" | "spending_cap_near" | "spending_cap_reached", _) => {
                Some(format!("{base}/"))
            }
            ("webhook_disabled", _) => Some(format!("{base}/")),
            _ => None,
        }
    }

    fn template(&self, name: &str) -> Result<minijinja::Template<'_, '_>, minijinja::Error> {
        self.texts.templates.get_template(name)
    }
}

/// Digit by digit, so that it is not read as a number.
fn spoken(code: &str) -> String {
    let digits: Vec<String> = code.chars().map(String::from).collect();
    digits.join(", ")
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_domain(text: &str) -> bool {
    let labels = || text.split('.');
    text.len() <= 253
        && labels().count() > 1
        && labels().all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}
