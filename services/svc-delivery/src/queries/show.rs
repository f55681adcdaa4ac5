//! From a row to what may be shown.

use core_crypto::DataKey;
use core_kernel::{ChallengeId, Fault, MessageId, Redacted, UserId};

use crate::destination::{self, Places};
use crate::model::{Message, MessageChannel, MessageEvent, MessagePurpose, MessageStatus};
use crate::store::MessageRow;

pub(super) fn message(key: &DataKey, row: MessageRow) -> Result<Message, Fault> {
    let channel = word(MessageChannel::from_text(&row.channel), &row.channel)?;
    let places = Places {
        message: row.message_id,
        own: row.destination_sealed.as_deref(),
        factor: row.factor_id,
        factor_sealed: row.factor_sealed.as_deref(),
        user: row.user_id,
        user_sealed: row.user_email_sealed.as_deref(),
    };
    // An erased destination is no reason to hide that there was a message.
    let destination = row.admin_email.map(Redacted::new).or_else(|| destination::open(key, &places).ok().flatten());
    let mut timeline = vec![MessageEvent { at: row.created_at, status: MessageStatus::Queued, detail: None }];
    timeline.extend(row.timeline.0);
    Ok(Message {
        id: MessageId(row.message_id),
        user: row.user_id.map(UserId),
        challenge: row.challenge_id.map(ChallengeId),
        channel,
        purpose: word(MessagePurpose::from_text(&row.purpose), &row.purpose)?,
        destination: destination.map(|to| destination::mask(channel, &to)).unwrap_or_default(),
        country: row.country,
        status: word(MessageStatus::from_text(&row.status), &row.status)?,
        provider: row.provider,
        failure: row.failure,
        sandbox_body: row.sandbox_body,
        created_at: row.created_at,
        delivered_at: row.delivered_at,
        timeline,
    })
}

fn word<T>(known: Option<T>, text: &str) -> Result<T, Fault> {
    known.ok_or_else(|| Fault::internal(format!("a message has the unknown word {text}")))
}
