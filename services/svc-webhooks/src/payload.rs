//! What an endpoint is told: `{"type", "timestamp", "data"}`. Of what lies in the outbox only what the
//! table below names goes out, and identifiers as the API writes them.

use chrono::{DateTime, SecondsFormat, Utc};
use core_kernel::{
    ChallengeId, FactorId, ImportId, LoginId, MessageId, PolicyId, TemporaryAccessCodeId, TemporaryAccessRequestId,
    Timestamp, TypedId, UserId, WebhookEndpointId, encode_base32,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use svc_audit::EventKind;
use uuid::Uuid;

/// The type of a test.
pub(crate) const TEST: &str = "webhook.test";

#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'a str,
    timestamp: String,
    data: Map<String, Value>,
}

/// What a value is, and thereby how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An identifier of the type with this prefix.
    Id(&'static str),
    /// A date-time.
    Time,
    /// One of the API's words, a number, true or false; or a list of words.
    Plain,
}

/// A value's name in the outbox, its name in the API, and its form.
type Field = (&'static str, &'static str, Form);

const USER: Field = ("user_id", "userId", Form::Id(UserId::PREFIX));
const LOGIN: Field = ("login_id", "loginId", Form::Id(LoginId::PREFIX));
const CHALLENGE: Field = ("challenge_id", "challengeId", Form::Id(ChallengeId::PREFIX));
const FACTOR: Field = ("factor_id", "factorId", Form::Id(FactorId::PREFIX));
const MESSAGE: Field = ("message_id", "messageId", Form::Id(MessageId::PREFIX));
const POLICY: Field = ("policy_id", "policyId", Form::Id(PolicyId::PREFIX));
const ACCESS_CODE: Field =
    ("temporary_access_code_id", "temporaryAccessCodeId", Form::Id(TemporaryAccessCodeId::PREFIX));
const ACCESS_REQUEST: Field =
    ("temporary_access_request_id", "temporaryAccessRequestId", Form::Id(TemporaryAccessRequestId::PREFIX));

/// The fields of an event. Where one is empty nothing emits it yet: who does adds what it tells.
const fn fields(kind: EventKind) -> &'static [Field] {
    match kind {
        EventKind::LoginCompleted => {
            &[USER, LOGIN, ("purpose", "purpose", Form::Plain), ("completed_with", "completedWith", Form::Plain)]
        }
        EventKind::LoginDenied => {
            &[USER, LOGIN, ("purpose", "purpose", Form::Plain), ("reasons", "reasons", Form::Plain)]
        }
        EventKind::ChallengeFailed => &[USER, LOGIN, CHALLENGE],
        EventKind::FactorAdded | EventKind::FactorRemoved => &[USER, FACTOR, ("kind", "kind", Form::Plain)],
        EventKind::UserLocked => &[USER, ("until", "until", Form::Time)],
        EventKind::TemporaryAccessRequested => &[ACCESS_REQUEST, USER, LOGIN],
        EventKind::TemporaryAccessIssued => &[
            ACCESS_CODE,
            USER,
            LOGIN,
            ("may_change_factors", "mayChangeFactors", Form::Plain),
            ("expires_at", "expiresAt", Form::Time),
        ],
        EventKind::MessageFailed => &[MESSAGE],
        EventKind::PolicyPublished => {
            &[POLICY, ("version", "version", Form::Plain), ("effective_at", "effectiveAt", Form::Time)]
        }
        EventKind::SpendingCapNear | EventKind::SpendingCapReached => &[("period_start", "periodStart", Form::Time)],
        EventKind::ImportFinished => &[
            ("import_id", "importId", Form::Id(ImportId::PREFIX)),
            ("status", "status", Form::Plain),
            ("dry_run", "dryRun", Form::Plain),
            ("created_rows", "createdRows", Form::Plain),
            ("updated_rows", "updatedRows", Form::Plain),
            ("failed_rows", "failedRows", Form::Plain),
        ],
        EventKind::PrefixBlocked => &[
            ("prefix", "prefix", Form::Plain),
            ("country", "country", Form::Plain),
            ("sent", "sent", Form::Plain),
            ("verified", "verified", Form::Plain),
            ("observed", "observed", Form::Plain),
        ],
    }
}

/// An event's type on the wire: `LOGIN_COMPLETED` is `login.completed`, `TEMPORARY_ACCESS_ISSUED` is
/// `temporary_access.issued`.
#[must_use]
pub fn wire_name(kind: EventKind) -> String {
    let name = kind.as_str().to_ascii_lowercase();
    name.rsplit_once('_').map_or(name.clone(), |(subject, verb)| format!("{subject}.{verb}"))
}

/// The body for an event.
pub(crate) fn render(kind: EventKind, at: Timestamp, stored: &Value) -> String {
    let mut data = Map::new();
    for (name, shown, form) in fields(kind) {
        match stored.get(name).map(|value| write(value, *form)) {
            None => {}
            Some(Some(value)) => drop(data.insert((*shown).to_owned(), value)),
            Some(None) => tracing::error!(kind = kind.as_str(), name, "an event holds what its kind does not"),
        }
    }
    body(&wire_name(kind), at, data)
}

