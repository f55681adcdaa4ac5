//! Removing, backup codes, levels, opting out and in.

mod common;

use chrono::TimeDelta;
use common::{ANN, BOB, World, refusal};
use core_access::{Actor, AdminRole, ApiScope, Operation, Permit, Principal};
use core_crypto::BackupCode;
use core_kernel::{AccountId, AdminId, LoginId, RefusalCode, SystemEntropy, TypedId};
use core_policy::{FactorKind, PhoneRole, SecurityLevel};
use svc_factors::{ChooseSecurityLevel, GenerateBackupCodes, OptOut, RemoveFactor};

fn remove(factor: core_kernel::FactorId, login: Option<LoginId>) -> RemoveFactor {
    RemoveFactor { factor_id: factor.to_text(), login_id: login.map(TypedId::to_text) }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_usable_factor_stays_once_mandatory() {
    let world = World::new().await;
    let (permit, support) = (world.login_key(), world.support_key());
    let primary = world.active_phone(ANN, PhoneRole::Primary).await;
    let recovery = world.active_phone(BOB, PhoneRole::Recovery).await;
    let login = world.proved_login("SMS").await;
    assert_eq!(
        refusal(world.factors.remove_factor(&permit, remove(primary, None)).await).0,
        RefusalCode::VerificationRequired
    );
    world.factors.remove_factor(&permit, remove(primary, Some(login))).await.unwrap();
    let answer = world.factors.remove_factor(&permit, remove(recovery, Some(login))).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy);
    let answer = world.factors.remove_factor(&support, remove(recovery, Some(login))).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy, "exempt only without a login");
    world.factors.remove_factor(&support, remove(recovery, None)).await.unwrap();
    assert_eq!(world.factors.list_factors(&permit, world.user).await.unwrap(), []);
    let answer = world.factors.remove_factor(&support, remove(recovery, None)).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "factorId".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_codes_are_ten_shown_once_and_replace_the_earlier_ones() {
    let world = World::new().await;
    let (permit, support) = (world.login_key(), world.support_key());
    let ask = |login: Option<LoginId>| GenerateBackupCodes { user: world.ann(), login_id: login.map(TypedId::to_text) };
    let answer = world.factors.generate_backup_codes(&support, ask(None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy, "they stand in for a factor");
    let login = world.enrolling_login().await;
    let answer = world.factors.generate_backup_codes(&permit, ask(Some(login))).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let phone = world.active_phone(ANN, PhoneRole::Primary).await;
    let answer = world.factors.generate_backup_codes(&world.users_key(), ask(None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let verified = world.proved_login("SMS").await;
    let first = world.factors.generate_backup_codes(&permit, ask(Some(verified))).await.unwrap();
    let second = world.factors.generate_backup_codes(&permit, ask(Some(verified))).await.unwrap();
    assert_eq!((first.len(), second.len()), (10, 10));
    let shown = world.factors.list_factors(&permit, world.user).await.unwrap();
    let sets: Vec<_> = shown.iter().filter(|factor| factor.kind == FactorKind::BackupCodes).collect();
    assert_eq!((sets.len(), sets[0].remaining), (1, 10));
    let hash: String = world
        .read("select hash from backup_code where tenant_id = $1 and factor_id = $2 and slot = 3", sets[0].factor_id.0)
        .await;
    assert!(BackupCode::parse(second[3].expose()).unwrap().verify(&hash));
    assert!(!BackupCode::parse(first[3].expose()).unwrap().verify(&hash));
    let hashes: i64 = world
        .read("select count(*) from backup_code where tenant_id = $1 and $2::uuid is not null", world.user.0)
        .await;
    assert_eq!(hashes, 10);
    assert_eq!((world.notices(phone, "factor_added").await, world.notices(phone, "factor_changed").await), (1, 1));
    let by_email = world.proved_login("EMAIL").await;
    let answer = world.factors.generate_backup_codes(&permit, ask(Some(by_email))).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "it would replace the set");
    world.factors.remove_factor(&support, remove(phone, None)).await.unwrap();
    assert_eq!(world.factors.list_factors(&permit, world.user).await.unwrap(), [], "they go with the last factor");
}

fn advisor_choice(world: &World) -> Permit {
    let now = world.bed.platform.now();
    let actor = Actor {
        id: AdminId::new(&SystemEntropy, now),
        account: AccountId::new(&SystemEntropy, now),
        email: "owner@firm.example".into(),
        role: AdminRole::Support,
    };
    let mut caller = testkit::caller(world.tenant, &[]);
    caller.principal = Principal::Admin(actor);
    caller.permit(Operation::ChooseSecurityLevel).expect("a permit")
}

async fn levels(world: &World) -> String {
    let sql = "select concat_ws(' ', coalesce(chosen_level, '-'), coalesce(advisor_level, '-')) from tenant_user
                where tenant_id = $1 and user_id = $2";
    world.read(sql, world.user.0).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sets_the_users_choice_and_an_administrator_the_advisors() {
    let world = World::new().await;
    let key = world.permit(&[ApiScope::Login], Operation::ChooseSecurityLevel);
    let choose = |level, login: Option<LoginId>| ChooseSecurityLevel {
        user: world.ann(),
        level,
        login_id: login.map(TypedId::to_text),
    };
    let phone = world.active_phone(ANN, PhoneRole::Primary).await;
    world.factors.choose_security_level(&key, choose(SecurityLevel::High, None)).await.unwrap();
    assert_eq!((levels(&world).await, world.notices(phone, "level_changed").await), ("HIGH -".into(), 0));
    let answer = world.factors.choose_security_level(&key, choose(SecurityLevel::Standard, None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "lowering needs a proof");
    let verified = world.proved_login("SMS").await;
    world.factors.choose_security_level(&key, choose(SecurityLevel::Standard, Some(verified))).await.unwrap();
    assert_eq!((levels(&world).await, world.notices(phone, "level_changed").await), ("STANDARD -".into(), 1));
    let admin = advisor_choice(&world);
    world.factors.choose_security_level(&admin, choose(SecurityLevel::High, None)).await.unwrap();
    assert_eq!((levels(&world).await, world.audited("user.level_chosen").await), ("STANDARD HIGH".into(), 1));
    let answer = world.factors.choose_security_level(&key, choose(SecurityLevel::Standard, Some(verified))).await;
    assert_eq!(refusal(answer), (RefusalCode::NotAllowedByPolicy, "level".to_owned()), "below the advisor's");
    world.factors.choose_security_level(&admin, choose(SecurityLevel::Standard, None)).await.unwrap();
    world.policy(|policy| policy.external.minimum_level = SecurityLevel::High).await;
    for permit in [&key, &admin] {
        let answer = world.factors.choose_security_level(permit, choose(SecurityLevel::Standard, Some(verified))).await;
        assert_eq!(refusal(answer), (RefusalCode::NotAllowedByPolicy, "level".to_owned()));
    }
    world.policy(|policy| policy.external.user_may_choose_level = false).await;
    let answer = world.factors.choose_security_level(&key, choose(SecurityLevel::High, None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy);
}

#[tokio::test(flavor = "multi_thread")]
async fn lowering_takes_a_verified_login_of_the_last_fifteen_minutes() {
    let world = World::new().await;
    let key = world.permit(&[ApiScope::Login], Operation::ChooseSecurityLevel);
    let choose = async |level, login: LoginId| {
        let input = ChooseSecurityLevel { user: world.ann(), level, login_id: Some(login.to_text()) };
        world.factors.choose_security_level(&key, input).await
    };
    // A contact that proves nothing is no factor: the level is whoever's who has the password.
    world.suggest_phone(BOB).await;
    let open = world.enrolling_login().await;
    choose(SecurityLevel::High, open).await.unwrap();
    choose(SecurityLevel::Standard, open).await.unwrap();

    world.active_phone(ANN, PhoneRole::Primary).await;
    choose(SecurityLevel::High, open).await.unwrap();
    let bob = world.bed.user(world.tenant, "bob", core_policy::UserKind::External).await;
    let allowed = world.login_of(world.user, "ALLOW", "PASSWORD").await;
    let unfinished = world.login_of(world.user, "CHALLENGE", "PASSWORD").await;
    for login in [
        open,
        allowed,
        unfinished,
        world.proved_login("SKIPPED").await,
        world.proved_login("TEMPORARY_ACCESS_CODE").await,
    ] {
        let answer = choose(SecurityLevel::Standard, login).await;
        assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    }
    let theirs = world.login_of(bob, "CHALLENGE", "PASSWORD").await;
    let answer = choose(SecurityLevel::Standard, theirs).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "loginId".to_owned()));
    let late = world.proved_login("SMS").await;
    world.bed.advance(world.tenant, 15 * 60).await;
    let answer = choose(SecurityLevel::Standard, late).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "15 minutes later");
    let void = world.proved_login("SMS").await;
    let lock = "update tenant_user set proofs_void_before = tenant_now($1) where tenant_id = $1 and user_id = $2";
    world.run(lock, world.user.0).await;
    let answer = choose(SecurityLevel::Standard, void).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "void since the lock");
    assert_eq!(levels(&world).await, "HIGH -", "nothing of it lowered anything");
    let fresh = world.proved_login("TOTP").await;
    world.bed.advance(world.tenant, 14 * 60).await;
    choose(SecurityLevel::Standard, fresh).await.unwrap();
    assert_eq!(levels(&world).await, "STANDARD -");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_support_key_lowers_the_users_own_choice_on_record() {
    let world = World::new().await;
    let phone = world.active_phone(ANN, PhoneRole::Primary).await;
    let key = world.permit(&[ApiScope::Support], Operation::ChooseSecurityLevel);
    for level in [SecurityLevel::High, SecurityLevel::Standard] {
        let input = ChooseSecurityLevel { user: world.ann(), level, login_id: None };
        world.factors.choose_security_level(&key, input).await.unwrap();
    }
    assert_eq!(levels(&world).await, "STANDARD -");
    assert_eq!((world.audited("user.level_chosen").await, world.notices(phone, "level_changed").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn opting_out_ends_on_the_date_and_needs_a_proof() {
    let world = World::new().await;
    let key = world.permit(&[ApiScope::Login], Operation::OptOut);
    let out = |login: Option<LoginId>| OptOut { user: world.ann(), login_id: login.map(TypedId::to_text) };
    let answer = world.factors.opt_out(&key, out(None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy, "mandatory at once");
    let date = world.now().await + TimeDelta::days(30);
    world.policy(|policy| policy.external.mandatory_from = Some(date)).await;
    world.factors.opt_out(&key, out(None)).await.unwrap();
    let since = "select opted_out_at is not null from tenant_user where tenant_id = $1 and user_id = $2";
    assert!(world.read::<bool>(since, world.user.0).await);
    world.factors.opt_in(&key, &world.ann()).await.unwrap();
    assert!(!world.read::<bool>(since, world.user.0).await);

    let phone = world.active_phone(ANN, PhoneRole::Primary).await;
    let answer = world.factors.opt_out(&key, out(None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let login = world.proved_login("SMS").await;
    let pending = world.enroll(&world.login_key(), BOB, PhoneRole::Recovery, Some(login)).await.unwrap();
    world.factors.opt_out(&key, out(Some(login))).await.unwrap();
    assert_eq!(world.status(phone).await, "ACTIVE", "factors stay");
    assert_eq!(world.status(pending.factor.unwrap().factor_id).await, "REMOVED");
    assert_eq!(world.notices(phone, "opted_out").await, 1);
    world.factors.opt_out(&key, out(Some(login))).await.unwrap();
    assert_eq!(world.notices(phone, "opted_out").await, 1, "repeating it changes nothing");

    world.factors.opt_in(&key, &world.ann()).await.unwrap();
    world.factors.opt_out(&world.permit(&[ApiScope::Support], Operation::OptOut), out(None)).await.unwrap();
    assert_eq!(world.audited("user.opted_out").await, 1);
    world.factors.opt_in(&key, &world.ann()).await.unwrap();
    world.bed.advance(world.tenant, 31 * 86_400).await;
    let answer = world.factors.opt_out(&world.as_system(), out(None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy, "the date has come");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_opts_out_of_high() {
    let world = World::new().await;
    let support = world.permit(&[ApiScope::Support], Operation::OptOut);
    let out = || OptOut { user: world.ann(), login_id: None };
    world
        .policy(|policy| {
            policy.external.mandatory_from = None;
            policy.external.minimum_level = SecurityLevel::High;
            policy.external.default_level = SecurityLevel::High;
        })
        .await;
    assert_eq!(refusal(world.factors.opt_out(&support, out()).await).0, RefusalCode::NotAllowedByPolicy);
    world.policy(|policy| policy.external.mandatory_from = None).await;
    world
        .run("update tenant_user set advisor_level = 'HIGH' where tenant_id = $1 and user_id = $2", world.user.0)
        .await;
    assert_eq!(refusal(world.factors.opt_out(&support, out()).await).0, RefusalCode::NotAllowedByPolicy);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_enrolls_a_first_factor_is_in_again() {
    let world = World::new().await;
    world.policy(|policy| policy.external.mandatory_from = None).await;
    let key = world.permit(&[ApiScope::Login], Operation::OptOut);
    world.factors.opt_out(&key, OptOut { user: world.ann(), login_id: None }).await.unwrap();
    let enrolled = world.enroll(&world.users_key(), ANN, PhoneRole::Primary, None).await.unwrap();
    let since = "select opted_out_at is null from tenant_user where tenant_id = $1 and user_id = $2";
    assert!(!world.read::<bool>(since, world.user.0).await);
    let factor = enrolled.factor.unwrap().factor_id;
    world.confirm(&world.users_key(), factor, &world.code(&enrolled.challenge), None).await.unwrap();
    assert!(world.read::<bool>(since, world.user.0).await);
}
