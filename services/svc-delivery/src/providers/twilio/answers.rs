//! What Twilio's answers, error codes and statuses mean.

use serde::Deserialize;

use crate::providers::web::{Answer, NoAnswer};
use crate::providers::{Outcome, Report};

/// The number answered STOP to the sender.
const STOPPED: u32 = 21610;
/// A carrier blocks texts to the number, opt-outs among its reasons.
const BLOCKED: u32 = 30004;
/// The sender's queue at Twilio is full; too many requests at a time.
const BUSY: [u32; 3] = [21611, 20429, 14107];
/// Neither the account nor its token is at fault because of one message: everything will be refused.
const ACCOUNT: [u32; 4] = [20003, 20005, 20006, 20008];

/// An accepted message or call.
#[derive(Deserialize)]
struct Created {
    sid: String,
}

/// A refusal.
#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    message: String,
}

/// What became of asking for a message or call.
pub(super) fn outcome(answered: Result<Answer, NoAnswer>) -> Outcome {
    let answer = match answered {
        Ok(answer) => answer,
        Err(NoAnswer::NotSent(why)) => return Outcome::NotNow(format!("Twilio could not be reached: {why}.")),
        Err(NoAnswer::Unknown(why)) => return Outcome::InDoubt(format!("Twilio: {why}; it may have been sent.")),
    };
    match answer.status {
        200..300 => Outcome::Accepted(serde_json::from_slice(&answer.body).ok().map(|created: Created| created.sid)),
        300..400 => Outcome::NotNow(format!("Twilio answered {}.", answer.status)),
        400..500 => refused(answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()),
        status => Outcome::InDoubt(format!("Twilio answered {status}; it may have been sent.")),
    }
}

fn refused(status: u16, refusal: Refusal) -> Outcome {
    let said = match refusal.code {
        0 => format!("Twilio answered {status}."),
        code => format!("Twilio refused it ({code}): {}", refusal.message),
    };
    match (status, refusal.code) {
        (_, STOPPED) => Outcome::OptedOut(said),
        (429 | 401 | 403 | 408, _) => Outcome::NotNow(said),
        (_, code) if BUSY.contains(&code) || ACCOUNT.contains(&code) => Outcome::NotNow(said),
        // An account that is not there, or not an answer of Twilio's.
        (404 | 405, _) => Outcome::NotNow(said),
        _ => Outcome::Refused(said),
    }
}

/// What a status of a text means; nothing for a word that is not known.
pub(super) fn of_text(status: &str, error: Option<u32>) -> Option<Report> {
    Some(match status {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" => Report::Accepted,
        "delivered" | "read" | "partially_delivered" => Report::Delivered,
        "undelivered" | "failed" | "canceled" => {
            let opted_out = error.is_some_and(|error| [STOPPED, BLOCKED].contains(&error));
            Report::Failed { detail: why_undelivered(error), opted_out }
        }
        _ => return None,
    })
}

/// What a status of a call means. That it arrived is told by the key press, not by the call's end.
pub(super) fn of_call(status: &str) -> Option<Report> {
    let failed = |detail: &str| Report::Failed { detail: detail.to_owned(), opted_out: false };
    Some(match status {
        "queued" | "initiated" | "ringing" | "in-progress" | "answered" => Report::Accepted,
        "completed" => failed("The call was answered, but no key was pressed."),
        "busy" => failed("The line was busy."),
        "no-answer" => failed("Nobody answered the call."),
        "failed" | "canceled" => failed("The call could not be made."),
        _ => return None,
    })
}

/// For a person; the codes are Twilio's.
fn why_undelivered(error: Option<u32>) -> String {
    match error {
        Some(STOPPED) => "This number asked for no more texts (STOP).".to_owned(),
        Some(BLOCKED) => "The carrier blocks texts to this number (30004).".to_owned(),
        Some(30003) => "The phone could not be reached (30003).".to_owned(),
        Some(30005) => "The number is not in use (30005).".to_owned(),
        Some(30006) => "The number cannot receive texts (30006).".to_owned(),
        Some(30007) => "The carrier filtered the text (30007).".to_owned(),
        Some(code) => format!("The text did not arrive ({code})."),
        None => "The text did not arrive.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Outcome {
        outcome(Ok(Answer { status, body: body.as_bytes().to_vec() }))
    }

    fn code(status: u16, code: u32) -> Outcome {
        answered(status, &format!(r#"{{"code":{code},"message":"why","more_info":"","status":{status}}}"#))
    }

    #[test]
    fn an_accepted_message_has_its_reference() {
        assert_eq!(answered(201, r#"{"sid":"SM1","status":"queued"}"#), Outcome::Accepted(Some("SM1".into())));
        assert_eq!(answered(201, "half an ans"), Outcome::Accepted(None), "the status is what counts");
    }

    #[test]
    fn stop_marks_the_number_and_an_invalid_number_is_refused() {
        assert!(matches!(code(400, 21610), Outcome::OptedOut(_)));
        for invalid in [21211, 21614, 21408, 21606] {
            assert_eq!(code(400, invalid), Outcome::Refused(format!("Twilio refused it ({invalid}): why")));
        }
    }

    #[test]
    fn what_ails_the_account_or_the_moment_is_not_the_messages_fault() {
        for (status, number) in [(401, 20003), (429, 20429), (429, 0), (400, 21611), (404, 20404), (403, 20008)] {
            assert!(matches!(code(status, number), Outcome::NotNow(_)), "{status} {number}");
        }
        assert!(matches!(outcome(Err(NoAnswer::NotSent("x".into()))), Outcome::NotNow(_)));
        assert!(matches!(answered(302, ""), Outcome::NotNow(_)));
    }

    #[test]
    fn errors_of_the_server_and_silence_are_doubts() {
        for status in [500, 502, 503, 504] {
            assert!(matches!(answered(status, ""), Outcome::InDoubt(_)), "{status}");
        }
        assert!(matches!(outcome(Err(NoAnswer::Unknown("x".into()))), Outcome::InDoubt(_)));
    }

    #[test]
    fn every_published_status_of_a_text_is_known_but_those_of_incoming_ones() {
        let outbound = [
            "queued",
            "sending",
            "sent",
            "failed",
            "delivered",
            "undelivered",
            "accepted",
            "scheduled",
            "read",
            "partially_delivered",
            "canceled",
        ];
        assert!(outbound.iter().all(|status| of_text(status, None).is_some()));
        assert!(["receiving", "received", ""].iter().all(|status| of_text(status, None).is_none()));
        let opted_out = |error| matches!(of_text("undelivered", error), Some(Report::Failed { opted_out: true, .. }));
        assert!(opted_out(Some(30004)) && opted_out(Some(21610)) && !opted_out(Some(30003)) && !opted_out(None));
    }

    #[test]
    fn a_call_that_ends_has_not_arrived_by_that() {
        for status in ["completed", "busy", "failed", "no-answer", "canceled"] {
            assert!(matches!(of_call(status), Some(Report::Failed { .. })), "{status}");
        }
        assert_eq!(of_call("ringing"), Some(Report::Accepted));
        assert_eq!(of_call("sleeping"), None);
    }
}
