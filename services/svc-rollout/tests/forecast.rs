//! Who will be blocked on the date: compared with what the decision itself would say.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use std::collections::BTreeMap;

use chrono::Duration;
use common::{change, factor, policy, reader, rollout, text};
use core_access::{Actor, AdminRole, Caller, Operation, Principal};
use core_kernel::{AccountId, AdminId, PageRequest, TenantId, UserId};
use core_policy::{
    Channel, DecisionReason, FactorFacts, FactorKind, FactorStatus, FirstFactor, LoginFacts, LoginOutcome,
    LoginPurpose, PhoneLine, Policy, UserFacts, UserKind, decide,
};
use svc_rollout::{BlockedReason, Rollout};
use testkit::{Environment, TestBed};
use uuid::Uuid;

async fn scene() -> (TestBed, Rollout, TenantId) {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Sandbox).await;
    let rollout = rollout(&bed);
    (bed, rollout, tenant)
}

type Given = (FactorKind, FactorStatus, Option<PhoneLine>);

/// What users may have, one by one and together.
fn cases() -> Vec<Vec<Given>> {
    use FactorKind::{BackupCodes, Email, Passkey, PhonePrimary, PhoneRecovery, Totp};
    use FactorStatus::{Active, Disabled, Pending};
    use PhoneLine::{Landline, Mobile};
    let mut cases = vec![vec![]];
    for status in [Active, Disabled, Pending] {
        for one in [
            (PhonePrimary, status, Some(Mobile)),
            (PhonePrimary, status, Some(Landline)),
            (PhoneRecovery, status, Some(Mobile)),
            (Email, status, None),
            (Totp, status, None),
            (Passkey, status, None),
            (BackupCodes, status, None),
        ] {
            cases.push(vec![one]);
            cases.push(vec![one, (BackupCodes, Active, None)]);
            cases.push(vec![one, (Totp, Disabled, None)]);
        }
    }
    cases.retain(|case| case.iter().enumerate().all(|(at, one)| case[..at].iter().all(|other| other.0 != one.0)));
    cases
}

fn decided(policy: &Policy, case: &[Given], first_login_at: Option<core_kernel::Timestamp>) -> Option<BlockedReason> {
    let at = policy.external.mandatory_from.unwrap() + Duration::seconds(1);
    let factors = case.iter().map(|(kind, status, line)| FactorFacts { kind: *kind, status: *status, line: *line });
    let codes =
        case.iter().any(|(kind, status, _)| (*kind, *status) == (FactorKind::BackupCodes, FactorStatus::Active));
    let facts = UserFacts {
        factors: factors.collect(),
        backup_codes_remaining: codes,
        first_login_at,
        ..UserFacts::new(UserKind::External)
    };
    let login = LoginFacts {
        tenant_suspended: false,
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip: None,
    };
    let decision = decide(policy, &facts, &login, None, at);
    match (decision.outcome, decision.reasons[0]) {
        (LoginOutcome::Enroll, DecisionReason::EnrollmentRequired) => Some(BlockedReason::NotEnrolled),
        (LoginOutcome::Deny, DecisionReason::NoUsableFactor) => Some(BlockedReason::NoUsableFactor),
        _ => None,
    }
}

