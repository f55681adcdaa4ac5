//! Some of the logins that change, for a person to look at.

use core_kernel::LoginId;
use core_policy::{Decision, LoginOutcome};

use super::PastLogin;
use crate::model::Example;

/// How many are shown.
const SHOWN: usize = 20;
const OUTCOMES: usize = LoginOutcome::ALL.len();

/// The newest of each kind of change, as many as could be shown if there were no other.
#[derive(Debug, Default)]
pub(super) struct Examples([[Vec<Example>; OUTCOMES]; OUTCOMES]);

impl Examples {
    pub(super) fn take(&mut self, login: &PastLogin, decision: Decision) {
        if login.outcome == decision.outcome {
            return;
        }
        let kind = &mut self.0[login.outcome as usize][decision.outcome as usize];
        if kind.len() < SHOWN {
            kind.push(Example { login: LoginId(login.id), outcome: decision.outcome, reasons: decision.reasons });
        }
    }

    /// The kinds of change take turns, so that a rare one is not hidden behind a common one.
    pub(super) fn into_list(self) -> Vec<Example> {
        let mut kinds: Vec<_> = self.0.into_iter().flatten().map(Vec::into_iter).collect();
        let mut shown = Vec::new();
        for _ in 0..SHOWN {
            shown.extend(kinds.iter_mut().filter_map(Iterator::next));
        }
        shown.truncate(SHOWN);
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::past_login::tests::login;
    use core_policy::{DecisionReason, SecurityLevel};
    use uuid::Uuid;

    fn decision(outcome: LoginOutcome) -> Decision {
        let reasons = vec![DecisionReason::HighLevel];
        Decision { outcome, reasons, level: SecurityLevel::High, enrollment: None, ends_opt_out: false }
    }

    fn examples(changes: &[(LoginOutcome, LoginOutcome, u128)]) -> Vec<(u128, LoginOutcome)> {
        let mut examples = Examples::default();
        let mut id = 0;
        for (from, to, count) in changes {
            for _ in 0..*count {
                id += 1;
                let past = PastLogin { id: Uuid::from_u128(id), outcome: *from, ..login() };
                examples.take(&past, decision(*to));
            }
        }
        examples.into_list().into_iter().map(|one| (one.login.0.as_u128(), one.outcome)).collect()
    }

    use LoginOutcome::{Allow, Challenge, Deny};

    #[test]
    fn what_does_not_change_is_no_example() {
        assert!(examples(&[(Allow, Allow, 5), (Deny, Deny, 1)]).is_empty());
    }

    #[test]
    fn a_rare_change_stands_beside_a_common_one() {
        let shown = examples(&[(Allow, Challenge, 1_000), (Challenge, Deny, 2)]);
        assert_eq!(shown.len(), 20);
        assert_eq!(shown.iter().filter(|(_, outcome)| *outcome == Deny).count(), 2);
        assert_eq!(shown[..3], [(1, Challenge), (1_001, Deny), (2, Challenge)], "in turn, each in the order it came");
    }

    #[test]
    fn few_are_shown_all() {
        assert_eq!(examples(&[(Allow, Challenge, 3)]).len(), 3);
    }
}
