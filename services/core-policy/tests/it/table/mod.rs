//! The decision table, row by row: each row decides, decides at its boundary, and wins over the rows
//! below it (rows 8 and 9, 9 and 10 exclude each other).

mod codes_and_levels;
mod who_may_enroll;

use core_kernel::Timestamp;
use core_policy::DecisionReason as Reason;
use core_policy::LoginOutcome::Enroll;
use core_policy::*;

use crate::common::*;

/// Arguments of `decide`, by default a client with a mobile whose login is not unusual at all.
struct Case {
    policy: Policy,
    user: UserFacts,
    login: LoginFacts,
    risk: Option<Risk>,
    now: Timestamp,
}

fn case() -> Case {
    Case { policy: policy(), user: enrolled(), login: sign_in(), risk: score(0), now: at(0) }
}

/// A client without a factor, while enrollment is optional.
fn optional() -> Case {
    let mut case = Case { user: newcomer(), ..case() };
    case.policy.external.mandatory_from = Some(at(1_000));
    case
}

/// One of the tenant's own people, in the office.
fn in_office() -> Case {
    let user = UserFacts { kind: UserKind::Internal, ..enrolled() };
    Case { user, login: LoginFacts { ip: parse_ip(OFFICE_IP), ..sign_in() }, ..case() }
}

impl Case {
    fn decide(&self) -> Decision {
        decide(&self.policy, &self.user, &self.login, self.risk, self.now)
    }

    #[track_caller]
    fn gives(&self, outcome: LoginOutcome, reasons: &[Reason]) -> Decision {
        let decision = self.decide();
        assert_eq!((decision.outcome, decision.reasons.as_slice()), (outcome, reasons));
        assert_eq!(decision.enrollment.is_some(), outcome == Enroll);
        assert_eq!(decision.ends_opt_out, reasons == [Reason::OptOutEnded]);
        decision
    }
}
