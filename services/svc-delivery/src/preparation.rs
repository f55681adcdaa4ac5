//! A message made ready to go: what is sealed is opened, the code derived, the text rendered.

use core_contact::PhoneNumber;
use core_crypto::{CodePurpose, CodeSubject, DataKey, KeyPurpose, derive_code};
use core_kernel::{ChallengeId, Fault, MessageId, Redacted, TenantId};
use svc_platform::{Platform, place};

use crate::destination::{self, Places};
use crate::model::MessageChannel;
use crate::providers::Outgoing;
use crate::store::{self, ClaimedRow};
use crate::texts::{Branding, Facts, Texts, segments};

/// The longest sentence of a provider that is kept.
const DETAIL_CHARS: usize = 200;

/// Why nothing can be handed over.
pub(crate) enum Unsent {
    /// It never can be.
    Never(&'static str),
    /// Ours is what is missing at the moment.
    NotNow(Fault),
}

/// A message ready to go, and what must not be found in its record.
pub(crate) struct Prepared {
    pub(crate) outgoing: Outgoing,
    code: Option<Redacted<String>>,
    masked: String,
}

/// Makes messages ready. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Preparation {
    platform: Platform,
    texts: Texts,
}

impl Preparation {
    /// # Panics
    /// When a text of ours does not compile, which its test excludes.
    pub(crate) fn new(platform: Platform) -> Self {
        let texts = Texts::new(platform.public_url.clone()).expect("texts compile");
        Self { platform, texts }
    }

    pub(crate) async fn prepare(&self, row: &ClaimedRow) -> Result<Prepared, Unsent> {
        let channel = MessageChannel::from_text(&row.channel).ok_or(Unsent::Never("The channel is unknown."))?;
        let tenant = TenantId(row.tenant_id);
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await.map_err(|fault| match fault {
            Fault::Unavailable => Unsent::NotNow(fault),
            _ => Unsent::Never("The tenant's data key is gone."),
        })?;
        let destination = match row.template.as_str() {
            "spending_cap_near" | "spending_cap_reached" | "webhook_disabled" => self.of_admin(row).await?,
            _ => destination(&key, row)?,
        };
        let code = if row.is_code() { Some(self.code(row)?) } else { None };
        let token = token(&key, row)?;
        let masked = destination::mask(channel, &destination);
        let facts = facts(row, channel, code.clone(), token);
        let text = self.texts.render(&facts).map_err(|error| {
            tracing::error!(template = %row.template, error = %error, "a text does not render");
            Unsent::Never("The text could not be written.")
        })?;
        let outgoing = Outgoing {
            id: MessageId(row.message_id),
            tenant,
            attempt: row.attempt,
            channel,
            country: country(row, channel, &destination),
            is_code: row.is_code(),
            destination,
            language: facts.language,
            sent_at: self.platform.now(),
            units: units(channel, text.text.expose()),
            text,
            seconds_left: row.expires_at.map(|until| (until - row.now).num_seconds()),
        };
        Ok(Prepared { outgoing, code, masked })
    }

    /// The address of the administrator to whom it goes, who may have left.
    async fn of_admin(&self, row: &ClaimedRow) -> Result<Redacted<String>, Unsent> {
        let found = store::lookup_admin_address(&self.platform, TenantId(row.tenant_id), MessageId(row.message_id));
        let address = found.await.map_err(|error| Unsent::NotNow(error.into()))?;
        address.map(Redacted::new).ok_or(Unsent::Never("The administrator was removed."))
    }

    /// The same for every attempt at the same challenge.
    fn code(&self, row: &ClaimedRow) -> Result<Redacted<String>, Unsent> {
        const GONE: Unsent = Unsent::Never("The challenge is gone.");
        let challenge = ChallengeId(row.challenge_id.ok_or(GONE)?);
        let purpose = row.code_purpose.as_deref().and_then(CodePurpose::from_text).ok_or(GONE)?;
        let digits = row.digits.and_then(|digits| u8::try_from(digits).ok()).filter(|digits| (6..=8).contains(digits));
        let ring = self.platform.keys.ring();
        let key = ring.by_id(KeyPurpose::Code, row.code_key_id.ok_or(GONE)?);
        let key = key.ok_or(Unsent::Never("The key of this code was withdrawn."))?;
        let subject = CodeSubject { tenant: TenantId(row.tenant_id), challenge, purpose };
        Ok(Redacted::new(derive_code(key, &subject, digits.ok_or(GONE)?)))
    }
}

impl Prepared {
    /// What a server said, fit to be kept and shown: servers like to repeat the address, and may
    /// repeat the text.
    pub(crate) fn presentable(&self, detail: &str) -> String {
        let mut said = detail.replace(self.outgoing.destination.expose().as_str(), &self.masked);
        if let Some(code) = &self.code {
            said = said.replace(code.expose().as_str(), "••••••");
        }
        one_line(&said)
    }
}

/// As how many messages it is billed.
fn units(channel: MessageChannel, text: &str) -> u8 {
    match channel {
        MessageChannel::Sms => u8::try_from(segments(text)).unwrap_or(u8::MAX),
        MessageChannel::Voice | MessageChannel::Email => 1,
    }
}

/// A sentence of somebody else's, short and without what breaks lines.
pub(crate) fn one_line(said: &str) -> String {
    let words: Vec<&str> =
        said.split(|c: char| c.is_control() || c.is_whitespace()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(DETAIL_CHARS).collect()
}

/// As the factor says; else as the number itself does.
fn country(row: &ClaimedRow, channel: MessageChannel, destination: &Redacted<String>) -> Option<String> {
    let of_number = || PhoneNumber::parse(destination.expose()).ok().map(|phone| phone.region().to_owned());
    match channel {
        MessageChannel::Email => None,
        _ => row.country.clone().or_else(of_number),
    }
}

fn destination(key: &DataKey, row: &ClaimedRow) -> Result<Redacted<String>, Unsent> {
    let places = Places {
        message: row.message_id,
        own: row.destination_sealed.as_deref(),
        factor: row.factor_id,
        factor_sealed: row.factor_sealed.as_deref(),
        user: row.user_id,
        user_sealed: row.user_email_sealed.as_deref(),
    };
    let opened = destination::open(key, &places).map_err(|error| {
        tracing::error!(message_id = %MessageId(row.message_id), error = %error, "a destination does not open");
        Unsent::Never("The destination cannot be read.")
    })?;
    opened.ok_or(Unsent::Never("The destination was removed."))
}

fn token(key: &DataKey, row: &ClaimedRow) -> Result<Option<Redacted<String>>, Unsent> {
    let Some(sealed) = &row.secret_sealed else { return Ok(None) };
    let context = place(key.tenant(), "message", row.message_id, "secret_sealed");
    destination::text(key, &context, sealed).map(Some).map_err(|_| Unsent::Never("The link cannot be read."))
}

fn facts(
    row: &ClaimedRow,
    channel: MessageChannel,
    code: Option<Redacted<String>>,
    token: Option<Redacted<String>>,
) -> Facts {
    Facts {
        channel,
        template: row.template.clone(),
        language: row.language.clone().unwrap_or_else(|| row.tenant_language.clone()),
        tenant_name: row.tenant_name.clone(),
        // A branding that cannot be read is no reason to send nothing.
        branding: serde_json::from_value::<Branding>(row.branding.clone()).unwrap_or_default(),
        time_zone: row.time_zone.clone(),
        user_name: row.user_name.clone(),
        now: row.now,
        expires_at: row.expires_at,
        code,
        token,
        params: row.params.clone(),
    }
}
