//! Users as a directory writes and reads them: what is kept and given back, what becomes of contacts,
//! what a change ends, and who may see it.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod common;

use std::cmp::Ordering;

use common::open::{OPEN, open_things};
use common::{admin, as_admin, audit, bed, number, permit, reader, refusal, run, upsert, user_input, users};
use core_access::{AdminRole, ApiScope, Operation};
use core_kernel::{RefusalCode, Stop, TenantId, TypedId, UserId};
use core_policy::UserKind;
use futures::future::join_all;
use io_postgres::TenantTx;
use svc_directory::users::{
    ContactEntry, DirectoryUser, PersonName, Profile, Provisioned, TextField, TextTest, UserOrder, UserPredicate,
    UserQuery, UserTest,
};
use svc_directory::{Directory, UpsertUserInput, UserRef};
use testkit::{Environment, TestBed};

fn entry(value: &str, kind: &str) -> ContactEntry {
    ContactEntry { value: value.into(), kind: Some(kind.into()), primary: None }
}

fn bare(user_name: &str) -> DirectoryUser {
    DirectoryUser {
        user_name: user_name.into(),
        directory_id: None,
        kind: UserKind::External,
        language: None,
        active: true,
        profile: Profile::default(),
    }
}

fn full(user_name: &str) -> DirectoryUser {
    let name = PersonName { formatted: None, family_name: Some("Lee".into()), given_name: Some("Ann".into()) };
    let emails = vec![entry(&format!("{user_name}@Example.com"), "work")];
    let phones = vec![entry("+1 415-555-0132", "mobile"), entry("555 0199", "work")];
    let profile = Profile { name, emails, phones, ..Profile::default() };
    DirectoryUser { directory_id: Some("00u1".into()), language: Some("es".into()), profile, ..bare(user_name) }
}

async fn create(directory: &Directory, tenant: TenantId, user: DirectoryUser) -> Provisioned {
    directory.create_provisioned(&users(tenant), user).await.unwrap()
}

async fn find(directory: &Directory, tenant: TenantId, user: UserId) -> Option<Provisioned> {
    directory.find_provisioned(&users(tenant), &user.to_text()).await.unwrap()
}

/// Makes these changes.
async fn change(
    directory: &Directory,
    tenant: TenantId,
    user: UserId,
    edit: impl Fn(&mut DirectoryUser),
) -> Result<Provisioned, Stop> {
    let decide = |before: &Provisioned| {
        let mut data = before.data.clone();
        edit(&mut data);
        Ok(data)
    };
    directory.change_provisioned(&users(tenant), &user.to_text(), decide).await
}

/// Kind, status, line and whether suggested, of each factor that is not removed.
async fn factors(bed: &TestBed, tenant: TenantId, user: UserId) -> Vec<(String, String, Option<String>, bool)> {
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query_as(
        "select kind, status, line, suggested from factor
          where tenant_id = $1 and user_id = $2 and status <> 'REMOVED' order by kind",
    )
    .bind(tenant.0)
    .bind(user.0)
    .fetch_all(tx.connection())
    .await
    .unwrap()
}

