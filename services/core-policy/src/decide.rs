//! The decision table. The first row that matches wins and gives its reasons alone, so the table is
//! a list of small functions in its own order: to change the table is to change the list.

use core_kernel::Timestamp;

use crate::{
    AudiencePolicy, Decision, DecisionReason, FirstFactor, LoginFacts, LoginOutcome, LoginPurpose, Policy, Risk,
    SecurityLevel, UserFacts, UserKind, effective_level, enrollment_offer, mandatory_for, networks, usable_channels,
};

type Row = fn(&Case<'_>) -> Option<Decision>;

/// Rows 1 to 16; [`low_risk`], row 17, takes what is left.
const ROWS: [Row; 16] = [
    tenant_suspended,
    user_barred,
    allowed_network,
    risk_too_high,
    link_without_factor,
    enrollment_not_open,
    opted_out,
    enrollment_optional,
    enrollment_required,
    no_usable_factor,
    proof_demanded,
    opt_out_ended,
    high_level,
    not_adaptive,
    risk_detected,
    trusted_device,
];

/// Decides a login by `policy`, the version in force at `now` on the tenant's clock.
///
/// `risk` is `None` where it is unknown; STANDARD then asks as HIGH does.
#[must_use]
pub fn decide(policy: &Policy, user: &UserFacts, login: &LoginFacts, risk: Option<Risk>, now: Timestamp) -> Decision {
    let audience = policy.audience(user.kind);
    let case = Case {
        policy,
        audience,
        user,
        login,
        risk,
        now,
        level: effective_level(audience, user.chosen_level, user.advisor_level),
        mandatory: mandatory_for(audience, user, now),
        enrolled: user.has_factor(),
    };
    ROWS.iter().find_map(|row| row(&case)).unwrap_or_else(|| low_risk(&case))
}

/// Everything that a row may look at.
struct Case<'a> {
    policy: &'a Policy,
    audience: &'a AudiencePolicy,
    user: &'a UserFacts,
    login: &'a LoginFacts,
    risk: Option<Risk>,
    now: Timestamp,
    level: SecurityLevel,
    mandatory: bool,
    enrolled: bool,
}

impl Case<'_> {
    fn decision(&self, outcome: LoginOutcome, reasons: &[DecisionReason]) -> Decision {
        Decision { outcome, reasons: reasons.to_vec(), level: self.level, enrollment: None, ends_opt_out: false }
    }

    fn allow(&self, reason: DecisionReason) -> Decision {
        self.decision(LoginOutcome::Allow, &[reason])
    }

    fn challenge(&self, reason: DecisionReason) -> Decision {
        self.decision(LoginOutcome::Challenge, &[reason])
    }

    fn deny(&self, reason: DecisionReason) -> Decision {
        self.decision(LoginOutcome::Deny, &[reason])
    }

    fn enroll(&self, reasons: &[DecisionReason]) -> Decision {
        let offer = enrollment_offer(self.audience, self.user, self.login.first_factor, self.now);
        Decision { enrollment: Some(offer), ..self.decision(LoginOutcome::Enroll, reasons) }
    }

    fn by_link(&self) -> bool {
        self.login.first_factor == FirstFactor::OneTimeLink
    }

    /// Only such a login can pass without a second factor by network or opt-out.
    fn ordinary_sign_in(&self) -> bool {
        self.login.purpose == LoginPurpose::SignIn && !self.by_link()
    }

    fn risk_reaches(&self, threshold: u32) -> bool {
        self.risk.is_some_and(|risk| risk.score >= threshold)
    }
}

/// Row 1.
fn tenant_suspended(case: &Case<'_>) -> Option<Decision> {
    case.login.tenant_suspended.then(|| case.deny(DecisionReason::TenantSuspended))
}

/// Row 2.
fn user_barred(case: &Case<'_>) -> Option<Decision> {
    if case.user.disabled {
        return Some(case.deny(DecisionReason::UserDisabled));
    }
    let locked = case.user.lock.is_some_and(|lock| lock.holds(case.now));
    locked.then(|| case.deny(DecisionReason::UserLocked))
}

/// Row 3: the tenant's own people alone; a client's address proves nothing about a client.
fn allowed_network(case: &Case<'_>) -> Option<Decision> {
    let eligible = case.ordinary_sign_in() && case.user.kind == UserKind::Internal;
    let inside = case.login.ip.is_some_and(|ip| networks::is_allowed(case.policy, ip, case.now));
    (eligible && inside).then(|| case.allow(DecisionReason::AllowedNetwork))
}

