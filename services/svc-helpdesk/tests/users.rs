//! Locking, unlocking and resetting a user.

mod common;

use common::{Desk, refused, state_input};
use core_access::{AdminRole, Operation};
use core_kernel::{RefusalCode, TypedId};
use core_policy::{Lock, Policy};
use svc_directory::UserRef;
use svc_helpdesk::{RequestAccessInput, UserStateInput};
use testkit::Environment;

const LOCK: Operation = Operation::LockUser;
const UNLOCK: Operation = Operation::UnlockUser;
const RESET: Operation = Operation::ResetUser;
const READ: Operation = Operation::ReadTemporaryAccess;

const FACTORS: &str = "select count(*) from factor where tenant_id = $1 and user_id = $2";
const USABLE: &str =
    "select count(*) from factor where tenant_id = $1 and user_id = $2 and status in ('ACTIVE', 'DISABLED')";
const SECRETS: &str = "select count(*) from factor where tenant_id = $1 and user_id = $2 and secret_sealed is not null";
const PENDING: &str = "select count(*) from factor where tenant_id = $1 and user_id = $2 and status = 'PENDING'";
const VOID: &str =
    "select count(*) from tenant_user where tenant_id = $1 and user_id = $2 and proofs_void_before is not null";

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_user_gets_in_by_nothing() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    desk.factor(user, "PHONE_PRIMARY", "ACTIVE", false).await;
    desk.factor(user, "TOTP", "PENDING", false).await;
    desk.factor(user, "EMAIL", "PENDING", true).await;
    let issued = desk.issue(user).await;
    let login = desk.login(user, "CHALLENGE").await;
    let locked = desk.desk.lock_user(&desk.support(LOCK), state_input(user)).await.unwrap();

    assert_eq!(locked.lock, Some(Lock::Indefinite));
    assert_eq!(desk.prove(login, user, &issued).await, Err(RefusalCode::UserLocked));
    assert_eq!(desk.count(FACTORS, user).await, 2, "what was begun vanishes, what the tenant supplied stays");
    assert_eq!(desk.count(USABLE, user).await, 1);
    assert_eq!(desk.count(VOID, user).await, 1, "proofs of the last minutes change nothing");
    let codes = desk.codes_of(user).await;
    assert!(codes[0].revoked_at.is_some());
    assert!(desk.queued(user).await.contains(&"notice.user_locked_by_person".to_owned()));
    let events = desk.events().await;
    assert_eq!(events.last().unwrap().0, "USER_LOCKED");
    desk.bed.advance(desk.tenant, 400 * 86_400).await;
    let later = desk.login(user, "CHALLENGE").await;
    let input = RequestAccessInput { login_id: later.to_text(), note: None };
    let permit = desk.key(core_access::ApiScope::Login, Operation::RequestTemporaryAccess);
    let asked = desk.desk.request_temporary_access(&permit, input).await;
    assert_eq!(refused(asked).0, RefusalCode::UserLocked, "a person's lock does not run out");
}

