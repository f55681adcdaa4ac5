//! What the login path counts: decisions, challenges, proofs.

use core_policy::{Decision, LoginOutcome, MethodChannel};
use io_meters::Meters;

use crate::steps::start::Started;
use crate::steps::verify::Verified;

/// A step's answers, as `hot_start_challenge` and `hot_verify` give them.
const ANSWERS: [&str; 12] = [
    "OK",
    "NOT_FOUND",
    "NO_METHOD",
    "ALREADY_COMPLETED",
    "EXPIRED",
    "TOO_MANY_ATTEMPTS",
    "TOO_SOON",
    "SPENDING_CAP_REACHED",
    "DESTINATION_BLOCKED",
    "WRONG_CODE",
    "USER_LOCKED",
    "NOT_USABLE",
];

fn known(answer: &str) -> &'static str {
    ANSWERS.into_iter().find(|known| *known == answer).unwrap_or("OTHER")
}

/// A decision that was recorded.
pub(crate) fn decided(meters: &Meters, decision: &Decision, risk_score: i16) {
    meters.login_decisions.at([decision.outcome.as_str()]).add_one();
    for reason in &decision.reasons {
        meters.login_decision_reasons.at([reason.as_str()]).add_one();
    }
    meters.login_risk_score.at([]).observe(risk_score.into());
    if decision.outcome == LoginOutcome::Allow {
        meters.logins_completed.at(["NONE"]).add_one();
    }
}

/// What `startChallenge` came to; `is_new` where the challenge began with this call.
pub(crate) fn started(meters: &Meters, channel: MethodChannel, started: &Started, is_new: bool) {
    match started.outcome.as_str() {
        "OK" if is_new => meters.challenges_started.at([channel.as_str()]).add_one(),
        "OK" => meters.challenge_resends.at([channel.as_str()]).add_one(),
        refused => {
            meters.challenges_refused.at([known(refused)]).add_one();
            match refused {
                "SPENDING_CAP_REACHED" => meters.messages_held_back.at(["spending_cap"]).add_one(),
                "DESTINATION_BLOCKED" => meters.messages_held_back.at(["fraud_guard"]).add_one(),
                _ => {}
            }
        }
    }
}

/// What a proof came to.
pub(crate) fn proved(meters: &Meters, verified: &Verified) {
    let channel = verified.channel.as_deref().and_then(MethodChannel::parse).map_or("NONE", MethodChannel::as_str);
    meters.challenge_proofs.at([channel, known(&verified.outcome)]).add_one();
    if verified.outcome == "OK" {
        meters.logins_completed.at([channel]).add_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_nobody_knows_makes_no_series_of_its_own() {
        assert_eq!(known("WRONG_CODE"), "WRONG_CODE");
        assert_eq!(known("'; drop table"), "OTHER");
    }

    #[test]
    fn every_answer_that_is_refused_is_known() {
        let source = include_str!("refusals.rs");
        let arms = source.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>"));
        for (answer, _) in arms {
            assert_eq!(known(answer), answer);
        }
    }
}
