//! The step-up rule on real rows: who may change whose factors, and who is told.

mod common;

use common::{ANN, BOB, World, refusal};
use core_access::{Actor, AdminRole, ApiScope, Operation};
use core_kernel::{AccountId, AdminId, Fault, RefusalCode, Stop, SystemEntropy, TypedId};
use core_policy::{Channel, PhoneRole};
use svc_factors::{EnrollEmail, EnrollTotp, RemoveFactor, SendFactorCode};

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_a_factor_needs_a_verified_login() {
    let world = World::new().await;
    world.active_phone(ANN, PhoneRole::Primary).await;
    let enrolling = world.enrolling_login().await;
    let both = world.permit(&[ApiScope::Login, ApiScope::Users, ApiScope::Read], Operation::EnrollFactor);
    for login in [None, Some(enrolling), Some(world.proved_login("SKIPPED").await)] {
        for role in [PhoneRole::Primary, PhoneRole::Recovery] {
            let answer = world.enroll(&both, BOB, role, login).await;
            assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "{login:?}");
        }
    }
    let verified = world.proved_login("VOICE").await;
    world.enroll(&both, BOB, PhoneRole::Recovery, Some(verified)).await.unwrap();
    world.bed.advance(world.tenant, 15 * 60).await;
    let answer = world.enroll(&both, BOB, PhoneRole::Recovery, Some(verified)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "15 minutes later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_factor_still_counts_and_is_replaced_by_a_verified_login() {
    let world = World::new().await;
    let phone = world.active_phone(ANN, PhoneRole::Primary).await;
    world.run("update factor set status = 'DISABLED' where tenant_id = $1 and factor_id = $2", phone.0).await;
    let answer = world.enroll(&world.users_key(), BOB, PhoneRole::Primary, None).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let login = world.proved_login("TOTP").await;
    let enrolled = world.enroll(&world.login_key(), BOB, PhoneRole::Primary, Some(login)).await.unwrap();
    let code = world.code(&enrolled.challenge);
    let factor = enrolled.factor.unwrap().factor_id;
    world.confirm(&world.login_key(), factor, &code, Some(login)).await.unwrap();
    assert_eq!((world.status(phone).await, world.status(factor).await), ("REMOVED".into(), "ACTIVE".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_desk_acts_without_a_login_on_record_and_the_user_is_told() {
    let world = World::new().await;
    world.address_on_record("ann@example.com").await;
    let old = world.active_phone(ANN, PhoneRole::Primary).await;
    let recovery = world.active_phone(BOB, PhoneRole::Recovery).await;
    let before = (world.audited("factor.confirmed").await, world.notices(old, "factor_changed").await);
    let new = world.active_phone("+1 312 555 0199", PhoneRole::Primary).await;
    assert_eq!(world.audited("factor.confirmed").await, before.0 + 1);
    assert_eq!(world.notices(old, "factor_changed").await, before.1 + 1, "the replaced one too");
    assert_eq!(world.notices(recovery, "factor_changed").await, 1);
    let mailed: i64 = world
        .read(
            "select count(*) from message where tenant_id = $1 and user_id = $2 and channel = 'EMAIL' and factor_id is null",
            world.user.0,
        )
        .await;
    assert_eq!(mailed, 3, "once for each of the three");
    let permit = world.permit(&[ApiScope::Support], Operation::RemoveFactor);
    let input = RemoveFactor { factor_id: new.to_text(), login_id: None };
    world.factors.remove_factor(&permit, input).await.unwrap();
    assert_eq!(world.notices(new, "factor_removed").await, 1);
    assert_eq!(world.audited("factor.removed").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_login_the_help_desk_has_no_privilege() {
    let world = World::new().await;
    let login = world.enrolling_login().await;
    let answer = world.enroll(&world.support_key(), ANN, PhoneRole::Primary, Some(login)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    // What it began without one, it cannot use to complete one.
    let enrolled = world.enroll(&world.support_key(), ANN, PhoneRole::Primary, None).await.unwrap();
    let (factor, code) = (enrolled.factor.unwrap().factor_id, world.code(&enrolled.challenge));
    let answer = world.confirm(&world.support_key(), factor, &code, Some(login)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let confirmed = world.confirm(&world.support_key(), factor, &code, None).await.unwrap();
    assert_eq!((confirmed.refusal, confirmed.login, confirmed.completed_login), (None, None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_login_path_names_a_login_and_one_of_the_users_none() {
    let world = World::new().await;
    let answer = world.enroll(&world.login_key(), ANN, PhoneRole::Primary, None).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let login = world.enrolling_login().await;
    let answer = world.enroll(&world.users_key(), ANN, PhoneRole::Primary, Some(login)).await;
    assert!(matches!(answer, Err(Stop::Fault(Fault::Forbidden { .. }))), "{answer:?}");
    for outcome in ["ALLOW", "CHALLENGE", "DENY"] {
        let login = world.login_of(world.user, outcome, "PASSWORD").await;
        let answer = world.enroll(&world.login_key(), ANN, PhoneRole::Primary, Some(login)).await;
        assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "{outcome}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_tenant_supplied_a_phone_a_first_other_number_needs_the_help_desk() {
    let world = World::new().await;
    let suggested = world.suggest_phone(ANN).await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    for role in [PhoneRole::Primary, PhoneRole::Recovery] {
        let answer = world.enroll(&permit, BOB, role, Some(login)).await;
        assert_eq!(refusal(answer), (RefusalCode::VerificationRequired, "number".to_owned()));
        let answer = world.enroll(&world.users_key(), BOB, role, None).await;
        assert_eq!(refusal(answer), (RefusalCode::VerificationRequired, "number".to_owned()));
    }
    // Begun by the help desk, it is not finished by anybody else.
    let by_support = world.enroll(&world.support_key(), BOB, PhoneRole::Recovery, None).await.unwrap();
    let code = world.code(&by_support.challenge);
    let other = by_support.factor.unwrap().factor_id;
    let answer = world.confirm(&permit, other, &code, Some(login)).await;
    assert_eq!(refusal(answer), (RefusalCode::VerificationRequired, String::new()));
    // It cannot be taken away first.
    let remove = RemoveFactor { factor_id: suggested.to_text(), login_id: Some(login.to_text()) };
    let answer = world.factors.remove_factor(&permit, remove).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy);
    let send = SendFactorCode { factor_id: suggested.to_text(), channel: None, login_id: Some(login.to_text()) };
    let sent = world.factors.send_factor_code(&permit, send).await.unwrap();
    let confirmed = world.confirm(&permit, suggested, &world.code(&sent.challenge), Some(login)).await.unwrap();
    assert_eq!((confirmed.refusal, confirmed.completed_login), (None, Some(login)));
    assert!(!confirmed.factor.unwrap().suggested);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggested_phone_never_vanishes_until_it_is_confirmed_or_replaced() {
    let world = World::new().await;
    let suggested = world.suggest_phone(ANN).await;
    world.bed.advance(world.tenant, 86_400).await;
    let shown = world.factors.lookup_factor(&world.users_key(), suggested).await.unwrap().unwrap();
    assert!(shown.suggested && shown.destination.as_deref() == Some("+1 ••• ••• 0132"));
    let typed = world.enroll(&world.users_key(), "+14155550132", PhoneRole::Recovery, None).await.unwrap();
    let factor = typed.factor.unwrap().factor_id;
    world.confirm(&world.users_key(), factor, &world.code(&typed.challenge), None).await.unwrap();
    assert_eq!(world.status(suggested).await, "REMOVED", "the same number, by whatever role");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_by_email_adds_but_neither_replaces_nor_removes() {
    let world = World::new().await;
    let phone = world.active_phone(ANN, PhoneRole::Primary).await;
    let (permit, login) = (world.login_key(), world.proved_login("EMAIL").await);
    world.enroll(&permit, BOB, PhoneRole::Recovery, Some(login)).await.unwrap();
    let answer = world.enroll(&permit, BOB, PhoneRole::Primary, Some(login)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let remove = RemoveFactor { factor_id: phone.to_text(), login_id: Some(login.to_text()) };
    assert_eq!(refusal(world.factors.remove_factor(&permit, remove).await).0, RefusalCode::VerificationRequired);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assisted_login_freezes_and_a_reset_waits_for_its_code() {
    let world = World::new().await;
    world.active_phone(ANN, PhoneRole::Primary).await;
    let assisted = world.proved_login("TEMPORARY_ACCESS_CODE").await;
    let frozen = "update tenant_user set factors_frozen_until = tenant_now($1) + interval '72 hours'
                   where tenant_id = $1 and user_id = $2";
    world.run(frozen, world.user.0).await;
    for login in [assisted, world.proved_login("SMS").await] {
        let answer = world.enroll(&world.login_key(), BOB, PhoneRole::Recovery, Some(login)).await;
        assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    }
    world.run("update login set may_change_factors = true where tenant_id = $1 and login_id = $2", assisted.0).await;
    world.enroll(&world.login_key(), BOB, PhoneRole::Recovery, Some(assisted)).await.unwrap();
    let reset = "update tenant_user set reset_pending = true, factors_frozen_until = null
                  where tenant_id = $1 and user_id = $2";
    world.run(reset, world.user.0).await;
    let answer = world.enroll(&world.login_key(), BOB, PhoneRole::Recovery, Some(assisted)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired);
    let void = "update tenant_user set reset_pending = false, proofs_void_before = tenant_now($1)
                 where tenant_id = $1 and user_id = $2";
    world.run(void, world.user.0).await;
    let answer = world.enroll(&world.login_key(), BOB, PhoneRole::Recovery, Some(assisted)).await;
    assert_eq!(refusal(answer).0, RefusalCode::VerificationRequired, "proved before the reset");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisor_reaches_the_users_assigned_and_no_others() {
    let world = World::new().await;
    let phone = world.active_phone(ANN, PhoneRole::Primary).await;
    let now = world.bed.platform.now();
    let id = AdminId::new(&SystemEntropy, now);
    let mut caller = testkit::caller(world.tenant, &[ApiScope::Support]);
    let account = AccountId::new(&SystemEntropy, now);
    caller.actor = Some(Actor { id, account, email: "adv@firm.example".into(), role: AdminRole::Advisor });
    let permit = caller.permit(Operation::RemoveFactor).unwrap();
    let answer = world.enroll(&permit, BOB, PhoneRole::Recovery, None).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "user".to_owned()));
    let remove = RemoveFactor { factor_id: phone.to_text(), login_id: None };
    let answer = world.factors.remove_factor(&permit, remove.clone()).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "factorId".to_owned()));
    assert!(world.factors.lookup_factor(&permit, phone).await.unwrap().is_none());
    world
        .run(
            "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
             values ($1, $2, $2, 'adv@firm.example', 'adv@firm.example', 'ADVISOR', now())",
            id.0,
        )
        .await;
    world.run("update tenant_user set advisor_id = $2 where tenant_id = $1", id.0).await;
    world.factors.remove_factor(&permit, remove).await.unwrap();
    let actor: String = world
        .read(
            "select actor from audit_entry where tenant_id = $1 and action = 'factor.removed' and $2::uuid is not null",
            id.0,
        )
        .await;
    assert!(actor.starts_with("admin:adv@firm.example via key:"), "{actor}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_enrollment_asks_the_rule() {
    let world = World::new().await;
    world.allow(&[Channel::Sms, Channel::Totp, Channel::Email]).await;
    world.address_on_record("ann@example.com").await;
    world.active_phone(ANN, PhoneRole::Primary).await;
    let permit = world.users_key();
    let totp = world.factors.enroll_totp(&permit, EnrollTotp { user: world.ann(), login_id: None }).await;
    assert_eq!(refusal(totp).0, RefusalCode::VerificationRequired);
    let email = EnrollEmail { user: world.ann(), address: None, login_id: None };
    assert_eq!(refusal(world.factors.enroll_email(&permit, email).await).0, RefusalCode::VerificationRequired);
}