fn suggested(kind: &str, line: Option<&str>) -> (String, String, Option<String>, bool) {
    (kind.into(), "PENDING".into(), line.map(str::to_owned), true)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_directory_tells_is_given_back_as_it_was_told() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let created = create(&directory, tenant, full("Ann")).await;
    assert_eq!(created.data, full("Ann"));
    let read = find(&directory, tenant, created.user_id).await.unwrap();
    assert_eq!(read, created, "an answer tells what is stored, its time included");

    let view = directory.users_by_id(&reader(tenant), &[created.user_id]).await.unwrap().remove(0);
    assert_eq!(view.record.external_id, "Ann");
    assert_eq!(view.record.display_name.as_deref(), Some("Ann Lee"), "made of its parts");
    assert_eq!(view.email.unwrap().address(), "Ann@example.com");
    assert_eq!(audit(&bed, tenant).await, [], "a new user is its own record, as by upsertUser");
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_suggested_and_sealed_and_prove_nothing() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let user = create(&directory, tenant, full("ann")).await.user_id;
    let expected = [suggested("EMAIL", None), suggested("PHONE_PRIMARY", Some("MOBILE"))];
    assert_eq!(factors(&bed, tenant, user).await, expected, "the number without a country is none");
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let stored: String = sqlx::query_scalar(
        "select string_agg(t, ' ') from (
             select encode(profile_sealed, 'escape') as t from directory_profile where tenant_id = $1
             union all select encode(secret_sealed, 'escape') || coalesce(country, '') from factor where tenant_id = $1
             union all select row_to_json(u)::text from tenant_user u where tenant_id = $1) s",
    )
    .bind(tenant.0)
    .fetch_one(tx.connection())
    .await
    .unwrap();
    for secret in ["4155550132", "415-555", "555 0199", "Example.com"] {
        assert!(!stored.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_contacts_replace_the_suggested_ones_and_the_same_stay() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let user = create(&directory, tenant, full("ann")).await.user_id;
    let ids = "select count(distinct factor_id) from factor where tenant_id = $1 and user_id = $2";
    let with_two = change(&directory, tenant, user, |data| data.profile.phones[1] = entry("+14155550199", "home"));
    with_two.await.unwrap();
    let expected = [
        suggested("EMAIL", None),
        suggested("PHONE_PRIMARY", Some("MOBILE")),
        suggested("PHONE_RECOVERY", Some("LANDLINE")),
    ];
    assert_eq!(factors(&bed, tenant, user).await, expected);
    assert_eq!(number(&bed, tenant, ids, user.0).await, 3, "two of them are the same rows");

    // The two change places: neither may stand in the other's way.
    change(&directory, tenant, user, |data| data.profile.phones[1].primary = Some(true)).await.unwrap();
    let lines: Vec<_> = factors(&bed, tenant, user).await.into_iter().map(|one| one.2).collect();
    assert_eq!(lines, [None, Some("LANDLINE".into()), Some("MOBILE".into())]);
    change(&directory, tenant, user, |data| data.profile = Profile::default()).await.unwrap();
    assert_eq!(factors(&bed, tenant, user).await, []);
    assert_eq!(directory.users_by_id(&reader(tenant), &[user]).await.unwrap()[0].email, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_user_confirmed_is_neither_touched_nor_suggested_again() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let user = create(&directory, tenant, full("ann")).await.user_id;
    let confirm = "update factor set status = 'ACTIVE', suggested = false
                    where tenant_id = $1 and user_id = $2 and kind = 'PHONE_PRIMARY'";
    run(&bed, tenant, confirm, user.0).await;
    let active = ("PHONE_PRIMARY".to_owned(), "ACTIVE".to_owned(), Some("MOBILE".to_owned()), false);
    change(&directory, tenant, user, |data| data.profile.phones.truncate(1)).await.unwrap();
    change(&directory, tenant, user, |data| data.profile.phones[0].primary = Some(true)).await.unwrap();
    assert_eq!(factors(&bed, tenant, user).await, [suggested("EMAIL", None), active.clone()]);
    change(&directory, tenant, user, |data| data.profile.phones[0].value = "+14155550177".into()).await.unwrap();
    assert_eq!(factors(&bed, tenant, user).await, [suggested("EMAIL", None), active], "nor is another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_and_an_address_belong_to_one_user() {
    let (bed, directory) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let ann = create(&directory, tenant, full("Ann")).await.user_id;
    upsert(&directory, tenant, user_input("bob")).await;
    for name in ["ANN", "ａｎｎ ", "Bob"] {
        let stop = directory.create_provisioned(&users(tenant), bare(name)).await.unwrap_err();
        assert_eq!(refusal(stop), (RefusalCode::AlreadyExists, "userName".to_owned()), "{name}");
    }
    let same_address = DirectoryUser { profile: full("Ann").profile, ..bare("carl") };
    let stop = directory.create_provisioned(&users(tenant), same_address).await.unwrap_err();
    assert_eq!(refusal(stop), (RefusalCode::AlreadyExists, "emails".to_owned()));
    let stop = change(&directory, tenant, ann, |data| data.user_name = "BOB".into()).await.unwrap_err();
    assert_eq!(refusal(stop), (RefusalCode::AlreadyExists, "userName".to_owned()));
    create(&directory, other, full("Ann")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_creations_of_one_name_make_one_user() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let permit = users(tenant);
    let tries = join_all((0..12).map(|_| directory.create_provisioned(&permit, bare("ann")))).await;
    assert_eq!(tries.iter().filter(|one| one.is_ok()).count(), 1);
    for stop in tries.into_iter().filter_map(Result::err) {
        assert_eq!(refusal(stop).0, RefusalCode::AlreadyExists);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_user_is_the_same_one() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let ann = create(&directory, tenant, full("ann.lee")).await.user_id;
    change(&directory, tenant, ann, |data| data.user_name = "Ann.Smith".into()).await.unwrap();
    let renamed = upsert(&directory, tenant, user_input("ann.smith")).await;
    assert_eq!((renamed.user.record.user_id, renamed.created), (ann, false));
    assert!(upsert(&directory, tenant, user_input("ann.lee")).await.created, "the old name is free");
    assert_eq!(audit(&bed, tenant).await, [("key:test".to_owned(), "user.updated".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_off_ends_at_once_what_is_open_and_on_again_brings_nothing_back() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let (ann, bob) = (create(&directory, tenant, bare("ann")).await, create(&directory, tenant, bare("bob")).await);
    let device = "select trust_device($1, $2, uuid_v7(), $2::text::bytea, 'Mozilla/5.0', tenant_now($1), 86400)";
    for user in [ann.user_id, bob.user_id] {
        open_things(&bed, tenant, user).await;
        run(&bed, tenant, device, user.0).await;
    }
    let devices = "select count(*) from trusted_device where tenant_id = $1 and user_id = $2";
    let off = change(&directory, tenant, ann.user_id, |data| data.active = false).await.unwrap();
    assert!(!off.data.active);
    for sql in OPEN {
        assert_eq!(number(&bed, tenant, sql, ann.user_id.0).await, 0, "{sql}");
        assert_eq!(number(&bed, tenant, sql, bob.user_id.0).await, 1, "{sql}");
    }
    assert_eq!(number(&bed, tenant, devices, ann.user_id.0).await, 0);
    assert_eq!(number(&bed, tenant, devices, bob.user_id.0).await, 1);
    change(&directory, tenant, ann.user_id, |data| data.active = true).await.unwrap();
    for sql in OPEN {
        assert_eq!(number(&bed, tenant, sql, ann.user_id.0).await, 0, "{sql}");
    }
    let expected = vec![("key:test".to_owned(), "user.updated".to_owned()); 2];
    assert_eq!(audit(&bed, tenant).await, expected, "off, and on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_by_another_way_is_seen() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let ann = create(&directory, tenant, full("ann")).await.user_id;
    let given = UpsertUserInput {
        display_name: Some("Dr Lee".into()),
        email: Some("lee@example.com".into()),
        disabled: Some(true),
        ..user_input("ann")
    };
    upsert(&directory, tenant, given).await;
    let read = find(&directory, tenant, ann).await.unwrap().data;
    assert_eq!(read.profile.display_name.as_deref(), Some("Dr Lee"));
    assert_eq!((read.profile.emails[0].value.as_str(), read.active), ("lee@example.com", false));
    assert_eq!(read.profile.phones, full("ann").profile.phones);
    assert!(factors(&bed, tenant, ann).await.iter().all(|one| one.0 != "EMAIL"), "the old address is not suggested");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_made_of_the_user_as_it_is_under_its_lock() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let ann = create(&directory, tenant, bare("ann")).await.user_id;
    let directory = &directory;
    let append = |n: usize| async move {
        let add = |data: &mut DirectoryUser| data.profile.phones.push(entry(&format!("{n}"), "other"));
        change(directory, tenant, ann, add).await.unwrap();
    };
    join_all((0..12).map(append)).await;
    assert_eq!(find(directory, tenant, ann).await.unwrap().data.profile.phones.len(), 12, "none was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_changes_nothing() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let ann = create(&directory, tenant, full("ann")).await;
    let stop = change(&directory, tenant, ann.user_id, |data| data.user_name = "\n".into()).await.unwrap_err();
    assert_eq!(refusal(stop), (RefusalCode::Invalid, "userName".to_owned()));
    let id = ann.user_id.to_text();
    let refuse = |_: &Provisioned| -> Result<(), Stop> { Err(core_kernel::Refusal::not_found("reason").into()) };
    assert!(directory.delete_provisioned(&users(tenant), &id, refuse).await.is_err());
    assert_eq!(find(&directory, tenant, ann.user_id).await, Some(ann));
    assert_eq!(audit(&bed, tenant).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_erases_the_profile_and_frees_the_names() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let ann = create(&directory, tenant, full("ann")).await.user_id;
    let allow = |_: &Provisioned| Ok::<(), Stop>(());
    directory.delete_provisioned(&users(tenant), &ann.to_text(), allow).await.unwrap();
    assert_eq!(find(&directory, tenant, ann).await, None);
    let profiles = "select count(*) from directory_profile where tenant_id = $1 and user_id = $2";
    assert_eq!(number(&bed, tenant, profiles, ann.0).await, 0);
    let again = directory.delete_provisioned(&users(tenant), &ann.to_text(), allow).await.unwrap_err();
    assert_eq!(refusal(again), (RefusalCode::NotFound, "user".to_owned()));
    let new = create(&directory, tenant, full("ann")).await.user_id;
    directory.delete_user(&users(tenant), &UserRef::Id(new.to_text())).await.unwrap();
    assert_eq!(number(&bed, tenant, profiles, new.0).await, 0, "by either way");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_users_and_those_of_other_advisors_are_not_there() {
    let (bed, directory) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let ann = create(&directory, tenant, full("ann")).await.user_id;
    assert_eq!(find(&directory, other, ann).await, None);
    let stop = change(&directory, other, ann, |data| data.active = false).await.unwrap_err();
    assert_eq!(refusal(stop), (RefusalCode::NotFound, "user".to_owned()));
    let all = UserQuery { predicate: UserPredicate::All(Vec::new()), order: UserOrder::Oldest, offset: 0, limit: 10 };
    assert_eq!(directory.list_provisioned(&users(other), &all).await.unwrap().total, 0);
    for malformed in ["", "ann", "00u1", "1", &ann.to_text().to_uppercase()] {
        assert_eq!(directory.find_provisioned(&users(tenant), malformed).await.unwrap(), None, "{malformed}");
    }
    let advisor = admin(&bed, tenant, "adam@firm.example", AdminRole::Advisor).await;
    let permit = as_admin(tenant, &advisor).permit(Operation::ReadUser).unwrap();
    assert_eq!(directory.find_provisioned(&permit, &ann.to_text()).await.unwrap(), None);
}

/// The names of the users that satisfy a predicate.
async fn names(directory: &Directory, tenant: TenantId, predicate: UserPredicate) -> Vec<String> {
    let query = UserQuery { predicate, order: UserOrder::NameUp, offset: 0, limit: 100 };
    let page =
        directory.list_provisioned(&permit(tenant, ApiScope::Users, Operation::UpsertUser), &query).await.unwrap();
    assert_eq!(usize::try_from(page.total).unwrap(), page.users.len());
    page.users.into_iter().map(|user| user.data.user_name).collect()
}

fn text(field: TextField, test: TextTest) -> UserPredicate {
    UserPredicate::Test(UserTest::Text(field, test))
}

#[tokio::test(flavor = "multi_thread")]
async fn predicates_find_whom_they_name_and_nobody_else() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let ann = create(&directory, tenant, full("Ann_1")).await;
    create(&directory, tenant, DirectoryUser { active: false, kind: UserKind::Internal, ..bare("ann%2") }).await;
    create(&directory, tenant, DirectoryUser { directory_id: Some("00U1".into()), ..bare("Bo'b") }).await;
    let own = |text: &str| text.to_owned();
    use TextField::{DirectoryId, DisplayName, Language, UserName};
    use TextTest::{Begins, Compares, Contains, Ends, Equals, Present};
    let not = |predicate| UserPredicate::Not(Box::new(predicate));
    let test = UserPredicate::Test;
    for (predicate, expected) in [
        (text(UserName, Equals(own("ANN_1"))), vec!["Ann_1"]),
        (text(UserName, Contains(own("_"))), vec!["Ann_1"]),
        (text(UserName, Contains(own("%"))), vec!["ann%2"]),
        (text(UserName, Begins(own("ann"))), vec!["ann%2", "Ann_1"]),
        (text(UserName, Ends(own("'B"))), vec!["Bo'b"]),
        (text(UserName, Compares(Ordering::Greater, own("ann_1"))), vec!["Bo'b"]),
        (text(DirectoryId, Equals(own("00u1"))), vec!["Ann_1"]),
        (text(DirectoryId, Present), vec!["Ann_1", "Bo'b"]),
        (not(text(DirectoryId, Equals(own("00u1")))), vec!["ann%2", "Bo'b"]),
        (text(DisplayName, Equals(own("ann lee"))), vec!["Ann_1"]),
        (text(Language, Equals(own("ES"))), vec!["Ann_1"]),
        (test(UserTest::Active(false)), vec!["ann%2"]),
        (test(UserTest::Kind(UserKind::Internal)), vec!["ann%2"]),
        (test(UserTest::Email(own("ANN_1@EXAMPLE.COM"))), vec!["Ann_1"]),
        (test(UserTest::Email(own("nobody"))), vec![]),
        (test(UserTest::HasEmail), vec!["Ann_1"]),
        (test(UserTest::Id(ann.user_id)), vec!["Ann_1"]),
        (test(UserTest::Created(Ordering::Greater, ann.created_at)), vec!["ann%2", "Bo'b"]),
        (UserPredicate::Any(Vec::new()), vec![]),
        (text(UserName, Equals(own("x' or '1'='1"))), vec![]),
        (text(UserName, Equals(own("ann\0"))), vec![]),
    ] {
        assert_eq!(names(&directory, tenant, predicate.clone()).await, expected, "{predicate:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_in_parts_and_counted() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    for name in ["c", "a", "b"] {
        create(&directory, tenant, bare(name)).await;
    }
    let read = async |order, offset, limit| {
        let query = UserQuery { predicate: UserPredicate::All(Vec::new()), order, offset, limit };
        let page = directory.list_provisioned(&users(tenant), &query).await.unwrap();
        (page.total, page.users.into_iter().map(|user| user.data.user_name).collect::<String>())
    };
    assert_eq!(read(UserOrder::Oldest, 0, 2).await, (3, "ca".to_owned()));
    assert_eq!(read(UserOrder::Oldest, 2, 2).await, (3, "b".to_owned()));
    assert_eq!(read(UserOrder::Newest, 0, 100).await, (3, "bac".to_owned()));
    assert_eq!(read(UserOrder::NameDown, 0, 100).await, (3, "cba".to_owned()));
    assert_eq!(read(UserOrder::NameUp, 3, 100).await, (3, String::new()), "past the end");
    assert_eq!(read(UserOrder::Oldest, 0, 0).await, (3, String::new()), "only how many");
}