/// Row 4: before enrollment, or a thief would be asked for a phone.
fn risk_too_high(case: &Case<'_>) -> Option<Decision> {
    let denied = case.policy.risk.deny_threshold.is_some_and(|threshold| case.risk_reaches(threshold));
    denied.then(|| case.deny(DecisionReason::RiskTooHigh))
}

/// Row 5: a link always meets a second factor, open or not; where mail is the only channel there is
/// nothing left to enroll.
fn link_without_factor(case: &Case<'_>) -> Option<Decision> {
    if case.enrolled || !case.by_link() {
        return None;
    }
    let decision = case.enroll(&[DecisionReason::OneTimeLink, DecisionReason::EnrollmentRequired]);
    let nothing_to_enroll = decision.enrollment.as_ref().is_some_and(|offer| offer.channels.is_empty());
    let stuck = nothing_to_enroll && !case.user.temporary_access_outstanding;
    Some(if stuck { case.deny(DecisionReason::NoUsableFactor) } else { decision })
}

/// Row 6.
fn enrollment_not_open(case: &Case<'_>) -> Option<Decision> {
    let closed = case.audience.enrollment_opens_at.is_some_and(|opens| case.now < opens);
    (!case.enrolled && closed).then(|| case.allow(DecisionReason::EnrollmentNotOpen))
}

/// Row 7.
fn opted_out(case: &Case<'_>) -> Option<Decision> {
    let out = case.ordinary_sign_in() && case.user.opted_out && !case.mandatory;
    out.then(|| case.allow(DecisionReason::OptedOut))
}

/// Row 8.
fn enrollment_optional(case: &Case<'_>) -> Option<Decision> {
    (!case.enrolled && !case.mandatory).then(|| case.enroll(&[DecisionReason::EnrollmentOptional]))
}

/// Row 9.
fn enrollment_required(case: &Case<'_>) -> Option<Decision> {
    (!case.enrolled && case.mandatory).then(|| case.enroll(&[DecisionReason::EnrollmentRequired]))
}

/// Row 10: by the very list from which the user would choose.
fn no_usable_factor(case: &Case<'_>) -> Option<Decision> {
    let usable = usable_channels(case.policy, case.user, case.login.first_factor);
    (case.enrolled && usable.is_empty()).then(|| case.deny(DecisionReason::NoUsableFactor))
}

/// Row 11.
fn proof_demanded(case: &Case<'_>) -> Option<Decision> {
    if case.by_link() {
        return Some(case.challenge(DecisionReason::OneTimeLink));
    }
    (case.login.purpose == LoginPurpose::StepUp).then(|| case.challenge(DecisionReason::StepUp))
}

/// Row 12: completing it ends the opt-out.
fn opt_out_ended(case: &Case<'_>) -> Option<Decision> {
    let ended = case.user.opted_out && case.mandatory;
    ended.then(|| Decision { ends_opt_out: true, ..case.challenge(DecisionReason::OptOutEnded) })
}

/// Row 13; every later row is about STANDARD.
fn high_level(case: &Case<'_>) -> Option<Decision> {
    (case.level == SecurityLevel::High).then(|| case.challenge(DecisionReason::HighLevel))
}

/// Row 14: what is not known is not taken for harmless.
fn not_adaptive(case: &Case<'_>) -> Option<Decision> {
    let not_yet = case.audience.adaptive_from.is_some_and(|from| case.now < from);
    (not_yet || case.risk.is_none()).then(|| case.challenge(DecisionReason::AdaptiveNotStarted))
}

/// Row 15.
fn risk_detected(case: &Case<'_>) -> Option<Decision> {
    let unusual = case.risk_reaches(case.policy.risk.challenge_threshold);
    unusual.then(|| case.challenge(DecisionReason::RiskDetected))
}

/// Row 16.
fn trusted_device(case: &Case<'_>) -> Option<Decision> {
    case.user.trusted_device.then(|| case.allow(DecisionReason::TrustedDevice))
}

/// Row 17.
fn low_risk(case: &Case<'_>) -> Decision {
    case.allow(DecisionReason::LowRisk)
}
