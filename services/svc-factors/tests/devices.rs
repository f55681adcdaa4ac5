//! Trusted devices as people see and forget them.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod common;

use common::{ANN, World, refusal};
use core_access::{Actor, AdminRole, ApiScope, Operation, Permit, Principal};
use core_crypto::digest_token;
use core_kernel::{AccountId, AdminId, DeviceId, RefusalCode, SystemEntropy, TypedId, UserId};
use core_policy::{PhoneRole, UserKind};
use svc_directory::users::UserRef;
use svc_factors::{ConfirmFactor, ForgetDevices};

const DAY: i64 = 86_400;

/// A device as the login path trusts it.
async fn device(world: &World, user: UserId, seconds: i32) -> DeviceId {
    let id = DeviceId::new(&SystemEntropy, world.bed.platform.now());
    let mut tx = world.tx().await;
    sqlx::query("select trust_device($1, $2, $3, $4, 'Mozilla/5.0', tenant_now($1), $5)")
        .bind(world.tenant.0)
        .bind(user.0)
        .bind(id.0)
        .bind(&id.0.as_bytes()[..])
        .bind(seconds)
        .execute(tx.connection())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn listed(world: &World, user: UserId) -> Vec<DeviceId> {
    let permit = world.permit(&[ApiScope::Read], Operation::ReadUser);
    let mut of_users = world.factors.list_devices_of(&permit, &[user]).await.unwrap();
    of_users.remove(&user).unwrap_or_default().iter().map(|device| device.device_id).collect()
}

fn forget(user: UserId, devices: Option<&[DeviceId]>) -> ForgetDevices {
    let device_ids = devices.map(|devices| devices.iter().map(|id| id.to_text()).collect());
    ForgetDevices { user: UserRef::Id(user.to_text()), device_ids }
}

fn login_key(world: &World) -> Permit {
    world.permit(&[ApiScope::Login], Operation::ForgetDevices)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_is_first_and_what_ran_out_is_left_out() {
    let world = World::new().await;
    let old = device(&world, world.user, 60).await;
    let first = device(&world, world.user, 86_400).await;
    let second = device(&world, world.user, 86_400).await;
    let bob = world.bed.user(world.tenant, "bob", UserKind::External).await;
    let theirs = device(&world, bob, 86_400).await;
    assert_eq!(listed(&world, world.user).await, [second, first, old]);
    world.bed.advance(world.tenant, 61).await;
    assert_eq!(listed(&world, world.user).await, [second, first]);
    let permit = world.permit(&[ApiScope::Read], Operation::ReadUser);
    let both = world.factors.list_devices_of(&permit, &[world.user, bob]).await.unwrap();
    assert_eq!((both[&world.user].len(), both[&bob].len()), (2, 1));
    let shown = world.factors.lookup_device(&permit, theirs).await.unwrap().unwrap();
    assert_eq!((shown.user_id, shown.user_agent.as_deref()), (bob, Some("Mozilla/5.0")));
    assert_eq!(shown.expires_at - shown.created_at, chrono::TimeDelta::days(1));
    assert!(world.factors.lookup_device(&permit, old).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn some_are_forgotten_or_all_and_nobody_elses() {
    let world = World::new().await;
    let bob = world.bed.user(world.tenant, "bob", UserKind::External).await;
    let theirs = device(&world, bob, 86_400).await;
    let mut mine = Vec::new();
    for _ in 0..4 {
        mine.push(device(&world, world.user, 86_400).await);
    }
    mine.reverse();
    let permit = login_key(&world);
    // Twice the same is once.
    world.factors.forget_devices(&permit, forget(world.user, Some(&[mine[1], mine[1]]))).await.unwrap();
    assert_eq!(listed(&world, world.user).await, [mine[0], mine[2], mine[3]]);
    world.factors.forget_devices(&permit, forget(world.user, Some(&[]))).await.unwrap();
    assert_eq!(listed(&world, world.user).await.len(), 3, "none of them is not all of them");
    let never = DeviceId::new(&SystemEntropy, world.bed.platform.now());
    for absent in [theirs, mine[1], never] {
        let answer = world.factors.forget_devices(&permit, forget(world.user, Some(&[mine[0], absent]))).await;
        assert_eq!(refusal(answer), (RefusalCode::NotFound, "deviceIds".to_owned()));
    }
    for text in ["", "device_x", &world.user.to_text()] {
        let input = ForgetDevices { user: world.ann(), device_ids: Some(vec![mine[0].to_text(), text.to_owned()]) };
        let answer = world.factors.forget_devices(&permit, input).await;
        assert_eq!(refusal(answer), (RefusalCode::NotFound, "deviceIds".to_owned()), "{text}");
    }
    assert_eq!(listed(&world, world.user).await, [mine[0], mine[2], mine[3]], "then nothing is forgotten");
    world.factors.forget_devices(&permit, forget(world.user, None)).await.unwrap();
    assert_eq!(listed(&world, world.user).await, []);
    world.factors.forget_devices(&permit, forget(world.user, None)).await.unwrap();
    assert_eq!(listed(&world, bob).await, [theirs]);
    let nobody = ForgetDevices { user: UserRef::ExternalId("nobody".to_owned()), device_ids: None };
    let answer = world.factors.forget_devices(&permit, nobody).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "user".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_devices_do_not_exist() {
    let (world, other) = (World::new().await, World::new().await);
    let mine = device(&world, world.user, 86_400).await;
    let answer = other.factors.forget_devices(&login_key(&other), forget(other.user, Some(&[mine]))).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "deviceIds".to_owned()));
    let answer = other.factors.forget_devices(&login_key(&other), forget(world.user, None)).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "user".to_owned()));
    // Another tenant on the same database.
    let theirs = world.bed.tenant(testkit::Environment::Sandbox).await;
    let permit = testkit::caller(theirs, &[ApiScope::Login, ApiScope::Read]).permit(Operation::ForgetDevices).unwrap();
    assert!(world.factors.lookup_device(&permit, mine).await.unwrap().is_none());
    assert!(world.factors.list_devices_of(&permit, &[world.user]).await.unwrap().is_empty());
    assert_eq!(listed(&world, world.user).await, [mine]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_help_desk_forgets_is_on_record() {
    let world = World::new().await;
    device(&world, world.user, 86_400).await;
    world.factors.forget_devices(&login_key(&world), forget(world.user, None)).await.unwrap();
    assert_eq!(world.audited("devices.forgotten").await, 0, "a user's own");
    let support = world.permit(&[ApiScope::Support], Operation::ForgetDevices);
    let two = [device(&world, world.user, 86_400).await, device(&world, world.user, 86_400).await];
    world.factors.forget_devices(&support, forget(world.user, Some(&two))).await.unwrap();
    world.factors.forget_devices(&support, forget(world.user, None)).await.unwrap();
    let details: String = world
        .read(
            "select string_agg(detail->>'devices', ' ' order by entry_id) from audit_entry
              where tenant_id = $1 and action = 'devices.forgotten' and $2::uuid is not null",
            world.user.0,
        )
        .await;
    assert_eq!(details, "2 all");
    let absent = world.factors.forget_devices(&support, forget(world.user, Some(&two))).await;
    assert_eq!(refusal(absent).0, RefusalCode::NotFound);
    assert_eq!(world.audited("devices.forgotten").await, 2, "what was refused is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_sees_and_forgets_those_of_the_users_assigned_alone() {
    let world = World::new().await;
    let now = world.bed.platform.now();
    let actor = Actor {
        id: AdminId::new(&SystemEntropy, now),
        account: AccountId::new(&SystemEntropy, now),
        email: "adv@firm.example".into(),
        role: AdminRole::Advisor,
    };
    world
        .run(
            "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
             values ($1, $2, $2, 'adv@firm.example', 'adv@firm.example', 'ADVISOR', now())",
            actor.id.0,
        )
        .await;
    let bob = world.bed.user(world.tenant, "bob", UserKind::External).await;
    let (mine, theirs) = (device(&world, world.user, 86_400).await, device(&world, bob, 86_400).await);
    world.run("update tenant_user set advisor_id = $2 where tenant_id = $1 and external_id = 'ann'", actor.id.0).await;
    let mut caller = testkit::caller(world.tenant, &[]);
    caller.principal = Principal::Admin(actor);
    let permit = caller.permit(Operation::ForgetDevices).unwrap();
    assert!(world.factors.lookup_device(&permit, mine).await.unwrap().is_some());
    assert!(world.factors.lookup_device(&permit, theirs).await.unwrap().is_none());
    for devices in [None, Some(&[theirs][..])] {
        let answer = world.factors.forget_devices(&permit, forget(bob, devices)).await;
        assert_eq!(refusal(answer), (RefusalCode::NotFound, "user".to_owned()));
    }
    let answer = world.factors.forget_devices(&permit, forget(world.user, Some(&[mine, theirs]))).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "deviceIds".to_owned()));
    world.factors.forget_devices(&permit, forget(world.user, Some(&[mine]))).await.unwrap();
    assert_eq!((listed(&world, world.user).await, listed(&world, bob).await), (vec![], vec![theirs]));
    assert_eq!(world.audited("devices.forgotten").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn confirming_gives_a_device_for_the_login_that_is_named_and_ends_the_older() {
    let world = World::new().await;
    world.policy(|policy| policy.external.trusted_device_seconds = 86_400).await;
    let older = device(&world, world.user, 86_400).await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let enrolled = world.enroll(&permit, ANN, PhoneRole::Primary, Some(login)).await.unwrap();
    assert_eq!(listed(&world, world.user).await, [older], "beginning changes nothing");
    let confirm = |code: String| ConfirmFactor {
        factor_id: enrolled.factor.as_ref().unwrap().factor_id.to_text(),
        code: Some(code),
        login_id: Some(login.to_text()),
        credential: None,
        remember_device: true,
    };
    let wrong = world.factors.confirm_factor(&permit, confirm(world.wrong_code(&enrolled.challenge))).await.unwrap();
    assert_eq!((common::code_of(&wrong), wrong.device_token), (Some(RefusalCode::WrongCode), None));
    assert_eq!(listed(&world, world.user).await, [older], "a wrong code neither");
    let right = world.factors.confirm_factor(&permit, confirm(world.code(&enrolled.challenge))).await.unwrap();
    let token = right.device_token.expect("a token");
    let devices = listed(&world, world.user).await;
    assert_eq!((devices.len(), devices.contains(&older)), (1, false));
    let stored: Vec<u8> =
        world.read("select digest from trusted_device where tenant_id = $1 and device_id = $2", devices[0].0).await;
    assert_eq!(stored, digest_token(token.expose()));
    let again = world.factors.confirm_factor(&permit, confirm(world.code(&enrolled.challenge))).await.unwrap();
    assert_eq!((common::code_of(&again), again.device_token), (Some(RefusalCode::AlreadyCompleted), None));
    assert_eq!(listed(&world, world.user).await, devices);
    world.bed.advance(world.tenant, DAY + 1).await;
    assert_eq!(listed(&world, world.user).await, []);
}
