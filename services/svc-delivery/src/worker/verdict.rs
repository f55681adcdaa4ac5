//! What follows from a provider's answer; a pure function.

use chrono::Duration;
use core_kernel::Timestamp;

use crate::model::MessageStatus;
use crate::providers::Outcome;

/// After so many refusals even a message that nobody waits for is given up.
const MAX_ATTEMPTS: i16 = 40;
/// The longest pause between two attempts, in seconds: of a code, for which somebody waits at a
/// screen, and of anything else.
const CODE_PAUSE: i32 = 15;
const OTHER_PAUSE: i32 = 600;
/// Before the one repetition of what may have gone out; longer where the provider may report meanwhile
/// that it has it.
const DOUBT_PAUSE: i32 = 1;
const REPORT_PAUSE: i32 = 3;

/// What the verdict looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    /// This attempt, from 1.
    pub(super) attempt: i16,
    /// After how many attempts it was unknown whether they had gone out.
    pub(super) doubts: i16,
    pub(super) is_code: bool,
    /// Whether whoever may have it reports by itself.
    pub(super) reports: bool,
    /// Whether they can be asked, so that a doubt ends before anything goes out again.
    pub(super) can_be_asked: bool,
    pub(super) now: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

/// What becomes of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) status: MessageStatus,
    pub(super) doubt: bool,
    pub(super) retry_seconds: i32,
    pub(super) reference: Option<String>,
    pub(super) detail: Option<String>,
    /// The number asked for no more texts.
    pub(super) opted_out: bool,
}

impl Verdict {
    fn of(status: MessageStatus, detail: Option<String>) -> Self {
        Self { status, doubt: false, retry_seconds: 0, reference: None, detail, opted_out: false }
    }

    pub(super) fn failed(detail: &str) -> Self {
        Self::of(MessageStatus::Failed, Some(detail.to_owned()))
    }
}

pub(super) fn verdict(outcome: Outcome, case: Circumstances) -> Verdict {
    match outcome {
        Outcome::Delivered => Verdict::of(MessageStatus::Delivered, None),
        Outcome::Accepted(reference) => Verdict { reference, ..Verdict::of(MessageStatus::Accepted, None) },
        Outcome::Refused(detail) => Verdict::failed(&detail),
        Outcome::OptedOut(detail) => Verdict { opted_out: true, ..Verdict::failed(&detail) },
        Outcome::NotNow(detail) => again(pause(case), false, detail, case),
        // The same code may go out once more, not twice; asking is no repetition.
        Outcome::InDoubt(detail) if case.doubts == 0 || case.can_be_asked => {
            again(if case.reports { REPORT_PAUSE } else { DOUBT_PAUSE }, true, detail, case)
        }
        Outcome::InDoubt(detail) => Verdict::failed(&detail),
    }
}

/// To be tried again, while somebody still waits for it: a status does not go back to QUEUED.
fn again(retry_seconds: i32, doubt: bool, detail: String, case: Circumstances) -> Verdict {
    let then = case.now + Duration::seconds(i64::from(retry_seconds));
    let waited_for = case.expires_at.is_none_or(|until| then < until);
    if waited_for && case.attempt < MAX_ATTEMPTS {
        Verdict { doubt, retry_seconds, ..Verdict::of(MessageStatus::Sending, Some(detail)) }
    } else {
        Verdict::failed(&detail)
    }
}

fn pause(case: Circumstances) -> i32 {
    let longest = if case.is_code { CODE_PAUSE } else { OTHER_PAUSE };
    let doublings = u32::try_from(case.attempt - 1).unwrap_or(0).min(10);
    (1 << doublings).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(attempt: i16, doubts: i16, seconds_left: Option<i64>) -> Circumstances {
        let now = chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let expires_at = seconds_left.map(|left| now + Duration::seconds(left));
        Circumstances { attempt, doubts, is_code: true, reports: false, can_be_asked: false, now, expires_at }
    }

    fn status(outcome: Outcome, case: Circumstances) -> MessageStatus {
        verdict(outcome, case).status
    }

    #[test]
    fn sure_answers_are_final() {
        for left in [None, Some(300)] {
            assert_eq!(status(Outcome::Delivered, case(1, 0, left)), MessageStatus::Delivered);
            assert_eq!(status(Outcome::Accepted(None), case(1, 0, left)), MessageStatus::Accepted);
            assert_eq!(status(Outcome::Refused("no".into()), case(1, 0, left)), MessageStatus::Failed);
        }
    }

    #[test]
    fn a_refusal_for_now_is_tried_again_while_the_user_waits() {
        let not_now = || Outcome::NotNow("busy".into());
        assert_eq!(status(not_now(), case(1, 0, Some(300))), MessageStatus::Sending);
        assert_eq!(status(not_now(), case(9, 0, Some(300))), MessageStatus::Sending);
        assert_eq!(status(not_now(), case(9, 0, Some(10))), MessageStatus::Failed, "the code dies before the next try");
        assert_eq!(status(not_now(), case(39, 0, None)), MessageStatus::Sending);
        assert_eq!(status(not_now(), case(40, 0, None)), MessageStatus::Failed);
    }

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses: Vec<i32> = (1..7).map(|attempt| pause(case(attempt, 0, None))).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
        let mail = Circumstances { is_code: false, ..case(30, 0, None) };
        assert_eq!(pause(mail), 600);
    }

    #[test]
    fn what_may_have_gone_out_goes_out_once_more_and_not_twice() {
        let doubt = || Outcome::InDoubt("no answer".into());
        let first = verdict(doubt(), case(1, 0, Some(300)));
        assert_eq!((first.status, first.doubt, first.retry_seconds), (MessageStatus::Sending, true, 1));
        assert_eq!(status(doubt(), case(2, 1, Some(300))), MessageStatus::Failed);
        assert_eq!(status(doubt(), case(1, 0, Some(1))), MessageStatus::Failed, "nobody waits any longer");
        let asked = Circumstances { can_be_asked: true, ..case(2, 1, Some(300)) };
        assert_eq!(status(doubt(), asked), MessageStatus::Sending, "it is asked before it goes out again");
    }

    #[test]
    fn a_doubt_that_may_be_reported_on_is_waited_over() {
        let reporting = Circumstances { reports: true, ..case(1, 0, Some(300)) };
        assert_eq!(verdict(Outcome::InDoubt("no answer".into()), reporting).retry_seconds, 3);
    }

    #[test]
    fn an_opt_out_is_final_and_marks_the_number() {
        let stopped = verdict(Outcome::OptedOut("STOP".into()), case(1, 0, Some(300)));
        assert_eq!((stopped.status, stopped.opted_out), (MessageStatus::Failed, true));
        assert!(!verdict(Outcome::Refused("no".into()), case(1, 0, None)).opted_out);
    }
}