async fn blocked(rollout: &Rollout, tenant: TenantId) -> BTreeMap<String, BlockedReason> {
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let page = PageRequest::new(7, after).unwrap();
        let page = rollout.blocked_users(&reader(tenant), UserKind::External, &page).await.unwrap();
        assert!(page.rows.len() <= 7);
        for (_, one) in &page.rows {
            assert!(found.insert(text(one.user.record.user_id), one.reason).is_none(), "each once");
        }
        after = page.rows.last().map(|(cursor, _)| cursor.0.clone());
        if !page.has_next {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forecast_is_what_the_decision_would_be() {
    let (bed, _, tenant) = scene().await;
    let mut users = Vec::new();
    for (number, case) in cases().into_iter().enumerate() {
        let user = bed.user(tenant, &format!("u{number}"), UserKind::External).await;
        for (kind, status, line) in &case {
            let line = line.map(|line| if line == PhoneLine::Mobile { "MOBILE" } else { "LANDLINE" });
            factor(&bed, tenant, user, kind.as_str(), status.as_str(), line).await;
        }
        users.push((user, case));
    }
    bed.user(tenant, "staff", UserKind::Internal).await;
    for channels in [
        &[Channel::Sms][..],
        &[Channel::Voice, Channel::Email],
        &[Channel::Totp],
        &[Channel::Passkey, Channel::Sms],
        Channel::ALL,
    ] {
        let policy = policy(&bed, channels);
        bed.policy(tenant, &policy).await;
        let rollout = common::rollout(&bed);
        let expected: BTreeMap<_, _> =
            users.iter().filter_map(|(user, case)| Some((text(*user), decided(&policy, case, None)?))).collect();
        assert_eq!(blocked(&rollout, tenant).await, expected, "{channels:?}");
        let forecast = rollout.forecast(&reader(tenant), UserKind::External).await.unwrap().unwrap();
        let count = |reason| i64::try_from(expected.values().filter(|one| **one == reason).count()).unwrap();
        assert_eq!(forecast.not_enrolled, count(BlockedReason::NotEnrolled), "{channels:?}");
        assert_eq!(forecast.no_usable_factor, count(BlockedReason::NoUsableFactor), "{channels:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_never_seen_has_grace_where_there_is_one() {
    let (bed, _, tenant) = scene().await;
    let mut policy = policy(&bed, &[Channel::Sms]);
    let from = bed.now(tenant).await + Duration::days(3);
    policy.external.mandatory_from = Some(from);
    policy.external.grace_period_seconds = 86_400;
    bed.policy(tenant, &policy).await;
    let seen = bed.user(tenant, "seen", UserKind::External).await;
    bed.user(tenant, "never", UserKind::External).await;
    change(&bed, tenant, seen, "update tenant_user set first_login_at = now() where tenant_id = $1 and user_id = $2")
        .await;
    let rollout = rollout(&bed);
    assert_eq!(blocked(&rollout, tenant).await.into_keys().collect::<Vec<_>>(), [text(seen)]);
    let forecast = rollout.forecast(&reader(tenant), UserKind::External).await.unwrap().unwrap();
    assert_eq!((forecast.not_enrolled, forecast.no_usable_factor), (1, 0));
    assert!((forecast.mandatory_from - from).num_seconds() == 0);
    assert_eq!(decided(&policy, &[], Some(from + Duration::seconds(1))), None, "as the decision says");
    assert_eq!(decided(&policy, &[], Some(from - Duration::days(1))), Some(BlockedReason::NotEnrolled));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_about_the_policy_that_comes_and_silent_while_no_date_is_set() {
    let (bed, _, tenant) = scene().await;
    bed.user(tenant, "ann", UserKind::External).await;
    let mut optional = policy(&bed, &[Channel::Sms]);
    optional.external.mandatory_from = None;
    bed.policy(tenant, &optional).await;
    let before = rollout(&bed);
    assert_eq!(before.forecast(&reader(tenant), UserKind::External).await.unwrap(), None);
    assert!(blocked(&before, tenant).await.is_empty());
    assert!(before.forecast(&reader(tenant), UserKind::Internal).await.unwrap().is_some(), "each audience by itself");

    let version = bed.policy(tenant, &policy(&bed, &[Channel::Sms])).await;
    common::run(
        &bed,
        tenant,
        "update policy_version set effective_at = now() + interval '9 days' where tenant_id = $1 and version = 3",
    )
    .await;
    let after = rollout(&bed);
    let forecast = after.forecast(&reader(tenant), UserKind::External).await.unwrap().unwrap();
    assert_eq!((version, forecast.policy_version, forecast.not_enrolled), (3, 3, 1), "the scheduled one");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_and_erased_users_other_tenants_and_other_advisors_users_are_not_in_it() {
    let (bed, rollout, tenant) = scene().await;
    let other = bed.tenant(Environment::Sandbox).await;
    let mut users: Vec<UserId> = Vec::new();
    for name in ["ann", "bob", "cid", "dan"] {
        users.push(bed.user(tenant, name, UserKind::External).await);
    }
    bed.user(other, "theirs", UserKind::External).await;
    change(&bed, tenant, users[0], "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2")
        .await;
    change(&bed, tenant, users[1], "update tenant_user set erased_at = now() where tenant_id = $1 and user_id = $2")
        .await;
    change(
        &bed,
        tenant,
        users[2],
        "with a as (insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
                    values ($1, $2, $2, 'a@firm.example', 'a@firm.example', 'ADVISOR', now()) returning admin_id)
         update tenant_user set advisor_id = $2 from a where tenant_id = $1 and user_id = $2",
    )
    .await;
    assert_eq!(blocked(&rollout, tenant).await.into_keys().collect::<Vec<_>>(), [text(users[2]), text(users[3])]);

    let advisor = Actor {
        id: AdminId(users[2].0),
        account: AccountId(Uuid::nil()),
        email: "a@firm.example".to_owned(),
        role: AdminRole::Advisor,
    };
    let caller = Caller { tenant, principal: Principal::Admin(advisor), actor: None, ip: None };
    let permit = caller.permit(Operation::ReadUsers).unwrap();
    let page = PageRequest::new(10, None).unwrap();
    let seen = rollout.blocked_users(&permit, UserKind::External, &page).await.unwrap();
    assert_eq!(seen.rows.iter().map(|(_, one)| one.user.record.user_id).collect::<Vec<_>>(), [users[2]]);
    assert_eq!(rollout.forecast(&permit, UserKind::External).await.unwrap().unwrap().not_enrolled, 1);

    let foreign = PageRequest::new(10, Some(core_kernel::Cursor::encode("tenant_x").0)).unwrap();
    assert!(rollout.blocked_users(&permit, UserKind::External, &foreign).await.unwrap().rows.is_empty());
}