#[tokio::test(flavor = "multi_thread")]
async fn unlocking_ends_every_lock_and_its_counts() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    desk.run(
        "update tenant_user set locked_until = tenant_now($1) + interval '1 day', lock_step = 5,
                wrong_code_times = array[tenant_now($1)] where tenant_id = $1 and user_id = $2",
        user,
    )
    .await;
    let unlocked = desk.desk.unlock_user(&desk.support(UNLOCK), state_input(user)).await.unwrap();
    assert_eq!(unlocked.lock, None);
    let counts = "select lock_step + cardinality(wrong_code_times)::bigint from tenant_user
                   where tenant_id = $1 and user_id = $2";
    assert_eq!(desk.count(counts, user).await, 0);
    desk.desk.lock_user(&desk.support(LOCK), state_input(user)).await.unwrap();
    desk.desk.unlock_user(&desk.support(UNLOCK), state_input(user)).await.unwrap();
    let login = desk.login(user, "CHALLENGE").await;
    let issued = desk.issue(user).await;
    assert_eq!(desk.prove(login, user, &issued).await, Ok(()));
    let actions: Vec<String> = desk.audited(user).await.into_iter().map(|(_, action)| action).collect();
    assert_eq!(actions, ["user.unlocked", "user.locked", "user.unlocked", "temporary_access.issued"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_takes_everything_and_gives_one_code() {
    let desk = Desk::new().await;
    let (user, bystander) = (desk.user("ann").await, desk.user("bob").await);
    desk.set_email(user, "ann@example.com").await;
    for person in [user, bystander] {
        desk.factor(person, "PHONE_PRIMARY", "ACTIVE", false).await;
        desk.factor(person, "TOTP", "DISABLED", false).await;
        desk.factor(person, "PHONE_RECOVERY", "PENDING", false).await;
        desk.factor(person, "PHONE_PRIMARY", "PENDING", true).await;
        let codes = desk.factor(person, "BACKUP_CODES", "ACTIVE", false).await;
        desk.run("insert into backup_code (tenant_id, factor_id, slot, hash) values ($1, $2, 1, 'x')", codes).await;
    }
    let (login, spared) = (desk.login(user, "CHALLENGE").await, desk.login(bystander, "CHALLENGE").await);
    let older = desk.issue(user).await;
    let reset = desk.desk.reset_user(&desk.support(RESET), state_input(user)).await.unwrap();

    assert!(reset.user.reset_pending);
    assert!(reset.issued.code.may_change_factors);
    let life = reset.issued.code.expires_at - reset.issued.code.created_at;
    assert_eq!(life.num_hours(), 8, "what the policy allows");
    assert_eq!((desk.count(USABLE, user).await, desk.count(USABLE, bystander).await), (0, 3));
    assert_eq!((desk.count(PENDING, user).await, desk.count(PENDING, bystander).await), (1, 2));
    assert_eq!(desk.count(SECRETS, user).await, 2, "two destinations; seeds are gone");
    let hashes = "select count(*) from backup_code b join factor f using (tenant_id, factor_id)
                   where b.tenant_id = $1 and f.user_id = $2";
    assert_eq!((desk.count(hashes, user).await, desk.count(hashes, bystander).await), (0, 1));
    assert_eq!(desk.count(VOID, user).await, 1);
    let told = desk.queued(user).await;
    assert_eq!(
        told.iter().filter(|one| *one == "notice.user_reset").count(),
        2,
        "the old phone and the address: {told:?}"
    );

    assert_eq!(desk.prove(login, user, &reset.issued).await, Err(RefusalCode::Expired), "open logins are ended");
    let fresh = desk.login(user, "ENROLL").await;
    assert_eq!(desk.prove(fresh, user, &older).await, Err(RefusalCode::NotFound));
    assert_eq!(desk.prove(fresh, user, &reset.issued).await, Ok(()));
    let pending = "select count(*) from tenant_user where tenant_id = $1 and user_id = $2 and reset_pending";
    assert_eq!(desk.count(pending, user).await, 0);
    let issued = desk.issue(bystander).await;
    assert_eq!(desk.prove(spared, bystander, &issued).await, Ok(()));
    let kinds: Vec<String> = desk.events().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "FACTOR_REMOVED").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resets_code_lives_a_day_where_the_policy_allows_it() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let mut policy = Policy::new_tenant(desk.bed.platform.now());
    for (max, expected) in [(86_400, 86_400), (600, 600)] {
        policy.temporary_access_max_seconds = max;
        let desk_with = svc_helpdesk::HelpDesk::new(
            desk.bed.platform.clone(),
            svc_policy::Policies::new(desk.bed.platform.clone()),
        );
        desk.bed.policy(desk.tenant, &policy).await;
        let reset = desk_with.reset_user(&desk.support(RESET), state_input(user)).await.unwrap();
        assert_eq!((reset.issued.code.expires_at - reset.issued.code.created_at).num_seconds(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_the_request_of_a_login_that_it_ended() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let login = desk.login(user, "CHALLENGE").await;
    let permit = desk.key(core_access::ApiScope::Login, Operation::RequestTemporaryAccess);
    let input = RequestAccessInput { login_id: login.to_text(), note: None };
    let request = desk.desk.request_temporary_access(&permit, input).await.unwrap();
    desk.desk.reset_user(&desk.support(RESET), state_input(user)).await.unwrap();
    let read = desk.desk.lookup_request(&desk.support(READ), request.request_id).await.unwrap().unwrap();
    assert_eq!(read.status.as_str(), "EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_resetting_and_unlocking_is_the_safe_order() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    desk.desk.lock_user(&desk.support(LOCK), state_input(user)).await.unwrap();
    let reset = desk.desk.reset_user(&desk.support(RESET), state_input(user)).await.unwrap();
    assert_eq!(reset.user.lock, Some(Lock::Indefinite), "a reset unlocks nobody");
    let login = desk.login(user, "ENROLL").await;
    assert_eq!(desk.prove(login, user, &reset.issued).await, Err(RefusalCode::UserLocked));
    desk.desk.unlock_user(&desk.support(UNLOCK), state_input(user)).await.unwrap();
    assert_eq!(desk.prove(login, user, &reset.issued).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_the_user_changes_nothing() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let mine = desk.user("mine").await;
    desk.factor(user, "PHONE_PRIMARY", "ACTIVE", false).await;
    let advisor = desk.admin("advisor@firm.example", AdminRole::Advisor).await;
    desk.assign(mine, &advisor).await;
    let foreign = desk.bed.tenant(Environment::Live).await;
    let theirs = |operation| testkit::caller(foreign, &[core_access::ApiScope::Support]).permit(operation).unwrap();
    let own = |operation| desk.admin_permit(&advisor, operation);
    let not_found = (RefusalCode::NotFound, "user".to_owned());
    let input = UserStateInput { reason: String::new(), ..state_input(user) };
    for permits in [[theirs(LOCK), theirs(UNLOCK), theirs(RESET)], [own(LOCK), own(UNLOCK), own(RESET)]] {
        let [lock, unlock, reset] = &permits;
        assert_eq!(refused(desk.desk.lock_user(lock, input.clone()).await), not_found);
        assert_eq!(refused(desk.desk.unlock_user(unlock, input.clone()).await), not_found);
        assert_eq!(refused(desk.desk.reset_user(reset, input.clone()).await), not_found);
    }
    assert_eq!((desk.count(USABLE, user).await, desk.count(VOID, user).await), (1, 0));
    assert!(desk.audited(user).await.is_empty() && desk.queued(user).await.is_empty());
    assert!(desk.desk.reset_user(&own(RESET), state_input(mine)).await.is_ok(), "an advisor resets their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_asked_of_everybody() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let long = "x".repeat(501);
    for reason in ["", "  ", "a\u{0}b", &long] {
        let input = UserStateInput { user: UserRef::Id(user.to_text()), reason: reason.to_owned() };
        let invalid = (RefusalCode::Invalid, "reason".to_owned());
        assert_eq!(refused(desk.desk.lock_user(&desk.support(LOCK), input.clone()).await), invalid);
        assert_eq!(refused(desk.desk.unlock_user(&desk.support(UNLOCK), input.clone()).await), invalid);
        assert_eq!(refused(desk.desk.reset_user(&desk.support(RESET), input).await), invalid);
    }
    assert!(desk.audited(user).await.is_empty());
}
