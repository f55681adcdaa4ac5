//! Deciding again. Pure but for its name: rows go in, counts come out, and nothing waits.
//!
//! Memory is bounded by the number of users, never by that of logins: 20 bytes for each who would be
//! denied, or for each at all where the draft denies by risk.

mod examples;
mod lockout;
mod messages;
mod past_login;
mod transitions;

use core_policy::{Decision, LoginFacts, Policy, Risk, decide};
use svc_billing::PriceList;
use uuid::Uuid;

use crate::report::Report;
use crate::store::SentCodes;
use examples::Examples;
pub(crate) use lockout::{Suspect, Suspects, is_locked_out};
use messages::Messages;
pub(crate) use messages::PhoneToPrice;
pub(crate) use past_login::{PastLogin, past_login_columns};
use transitions::Transitions;

/// A replay under way.
pub(crate) struct Replay {
    policy: Policy,
    replayed: i32,
    skipped: i32,
    transitions: Transitions,
    messages: Messages,
    examples: Examples,
    suspects: Suspects,
}

impl Replay {
    pub(crate) fn new(policy: Policy, prices: PriceList) -> Self {
        Self {
            suspects: Suspects::new(&policy),
            policy,
            replayed: 0,
            skipped: 0,
            transitions: Transitions::default(),
            messages: Messages::new(prices),
            examples: Examples::default(),
        }
    }

    /// Logins decided again, and logins that could not be.
    pub(crate) const fn progress(&self) -> (i32, i32) {
        (self.replayed, self.skipped)
    }

    /// Decides a login again; they come newest first, each with the codes that were sent for it.
    pub(crate) fn take(&mut self, login: &PastLogin, sent: &[SentCodes]) {
        let decision = self.decide(login);
        self.replayed += 1;
        self.transitions.count(login.outcome, decision.outcome);
        self.messages.take(&self.policy, login, decision.outcome, sent);
        self.suspects.take(login, &decision);
        self.examples.take(login, decision);
    }

    /// A login whose facts were not kept, or cannot be read.
    pub(crate) const fn skip(&mut self) {
        self.skipped += 1;
    }

    fn decide(&self, login: &PastLogin) -> Decision {
        let facts = LoginFacts {
            tenant_suspended: login.given.suspended,
            purpose: login.purpose,
            first_factor: login.first_factor,
            ip: login.ip,
        };
        let speed = self.policy.risk.max_travel_speed_kmh;
        let score = login.given.risk.as_ref().and_then(|recorded| recorded.score_at(speed));
        decide(&self.policy, &login.given.user, &facts, score.map(|score| Risk { score }), login.at)
    }

    /// Users whose phones' countries must be known before the messages that wait for it are priced.
    pub(crate) fn unpriced(&self) -> Vec<Uuid> {
        self.messages.unpriced()
    }

    /// Prices what waits, by the users' phones.
    pub(crate) fn price(&mut self, phones: &[PhoneToPrice]) {
        self.messages.price(phones);
    }

    /// What was found, and who is suspected of being locked out.
    pub(crate) fn finish(self) -> (Report, Suspects) {
        let report = Report {
            transitions: self.transitions.into_list(),
            messages: self.messages.into_lines(),
            examples: self.examples.into_list(),
        };
        (report, self.suspects)
    }
}
