//! Finding a text or call whose answer was lost. Twilio keeps no identifier of ours, so it is found by
//! its number, its words (a code is in them) and the time it was made.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use core_kernel::Timestamp;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::answers;
use crate::model::MessageChannel;
use crate::providers::{Found, Outgoing, Report};

/// Somebody waits: the answer comes soon or the code goes another way.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// Twilio's times are whole seconds, and its clock is not ours.
const SLACK: TimeDelta = TimeDelta::seconds(3);
/// The newest of one number: more than anybody is sent in a minute.
const PAGE: &str = "20";

/// A page of messages or of calls.
#[derive(Deserialize)]
struct PageOf {
    #[serde(default)]
    messages: Vec<Entry>,
    #[serde(default)]
    calls: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    sid: String,
    status: String,
    date_created: String,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    error_code: Option<u32>,
}

pub(super) fn resource(message: &Outgoing) -> &'static str {
    if message.channel == MessageChannel::Voice { "Calls.json" } else { "Messages.json" }
}

/// The query; nothing for what cannot be looked up.
pub(super) fn query(message: &Outgoing) -> Option<String> {
    let known = matches!(message.channel, MessageChannel::Sms | MessageChannel::Voice);
    let pairs = [("To", message.destination.expose().as_str()), ("PageSize", PAGE)];
    known.then(|| Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// The attempt among what was found.
pub(super) fn find(body: &[u8], message: &Outgoing, since: Timestamp) -> Found {
    let Ok(page) = serde_json::from_slice::<PageOf>(body) else { return Found::Unknown };
    let is_call = message.channel == MessageChannel::Voice;
    let mut entries = if is_call { page.calls } else { page.messages }.into_iter();
    let words = message.text.text.expose().as_str();
    let is_it = |entry: &Entry| {
        (is_call || entry.body.as_deref().is_some_and(|body| body.trim_end() == words.trim_end()))
            && DateTime::parse_from_rfc2822(&entry.date_created).is_ok_and(|made| made >= since - SLACK)
    };
    let Some(entry) = entries.find(is_it) else { return Found::NotThere };
    let report =
        if is_call { answers::of_call(&entry.status) } else { answers::of_text(&entry.status, entry.error_code) };
    Found::Taken(entry.sid, report.unwrap_or(Report::Accepted))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "012345 is your code & more";

    fn since() -> Timestamp {
        DateTime::parse_from_rfc2822("Mon, 21 Sep 2026 14:13:20 +0000").unwrap().to_utc()
    }

    fn search(status: &str, body: &str, made: &str) -> Found {
        let page = serde_json::json!({"messages": [
            {"sid": "SM0", "status": "delivered", "date_created": "Mon, 21 Sep 2026 14:14:00 +0000", "body": "another"},
            {"sid": "SM1", "status": status, "date_created": made, "body": body, "error_code": null},
        ], "next_page_uri": null});
        find(page.to_string().as_bytes(), &Outgoing::example(MessageChannel::Sms), since())
    }

    #[test]
    fn the_same_words_made_since_are_it() {
        let made = "Mon, 21 Sep 2026 14:13:20 +0000";
        assert_eq!(search("queued", BODY, made), Found::Taken("SM1".into(), Report::Accepted));
        assert_eq!(search("delivered", BODY, made), Found::Taken("SM1".into(), Report::Delivered));
        assert!(matches!(search("undelivered", BODY, made), Found::Taken(_, Report::Failed { .. })));
    }

    #[test]
    fn an_earlier_text_with_the_same_code_is_not_it() {
        assert_eq!(search("delivered", BODY, "Mon, 21 Sep 2026 14:12:50 +0000"), Found::NotThere);
        assert_eq!(search("delivered", "543210 is your code", "Mon, 21 Sep 2026 14:13:21 +0000"), Found::NotThere);
        assert_eq!(search("delivered", BODY, "yesterday"), Found::NotThere);
    }

    #[test]
    fn calls_are_found_by_their_time() {
        let page =
            r#"{"calls": [{"sid": "CA1", "status": "ringing", "date_created": "Mon, 21 Sep 2026 14:13:19 +0000"}]}"#;
        let call = Outgoing::example(MessageChannel::Voice);
        assert_eq!(find(page.as_bytes(), &call, since()), Found::Taken("CA1".into(), Report::Accepted));
        assert_eq!(find(b"not json", &call, since()), Found::Unknown);
        assert_eq!(query(&call).unwrap(), "To=%2B14155550132&PageSize=20");
        assert_eq!(query(&Outgoing::example(MessageChannel::Email)), None);
    }
}
