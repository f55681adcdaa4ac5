//! What the login path would have said to a person's visits, one after the other: each is judged by
//! the history that those before it left, and decided by a new tenant's policy.

use std::net::IpAddr;

use chrono::{Duration, Timelike as _};
use chrono_tz::Tz;
use core_kernel::Timestamp;
use core_policy::{
    Channel, Completion, Decision, FactorFacts, FactorKind, FactorStatus, FirstFactor, LoginFacts, LoginOutcome,
    LoginPurpose, PhoneLine, Policy, Risk, UserFacts, UserKind, decide,
};
use core_risk::{
    Assessment, Attempt, DeviceFamily, FactorChange, Finding, History, LastPosition, Origin, Position, assess,
};
use svc_logins::{Given, RiskSources};

use super::people::Person;
use super::visits::Visit;

/// A login of the past.
pub(super) struct PastLogin {
    pub(super) visit: Visit,
    pub(super) first_factor: FirstFactor,
    /// Where it came from.
    pub(super) origin: Origin,
    /// The hour of the tenant's day.
    pub(super) hour: u8,
    /// What completing it adds to the history.
    pub(super) seen: Vec<i64>,
    pub(super) decision: Decision,
    pub(super) score: u32,
    pub(super) findings: Vec<Finding>,
    /// What it was decided from.
    pub(super) given: Given,
    /// When the visitor was let in.
    pub(super) completed_at: Option<Timestamp>,
}

impl PastLogin {
    /// Whether a code was sent.
    pub(super) const fn is_asked(&self) -> bool {
        matches!(self.decision.outcome, LoginOutcome::Challenge | LoginOutcome::Enroll)
    }

    /// The channel that was proved.
    pub(super) fn proved(&self) -> Option<Channel> {
        self.completed_at.filter(|_| self.is_asked()).map(|_| self.visit.channel)
    }

    /// How it was completed; none where it was allowed outright, or was given up.
    pub(super) fn completion(&self) -> Option<Completion> {
        let proved = self.proved()?;
        match (self.decision.outcome, proved) {
            (LoginOutcome::Enroll, _) => Some(Completion::Enrolled),
            (_, Channel::Voice) => Some(Completion::Voice),
            _ => Some(Completion::Sms),
        }
    }

    /// A part of the position, as it is stored.
    pub(super) fn coordinate(&self, part: fn(Position) -> f64) -> Option<f32> {
        self.origin.position.map(|position| part(position) as f32)
    }
}

/// A person's month.
pub(super) struct Month {
    pub(super) logins: Vec<PastLogin>,
    history: History,
    facts: UserFacts,
}

impl Month {
    /// Lives it.
    pub(super) fn live(person: &Person, visits: &[Visit], risk: &RiskSources, zone: Tz) -> Self {
        let mut month = Self { logins: Vec::new(), history: History::default(), facts: UserFacts::new(person.kind) };
        for visit in visits {
            let login = month.judge(*visit, risk, zone);
            month.remember(&login);
            month.logins.push(login);
        }
        month
    }

    /// When the phone was confirmed, and from where; none where nobody ever came.
    pub(super) fn enrolled(&self) -> Option<(Timestamp, IpAddr)> {
        let first = self.logins.first()?;
        Some((first.completed_at?, first.visit.address))
    }

    fn judge(&self, visit: Visit, risk: &RiskSources, zone: Tz) -> PastLogin {
        let hour = u8::try_from(visit.at.with_timezone(&zone).hour()).unwrap_or(0);
        let (origin, device) = (risk.origin_of(visit.address), DeviceFamily::of(Some(visit.user_agent)));
        let attempt = Attempt { now: visit.at, hour, origin, device, known_device: false };
        let policy = Policy::default();
        let assessment = assess(&attempt, &self.history, &risk.weights, policy.risk.max_travel_speed_kmh);
        let first_factor = match self.facts.kind {
            UserKind::Internal => FirstFactor::Sso,
            UserKind::External => FirstFactor::Password,
        };
        let decision = self.decide(&policy, &visit, first_factor, &assessment);
        PastLogin {
            first_factor,
            hour,
            seen: attempt.seen_keys(),
            completed_at: completed_at(&visit, decision.outcome),
            score: assessment.score,
            findings: assessment.findings.clone(),
            given: Given { user: self.facts.clone(), suspended: false, risk: Some(assessment.into()) },
            origin: attempt.origin,
            decision,
            visit,
        }
    }

    fn decide(&self, policy: &Policy, visit: &Visit, first_factor: FirstFactor, assessment: &Assessment) -> Decision {
        let ip = Some(visit.address);
        let login = LoginFacts { tenant_suspended: false, purpose: LoginPurpose::SignIn, first_factor, ip };
        let risk = assessment.risk_score().map(|score| Risk { score });
        decide(policy, &self.facts, &login, risk, visit.at)
    }

    /// Only who was let in leaves traces.
    fn remember(&mut self, login: &PastLogin) {
        self.facts.first_login_at.get_or_insert(login.visit.at);
        let Some(completed_at) = login.completed_at else { return };
        if login.decision.outcome == LoginOutcome::Enroll {
            self.enroll(completed_at, login.visit.address);
        }
        let history = &mut self.history;
        history.seen = history.seen.merge(&login.seen, completed_at);
        history.hours[usize::from(login.hour)] += 1;
        history.last_completed_at = Some(completed_at);
        if let Some(position) = login.origin.position {
            history.last_position = Some(LastPosition { at: login.visit.at, position, place: None });
        }
    }

