//! How each login was and would be decided.

use core_policy::LoginOutcome;

use crate::model::Transition;

const OUTCOMES: usize = LoginOutcome::ALL.len();

/// Counts by the outcome as recorded and as it would be.
#[derive(Debug, Default)]
pub(super) struct Transitions([[u64; OUTCOMES]; OUTCOMES]);

impl Transitions {
    pub(super) const fn count(&mut self, from: LoginOutcome, to: LoginOutcome) {
        self.0[from as usize][to as usize] += 1;
    }

    /// Those that occurred.
    pub(super) fn into_list(self) -> Vec<Transition> {
        let pairs = LoginOutcome::ALL.iter().flat_map(|from| LoginOutcome::ALL.iter().map(move |to| (*from, *to)));
        let all = pairs.map(|(from, to)| Transition { from, to, count: self.0[from as usize][to as usize] });
        all.filter(|transition| transition.count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LoginOutcome::{Allow, Challenge, Deny};

    #[test]
    fn what_occurred_is_listed_with_its_number() {
        let mut transitions = Transitions::default();
        for (from, to) in [(Deny, Allow), (Allow, Challenge), (Allow, Challenge), (Allow, Allow)] {
            transitions.count(from, to);
        }
        let listed: Vec<_> = transitions.into_list().into_iter().map(|one| (one.from, one.to, one.count)).collect();
        assert_eq!(listed, [(Allow, Allow, 1), (Allow, Challenge, 2), (Deny, Allow, 1)]);
    }
}
