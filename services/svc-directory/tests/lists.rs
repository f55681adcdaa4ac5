//! Lists, searches, counts and what is worked out for each user.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use chrono::{Duration, SubsecRound};
use common::{admin, as_admin, bed, reader, run, upsert, user_input};
use core_access::{AdminRole, Operation, Permit};
use core_kernel::{PageRequest, TenantId, UserId};
use core_policy::{Policy, SecurityLevel, UserKind};
use svc_directory::{
    Directory, EnrollmentProgress, EnrollmentState, UpsertUserInput, UserFilter, UserRef, UserStatus, UserView,
};
use testkit::{Environment, TestBed};

async fn named(directory: &Directory, tenant: TenantId, external_id: &str, name: &str) -> UserId {
    let email = Some(format!("{external_id}@example.com").to_lowercase());
    let given = UpsertUserInput { display_name: Some(name.into()), email, ..user_input(external_id) };
    upsert(directory, tenant, given).await.user.record.user_id
}

async fn find(directory: &Directory, permit: &Permit, search: Option<&str>, filter: UserFilter) -> Vec<String> {
    let page = PageRequest::new(100, None).unwrap();
    let found = directory.list_users(permit, &page, search, &filter).await.unwrap();
    let names: Vec<_> = found.rows.into_iter().map(|(_, user)| user.record.external_id).collect();
    let count = directory.count_users(permit, search, &filter).await.unwrap();
    assert_eq!(count, names.len() as i64, "the count is that of the list");
    names
}

