//! The mail itself: a plain and an HTML part, no tracking, nothing loaded from elsewhere.

use std::time::SystemTime;

use core_kernel::TypedId;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use crate::providers::Outgoing;

/// A mail as it goes over the wire.
pub(super) struct Mail {
    pub(super) envelope: Envelope,
    pub(super) text: Vec<u8>,
}

/// Why a mail could not be written.
pub(super) type ComposeError = Box<dyn std::error::Error + Send + Sync>;

pub(super) fn mail(from: &Address, message: &Outgoing) -> Result<Mail, ComposeError> {
    let to: Address = message.destination.expose().parse()?;
    let product = Some(message.text.product.clone()).filter(|name| !name.is_empty());
    // The same for every attempt, so that mail programs show a doubled mail once.
    let id = format!("<{}@{}>", message.id.to_text(), from.domain());
    let parts =
        MultiPart::alternative_plain_html(message.text.text.expose().clone(), message.text.html.expose().clone());
    // RFC 3834: no holiday replies to a machine.
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    let mail = Message::builder()
        .from(Mailbox::new(product, from.clone()))
        .to(Mailbox::new(None, to))
        .subject(message.text.subject.clone())
        .message_id(Some(id))
        .date(SystemTime::from(message.sent_at))
        .raw_header(automatic)
        .multipart(parts)?;
    Ok(Mail { envelope: mail.envelope().clone(), text: mail.formatted() })
}
