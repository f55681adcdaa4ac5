//! Inviting, changing and removing administrators.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use std::sync::Arc;

use chrono::TimeDelta;
use common::{World, caller, seed, support_key};
use core_access::{AdminRole, ApiScope, Operation};
use core_kernel::{Fault, PartnerId, RefusalCode, TypedId};
use core_policy::UserKind;
use io_postgres::{NoTenant, PartnerTx, TenantTx};
use svc_admins::{InviteAdmin, SecondFactor};
use svc_directory::{CreateTenantInput, Environment as Env};
use svc_policy::Policies;
use testkit::{Environment, TestBed, partner_caller};
use tokio::sync::Barrier;

#[tokio::test(flavor = "multi_thread")]
async fn who_may_invite() {
    let world = World::new().await;
    let owner = world.person("ann@firm.example", AdminRole::Owner).await;
    assert!(world.as_admin(&owner.admin, Operation::InviteAdmin).is_ok());
    for role in AdminRole::ALL.into_iter().filter(|role| *role != AdminRole::Owner) {
        let other = svc_admins::AdminView { role, ..owner.admin.clone() };
        assert!(matches!(world.as_admin(&other, Operation::InviteAdmin), Err(Fault::Forbidden { .. })), "{role:?}");
        assert!(world.as_admin(&other, Operation::ManageAdmins).is_err());
    }
    // No key removes administrators, and a named OWNER does not make it one that does.
    let mut key = support_key(world.tenant);
    assert!(key.permit(Operation::ManageAdmins).is_err());
    key.actor = Some(owner.admin.actor());
    assert!(key.permit(Operation::ManageAdmins).is_err());
    assert!(key.permit(Operation::InviteAdmin).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_invited_once_and_again_when_they_did_not_come() {
    let world = World::new().await;
    let first = world.invite("ann@firm.example", AdminRole::Admin).await.unwrap();
    assert_eq!((first.role, first.display_name.as_deref()), (AdminRole::Admin, None));
    let lost = world.invitation(world.tenant).await.unwrap();
    let again = world.invite("ANN@firm.example", AdminRole::Admin).await.unwrap_err();
    assert_eq!(again.refusal_code(), Some(RefusalCode::AlreadyExists));
    world.advance(TimeDelta::hours(1));
    let other_role = world.invite("ann@firm.example", AdminRole::Owner).await.unwrap_err();
    assert_eq!(other_role.refusal_code(), Some(RefusalCode::AlreadyExists));
    let again = world.invite("ann@firm.example", AdminRole::Admin).await.unwrap();
    assert_eq!(again.admin_id, first.admin_id);
    let token = world.invitation(world.tenant).await.unwrap();
    assert_ne!(token.expose(), lost.expose());
    assert!(world.accept(&lost).await.is_ok(), "one invitation does not end another");
    for bad in ["", "ann", "ann@", "a@b@c.example"] {
        let refused = world.invite(bad, AdminRole::Admin).await.unwrap_err();
        assert_eq!(refused.refusal_code(), Some(RefusalCode::Invalid), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_already_finds_the_second_tenant_there() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    let second = world.bed.tenant(Environment::Live).await;
    let permit = core_access::Caller::system(second).permit(Operation::InviteAdmin).unwrap();
    let input = InviteAdmin { email: "ann@firm.example".to_owned(), role: AdminRole::Auditor };
    let admin = world.admins.invite_admin(&permit, &input).await.unwrap();
    assert_eq!(admin.display_name, None, "not told before the person came");
    assert!(world.invitation(second).await.is_none(), "nothing by which a password could be set");
    let roles = world.admins.session(&session).await.unwrap().roles;
    assert_eq!(roles.iter().map(|role| role.role).collect::<Vec<_>>(), [AdminRole::Owner, AdminRole::Auditor]);
    let caller = caller(&world.admins, &session, Some(&second.to_text())).await.unwrap();
    assert!(caller.permit(Operation::ReadAudit).is_ok() && caller.permit(Operation::PublishPolicy).is_err());
    // A removal here leaves the role there.
    let permit = core_access::Caller::system(second).permit(Operation::ManageAdmins).unwrap();
    world.admins.remove_admin(&permit, &admin.admin_id.to_text()).await.unwrap();
    assert_eq!(world.admins.session(&session).await.unwrap().roles.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_removed_role_holds_from_the_next_request() {
    let world = World::new().await;
    let owner = world.person("owner@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Admin).await;
    let session = world.sign_in(&bob).await.token;
    let permit = world.as_admin(&owner.admin, Operation::ManageAdmins).unwrap();
    let id = bob.admin.admin_id.to_text();
    let elsewhere = world.replica();
    assert!(caller(&elsewhere, &session, None).await.unwrap().permit(Operation::PublishPolicy).is_ok());
    world.admins.change_admin_role(&permit, &id, AdminRole::Auditor).await.unwrap();
    let as_auditor = caller(&elsewhere, &session, None).await.unwrap();
    assert!(as_auditor.permit(Operation::PublishPolicy).is_err());
    world.admins.remove_admin(&permit, &id).await.unwrap();
    assert!(matches!(caller(&elsewhere, &session, None).await, Err(Fault::Forbidden { .. })));
    let gone = world.admins.remove_admin(&permit, &id).await.unwrap_err();
    assert_eq!(gone.refusal_code(), Some(RefusalCode::NotFound));
    assert!(world.admins.lookup_admin(&permit, bob.admin.admin_id).await.unwrap().is_none());
    let audit = world.audit(world.tenant).await;
    assert!(audit.contains(&"admin.role_changed".to_owned()) && audit.contains(&"admin.removed".to_owned()));
    // Invited again, the same person has a new role under a new identifier.
    let back = world.invite("bob@firm.example", AdminRole::Billing).await.unwrap();
    assert_ne!(back.admin_id, bob.admin.admin_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    world.invite("bob@firm.example", AdminRole::Owner).await.unwrap();
    let permit = world.as_admin(&ann.admin, Operation::ManageAdmins).unwrap();
    let id = ann.admin.admin_id.to_text();
    // An invitation that nobody accepted owns nothing.
    let removed = world.admins.remove_admin(&permit, &id).await.unwrap_err();
    assert_eq!(removed.refusal_code(), Some(RefusalCode::NotAllowedByPolicy));
    let demoted = world.admins.change_admin_role(&permit, &id, AdminRole::Admin).await.unwrap_err();
    assert_eq!(demoted.refusal_code(), Some(RefusalCode::NotAllowedByPolicy));
    assert!(world.admins.change_admin_role(&permit, &id, AdminRole::Owner).await.is_ok(), "no change is no loss");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_remove_each_other_one_stays() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Owner).await;
    let by_ann = world.as_admin(&ann.admin, Operation::ManageAdmins).unwrap();
    let by_bob = world.as_admin(&bob.admin, Operation::ManageAdmins).unwrap();
    let (of_ann, of_bob) = (ann.admin.admin_id.to_text(), bob.admin.admin_id.to_text());
    let (first, second) =
        tokio::join!(world.admins.remove_admin(&by_ann, &of_bob), world.admins.remove_admin(&by_bob, &of_ann));
    assert_ne!(first.is_ok(), second.is_ok());
    assert_eq!(world.admins.list_admins(&world.system(Operation::ReadAdmins)).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_advisors_users_have_none() {
    let world = World::new().await;
    world.person("ann@firm.example", AdminRole::Owner).await;
    let advisor = world.invite("bob@firm.example", AdminRole::Advisor).await.unwrap();
    let invitation = world.invitation(world.tenant).await.unwrap();
    let user = world.bed.user(world.tenant, "client-1", UserKind::External).await;
    let mut tx = world.tx(world.tenant).await;
    sqlx::query("update tenant_user set advisor_id = $2 where tenant_id = $1")
        .bind(world.tenant.0)
        .bind(advisor.admin_id.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let permit = world.system(Operation::ManageAdmins);
    world.admins.remove_admin(&permit, &advisor.admin_id.to_text()).await.unwrap();
    let mut tx = world.tx(world.tenant).await;
    let left: Option<uuid::Uuid> =
        sqlx::query_scalar("select advisor_id from tenant_user where tenant_id = $1 and user_id = $2")
            .bind(world.tenant.0)
            .bind(user.0)
            .fetch_one(tx.connection())
            .await
            .unwrap();
    assert_eq!(left, None);
    assert!(world.accept(&invitation).await.is_err(), "the invitation went with the role");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_administrator_is_not_found() {
    let world = World::new().await;
    let foreign = world.bed.tenant(Environment::Sandbox).await;
    let permit = core_access::Caller::system(foreign).permit(Operation::InviteAdmin).unwrap();
    let input = InviteAdmin { email: "eve@other.example".to_owned(), role: AdminRole::Owner };
    let eve = world.admins.invite_admin(&permit, &input).await.unwrap();
    let permit = world.system(Operation::ManageAdmins);
    for id in [eve.admin_id.to_text(), "admin_x".to_owned(), eve.account_id.to_text()] {
        let refused = world.admins.remove_admin(&permit, &id).await.unwrap_err();
        assert_eq!(refused.refusal_code(), Some(RefusalCode::NotFound), "{id}");
        let refused = world.admins.change_admin_role(&permit, &id, AdminRole::Admin).await.unwrap_err();
        assert_eq!(refused.refusal_code(), Some(RefusalCode::NotFound), "{id}");
    }
    assert!(world.admins.lookup_admin(&permit, eve.admin_id).await.unwrap().is_none());
    assert!(world.admins.resolve_actor(world.tenant, "eve@other.example").await.unwrap().is_none());
    assert!(world.admins.list_admins(&permit).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_support_keys_actor_is_found_by_address_and_forgotten_when_removed() {
    let world = World::new().await;
    let bob = world.invite("bob@firm.example", AdminRole::Advisor).await.unwrap();
    let found = world.admins.resolve_actor(world.tenant, " BOB@firm.example").await.unwrap().unwrap();
    assert_eq!(found, bob.actor());
    for nobody in ["eve@firm.example", "", "bob"] {
        assert!(world.admins.resolve_actor(world.tenant, nobody).await.unwrap().is_none(), "{nobody}");
    }
    let permit = world.system(Operation::ManageAdmins);
    world.admins.change_admin_role(&permit, &bob.admin_id.to_text(), AdminRole::Support).await.unwrap();
    let found = world.admins.resolve_actor(world.tenant, "bob@firm.example").await.unwrap().unwrap();
    assert_eq!(found.role, AdminRole::Support);
    world.admins.remove_admin(&permit, &bob.admin_id.to_text()).await.unwrap();
    assert!(world.admins.resolve_actor(world.tenant, "bob@firm.example").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_created_with_its_owner_invited_or_not_at_all() {
    let world = World::new().await;
    let partner = PartnerId::new(&core_kernel::SystemEntropy, world.platform.now());
    let mut tx = PartnerTx::begin(&world.platform.database, partner).await.unwrap();
    sqlx::query("insert into partner (partner_id, name) values ($1, 'Partner')")
        .bind(partner.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let permit = partner_caller(partner, &[ApiScope::Tenants]).permit(Operation::CreateTenant).unwrap();
    let input = |slug: &str, owner: &str| CreateTenantInput {
        slug: slug.to_owned(),
        name: "New Firm".to_owned(),
        environment: Env::Sandbox,
        owner_email: owner.to_owned(),
        policy: None,
    };
    let created = world.admins.create_tenant(&permit, &input("new-firm", "ann@new.example")).await.unwrap();
    let token = world.invitation(created.tenant_id).await.unwrap();
    let accepted = world.accept(&token).await.unwrap();
    let code = world.code(&seed(&accepted));
    let SecondFactor::SignedIn(signed_in) = world.prove(&accepted.method_id.into(), &code).await.unwrap() else {
        panic!("not signed in")
    };
    let caller = caller(&world.admins, &signed_in.token, None).await.unwrap();
    assert_eq!(caller.tenant, created.tenant_id);
    assert!(caller.permit(Operation::ManageAdmins).is_ok());
    assert!(world.audit(created.tenant_id).await.contains(&"admin.invited".to_owned()));

    let taken = world.admins.create_tenant(&permit, &input("new-firm", "bob@new.example")).await.unwrap_err();
    assert_eq!(taken.refusal_code(), Some(RefusalCode::AlreadyExists));
    let invalid = world.admins.create_tenant(&permit, &input("x", "nobody")).await.unwrap_err();
    let core_kernel::Stop::Refused(refusals) = invalid else { panic!("{invalid:?}") };
    let fields: Vec<String> = refusals.iter().map(|refusal| refusal.field.join(".")).collect();
    assert_eq!(fields, ["slug", "ownerEmail"]);
    let mut tx = world.tx(common::PLATFORM).await;
    let left: i64 = sqlx::query_scalar("select count(*) from account_invitation where tenant_id = $1")
        .bind(common::PLATFORM.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(left, 0, "nothing is left of those who were not invited after all");
}

/// Gateways that start at the same time on a new database.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn the_platform_tenant_is_made_once() {
    for _ in 0..5 {
        let bed = TestBed::new().await;
        let policies = Policies::new(bed.platform.clone());
        let together = Arc::new(Barrier::new(12));
        let starts = (0..12).map(|_| {
            let (platform, policies, together) = (bed.platform.clone(), policies.clone(), together.clone());
            tokio::spawn(async move {
                // Each has its connection before anyone begins.
                let connection = NoTenant::acquire(&platform.database).await.unwrap();
                together.wait().await;
                drop(connection);
                svc_admins::ensure_platform_tenant(&platform, &policies).await
            })
        });
        for started in futures::future::join_all(starts).await {
            started.unwrap().unwrap();
        }
        let mut tx = TenantTx::begin(&bed.platform.database, common::PLATFORM).await.unwrap();
        let versions: i64 = sqlx::query_scalar("select count(*) from policy_version where tenant_id = $1")
            .bind(common::PLATFORM.0)
            .fetch_one(tx.connection())
            .await
            .unwrap();
        assert_eq!(versions, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_where_another_tenant_has_the_platforms_slug() {
    let bed = TestBed::new().await;
    let tenant = bed.tenant(Environment::Live).await;
    let mut tx = TenantTx::begin(&bed.platform.database, tenant).await.unwrap();
    sqlx::query("update tenant set slug = 'platform' where tenant_id = $1")
        .bind(tenant.0)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let policies = Policies::new(bed.platform.clone());
    let fault = svc_admins::ensure_platform_tenant(&bed.platform, &policies).await.unwrap_err();
    assert!(matches!(fault, Fault::Internal(_)), "{fault:?}");
}
