//! Creating, updating, disabling and erasing users.
mod common;

use common::open::{FACTORS, OPEN, OPEN_LOGINS, QUEUED, open_things};
use common::{admin, audit, bed, number, reader, refusal, refusals, run, upsert, user_input, users};
use core_access::AdminRole;
use core_kernel::{RefusalCode, Stop, TypedId};
use core_policy::UserKind;
use io_postgres::TenantTx;
use svc_directory::users::resolve_user;
use svc_directory::{UpsertUserInput, UserRef, UserStatus};
use testkit::Environment;

fn full(external_id: &str, email: &str) -> UpsertUserInput {
    UpsertUserInput {
        display_name: Some("Ann Lee".to_owned()),
        email: Some(email.to_owned()),
        language: Some("es-us".to_owned()),
        ..user_input(external_id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_creates_and_then_updates_one_user() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let advisor = admin(&bed, tenant, "adam@firm.example", AdminRole::Advisor).await;
    let first =
        UpsertUserInput { advisor_email: Some("Adam@Firm.example ".into()), ..full("  Ann-1 ", "Ann@Example.com") };
    let created = upsert(&directory, tenant, first).await;
    assert!(created.created);
    let record = &created.user.record;
    assert_eq!((record.external_id.as_str(), record.language.as_deref()), ("Ann-1", Some("es-US")));
    assert_eq!(record.advisor_id, Some(advisor.id));
    assert_eq!(created.user.email.as_ref().unwrap().address(), "Ann@example.com");

    let second = UpsertUserInput { kind: UserKind::Internal, ..user_input("ＡＮＮ-1") };
    let updated = upsert(&directory, tenant, second).await;
    assert!(!updated.created);
    let now = &updated.user.record;
    assert_eq!((now.user_id, now.kind), (record.user_id, UserKind::Internal));
    assert_eq!(now.external_id, "Ann-1", "the first spelling stays: assertions name the user by it");
    assert_eq!(now.display_name.as_deref(), Some("Ann Lee"), "what is left out stays");
    assert_eq!(now.advisor_id, Some(advisor.id));
    assert_eq!(updated.user.email.as_ref().unwrap().address(), "Ann@example.com");
    assert_eq!(audit(&bed, tenant).await, [("key:test".to_owned(), "user.updated".to_owned())], "the change of kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_upserts_of_many_spellings_make_one_user() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let spellings = ["Straße-7", "STRASSE-7", "strasse-7 ", "ｓｔｒａｓｓｅ-7"];
    let calls = (0..16).map(|n| upsert(&directory, tenant, user_input(spellings[n % 4])));
    let done = futures::future::join_all(calls).await;
    assert_eq!(done.iter().filter(|one| one.created).count(), 1);
    let ids: std::collections::HashSet<_> = done.iter().map(|one| one.user.record.user_id).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_belongs_to_one_user_of_a_tenant() {
    let (bed, directory) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    upsert(&directory, tenant, full("ann", "ann@example.com")).await;
    upsert(&directory, tenant, user_input("bob")).await;
    for external_id in ["bob", "new"] {
        let given = full(external_id, "ANN@example.COM");
        let stop = directory.upsert_user(&users(tenant), given).await.unwrap_err();
        assert_eq!(refusal(stop), (RefusalCode::AlreadyExists, "email".to_owned()), "{external_id}");
    }
    upsert(&directory, tenant, full("ann", "ann@example.com")).await;
    upsert(&directory, other, full("ann", "ann@example.com")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_does_not_hold_the_address() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let user = upsert(&directory, tenant, full("ann", "ann@example.com")).await.user.record.user_id;
    let sql = "select count(*) from tenant_user where tenant_id = $1 and user_id = $2
                and position('ann@example.com'::bytea in email_sealed) > 0";
    assert_eq!(number(&bed, tenant, sql, user.0).await, 0);
    let other = upsert(&directory, tenant, full("bob", "bob@example.com")).await.user.record.user_id;
    let sql = "update tenant_user u set email_sealed = (select s.email_sealed from tenant_user s
                where s.tenant_id = $1 and s.user_id <> $2 limit 1) where u.tenant_id = $1 and u.user_id = $2";
    run(&bed, tenant, sql, other.0).await;
    let moved = directory.users_by_id(&reader(tenant), &[other]).await;
    assert!(moved.is_err(), "a ciphertext that was moved does not open");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_and_nothing_is_written() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    for bad in ["", "  ", "a\0b", &"x".repeat(256)] {
        let given = UpsertUserInput {
            display_name: Some("See https://evil.example".into()),
            email: Some("ann@localhost".into()),
            language: Some("english please".into()),
            ..user_input(bad)
        };
        let told = refusals(directory.upsert_user(&users(tenant), given).await.unwrap_err());
        let fields: Vec<_> = told.iter().map(|(_, field)| field.as_str()).collect();
        assert_eq!(fields, ["externalId", "displayName", "email", "language"], "{bad:?}");
    }
    assert_eq!(directory.count_users(&reader(tenant), None, &Default::default()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_is_an_administrator_of_this_tenant_who_may_help() {
    let (bed, directory) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    admin(&bed, other, "theirs@firm.example", AdminRole::Owner).await;
    admin(&bed, tenant, "bill@firm.example", AdminRole::Billing).await;
    let gone = admin(&bed, tenant, "gone@firm.example", AdminRole::Support).await;
    run(&bed, tenant, "update tenant_admin set removed_at = now() where tenant_id = $1 and admin_id = $2", gone.id.0)
        .await;
    for email in
        ["theirs@firm.example", "bill@firm.example", "gone@firm.example", "nobody@firm.example", "no address", ""]
    {
        let given = UpsertUserInput { advisor_email: Some(email.into()), ..user_input("ann") };
        let stop = directory.upsert_user(&users(tenant), given).await.unwrap_err();
        assert_eq!(refusal(stop), (RefusalCode::NotFound, "advisorEmail".to_owned()), "{email}");
    }
    for (email, role) in [("o@x.example", AdminRole::Owner), ("s@x.example", AdminRole::Support)] {
        let actor = admin(&bed, tenant, email, role).await;
        let given = UpsertUserInput { advisor_email: Some(email.into()), ..user_input("ann") };
        assert_eq!(upsert(&directory, tenant, given).await.user.record.advisor_id, Some(actor.id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_ends_at_once_what_is_open() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let ann = upsert(&directory, tenant, user_input("ann")).await.user.record.user_id;
    let bystander = upsert(&directory, tenant, user_input("bob")).await.user.record.user_id;
    open_things(&bed, tenant, ann).await;
    open_things(&bed, tenant, bystander).await;

    let disable = |disabled| UpsertUserInput { disabled: Some(disabled), ..user_input("ANN") };
    let user = upsert(&directory, tenant, disable(true)).await.user;
    assert_eq!((user.status, user.record.disabled), (UserStatus::Disabled, true));
    for sql in OPEN {
        assert_eq!(number(&bed, tenant, sql, ann.0).await, 0, "{sql}");
        assert_eq!(number(&bed, tenant, sql, bystander.0).await, 1, "{sql}");
    }
    assert_eq!(number(&bed, tenant, FACTORS, ann.0).await, 2, "the active one, and the one that the tenant suggested");
    assert_eq!(number(&bed, tenant, QUEUED, ann.0).await, 1, "notices still go out");
    assert_eq!(number(&bed, tenant, FACTORS, bystander.0).await, 3);
    assert_eq!(audit(&bed, tenant).await, [("key:test".to_owned(), "user.updated".to_owned())]);

    let user = upsert(&directory, tenant, user_input("ann")).await.user;
    assert!(user.record.disabled, "left out, it stays");
    let user = upsert(&directory, tenant, disable(false)).await.user;
    assert_eq!(user.status, UserStatus::Active);
    assert_eq!(number(&bed, tenant, OPEN_LOGINS, ann.0).await, 0, "nothing comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_erases_the_person_and_keeps_the_logins() {
    let (bed, directory) = bed().await;
    let tenant = bed.tenant(Environment::Live).await;
    let user = upsert(&directory, tenant, full("Ann", "ann@example.com")).await.user.record.user_id;
    open_things(&bed, tenant, user).await;
    let deleted = directory.delete_user(&users(tenant), &UserRef::ExternalId(" ann".into())).await.unwrap();
    assert_eq!(deleted, user);
    for user in [UserRef::ExternalId("ann".into()), UserRef::Id(user.to_text())] {
        let stop = directory.delete_user(&users(tenant), &user).await.unwrap_err();
        assert_eq!(refusal(stop), (RefusalCode::NotFound, "user".to_owned()));
        assert!(directory.find_user(&reader(tenant), &user).await.unwrap().is_none());
    }
    let addressed =
        "select count(*) from message where tenant_id = $1 and user_id = $2 and destination_sealed is not null";
    for sql in [FACTORS, QUEUED, addressed] {
        assert_eq!(number(&bed, tenant, sql, user.0).await, 0, "{sql}");
    }
    let kept = "select count(*) from login where tenant_id = $1 and user_id = $2
                 and ip_address = '0.0.0.0' and user_agent is null";
    assert_eq!(number(&bed, tenant, kept, user.0).await, 1);
    let pseudonym = directory.users_by_id(&reader(tenant), &[user]).await.unwrap().remove(0);
    assert_eq!(pseudonym.record.external_id, format!("erased:{user}"));
    assert!(pseudonym.email.is_none() && pseudonym.record.display_name.is_none() && pseudonym.record.disabled);
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    let row: String = sqlx::query_scalar("select row_to_json(u)::text from tenant_user u where u.tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert!(!row.to_lowercase().contains("ann"), "{row}");
    drop(tx);

    let again = upsert(&directory, tenant, full("ann", "ann@example.com")).await;
    assert!(again.created && again.user.record.user_id != user, "identifier and address are free again");
    upsert(&directory, tenant, user_input(&format!("erased:{user}"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_are_malformed_foreign_or_absent_alike() {
    let (bed, directory) = bed().await;
    let (tenant, other) = (bed.tenant(Environment::Live).await, bed.tenant(Environment::Live).await);
    let ann = upsert(&directory, tenant, user_input("Ann")).await.user.record.user_id;
    let mine = admin(&bed, tenant, "mine@firm.example", AdminRole::Advisor).await;
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    for good in [UserRef::Id(ann.to_text()), UserRef::ExternalId("ａnn ".into())] {
        assert_eq!(resolve_user(&mut tx, &good, None).await.unwrap().user_id, ann);
        let unassigned = resolve_user(&mut tx, &good, Some(mine.id)).await.unwrap_err();
        assert_eq!(refusal(unassigned), (RefusalCode::NotFound, "user".to_owned()));
    }
    let mut foreign = TenantTx::begin(&bed.platform.database, other).await.unwrap();
    let mut told = Vec::new();
    for bad in [
        UserRef::Id(ann.to_text()),
        UserRef::ExternalId("Ann".into()),
        UserRef::Id(ann.to_text().replace("user", "tenant")),
        UserRef::Id("\0".into()),
        UserRef::ExternalId(String::new()),
        UserRef::ExternalId("a\0b".into()),
        UserRef::ExternalId("x".repeat(300)),
    ] {
        match resolve_user(&mut foreign, &bad, None).await.unwrap_err() {
            Stop::Refused(refusals) => told.push(refusals),
            Stop::Fault(fault) => panic!("{bad:?}: {fault:?}"),
        }
    }
    assert!(told.iter().all(|one| *one == told[0]), "the very same words");
}
