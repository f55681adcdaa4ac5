//! What holds whatever the policy, the user, the login, the risk and the time.

use crate::common::*;
use core_policy::DecisionReason as Reason;
use core_policy::*;
use proptest::prelude::*;
use proptest::sample::Index;

fn reasons_of(outcome: LoginOutcome) -> &'static [&'static [Reason]] {
    match outcome {
        LoginOutcome::Allow => &[
            &[Reason::AllowedNetwork],
            &[Reason::EnrollmentNotOpen],
            &[Reason::OptedOut],
            &[Reason::TrustedDevice],
            &[Reason::LowRisk],
        ],
        LoginOutcome::Challenge => &[
            &[Reason::OneTimeLink],
            &[Reason::StepUp],
            &[Reason::OptOutEnded],
            &[Reason::HighLevel],
            &[Reason::AdaptiveNotStarted],
            &[Reason::RiskDetected],
        ],
        LoginOutcome::Enroll => &[
            &[Reason::OneTimeLink, Reason::EnrollmentRequired],
            &[Reason::EnrollmentOptional],
            &[Reason::EnrollmentRequired],
        ],
        LoginOutcome::Deny => &[
            &[Reason::TenantSuspended],
            &[Reason::UserDisabled],
            &[Reason::UserLocked],
            &[Reason::RiskTooHigh],
            &[Reason::NoUsableFactor],
        ],
    }
}

/// What wrong codes can do to a user: a factor is DISABLED, the user is locked, the risk rises, a
/// temporary code that was tried is gone. Nothing is ever enrolled, skipped or opted out by it.
#[derive(Debug, Clone)]
enum Wrong {
    DisablesFactor(Index),
    Locks(Lock),
    RaisesRisk(u32),
    UsesUpTemporaryCode,
}

fn wrong() -> impl Strategy<Value = Wrong> {
    prop_oneof![
        any::<Index>().prop_map(Wrong::DisablesFactor),
        any_lock().prop_map(Wrong::Locks),
        (0_u32..=40).prop_map(Wrong::RaisesRisk),
        Just(Wrong::UsesUpTemporaryCode),
    ]
}

fn suffer(user: &mut UserFacts, risk: &mut Option<Risk>, wrong: &Wrong) {
    match wrong {
        Wrong::DisablesFactor(index) if !user.factors.is_empty() => {
            let factor = index.get_mut(&mut user.factors);
            if factor.status == FactorStatus::Active {
                factor.status = FactorStatus::Disabled;
            }
        }
        Wrong::DisablesFactor(_) => {}
        Wrong::Locks(lock) => user.lock = Some(*lock),
        Wrong::RaisesRisk(by) => *risk = risk.map(|risk| Risk { score: (risk.score + by).min(100) }),
        Wrong::UsesUpTemporaryCode => user.temporary_access_outstanding = false,
    }
}