/// The body of a test.
pub(crate) fn render_test(endpoint: WebhookEndpointId, at: Timestamp) -> String {
    let mut data = Map::new();
    data.insert("endpointId".to_owned(), json!(endpoint.to_text()));
    body(TEST, at, data)
}

fn body(name: &str, at: Timestamp, data: Map<String, Value>) -> String {
    let payload = Payload { r#type: name, timestamp: time(at), data };
    serde_json::to_string(&payload).expect("maps with keys of text are JSON")
}

/// As the API writes date-times.
fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `None` for what is not of this form.
fn write(value: &Value, form: Form) -> Option<Value> {
    match (value, form) {
        (Value::Null, _) => Some(Value::Null),
        (Value::String(text), Form::Id(prefix)) => identifier(text, prefix).map(Value::from),
        (Value::String(text), Form::Time) => {
            let at = DateTime::parse_from_rfc3339(text).ok()?;
            Some(time(at.with_timezone(&Utc)).into())
        }
        (Value::String(_) | Value::Number(_) | Value::Bool(_), Form::Plain) => Some(value.clone()),
        (Value::Array(words), Form::Plain) if words.iter().all(Value::is_string) => Some(value.clone()),
        _ => None,
    }
}

/// SQL writes identifiers as UUIDs, commands as the API does.
fn identifier(text: &str, prefix: &str) -> Option<String> {
    if let Ok(uuid) = Uuid::parse_str(text) {
        return Some(format!("{prefix}_{}", encode_base32(uuid.as_bytes())));
    }
    let rest = text.strip_prefix(prefix)?.strip_prefix('_')?;
    (rest.len() == 26 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "01900000-0000-7000-8000-00000000000a";

    fn at() -> Timestamp {
        "2026-03-01T12:00:00.123456Z".parse().unwrap()
    }

    fn data(kind: EventKind, stored: Value) -> Value {
        let body: Value = serde_json::from_str(&render(kind, at(), &stored)).unwrap();
        body["data"].clone()
    }

    #[test]
    fn names_on_the_wire_are_words_with_one_dot() {
        for (kind, name) in [
            (EventKind::LoginCompleted, "login.completed"),
            (EventKind::TemporaryAccessIssued, "temporary_access.issued"),
            (EventKind::SpendingCapNear, "spending_cap.near"),
            (EventKind::PrefixBlocked, "prefix.blocked"),
        ] {
            assert_eq!(wire_name(kind), name);
        }
        for kind in EventKind::ALL {
            assert_eq!(wire_name(*kind).matches('.').count(), 1);
        }
    }

    #[test]
    fn a_body_is_what_the_specification_asks_for() {
        let user = UserId(Uuid::parse_str(UUID).unwrap()).to_text();
        let body = render(EventKind::UserLocked, at(), &json!({"until": null, "user_id": UUID}));
        let expected = format!(
            r#"{{"type":"user.locked","timestamp":"2026-03-01T12:00:00.123Z","data":{{"until":null,"userId":"{user}"}}}}"#
        );
        assert_eq!(body, expected);
    }

    #[test]
    fn identifiers_are_the_apis_however_they_are_stored() {
        let user = UserId(Uuid::parse_str(UUID).unwrap()).to_text();
        for stored in [UUID, &user] {
            assert_eq!(data(EventKind::FactorAdded, json!({"user_id": stored})), json!({"userId": user}));
        }
        let foreign = LoginId(Uuid::parse_str(UUID).unwrap()).to_text();
        for bad in [json!(foreign), json!("user_"), json!("+14155550100"), json!(7), json!({"a": 1})] {
            assert_eq!(data(EventKind::FactorAdded, json!({"user_id": bad})), json!({}));
        }
    }

    #[test]
    fn times_are_in_utc_to_the_millisecond() {
        let locked = data(EventKind::UserLocked, json!({"until": "2026-03-01T13:00:00.5+01:00"}));
        assert_eq!(locked, json!({"until": "2026-03-01T12:00:00.500Z"}));
        let near = data(EventKind::SpendingCapNear, json!({"period_start": "2026-03-01T00:00:00+00:00"}));
        assert_eq!(near, json!({"periodStart": "2026-03-01T00:00:00.000Z"}));
    }

    #[test]
    fn what_no_line_names_stays_inside() {
        let stored = json!({"user_id": UUID, "code": "123456", "destination": "+14155550100", "kind": "PHONE_PRIMARY"});
        for kind in EventKind::ALL {
            let body = render(*kind, at(), &stored);
            assert!(!body.contains("123456") && !body.contains("4155550100"), "{body}");
        }
    }

    #[test]
    fn a_test_names_its_endpoint() {
        let body: Value = serde_json::from_str(&render_test(WebhookEndpointId(Uuid::nil()), at())).unwrap();
        assert_eq!(
            (&body["type"], &body["data"]),
            (&json!(TEST), &json!({"endpointId": "endpoint_00000000000000000000000000"}))
        );
    }
}
