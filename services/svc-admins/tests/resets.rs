//! A second factor that is lost: two people, a day, and a new invitation.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::{PASSWORD, PLATFORM, Person, World, seed};
use core_access::{AdminRole, Caller, Operation};
use core_kernel::{Fault, RefusalCode, TypedId};
use svc_admins::{AdminView, InviteAdmin, SecondFactor};
use testkit::Environment;

async fn reset(world: &World, by: &Person, whom: &AdminView) -> Result<AdminView, Option<RefusalCode>> {
    let permit = world.as_admin(&by.admin, Operation::ResetAdmin).unwrap();
    world.admins.reset_admin(&permit, &whom.admin_id.to_text()).await.map_err(|stop| stop.refusal_code())
}

async fn two() -> (World, Person, Person) {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Admin).await;
    (world, ann, bob)
}

async fn notices(world: &World, notice: &str) -> i64 {
    let mut tx = world.tx(PLATFORM).await;
    sqlx::query_scalar("select count(*) from message where tenant_id = $1 and template = $2")
        .bind(PLATFORM.0)
        .bind(format!("notice.{notice}"))
        .fetch_one(tx.connection())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_after_an_owner_asked_the_person_sets_up_everything_anew() {
    let (world, ann, bob) = two().await;
    let carla = world.person("carla@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&bob).await.token;
    let asked = reset(&world, &ann, &bob.admin).await.unwrap();
    assert!(asked.reset_at.is_some());
    let again = reset(&world, &carla, &bob.admin).await.unwrap();
    assert!(again.reset_at.unwrap() - asked.reset_at.unwrap() < TimeDelta::seconds(1), "asking again moves nothing");
    assert_eq!(notices(&world, "reset_asked").await, 2, "the person is told, each time");
    assert!(notices(&world, "reset_of_other").await >= 2, "and every OWNER");

    world.advance(TimeDelta::hours(23));
    assert_eq!(world.admins.do_resets().await.unwrap(), 0);
    assert!(world.password(&bob.email, PASSWORD).await.is_ok(), "nothing has changed yet");
    world.advance(TimeDelta::hours(1));
    assert_eq!(world.admins.do_resets().await.unwrap(), 1);
    assert_eq!(world.admins.do_resets().await.unwrap(), 0, "once");
    assert!(matches!(world.admins.session(&session).await, Err(Fault::Unauthenticated)));
    assert!(world.password(&bob.email, PASSWORD).await.is_err(), "the password went with it");
    for tenant in [PLATFORM, world.tenant] {
        assert!(world.audit(tenant).await.contains(&"admin.reset".to_owned()));
    }

    let accepted = world.accept(&world.invitation(world.tenant).await.unwrap()).await.unwrap();
    let totp = seed(&accepted);
    let old = world.prove(&accepted.method_id.clone().into(), &world.code(&bob.totp)).await.unwrap();
    assert!(matches!(old, SecondFactor::Refused { .. }), "the lost app is worth nothing: {old:?}");
    let step = world.prove(&accepted.method_id.into(), &world.code(&totp)).await.unwrap();
    let SecondFactor::SignedIn(signed_in) = step else { panic!("{step:?}") };
    assert_eq!(world.admins.session(&signed_in.token).await.unwrap().roles[0].admin, bob.admin.admin_id);
    let listed = world.admins.list_admins(&world.system(Operation::ReadAdmins)).await.unwrap();
    assert!(listed.iter().all(|admin| admin.reset_at.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_prevents_it_and_so_does_an_owner() {
    let (world, ann, bob) = two().await;
    reset(&world, &ann, &bob.admin).await.unwrap();
    world.sign_in(&bob).await;
    world.advance(TimeDelta::hours(24));
    assert_eq!(world.admins.do_resets().await.unwrap(), 0, "whoever signs in has lost nothing");

    reset(&world, &ann, &bob.admin).await.unwrap();
    let permit = world.as_admin(&ann.admin, Operation::ResetAdmin).unwrap();
    let canceled = world.admins.cancel_admin_reset(&permit, &bob.admin.admin_id.to_text()).await.unwrap();
    assert_eq!(canceled.reset_at, None);
    world.advance(TimeDelta::hours(24));
    assert_eq!(world.admins.do_resets().await.unwrap(), 0);
    assert!(world.audit(world.tenant).await.contains(&"admin.reset_canceled".to_owned()));
    // An administrator who is removed meanwhile is not invited back.
    reset(&world, &ann, &bob.admin).await.unwrap();
    let manage = world.as_admin(&ann.admin, Operation::ManageAdmins).unwrap();
    world.admins.remove_admin(&manage, &bob.admin.admin_id.to_text()).await.unwrap();
    world.advance(TimeDelta::hours(24));
    world.admins.do_resets().await.unwrap();
    assert!(world.password(&bob.email, PASSWORD).await.is_ok(), "the account stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_two_and_an_account_that_is_this_tenants_alone() {
    let (world, ann, bob) = two().await;
    assert_eq!(reset(&world, &ann, &ann.admin).await, Err(Some(RefusalCode::NotAllowedByPolicy)), "not oneself");
    let eve = world.invite("eve@firm.example", AdminRole::Admin).await.unwrap();
    assert_eq!(reset(&world, &ann, &eve).await, Err(Some(RefusalCode::NotAllowedByPolicy)), "nothing to reset");
    let stranger = AdminView { admin_id: core_kernel::AdminId(PLATFORM.0), ..bob.admin.clone() };
    assert_eq!(reset(&world, &ann, &stranger).await, Err(Some(RefusalCode::NotFound)));
    // Whoever invites a stranger must not take their account.
    let second = world.bed.tenant(Environment::Sandbox).await;
    let invite = Caller::system(second).permit(Operation::InviteAdmin).unwrap();
    let input = InviteAdmin { email: bob.email.clone(), role: AdminRole::Auditor };
    world.admins.invite_admin(&invite, &input).await.unwrap();
    assert_eq!(reset(&world, &ann, &bob.admin).await, Err(Some(RefusalCode::NotAllowedByPolicy)));
    for role in AdminRole::ALL.into_iter().filter(|role| *role != AdminRole::Owner) {
        let other = AdminView { role, ..ann.admin.clone() };
        assert!(world.as_admin(&other, Operation::ResetAdmin).is_err(), "{role:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_resets_whoever_has_roles_in_several_places_on_record_in_all_of_them() {
    let (world, _, bob) = two().await;
    let other = world.bed.tenant(Environment::Live).await;
    let invite = InviteAdmin { email: bob.email.clone(), role: AdminRole::Admin };
    let permit = Caller::system(other).permit(Operation::InviteAdmin).unwrap();
    world.admins.invite_admin(&permit, &invite).await.unwrap();
    world.admins.reset_account_as_operator(&bob.email).await.unwrap();
    assert!(world.admins.keep_account_as_operator(&bob.email).await.unwrap());
    assert!(!world.admins.keep_account_as_operator(&bob.email).await.unwrap(), "nothing is asked any more");

    let due_at = world.admins.reset_account_as_operator(&bob.email).await.unwrap();
    let again = world.admins.reset_account_as_operator(" BOB@firm.example").await.unwrap();
    assert!(again - due_at < TimeDelta::seconds(1), "asking again moves nothing");
    assert!(notices(&world, "reset_asked").await >= 2 && notices(&world, "reset_of_other").await >= 1);
    for tenant in [PLATFORM, world.tenant, other] {
        assert!(world.audit(tenant).await.contains(&"admin.reset_asked".to_owned()));
    }
    world.advance(TimeDelta::hours(24));
    assert_eq!(world.admins.do_resets().await.unwrap(), 1);
    assert!(world.password(&bob.email, PASSWORD).await.is_err(), "the password went with it");
    assert!(world.accept(&world.invitation(world.tenant).await.unwrap()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_resets_nobody_who_is_not_there_or_never_came() {
    let (world, _, bob) = two().await;
    let asked = |email: &'static str| world.admins.reset_account_as_operator(email);
    assert_eq!(asked("nobody@firm.example").await.unwrap_err().refusal_code(), Some(RefusalCode::NotFound));
    assert_eq!(asked("no address").await.unwrap_err().refusal_code(), Some(RefusalCode::Invalid));
    world.invite("new@firm.example", AdminRole::Support).await.unwrap();
    assert_eq!(asked("new@firm.example").await.unwrap_err().refusal_code(), Some(RefusalCode::NotAllowedByPolicy));
    asked("bob@firm.example").await.unwrap();
    // Whoever signs in has lost nothing.
    world.sign_in(&bob).await;
    world.advance(TimeDelta::hours(24));
    assert_eq!(world.admins.do_resets().await.unwrap(), 0);
}
