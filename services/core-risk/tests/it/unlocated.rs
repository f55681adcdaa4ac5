//! Logins from where no database knows: they are asked, and never denied.

use core_risk::*;

use crate::common::*;

/// From an address, with nothing else known.
fn unknown(address: &str) -> Attempt {
    from(Origin::unknown(ip(address)))
}

#[test]
fn a_login_from_nowhere_after_one_from_somewhere_is_inconclusive() {
    let assessment = assessed(&unknown(AWAY_ADDRESS), &history());
    assert_eq!(assessment.located, Located::Nowhere);
    assert_eq!((assessment.is_conclusive(), assessment.risk_score()), (false, None));
    let garbage = Origin { position: Some(Position::new(f64::NAN, 0.0, None)), ..away() };
    assert_eq!(assessed(&from(garbage), &history()).risk_score(), None, "as good as no position");
}

#[test]
fn not_even_the_worst_score_from_nowhere_denies() {
    let mut worst = unknown(AWAY_ADDRESS);
    worst.origin.anonymizer = Some(Anonymizer::TorExit);
    let mut history = history();
    history.wrong_codes = vec![at(0); 4];
    let assessment = assessed(&worst, &history);
    assert_eq!((assessment.score, assessment.risk_score()), (90, None));
}

#[test]
fn private_addresses_are_nowhere_too() {
    for address in ["10.0.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "::1", "fd00::1"] {
        assert_eq!(assessed(&unknown(address), &history()).risk_score(), None, "{address}");
    }
}

#[test]
fn a_familiar_prefix_is_conclusive() {
    let neighbour = assessed(&unknown("192.0.2.200"), &history());
    assert_eq!((neighbour.located, neighbour.risk_score()), (Located::ByFamiliarPrefix, Some(0)));
    let other_block = assessed(&unknown("192.0.3.10"), &history());
    assert_eq!((other_block.located, other_block.risk_score()), (Located::Nowhere, None));
}

#[test]
fn a_prefix_is_familiar_for_ninety_days() {
    let seen = |days| History { seen: seen_before(&attempt(), days * DAY), ..history() };
    assert_eq!(assessed(&unknown(HOME_ADDRESS), &seen(90)).located, Located::ByFamiliarPrefix);
    assert_eq!(assessed(&unknown(HOME_ADDRESS), &seen(91)).located, Located::Nowhere);
}

#[test]
fn without_an_earlier_position_there_is_nothing_to_compare() {
    for last_position in
        [None, Some(LastPosition { at: at(-1), position: Position::new(0.0, f64::INFINITY, None), place: None })]
    {
        let assessment = assessed(&unknown(AWAY_ADDRESS), &History { last_position, ..history() });
        assert_eq!((assessment.located, assessment.risk_score()), (Located::NothingToCompare, Some(0)));
    }
    let newcomer = assessed(&unknown(AWAY_ADDRESS), &History::default());
    assert_eq!(newcomer.risk_score(), Some(50));
}

#[test]
fn a_position_is_conclusive_wherever_it_is() {
    assert_eq!(assessed(&from(away()), &history()).located, Located::ByPosition);
}

/// What a policy makes of it, whatever its thresholds.
#[test]
fn the_policy_asks_where_nothing_is_known() {
    use core_policy::{FirstFactor, LoginFacts, LoginOutcome, LoginPurpose, Policy, Risk, UserFacts, UserKind, decide};
    let mut policy = Policy::new_tenant(at(-DAY));
    policy.risk.challenge_threshold = 1;
    policy.risk.deny_threshold = Some(2);
    let factor = core_policy::FactorFacts {
        kind: core_policy::FactorKind::Totp,
        status: core_policy::FactorStatus::Active,
        line: None,
    };
    let user = UserFacts { factors: vec![factor], ..UserFacts::new(UserKind::External) };
    let outcome = |attempt: &Attempt| {
        let risk = assessed(attempt, &history()).risk_score().map(|score| Risk { score });
        let login = LoginFacts {
            tenant_suspended: false,
            purpose: LoginPurpose::SignIn,
            first_factor: FirstFactor::Password,
            ip: Some(attempt.origin.address),
        };
        decide(&policy, &user, &login, risk, attempt.now).outcome
    };
    assert_eq!(outcome(&attempt()), LoginOutcome::Allow);
    assert_eq!(outcome(&from(away())), LoginOutcome::Deny);
    let unknown_tor = Origin { anonymizer: Some(Anonymizer::TorExit), ..Origin::unknown(ip(AWAY_ADDRESS)) };
    assert_eq!(outcome(&from(unknown_tor)), LoginOutcome::Challenge);
}
