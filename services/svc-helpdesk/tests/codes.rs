//! Temporary access codes: who may issue them, for whom, and how they end.

mod common;

use common::{Desk, issue_input, refused};
use core_access::{AdminRole, Caller, Operation};
use core_kernel::{PLATFORM_TENANT, RefusalCode, Stop, TemporaryAccessCodeId, TypedId};
use core_policy::Policy;
use futures::future::join_all;
use svc_directory::UserRef;
use svc_helpdesk::IssueCodeInput;
use testkit::Environment;

const ISSUE: Operation = Operation::IssueTemporaryAccessCode;
const REVOKE: Operation = Operation::RevokeTemporaryAccessCode;
const READ: Operation = Operation::ReadTemporaryAccess;

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_ends_in_one_login() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    desk.set_email(user, "ann@example.com").await;
    desk.factor(user, "PHONE_PRIMARY", "ACTIVE", false).await;
    desk.factor(user, "PHONE_RECOVERY", "DISABLED", false).await;
    let issued = desk.issue(user).await;

    assert_eq!(issued.shown.expose().len(), 11);
    assert!(!format!("{issued:?}").contains(issued.shown.expose()), "the code does not print");
    assert_eq!((issued.code.expires_at - issued.code.created_at).num_seconds(), 900);
    assert_eq!(issued.code.issued_by, "key:test");
    let told = vec!["notice.temporary_access_issued"; 3];
    assert_eq!(desk.queued(user).await, told, "both phones and the address on record");
    assert_eq!(desk.audited(user).await, [("key:test".to_owned(), "temporary_access.issued".to_owned())]);
    let events = desk.events().await;
    assert_eq!(events[0].0, "TEMPORARY_ACCESS_ISSUED");
    assert!(!events[0].1.to_string().contains(issued.shown.expose()));

    let (first, second) = (desk.login(user, "CHALLENGE").await, desk.login(user, "CHALLENGE").await);
    assert_eq!(desk.prove(first, user, &issued).await, Ok(()));
    assert_eq!(desk.prove(second, user, &issued).await, Err(RefusalCode::NotFound), "it serves once");
    let codes = desk.codes_of(user).await;
    assert!(codes[0].used_at.is_some() && codes[0].revoked_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_is_nowhere_in_the_database() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let issued = desk.issue(user).await;
    let plain = issued.shown.expose().replace('-', "");
    let mut tx = desk.tx().await;
    for table in [
        "select string_agg(x::text, ' ') from temporary_access_code x where tenant_id = $1",
        "select string_agg(x::text, ' ') from audit_entry x where tenant_id = $1",
        "select string_agg(x::text, ' ') from outbox_event x where tenant_id = $1",
    ] {
        let text: String = sqlx::query_scalar(table).bind(desk.tenant.0).fetch_one(tx.connection()).await.unwrap();
        let hex: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(&plain) && !text.contains(issued.shown.expose()) && !text.contains(&hex));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_one_revokes_the_older() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let bystander = desk.user("bob").await;
    let (older, other) = (desk.issue(user).await, desk.issue(bystander).await);
    let newer = desk.issue(user).await;
    let login = desk.login(user, "CHALLENGE").await;
    assert_eq!(desk.prove(login, user, &older).await, Err(RefusalCode::NotFound));
    assert_eq!(desk.prove(login, user, &newer).await, Ok(()));
    let login = desk.login(bystander, "ENROLL").await;
    assert_eq!(desk.prove(login, bystander, &other).await, Ok(()), "another's is untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_the_newest() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    desk.issue(user).await;
    let permit = desk.support(ISSUE);
    join_all((0..12).map(|_| desk.desk.issue_temporary_access_code(&permit, issue_input(user)))).await;
    let outstanding = desk
        .count(
            "select count(*) from temporary_access_code where tenant_id = $1 and user_id = $2 and revoked_at is null",
            user,
        )
        .await;
    assert_eq!(outstanding, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_runs_out_by_the_tenants_clock() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let issued = desk.issue(user).await;
    desk.bed.advance(desk.tenant, 901).await;
    let login = desk.login(user, "CHALLENGE").await;
    assert_eq!(desk.prove(login, user, &issued).await, Err(RefusalCode::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn its_life_and_its_reason_have_limits() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let mut policy = Policy::new_tenant(desk.bed.platform.now());
    policy.temporary_access_max_seconds = 3_600;
    desk.bed.policy(desk.tenant, &policy).await;
    let permit = desk.support(ISSUE);
    for (seconds, field) in
        [(599, Some("validForSeconds")), (600, None), (3_600, None), (3_601, Some("validForSeconds"))]
    {
        let input = IssueCodeInput { valid_for_seconds: seconds, ..issue_input(user) };
        let result = desk.desk.issue_temporary_access_code(&permit, input).await;
        match field {
            Some(field) => assert_eq!(refused(result), (RefusalCode::Invalid, field.to_owned())),
            None => assert_eq!(
                (result.unwrap().code.expires_at - desk.bed.now(desk.tenant).await).num_seconds(),
                seconds - 1
            ),
        }
    }
    let input = IssueCodeInput { valid_for_seconds: 0, reason: " ".to_owned(), ..issue_input(user) };
    let Err(Stop::Refused(both)) = desk.desk.issue_temporary_access_code(&permit, input).await else { panic!() };
    assert_eq!(both.len(), 2, "every fault of the input is told at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_reaches_the_users_assigned_to_them_alone() {
    let desk = Desk::new().await;
    let (mine, other) = (desk.user("mine").await, desk.user("other").await);
    let advisor = desk.admin("advisor@firm.example", AdminRole::Advisor).await;
    desk.assign(mine, &advisor).await;
    let not_found = (RefusalCode::NotFound, "user".to_owned());
    for permit in [desk.admin_permit(&advisor, ISSUE), desk.named_permit(&advisor, ISSUE)] {
        let issued = desk.desk.issue_temporary_access_code(&permit, issue_input(mine)).await.unwrap();
        assert!(issued.code.issued_by.starts_with("admin:advisor@firm.example"), "{}", issued.code.issued_by);
        assert_eq!(refused(desk.desk.issue_temporary_access_code(&permit, issue_input(other)).await), not_found);
        let unreadable = IssueCodeInput { valid_for_seconds: 0, ..issue_input(other) };
        let result = desk.desk.issue_temporary_access_code(&permit, unreadable).await;
        assert_eq!(refused(result), not_found, "before any other fault is looked at");
    }
    let issued = desk.issue(other).await;
    let revoke = desk.admin_permit(&advisor, REVOKE);
    let id = issued.code.code_id;
    let hidden = desk.desk.revoke_temporary_access_code(&revoke, &id.to_text()).await;
    assert_eq!(refused(hidden), (RefusalCode::NotFound, "id".to_owned()));
    let read = desk.admin_permit(&advisor, READ);
    assert_eq!(desk.desk.lookup_code(&read, id).await.unwrap(), None);
    let of_both = desk.desk.list_codes_of(&read, &[mine, other]).await.unwrap();
    assert_eq!((of_both.get(&mine).map(Vec::len), of_both.get(&other)), (Some(2), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_support_lets_factors_be_changed() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let advisor = desk.admin("advisor@firm.example", AdminRole::Advisor).await;
    desk.assign(user, &advisor).await;
    let input = IssueCodeInput { may_change_factors: true, ..issue_input(user) };
    for permit in [desk.admin_permit(&advisor, ISSUE), desk.named_permit(&advisor, ISSUE)] {
        let result = desk.desk.issue_temporary_access_code(&permit, input.clone()).await;
        assert_eq!(refused(result), (RefusalCode::NotAllowedByPolicy, "mayChangeFactors".to_owned()));
    }
    for role in [AdminRole::Support, AdminRole::Admin, AdminRole::Owner] {
        let admin = desk.admin(&format!("{}@firm.example", role.as_str()), role).await;
        let permit = desk.admin_permit(&admin, ISSUE);
        let issued = desk.desk.issue_temporary_access_code(&permit, input.clone()).await.unwrap();
        assert!(issued.code.may_change_factors);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_lets_an_administrator_in() {
    let desk = Desk::new().await;
    let support = desk.admin("sue@firm.example", AdminRole::Support).await;
    desk.admin("Otto@Firm.Example", AdminRole::Auditor).await;
    let refusal = (RefusalCode::NotAllowedByPolicy, "user".to_owned());
    let (by_email, by_external_id, another) =
        (desk.user("c-1").await, desk.user("SUE@firm.example").await, desk.user("c-2").await);
    desk.set_email(by_email, "Sue@FIRM.example").await;
    desk.set_email(another, "otto@firm.example").await;
    for user in [by_email, by_external_id, another] {
        for permit in [desk.admin_permit(&support, ISSUE), desk.support(ISSUE)] {
            assert_eq!(refused(desk.desk.issue_temporary_access_code(&permit, issue_input(user)).await), refusal);
        }
        let reset = desk.support(Operation::ResetUser);
        assert_eq!(refused(desk.desk.reset_user(&reset, common::state_input(user)).await), refusal);
    }
    desk.run("update tenant_admin set removed_at = now() where tenant_id = $1 and admin_id = $2", support.id).await;
    let permit = desk.admin_permit(&support, ISSUE);
    let oneself = desk.desk.issue_temporary_access_code(&permit, issue_input(by_email)).await;
    assert_eq!(refused(oneself), refusal, "a session that outlives its role");
    let by_key = desk.desk.issue_temporary_access_code(&desk.support(ISSUE), issue_input(by_email)).await;
    assert!(by_key.is_ok(), "who is no administrator any more is a user as others are");
    let operator = Caller::system(desk.tenant).permit(ISSUE).unwrap();
    assert!(desk.desk.issue_temporary_access_code(&operator, issue_input(another)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_own_users_are_administrators_all() {
    let mut desk = Desk::new().await;
    let mut tx = desk.tx_of(PLATFORM_TENANT).await;
    sqlx::query(
        "insert into tenant (tenant_id, slug, name, environment) values ($1, 'platform-of-test', 'Platform', 'LIVE')",
    )
    .bind(PLATFORM_TENANT.0)
    .execute(tx.connection())
    .await
    .unwrap();
    desk.bed.platform.keys.create_data_key(&mut tx, &core_kernel::SystemEntropy).await.unwrap();
    tx.commit().await.unwrap();
    desk.bed.policy(PLATFORM_TENANT, &Policy::new_tenant(desk.bed.platform.now())).await;
    desk.tenant = PLATFORM_TENANT;
    let user = desk.user("somebody").await;
    let result = desk.desk.issue_temporary_access_code(&desk.support(ISSUE), issue_input(user)).await;
    assert_eq!(refused(result), (RefusalCode::NotAllowedByPolicy, "user".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn not_while_the_user_is_locked_or_disabled() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let refusal = (RefusalCode::UserLocked, "user".to_owned());
    let issue = async || desk.desk.issue_temporary_access_code(&desk.support(ISSUE), issue_input(user)).await;
    for sql in [
        "update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2",
        "update tenant_user set locked_until = tenant_now($1) + interval '15 minutes' where tenant_id = $1 and user_id = $2",
        "update tenant_user set locked_until = null, disabled = true where tenant_id = $1 and user_id = $2",
    ] {
        desk.run(sql, user).await;
        assert_eq!(refused(issue().await), refusal);
    }
    desk.run(
        "update tenant_user set disabled = false, locked_until = tenant_now($1) where tenant_id = $1 and user_id = $2",
        user,
    )
    .await;
    assert!(issue().await.is_ok(), "a lock that has run out does not hold");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_identifiers_do_not_exist() {
    let desk = Desk::new().await;
    let foreign_tenant = desk.bed.tenant(Environment::Sandbox).await;
    let foreign = desk.bed.user(foreign_tenant, "ann", core_policy::UserKind::External).await;
    let mine = desk.issue(desk.user("bob").await).await;
    let not_found = (RefusalCode::NotFound, "user".to_owned());
    let malformed = ["", "user_", "tenant_00000000000000000000000000", "x"].map(|text| UserRef::Id(text.to_owned()));
    let absent = [UserRef::ExternalId("nobody".to_owned()), UserRef::ExternalId(String::new())];
    for reference in malformed.into_iter().chain(absent).chain([UserRef::Id(foreign.to_text())]) {
        let input = IssueCodeInput { user: reference, ..issue_input(foreign) };
        assert_eq!(refused(desk.desk.issue_temporary_access_code(&desk.support(ISSUE), input).await), not_found);
    }
    let theirs = testkit::caller(foreign_tenant, &[core_access::ApiScope::Support]).permit(REVOKE).unwrap();
    let id = mine.code.code_id;
    let result = desk.desk.revoke_temporary_access_code(&theirs, &id.to_text()).await;
    assert_eq!(refused(result), (RefusalCode::NotFound, "id".to_owned()));
    assert_eq!(desk.desk.lookup_code(&theirs, id).await.unwrap(), None);
    let untouched = desk.desk.lookup_code(&desk.support(READ), id).await.unwrap().unwrap();
    assert_eq!(untouched.revoked_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_proves_nothing() {
    let desk = Desk::new().await;
    let user = desk.user("ann").await;
    let permit = desk.support(REVOKE);
    let revoke = async |id: TemporaryAccessCodeId| desk.desk.revoke_temporary_access_code(&permit, &id.to_text()).await;
    let issued = desk.issue(user).await;
    let revoked = revoke(issued.code.code_id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(revoke(issued.code.code_id).await.unwrap(), revoked, "again is no refusal and changes nothing");
    let login = desk.login(user, "CHALLENGE").await;
    assert_eq!(desk.prove(login, user, &issued).await, Err(RefusalCode::NotFound));

    let used = desk.issue(user).await;
    assert_eq!(desk.prove(login, user, &used).await, Ok(()));
    assert_eq!(refused(revoke(used.code.code_id).await), (RefusalCode::AlreadyCompleted, "id".to_owned()));
    for id in ["", "tac_", "user_00000000000000000000000000", "tac_00000000000000000000000000"] {
        let result = desk.desk.revoke_temporary_access_code(&permit, id).await;
        assert_eq!(refused(result), (RefusalCode::NotFound, "id".to_owned()), "{id}");
    }
    let actions: Vec<String> = desk.audited(user).await.into_iter().map(|(_, action)| action).collect();
    assert_eq!(actions, ["temporary_access.issued", "temporary_access.revoked", "temporary_access.issued"]);
}