/// Many of the properties are about a part of the space: what lies outside is drawn again.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 1_000, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn external_users_are_never_let_in_by_a_network(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let user = UserFacts { kind: UserKind::External, ..user };
        let decision = decide(&policy, &user, &login, risk, now);
        prop_assert!(!decision.reasons.contains(&Reason::AllowedNetwork));
        let nowhere = decide(&policy, &user, &LoginFacts { ip: None, ..login }, risk, now);
        prop_assert_eq!(decision, nowhere, "the address decides nothing at all for them");
    }

    #[test]
    fn once_mandatory_for_that_user_nothing_is_skippable(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let audience = policy.audience(user.kind);
        prop_assume!(mandatory_for(audience, &user, now));
        prop_assert!(!may_skip(audience, &user, login.first_factor, now));
        prop_assert!(!may_opt_out(audience, &user, now));
        let decision = decide(&policy, &user, &login, risk, now);
        prop_assert!(decision.enrollment.is_none_or(|offer| !offer.skippable && offer.skips_remaining == Some(0)));
        prop_assert!(decision.reasons != [Reason::OptedOut]);
    }

    #[test]
    fn mandatory_stays_mandatory_as_time_passes(
        policy in any_policy(), user in any_user(), now in instant(), later in instant(),
    ) {
        prop_assume!(now <= later && user.first_login_at.is_some());
        let audience = policy.audience(user.kind);
        prop_assert!(!mandatory_for(audience, &user, now) || mandatory_for(audience, &user, later));
    }

    #[test]
    fn raising_the_minimum_level_never_turns_a_challenge_into_an_allow(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let mut raised = policy.clone();
        raised.internal.minimum_level = SecurityLevel::High;
        raised.external.minimum_level = SecurityLevel::High;
        let before = decide(&policy, &user, &login, risk, now);
        let after = decide(&raised, &user, &login, risk, now);
        prop_assert!(!(before.outcome == LoginOutcome::Challenge && after.outcome == LoginOutcome::Allow));
        prop_assert!(before.level <= after.level);
    }

    #[test]
    fn a_link_always_meets_a_second_factor(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let login = LoginFacts { first_factor: FirstFactor::OneTimeLink, ..login };
        let decision = decide(&policy, &user, &login, risk, now);
        prop_assert!(decision.outcome != LoginOutcome::Allow);
        prop_assert!(decision.enrollment.is_none_or(|offer| !offer.skippable));
    }

    #[test]
    fn a_step_up_is_never_waved_through_while_the_user_has_a_factor(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let login = LoginFacts { purpose: LoginPurpose::StepUp, ..login };
        prop_assume!(user.has_factor());
        let outcome = decide(&policy, &user, &login, risk, now).outcome;
        prop_assert!(matches!(outcome, LoginOutcome::Challenge | LoginOutcome::Deny));
    }

    #[test]
    fn no_sequence_of_wrong_codes_leads_from_challenge_to_enroll_or_allow(
        policy in any_policy(), mut user in any_user(), login in any_login(), mut risk in any_risk(),
        now in instant(), wrongs in proptest::collection::vec(wrong(), 1..12),
    ) {
        let before = decide(&policy, &user, &login, risk, now);
        prop_assume!(before.outcome == LoginOutcome::Challenge);
        for wrong in wrongs {
            suffer(&mut user, &mut risk, &wrong);
            let after = decide(&policy, &user, &login, risk, now);
            prop_assert!(matches!(after.outcome, LoginOutcome::Challenge | LoginOutcome::Deny), "{:?}", after);
        }
    }

    #[test]
    fn wrong_codes_do_not_become_skips_either(
        policy in any_policy(), mut user in any_user(), login in any_login(), now in instant(),
        wrongs in proptest::collection::vec(wrong(), 1..12),
    ) {
        prop_assume!(user.has_factor());
        for wrong in wrongs {
            suffer(&mut user, &mut None, &wrong);
            prop_assert!(!may_skip(policy.audience(user.kind), &user, login.first_factor, now));
        }
    }

    #[test]
    fn after_a_link_neither_methods_nor_enrollment_offer_mail(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let login = LoginFacts { first_factor: FirstFactor::OneTimeLink, ..login };
        let decision = decide(&policy, &user, &login, risk, now);
        for outcome in LoginOutcome::ALL {
            let methods = login_methods(&policy, &user, login.first_factor, *outcome);
            prop_assert!(methods.iter().all(|method| method.channel != MethodChannel::Email));
        }
        if let Some(offer) = decision.enrollment {
            prop_assert!(!offer.channels.contains(&Channel::Email));
            prop_assert!(!offer.channels.is_empty() || user.temporary_access_outstanding);
        }
    }

    #[test]
    fn a_challenge_can_always_be_met(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let decision = decide(&policy, &user, &login, risk, now);
        let methods = login_methods(&policy, &user, login.first_factor, decision.outcome);
        if decision.outcome == LoginOutcome::Challenge {
            prop_assert!(!methods.is_empty());
        }
        for (position, method) in methods.iter().enumerate() {
            prop_assert_eq!(method.preferred, position == 0);
            if let Some(index) = method.factor {
                prop_assert_eq!(user.factors[index].status, FactorStatus::Active);
            }
        }
    }

    #[test]
    fn reasons_belong_to_one_row_of_the_outcome(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let decision = decide(&policy, &user, &login, risk, now);
        prop_assert!(reasons_of(decision.outcome).contains(&decision.reasons.as_slice()), "{:?}", decision);
        prop_assert_eq!(decision.enrollment.is_some(), decision.outcome == LoginOutcome::Enroll);
        prop_assert_eq!(decision.ends_opt_out, decision.reasons == [Reason::OptOutEnded]);
        let audience = policy.audience(user.kind);
        prop_assert_eq!(decision.level, effective_level(audience, user.chosen_level, user.advisor_level));
    }

    #[test]
    fn an_unknown_risk_lets_nobody_in_who_would_be_asked_at_any_score(
        policy in any_policy(), user in any_user(), login in any_login(), now in instant(), score in 0_u32..=100,
    ) {
        let unknown = decide(&policy, &user, &login, None, now);
        let known = decide(&policy, &user, &login, Some(Risk { score }), now);
        if unknown.outcome == LoginOutcome::Allow {
            prop_assert!(matches!(known.outcome, LoginOutcome::Allow | LoginOutcome::Deny));
        }
        prop_assert!(unknown.reasons != [Reason::LowRisk] && unknown.reasons != [Reason::TrustedDevice]);
    }

    #[test]
    fn a_higher_score_never_opens_a_door(
        policy in any_policy(), user in any_user(), login in any_login(), now in instant(),
        low in 0_u32..=100, high in 0_u32..=100,
    ) {
        prop_assume!(low <= high);
        let strictness = |score| match decide(&policy, &user, &login, Some(Risk { score }), now).outcome {
            LoginOutcome::Allow => 0,
            LoginOutcome::Challenge | LoginOutcome::Enroll => 1,
            LoginOutcome::Deny => 2,
        };
        prop_assert!(strictness(low) <= strictness(high));
    }

    #[test]
    fn the_bars_of_tenant_and_user_hold_against_everything(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        let barred = login.tenant_suspended || user.disabled || user.lock.is_some_and(|lock| lock.holds(now));
        prop_assume!(barred);
        prop_assert_eq!(decide(&policy, &user, &login, risk, now).outcome, LoginOutcome::Deny);
    }

    #[test]
    fn skipping_is_possible_exactly_when_the_offer_says_so(
        policy in any_policy(), user in any_user(), login in any_login(), risk in any_risk(), now in instant(),
    ) {
        if let Some(offer) = decide(&policy, &user, &login, risk, now).enrollment {
            prop_assert_eq!(offer.skippable, may_skip(policy.audience(user.kind), &user, login.first_factor, now));
            prop_assert!(!offer.skippable || offer.skips_remaining != Some(0));
            prop_assert!(!offer.skippable || offer.deadline.is_none_or(|deadline| now < deadline));
        }
    }
}
