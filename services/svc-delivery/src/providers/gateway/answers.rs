//! What the gateway's answers and reports mean.

use serde::Deserialize;

use crate::providers::web::{Answer, NoAnswer};
use crate::providers::{Outcome, Report};

/// An answer, or a report; everything may be missing.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    /// `accepted`, `delivered`, `failed`.
    status: Option<String>,
    reference: Option<String>,
    /// For a person.
    detail: Option<String>,
    /// The number asked for no more texts.
    opted_out: bool,
}

pub(super) fn outcome(answered: Result<Answer, NoAnswer>) -> Outcome {
    let answer = match answered {
        Ok(answer) => answer,
        Err(NoAnswer::NotSent(why)) => return Outcome::NotNow(format!("The gateway could not be reached: {why}.")),
        Err(NoAnswer::Unknown(why)) => return Outcome::InDoubt(format!("The gateway: {why}; it may have been sent.")),
    };
    let said: Said = serde_json::from_slice(&answer.body).unwrap_or_default();
    match answer.status {
        200..300 if said.status.as_deref() == Some("delivered") => Outcome::Delivered,
        200..300 => Outcome::Accepted(said.reference),
        // It has this message already: an attempt that was in doubt was taken.
        409 => Outcome::Accepted(said.reference),
        300..500 => refused(answer.status, said),
        status => Outcome::InDoubt(format!("The gateway answered {status}; it may have been sent.")),
    }
}

fn refused(status: u16, said: Said) -> Outcome {
    let why = said
        .detail
        .map_or_else(|| format!("The gateway answered {status}."), |detail| format!("The gateway: {detail}"));
    match status {
        _ if said.opted_out => Outcome::OptedOut(why),
        400 | 410 | 422 => Outcome::Refused(why),
        // Credentials, address, load: not this message's fault.
        _ => Outcome::NotNow(why),
    }
}

/// What a status callback says; nothing where it cannot be understood.
pub(crate) fn report(body: &[u8]) -> Option<(Option<String>, Report)> {
    let said: Said = serde_json::from_slice(body).ok()?;
    let report = match said.status.as_deref()? {
        "accepted" => Report::Accepted,
        "delivered" => Report::Delivered,
        "failed" => {
            let detail = said.detail.unwrap_or_else(|| "The gateway could not deliver it.".to_owned());
            Report::Failed { detail, opted_out: said.opted_out }
        }
        _ => return None,
    };
    Some((said.reference, report))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Outcome {
        outcome(Ok(Answer { status, body: body.as_bytes().to_vec() }))
    }

    #[test]
    fn a_yes_may_be_empty_or_tell_more() {
        assert_eq!(answered(202, ""), Outcome::Accepted(None));
        assert_eq!(answered(200, r#"{"reference":"g1"}"#), Outcome::Accepted(Some("g1".into())));
        assert_eq!(answered(200, r#"{"status":"delivered"}"#), Outcome::Delivered);
        assert_eq!(answered(409, r#"{"reference":"g1"}"#), Outcome::Accepted(Some("g1".into())));
    }

    #[test]
    fn a_no_is_the_messages_or_the_gateways() {
        assert_eq!(
            answered(422, r#"{"detail":"no such number"}"#),
            Outcome::Refused("The gateway: no such number".into())
        );
        assert_eq!(answered(400, ""), Outcome::Refused("The gateway answered 400.".into()));
        assert!(matches!(answered(422, r#"{"opted_out":true}"#), Outcome::OptedOut(_)));
        for status in [301, 401, 403, 404, 408, 429] {
            assert!(matches!(answered(status, ""), Outcome::NotNow(_)), "{status}");
        }
        assert!(matches!(answered(503, ""), Outcome::InDoubt(_)));
    }

    #[test]
    fn reports_are_read_and_others_are_not() {
        assert_eq!(report(br#"{"status":"delivered","reference":"g1"}"#), Some((Some("g1".into()), Report::Delivered)));
        assert_eq!(report(br#"{"status":"accepted"}"#), Some((None, Report::Accepted)));
        assert!(matches!(report(br#"{"status":"failed"}"#), Some((None, Report::Failed { opted_out: false, .. }))));
        for bad in ["", "{}", r#"{"status":"sent"}"#, r#"{"status":1}"#] {
            assert_eq!(report(bad.as_bytes()), None, "{bad}");
        }
    }
}
