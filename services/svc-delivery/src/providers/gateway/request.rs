//! What the gateway is asked.

use core_kernel::TypedId as _;
use serde::Serialize;

use crate::providers::Outgoing;

/// A message; the names are documented and do not change.
#[derive(Serialize)]
struct Request<'a> {
    /// The same for every attempt.
    id: String,
    /// From 1.
    attempt: i16,
    tenant: String,
    channel: &'static str,
    /// E.164.
    to: &'a str,
    country: Option<&'a str>,
    language: &'a str,
    is_code: bool,
    /// What is sent or said.
    text: &'a str,
    /// Of calls with a code: said first; the text only after a key was pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    ask_for_key: Option<&'a str>,
    /// How long anybody waits for it.
    valid_seconds: Option<i64>,
    status_callback: &'a str,
}

/// Names an attempt: `webhook-id`.
pub(super) fn id(message: &Outgoing) -> String {
    format!("{}.{}", message.id.to_text(), message.attempt)
}

pub(super) fn body(message: &Outgoing, status_callback: &str) -> Vec<u8> {
    let call = message.text.call.as_ref().filter(|_| message.is_code);
    let request = Request {
        id: message.id.to_text(),
        attempt: message.attempt,
        tenant: message.tenant.to_text(),
        channel: message.channel.as_str(),
        to: message.destination.expose(),
        country: message.country.as_deref(),
        language: &message.language,
        is_code: message.is_code,
        text: message.text.text.expose(),
        ask_for_key: call.map(|call| call.press_key.as_str()),
        valid_seconds: message.seconds_left,
        status_callback,
    };
    // Texts and numbers: nothing here that cannot be written as JSON.
    serde_json::to_vec(&request).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MessageChannel;
    use crate::texts::Call;

    fn json(message: &Outgoing) -> serde_json::Value {
        serde_json::from_slice(&body(message, "https://x.example/c")).unwrap()
    }

    #[test]
    fn the_documented_request() {
        let message = Outgoing::example(MessageChannel::Sms);
        assert_eq!(
            json(&message),
            serde_json::json!({
                "id": message.id.to_text(), "attempt": 1, "tenant": message.tenant.to_text(), "channel": "SMS",
                "to": "+14155550132", "country": "US", "language": "en", "is_code": true,
                "text": "012345 is your code & more", "valid_seconds": 290, "status_callback": "https://x.example/c",
            })
        );
        assert_eq!(id(&message), format!("{}.1", message.id.to_text()));
    }

    #[test]
    fn a_call_with_a_code_asks_for_a_key() {
        let call =
            Call { language: "en-US".into(), press_key: "Press".into(), no_key: String::new(), over: String::new() };
        let mut message = Outgoing::example(MessageChannel::Voice);
        message.text.call = Some(call);
        assert_eq!(json(&message)["ask_for_key"], "Press");
        message.is_code = false;
        assert!(json(&message).get("ask_for_key").is_none());
    }
}
