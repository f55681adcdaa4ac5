//! Who would be locked out: suspected by the logins that would have been denied, and judged at the end
//! by what the user has today.

use std::collections::HashMap;

use core_kernel::Timestamp;
use core_policy::{
    Decision, DecisionReason, FirstFactor, LoginFacts, LoginOutcome, LoginPurpose, Policy, UserFacts, decide,
};
use uuid::Uuid;

use super::PastLogin;

/// What is remembered of a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Suspect {
    /// The latest login that would have been denied and was not.
    newly_denied: Option<(LoginPurpose, FirstFactor)>,
    /// The latest login of all would be denied for its risk.
    too_risky_at_last: bool,
}

/// The users who may be locked out.
#[derive(Debug)]
pub(crate) struct Suspects {
    by_user: HashMap<Uuid, Suspect>,
    /// Whether the draft denies anybody by risk: only then everybody's latest login matters.
    by_risk: bool,
}

impl Suspects {
    pub(super) fn new(policy: &Policy) -> Self {
        Self { by_user: HashMap::new(), by_risk: policy.risk.deny_threshold.is_some() }
    }

    /// Newest first: what is seen first of a user is the latest.
    pub(super) fn take(&mut self, login: &PastLogin, decision: &Decision) {
        let denied = decision.outcome == LoginOutcome::Deny && login.outcome != LoginOutcome::Deny;
        if !denied && !self.by_risk {
            return;
        }
        let too_risky_at_last = decision.reasons == [DecisionReason::RiskTooHigh];
        let latest = Suspect { newly_denied: None, too_risky_at_last };
        let suspect = self.by_user.entry(login.user).or_insert(latest);
        if denied && suspect.newly_denied.is_none() {
            suspect.newly_denied = Some((login.purpose, login.first_factor));
        }
    }
}

impl IntoIterator for Suspects {
    type Item = (Uuid, Suspect);
    type IntoIter = Box<dyn Iterator<Item = (Uuid, Suspect)> + Send>;

    /// Those of whom a login would have been denied.
    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.by_user.into_iter().filter(|(_, suspect)| suspect.newly_denied.is_some()))
    }
}

/// Whether it would go on today. `policy` is the draft as it would be published now.
pub(crate) fn is_locked_out(policy: &Policy, user: &UserFacts, suspect: Suspect, now: Timestamp) -> bool {
    let Some((purpose, first_factor)) = suspect.newly_denied else { return false };
    // No address: from an allowed network the login would not have been denied, and networks only expire.
    let login = LoginFacts { tenant_suspended: false, purpose, first_factor, ip: None };
    match decide(policy, user, &login, None, now).reasons[..] {
        [DecisionReason::NoUsableFactor] => true,
        [DecisionReason::UserDisabled | DecisionReason::UserLocked] => false,
        _ => suspect.too_risky_at_last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::past_login::tests::login;
    use core_policy::{Channel, FactorFacts, FactorKind, FactorStatus, PhoneLine, SecurityLevel, UserKind};

    fn denied(reason: DecisionReason) -> Decision {
        let level = SecurityLevel::Standard;
        Decision { outcome: LoginOutcome::Deny, reasons: vec![reason], level, enrollment: None, ends_opt_out: false }
    }

    fn allowed() -> Decision {
        Decision { outcome: LoginOutcome::Allow, ..denied(DecisionReason::LowRisk) }
    }

    fn of(user: u128, outcome: LoginOutcome) -> PastLogin {
        PastLogin { user: Uuid::from_u128(user), outcome, ..login() }
    }

    fn without_texts() -> Policy {
        let mut policy = Policy::default();
        policy.external.allowed_channels = vec![Channel::Totp];
        policy
    }

    fn user(kinds: &[FactorKind]) -> UserFacts {
        let factor = |kind: &FactorKind| FactorFacts {
            kind: *kind,
            status: FactorStatus::Active,
            line: kind.phone_role().map(|_| PhoneLine::Mobile),
        };
        UserFacts { factors: kinds.iter().map(factor).collect(), ..UserFacts::new(UserKind::External) }
    }

    fn suspect(too_risky_at_last: bool) -> Suspect {
        Suspect { newly_denied: Some((LoginPurpose::SignIn, FirstFactor::Password)), too_risky_at_last }
    }

    fn judged(user: &UserFacts, suspect: Suspect) -> bool {
        is_locked_out(&without_texts(), user, suspect, login().at)
    }

    #[test]
    fn only_logins_that_were_not_denied_before_make_suspects() {
        let mut suspects = Suspects::new(&without_texts());
        suspects.take(&of(1, LoginOutcome::Challenge), &denied(DecisionReason::NoUsableFactor));
        suspects.take(&of(2, LoginOutcome::Deny), &denied(DecisionReason::NoUsableFactor));
        suspects.take(&of(3, LoginOutcome::Challenge), &allowed());
        let users: Vec<_> = suspects.into_iter().map(|(user, _)| user.as_u128()).collect();
        assert_eq!(users, [1]);
    }

    #[test]
    fn the_latest_login_tells_whether_a_denial_for_risk_goes_on() {
        let mut policy = without_texts();
        policy.risk.deny_threshold = Some(90);
        let mut suspects = Suspects::new(&policy);
        let risky = || denied(DecisionReason::RiskTooHigh);
        // Newest first: user 1 was let in at last, user 2 was not.
        suspects.take(&of(1, LoginOutcome::Allow), &allowed());
        suspects.take(&of(2, LoginOutcome::Challenge), &risky());
        suspects.take(&of(1, LoginOutcome::Challenge), &risky());
        suspects.take(&of(2, LoginOutcome::Allow), &allowed());
        let mut found: Vec<_> =
            suspects.into_iter().map(|(user, one)| (user.as_u128(), one.too_risky_at_last)).collect();
        found.sort_unstable();
        assert_eq!(found, [(1, false), (2, true)]);
    }

    #[test]
    fn a_user_who_has_enrolled_another_way_since_is_not_locked_out() {
        assert!(judged(&user(&[FactorKind::PhonePrimary]), suspect(false)));
        assert!(!judged(&user(&[FactorKind::PhonePrimary, FactorKind::Totp]), suspect(false)));
        assert!(!judged(&user(&[]), suspect(false)), "nothing enrolled any more: they would be asked to enroll");
    }

    #[test]
    fn what_stands_in_for_a_factor_keeps_a_user_in() {
        let phone = user(&[FactorKind::PhonePrimary]);
        assert!(!judged(&UserFacts { backup_codes_remaining: true, ..phone.clone() }, suspect(false)));
        assert!(!judged(&UserFacts { temporary_access_outstanding: true, ..phone }, suspect(false)));
    }

    #[test]
    fn whoever_is_kept_out_by_somebody_else_is_not_locked_out_by_the_draft() {
        let phone = user(&[FactorKind::PhonePrimary]);
        for too_risky in [false, true] {
            assert!(!judged(&UserFacts { disabled: true, ..phone.clone() }, suspect(too_risky)));
            let lock = Some(core_policy::Lock::Indefinite);
            assert!(!judged(&UserFacts { lock, ..phone.clone() }, suspect(too_risky)));
        }
    }

    #[test]
    fn a_denial_for_risk_at_the_latest_login_locks_out_whatever_the_factors() {
        let app = user(&[FactorKind::Totp]);
        assert!(judged(&app, suspect(true)) && !judged(&app, suspect(false)));
    }

    #[test]
    fn a_suspect_is_small() {
        assert!(size_of::<(Uuid, Suspect)>() <= 20, "{}", size_of::<(Uuid, Suspect)>());
    }
}
