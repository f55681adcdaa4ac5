//! One attempt at one message: open what is sealed, derive the code, render, hand over.

use std::sync::Arc;

use core_crypto::{CodePurpose, CodeSubject, DataKey, KeyPurpose, derive_code};
use core_kernel::{ChallengeId, Fault, MessageId, Redacted, TenantId};
use svc_platform::{Platform, place};

use super::verdict::{Circumstances, Verdict, verdict};
use crate::destination::{self, Places};
use crate::model::MessageChannel;
use crate::providers::{Outcome, Outgoing, Provider};
use crate::store::{ClaimedRow, Settlement};
use crate::texts::{Branding, Facts, Texts};

/// The longest sentence of a provider that is kept.
const DETAIL_CHARS: usize = 200;

pub(super) struct Attempts {
    pub(super) platform: Platform,
    pub(super) texts: Texts,
    pub(super) provider: Arc<dyn Provider>,
}

/// Why nothing was handed over.
enum Unsent {
    /// It never can be.
    Never(&'static str),
    /// Ours is what is missing at the moment.
    NotNow(Fault),
}

/// What was handed over, for the record.
struct Sent {
    outgoing: Outgoing,
    code: Option<Redacted<String>>,
    masked: String,
}

impl ClaimedRow {
    pub(super) fn is_code(&self) -> bool {
        self.template == "code"
    }

    fn circumstances(&self) -> Circumstances {
        Circumstances {
            attempt: self.attempt,
            doubts: self.doubts,
            is_code: self.is_code(),
            now: self.now,
            expires_at: self.expires_at,
        }
    }
}

impl Attempts {
    /// Never fails: whatever happens becomes the message's record.
    pub(super) async fn make(&self, row: ClaimedRow) -> Settlement {
        if row.doubts > 1 && !self.provider.repeats_are_harmless() {
            let failed = Verdict::failed("It may have been sent twice already, and nobody knows.");
            return self.settlement(&row, failed, None);
        }
        match self.prepare(&row).await {
            Ok(sent) => {
                let outcome = self.provider.send(&sent.outgoing).await;
                let mut verdict = verdict(outcome, row.circumstances());
                verdict.detail = verdict.detail.map(|detail| sent.presentable(&detail));
                // What a LIVE tenant's users are sent is not kept.
                let sandbox = row.environment == "SANDBOX";
                let body = sandbox.then(|| sent.outgoing.text.text.into_exposed());
                self.settlement(&row, verdict, body)
            }
            Err(Unsent::Never(reason)) => self.settlement(&row, Verdict::failed(reason), None),
            Err(Unsent::NotNow(fault)) => {
                tracing::warn!(message_id = %MessageId(row.message_id), error = %fault, "cannot be prepared now");
                let later = Outcome::NotNow("It could not be prepared at the moment.".to_owned());
                self.settlement(&row, verdict(later, row.circumstances()), None)
            }
        }
    }

    async fn prepare(&self, row: &ClaimedRow) -> Result<Sent, Unsent> {
        let channel = MessageChannel::from_text(&row.channel).ok_or(Unsent::Never("The channel is unknown."))?;
        let tenant = TenantId(row.tenant_id);
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await.map_err(|fault| match fault {
            Fault::Unavailable => Unsent::NotNow(fault),
            _ => Unsent::Never("The tenant's data key is gone."),
        })?;
        let destination = destination(&key, row)?;
        let code = if row.is_code() { Some(self.code(row)?) } else { None };
        let token = token(&key, row)?;
        let masked = destination::mask(channel, &destination);
        let text = self.texts.render(&facts(row, channel, code.clone(), token)).map_err(|error| {
            tracing::error!(template = %row.template, error = %error, "a text does not render");
            Unsent::Never("The text could not be written.")
        })?;
        let outgoing = Outgoing { id: MessageId(row.message_id), destination, text, sent_at: self.platform.now() };
        Ok(Sent { outgoing, code, masked })
    }

    /// The same for every attempt at the same challenge.
    fn code(&self, row: &ClaimedRow) -> Result<Redacted<String>, Unsent> {
        const GONE: Unsent = Unsent::Never("The challenge is gone.");
        let challenge = ChallengeId(row.challenge_id.ok_or(GONE)?);
        let purpose = row.code_purpose.as_deref().and_then(CodePurpose::from_text).ok_or(GONE)?;
        let digits = row.digits.and_then(|digits| u8::try_from(digits).ok()).filter(|digits| (6..=8).contains(digits));
        let ring = self.platform.keys.ring();
        let key_id = row.code_key_id.ok_or(GONE)?;
        let key = ring.all(KeyPurpose::Code).iter().find(|key| key.id() == key_id);
        let key = key.ok_or(Unsent::Never("The key of this code was withdrawn."))?;
        let subject = CodeSubject { tenant: TenantId(row.tenant_id), challenge, purpose };
        Ok(Redacted::new(derive_code(key, &subject, digits.ok_or(GONE)?)))
    }

    fn settlement(&self, row: &ClaimedRow, verdict: Verdict, body: Option<String>) -> Settlement {
        Settlement {
            tenant: row.tenant_id,
            month: row.month,
            message: row.message_id,
            attempt: row.attempt,
            status: verdict.status.as_str(),
            doubt: verdict.doubt,
            retry_seconds: verdict.retry_seconds,
            provider: self.provider.name(),
            reference: verdict.reference,
            detail: verdict.detail,
            body,
        }
    }
}

impl Sent {
    /// What a server said, fit to be kept and shown: servers like to repeat the address, and may
    /// repeat the text.
    fn presentable(&self, detail: &str) -> String {
        let mut said = detail.replace(self.outgoing.destination.expose().as_str(), &self.masked);
        if let Some(code) = &self.code {
            said = said.replace(code.expose().as_str(), "••••••");
        }
        let line: Vec<&str> =
            said.split(|c: char| c.is_control() || c.is_whitespace()).filter(|w| !w.is_empty()).collect();
        line.join(" ").chars().take(DETAIL_CHARS).collect()
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