    fn enroll(&mut self, at: Timestamp, from: IpAddr) {
        let line = Some(PhoneLine::Mobile);
        self.facts.factors = vec![FactorFacts { kind: FactorKind::PhonePrimary, status: FactorStatus::Active, line }];
        self.history.factor_changes = vec![FactorChange { at, address: Some(from) }];
    }
}

fn completed_at(visit: &Visit, outcome: LoginOutcome) -> Option<Timestamp> {
    match outcome {
        LoginOutcome::Allow => Some(visit.at),
        LoginOutcome::Challenge | LoginOutcome::Enroll if !visit.by_thief => {
            Some(visit.at + Duration::seconds(visit.seconds.into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use core_kernel::SystemClock;
    use core_policy::DecisionReason;
    use core_risk::{SignalKind, Weights};

    use super::super::people::PEOPLE;
    use super::super::visits;
    use super::*;

    type Months = Vec<(&'static Person, Month)>;

    /// Everybody's month, where the demo's files say that they are, as of a few days: weekends fall
    /// differently on each, and the clocks change on one.
    fn months() -> Vec<Months> {
        let first: Timestamp = "2026-10-26T03:00:00Z".parse().unwrap();
        (0..14).map(|day| months_at(first + Duration::days(day))).collect()
    }

    fn months_at(now: Timestamp) -> Months {
        let name = format!("postern-month-{:?}-{}", std::thread::current().id(), std::process::id());
        let folder = std::env::temp_dir().join(name);
        let files = io_geo::demo::write(&folder, now).unwrap();
        let risk =
            RiskSources { atlas: io_geo::Atlas::open(files, Arc::new(SystemClock)), weights: Weights::default() };
        let zone = Tz::America__Chicago;
        let live = |person| (person, Month::live(person, &visits::of(person, now, zone), &risk, zone));
        let months = PEOPLE.iter().map(live).collect();
        std::fs::remove_dir_all(folder).unwrap();
        months
    }

    fn logins(months: &Months) -> impl Iterator<Item = &PastLogin> {
        months.iter().flat_map(|(_, month)| &month.logins)
    }

    fn count(months: &Months, reason: DecisionReason) -> usize {
        logins(months).filter(|login| login.decision.reasons == [reason]).count()
    }

    #[test]
    fn everybody_enrolls_once_and_then_is_mostly_not_asked() {
        for months in months() {
            for (person, month) in &months {
                let (first, rest) = month.logins.split_first().unwrap();
                assert_eq!(first.decision.outcome, LoginOutcome::Enroll, "{}", person.name);
                assert!(rest.iter().all(|login| login.decision.outcome != LoginOutcome::Enroll), "{}", person.name);
                assert_eq!(month.enrolled().unwrap().1, first.visit.address);
            }
            let asked = count(&months, DecisionReason::RiskDetected);
            assert!((6..=16).contains(&asked), "{asked}");
            assert_eq!(count(&months, DecisionReason::AdaptiveNotStarted), 1, "the mobile network, once");
            assert!(count(&months, DecisionReason::LowRisk) > 150);
            let a_little = logins(&months).filter(|login| (25..50).contains(&login.score)).count();
            assert!(a_little >= 8, "{a_little} logins that a lower threshold would ask");
        }
    }

    #[test]
    fn thieves_are_asked_and_leave_no_trace() {
        for months in months() {
            for (person, month) in &months {
                let thieves: Vec<_> = month.logins.iter().filter(|login| login.visit.by_thief).collect();
                assert_eq!(thieves.len(), usize::from(person.thief.is_some()), "{}", person.name);
                for login in thieves {
                    assert_eq!((login.decision.outcome, login.completed_at), (LoginOutcome::Challenge, None));
                    let last = month.history.last_position.as_ref().map(|last| last.position);
                    assert_ne!(last, login.origin.position);
                    assert!(login.seen.iter().any(|element| !month.history.seen.packed().contains(element)));
                }
            }
        }
    }

    #[test]
    fn a_journey_is_unusual_once() {
        for months in months() {
            let (_, mina) = months.iter().find(|(person, _)| person.name == "Mina Sato").unwrap();
            let in_sydney = |login: &&PastLogin| login.origin.city.as_deref() == Some("Sydney");
            let abroad: Vec<_> = mina.logins.iter().filter(in_sydney).collect();
            let kinds: Vec<_> = abroad[0].findings.iter().map(|finding| finding.kind).collect();
            assert!(kinds.contains(&SignalKind::NewCountry), "{kinds:?}");
            assert_eq!(abroad[0].decision.reasons, [DecisionReason::RiskDetected]);
            assert_eq!(abroad[1].decision.reasons, [DecisionReason::LowRisk]);
        }
    }

    #[test]
    fn what_is_kept_of_a_login_decides_it_again() {
        for login in logins(&months_at("2026-07-15T03:00:00Z".parse().unwrap())) {
            let kept: Given = serde_json::from_str(&serde_json::to_string(&login.given).unwrap()).unwrap();
            assert_eq!(kept, login.given);
            let risk = kept.risk.as_ref().unwrap().score_at(900).map(|score| Risk { score });
            let facts = LoginFacts {
                tenant_suspended: kept.suspended,
                purpose: LoginPurpose::SignIn,
                first_factor: login.first_factor,
                ip: Some(login.visit.address),
            };
            assert_eq!(decide(&Policy::default(), &kept.user, &facts, risk, login.visit.at), login.decision);
        }
    }
}
