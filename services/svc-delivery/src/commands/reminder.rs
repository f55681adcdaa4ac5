//! The text of a reminder: what a tenant's own may say, and how it will look.
//!
//! Reminders are queued by `queue_reminders` (`migrations/hot_path/84_rollout.sql`), many at a time.

use core_kernel::{Fault, Refusal, Refusals, Timestamp};
use serde_json::json;
use svc_platform::Platform;

use crate::model::MessageChannel;
use crate::texts::{Branding, Facts, Texts, placeholders};

const MAX_SUBJECT_CHARS: usize = 150;
const MAX_BODY_CHARS: usize = 5_000;

/// A tenant's own subject and body; what is left out is our text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReminderText {
    /// One line.
    pub subject: Option<String>,
    /// Paragraphs are divided by empty lines.
    pub body: Option<String>,
}

impl ReminderText {
    /// Checks what was given.
    ///
    /// # Errors
    /// INVALID at `subject` and `body`: too long, empty, control characters, or anything in double braces
    /// but `display_name`, `deadline` and `tenant_name`.
    pub fn check(self) -> Result<Self, Refusals> {
        let lines = |letter: char| letter == '\n' || letter == '\t' || letter == '\r';
        let faults = [
            self.subject.as_deref().and_then(|text| fault("subject", text, MAX_SUBJECT_CHARS, |_| false)),
            self.body.as_deref().and_then(|text| fault("body", text, MAX_BODY_CHARS, lines)),
        ];
        let faults: Refusals = faults.into_iter().flatten().collect();
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }

    /// The field that speaks of a deadline, which there must be then.
    #[must_use]
    pub fn names_deadline(&self) -> Option<&'static str> {
        let names = |text: &Option<String>| {
            text.as_deref().is_some_and(|text| placeholders(text).is_ok_and(|found| found.contains(&"deadline")))
        };
        [("subject", names(&self.subject)), ("body", names(&self.body))]
            .into_iter()
            .find(|(_, named)| *named)
            .map(|(field, _)| field)
    }
}

fn fault(field: &str, text: &str, longest: usize, allowed: fn(char) -> bool) -> Option<Refusal> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > longest || text.chars().any(|c| c.is_control() && !allowed(c)) {
        let message = format!("This has 1 to {longest} characters, and no control characters.");
        return Some(Refusal::invalid(field, message));
    }
    let unknown = placeholders(text).err()?;
    let message =
        format!("“{unknown}” cannot be filled in: {{{{display_name}}}}, {{{{deadline}}}} and {{{{tenant_name}}}} can.");
    Some(Refusal::invalid(field, message))
}

/// To whom a reminder is shown as if it went to them.
#[derive(Debug, Clone)]
pub struct ReminderSample {
    /// BCP 47.
    pub language: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The tenant's looks, as they are stored.
    pub branding: serde_json::Value,
    /// IANA name.
    pub time_zone: String,
    /// Now, by the tenant's clock.
    pub now: Timestamp,
    /// From when enrollment is required; `None`: it is not.
    pub deadline: Option<Timestamp>,
}

/// How a mail looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPreview {
    /// Its subject.
    pub subject: String,
    /// Its plain part.
    pub text: String,
    /// Its other part.
    pub html: String,
}

/// A reminder as somebody whose name is not known would get it.
///
/// # Errors
/// When a text of ours does not render: our fault.
pub fn preview_reminder(
    platform: &Platform,
    text: &ReminderText,
    sample: &ReminderSample,
) -> Result<MailPreview, Fault> {
    let facts = Facts {
        channel: MessageChannel::Email,
        template: "enrollment_reminder".to_owned(),
        language: sample.language.clone(),
        tenant_name: sample.tenant_name.clone(),
        branding: serde_json::from_value::<Branding>(sample.branding.clone()).unwrap_or_default(),
        time_zone: sample.time_zone.clone(),
        user_name: None,
        now: sample.now,
        expires_at: None,
        code: None,
        token: None,
        params: json!({ "subject": text.subject, "body": text.body, "deadline": sample.deadline }),
    };
    let texts = Texts::new(platform.public_url.clone()).map_err(Fault::internal)?;
    let mail = texts.render(&facts).map_err(Fault::internal)?;
    Ok(MailPreview { subject: mail.subject, text: mail.text.into_exposed(), html: mail.html.into_exposed() })
}