async fn view(directory: &Directory, tenant: TenantId, user: UserId) -> UserView {
    directory.users_by_id(&reader(tenant), &[user]).await.unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_identifiers_names_and_whole_addresses() {
    let (bed, directory) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    named(&directory, tenant, "C-100", "Ann Lee").await;
    named(&directory, tenant, "C-200", "Bob Leeds").await;
    named(&directory, tenant, "D_300", "Zoë 100%").await;
    named(&directory, other, "C-900", "Ann Lee").await;
    let permit = reader(tenant);
    for (search, found) in [
        ("c-", &["C-200", "C-100"][..]),
        ("-100", &[]),
        ("lee", &["C-200", "C-100"]),
        ("C-100@EXAMPLE.com", &["C-100"]),
        ("example.com", &[]),
        ("100%", &["D_300"]),
        ("%", &["D_300"]),
        ("_", &[]),
        ("d_", &["D_300"]),
        ("C-900", &[]),
        (" ", &["D_300", "C-200", "C-100"]),
        ("\0", &["D_300", "C-200", "C-100"]),
    ] {
        assert_eq!(find(&directory, &permit, Some(search), UserFilter::default()).await, found, "{search:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_come_in_pages_newest_first() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    for n in 0..5 {
        upsert(&directory, tenant, user_input(&format!("u{n}"))).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest::new(2, after).unwrap();
        let page = directory.list_users(&reader(tenant), &request, None, &UserFilter::default()).await.unwrap();
        after = page.rows.last().map(|(cursor, _)| cursor.0.clone());
        seen.extend(page.rows.into_iter().map(|(_, user)| user.record.external_id));
        if !page.has_next {
            break;
        }
    }
    assert_eq!(seen, ["u4", "u3", "u2", "u1", "u0"]);
    let foreign = PageRequest { first: 9, after: Some("\0nonsense".to_owned()) };
    assert!(
        directory.list_users(&reader(tenant), &foreign, None, &UserFilter::default()).await.unwrap().rows.is_empty()
    );
}

async fn states(bed: &TestBed, directory: &Directory, tenant: TenantId) {
    for (name, sql) in [
        ("skipped", "update tenant_user set skips_used = 2 where tenant_id = $1 and user_id = $2"),
        ("opted-out", "update tenant_user set opted_out_at = now() where tenant_id = $1 and user_id = $2"),
        (
            "enrolled",
            "insert into factor (tenant_id, factor_id, user_id, kind, status, created_at)
             values ($1, uuid_v7(), $2, 'TOTP', 'DISABLED', now())",
        ),
        (
            "codes-only",
            "insert into factor (tenant_id, factor_id, user_id, kind, status, created_at)
             values ($1, uuid_v7(), $2, 'BACKUP_CODES', 'ACTIVE', now()), ($1, uuid_v7(), $2, 'EMAIL', 'PENDING', now())",
        ),
        ("locked", "update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2"),
        ("disabled", "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2"),
    ] {
        let user = upsert(directory, tenant, user_input(name)).await.user.record.user_id;
        run(bed, tenant, sql, user.0).await;
    }
    upsert(directory, tenant, UpsertUserInput { kind: UserKind::Internal, ..user_input("staff") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_progress_agree() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    states(&bed, &directory, tenant).await;
    let permit = reader(tenant);
    let enrollment =
        |states: &[EnrollmentState]| UserFilter { enrollment: Some(states.to_vec()), ..UserFilter::default() };
    let status = |status| UserFilter { status: Some(status), ..UserFilter::default() };
    let kind = |kind| UserFilter { kind: Some(kind), ..UserFilter::default() };
    for (filter, found) in [
        (enrollment(&[EnrollmentState::Enrolled]), &["enrolled"][..]),
        (enrollment(&[EnrollmentState::Skipped, EnrollmentState::OptedOut]), &["opted-out", "skipped"]),
        (enrollment(&[EnrollmentState::NotEnrolled]), &["staff", "disabled", "locked", "codes-only"]),
        (enrollment(&[]), &[]),
        (status(UserStatus::Locked), &["locked"]),
        (status(UserStatus::Disabled), &["disabled"]),
        (kind(UserKind::Internal), &["staff"]),
    ] {
        assert_eq!(find(&directory, &permit, None, filter).await, found);
    }
    let all = EnrollmentProgress { total: 7, enrolled: 1, skipped: 1, opted_out: 1, not_enrolled: 4 };
    assert_eq!(directory.enrollment_progress(&permit, None).await.unwrap(), all);
    let staff = EnrollmentProgress { total: 1, not_enrolled: 1, ..EnrollmentProgress::default() };
    assert_eq!(directory.enrollment_progress(&permit, Some(UserKind::Internal)).await.unwrap(), staff);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_runs_out_by_the_tenants_clock() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Sandbox).await;
    let user = upsert(&directory, tenant, user_input("ann")).await.user.record.user_id;
    let sql = "update tenant_user set locked_until = tenant_now($1) + interval '15 minutes' where tenant_id = $1 and user_id = $2";
    run(&bed, tenant, sql, user.0).await;
    let locked = view(&directory, tenant, user).await;
    assert_eq!(locked.status, UserStatus::Locked);
    assert!(locked.locked_until.is_some());
    bed.advance(tenant, 901).await;
    let free = view(&directory, tenant, user).await;
    assert_eq!((free.status, free.locked_until), (UserStatus::Active, None));
    run(&bed, tenant, "update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2", user.0)
        .await;
    let locked = view(&directory, tenant, user).await;
    assert_eq!((locked.status, locked.locked_until), (UserStatus::Locked, None), "until a person unlocks it");
}

#[tokio::test(flavor = "multi_thread")]
async fn level_and_deadline_follow_the_policy_in_force() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let mut policy = Policy::default();
    let date = (bed.now(tenant).await + Duration::days(9)).trunc_subsecs(0);
    policy.external.mandatory_from = Some(date);
    policy.internal.mandatory_from = None;
    policy.internal.minimum_level = SecurityLevel::High;
    policy.internal.default_level = SecurityLevel::High;
    bed.policy(tenant, &policy).await;
    let client = upsert(&directory, tenant, user_input("ann")).await.user;
    assert_eq!((client.security_level, client.enrollment_required_from), (SecurityLevel::Standard, Some(date)));
    let staff = UpsertUserInput { kind: UserKind::Internal, ..user_input("bob") };
    let staff = upsert(&directory, tenant, staff).await.user;
    assert_eq!((staff.security_level, staff.enrollment_required_from), (SecurityLevel::High, None));
    let sql = "update tenant_user set advisor_level = 'HIGH' where tenant_id = $1 and user_id = $2";
    run(&bed, tenant, sql, client.record.user_id.0).await;
    assert_eq!(view(&directory, tenant, client.record.user_id).await.security_level, SecurityLevel::High);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_sees_the_assigned_users_alone() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let advisor = admin(&bed, tenant, "adam@firm.example", AdminRole::Advisor).await;
    let assigned = UpsertUserInput { advisor_email: Some("adam@firm.example".into()), ..user_input("mine") };
    let mine = upsert(&directory, tenant, assigned).await.user.record.user_id;
    let theirs = upsert(&directory, tenant, user_input("theirs")).await.user.record.user_id;
    let permit = as_admin(tenant, &advisor).permit(Operation::ReadUsers).unwrap();
    assert_eq!(find(&directory, &permit, None, UserFilter::default()).await, ["mine"]);
    assert_eq!(directory.enrollment_progress(&permit, None).await.unwrap().total, 1);
    let ids = directory.users_by_id(&permit, &[mine, theirs]).await.unwrap();
    assert_eq!(ids.iter().map(|user| user.record.user_id).collect::<Vec<_>>(), [mine]);
    let external = |text: &str| UserRef::ExternalId(text.to_owned());
    assert!(directory.find_user(&permit, &external("mine")).await.unwrap().is_some());
    assert!(directory.find_user(&permit, &external("theirs")).await.unwrap().is_none());
    assert!(directory.find_user(&reader(tenant), &external("theirs")).await.unwrap().is_some());
}
