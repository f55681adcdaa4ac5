//! What providers tell us of their own accord: what became of a message, and that somebody picked up.
//!
//! A request counts when it reached the URL that we made for this attempt (its ticket) *and* bears the
//! provider's signature over that URL as configuration spells it. It is recorded at once, in one round
//! trip, by the function that settles attempts; repeated and late reports tell nothing new there.

mod call;
mod inbound;

use std::sync::Arc;

use core_crypto::WebhookHeaders;
use core_kernel::Fault;
use io_postgres::{NoTenant, Thing, Touch};
use svc_platform::Platform;

pub use call::CallStep;
pub use inbound::InboundText;

use crate::callback_urls::Addressed;
use crate::carriers::Carriers;
use crate::meters;
use crate::preparation::{Preparation, one_line};
use crate::providers::twilio::{self, Twilio};
use crate::providers::{Carrier, Report, gateway};
use crate::store::{self, Settlement};

/// Takes what providers report. Cheap to clone.
#[derive(Clone)]
pub struct Callbacks {
    platform: Platform,
    carriers: Carriers,
    preparation: Preparation,
}

/// A request of Twilio's.
#[derive(Debug, Clone)]
pub struct SignedCallback {
    /// The URL's parts, as they came.
    pub message: String,
    /// See [`Self::message`].
    pub ticket: String,
    /// What follows the ticket in the path, with its slash; or nothing.
    pub rest: &'static str,
    /// `X-Twilio-Signature`.
    pub signature: String,
    /// The form's fields, decoded.
    pub params: Vec<(String, String)>,
}

/// Whether a request was what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified<T> {
    /// It was.
    Yes(T),
    /// Not a URL of ours, or not the provider's signature.
    No,
}

impl Callbacks {
    /// Those of this installation.
    #[must_use]
    pub fn new(platform: Platform, carriers: Carriers) -> Self {
        let preparation = Preparation::new(platform.clone());
        Self { platform, carriers, preparation }
    }

    /// A status callback of Twilio's, of a text or a call.
    ///
    /// # Errors
    /// When the database fails: it is to come again.
    pub async fn twilio_status(&self, callback: &SignedCallback) -> Result<Verified<()>, Fault> {
        let Some(addressed) = self.verify_twilio(callback).await? else { return Ok(Verified::No) };
        if let Some((reference, report)) = twilio::report(&callback.params) {
            self.note(Carrier::Twilio, addressed, reference, report).await?;
        }
        Ok(Verified::Yes(()))
    }

    /// A status callback of the operator's gateway.
    ///
    /// # Errors
    /// When the database fails: it is to come again.
    pub async fn gateway_status(
        &self,
        message: &str,
        ticket: &str,
        headers: WebhookHeaders<'_>,
        body: &[u8],
    ) -> Result<Verified<()>, Fault> {
        let signed = self.carriers.gateway().is_some_and(|own| own.has_signed(headers, body, self.platform.now()));
        let addressed = self.carriers.urls().read(Carrier::Http, message, ticket).filter(|_| signed);
        let Some(addressed) = addressed else { return Ok(Verified::No) };
        if let Some((reference, report)) = gateway::report(body) {
            self.note(Carrier::Http, addressed, reference, report).await?;
        }
        Ok(Verified::Yes(()))
    }

    async fn verify_twilio(&self, callback: &SignedCallback) -> Result<Option<Addressed>, Fault> {
        let urls = self.carriers.urls();
        let Some(addressed) = urls.read(Carrier::Twilio, &callback.message, &callback.ticket) else { return Ok(None) };
        let url = urls.spell(Carrier::Twilio, &callback.message, &callback.ticket) + callback.rest;
        let accounts = self.carriers.twilio_of(addressed.ticket.tenant).await?;
        let has_signed = |twilio: &Arc<Twilio>| twilio.has_signed(&url, &callback.params, &callback.signature);
        Ok(accounts.iter().any(has_signed).then_some(addressed))
    }

    /// Records it; the database decides whether it is news.
    async fn note(
        &self,
        carrier: Carrier,
        addressed: Addressed,
        reference: Option<String>,
        report: Report,
    ) -> Result<(), Fault> {
        let settlement = reported(carrier, addressed, reference, report);
        let record = async {
            let mut connection = NoTenant::acquire(&self.platform.database).await?;
            let settled = store::settle_batch(connection.connection(), std::slice::from_ref(&settlement)).await?;
            connection.commit().await?;
            Ok::<_, Fault>(settled)
        };
        if self.platform.database.in_time(record).await? == [true] {
            meters::settled(&self.platform, &settlement);
            self.platform.watch.touch(Touch::new(Thing::Message, addressed.ticket.tenant, addressed.message));
        }
        Ok(())
    }
}

fn reported(carrier: Carrier, addressed: Addressed, reference: Option<String>, report: Report) -> Settlement {
    let (status, detail, opted_out) = match report {
        Report::Accepted => ("ACCEPTED", None, false),
        Report::Delivered => ("DELIVERED", None, false),
        Report::Failed { detail, opted_out } => ("FAILED", Some(one_line(&without_numbers(&detail))), opted_out),
    };
    Settlement {
        tenant: addressed.ticket.tenant.0,
        month: addressed.message.month(),
        message: addressed.message.0,
        attempt: addressed.ticket.attempt,
        reported: true,
        status,
        doubt: false,
        retry_seconds: 0,
        provider: Some(carrier.as_str()),
        reference: reference.map(|reference| one_line(&reference)),
        notes: Vec::new(),
        detail,
        opted_out,
        body: None,
        units: Some(addressed.ticket.units.into()),
    }
}

/// A sentence without runs of six digits and more: neither the number nor the code may lie open, and a
/// report comes without the message, which would tell what they are.
fn without_numbers(said: &str) -> String {
    let mut kept = String::with_capacity(said.len());
    let mut run = String::new();
    for c in said.chars().chain([' ']) {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        kept.push_str(if run.len() >= 6 { "••••••" } else { &run });
        run.clear();
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateways_sentence_keeps_no_number_and_no_code() {
        assert_eq!(
            without_numbers("+14155550132: code 123456 undelivered (30003)."),
            "+••••••: code •••••• undelivered (30003). "
        );
        assert_eq!(without_numbers("123456"), "•••••• ");
    }
}
