//! What may be enrolled, and what is sent for it.

mod common;

use common::{ANN, BOB, World, refusal};
use core_kernel::{RefusalCode, TypedId};
use core_policy::{Channel, FactorKind, FactorStatus, MethodChannel, PhoneLine, PhoneRole};
use svc_factors::{EnrollEmail, EnrollPhone, EnrollTotp, PhoneChannel, SendFactorCode};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_pending_until_confirmed_and_shown_masked() {
    let world = World::new().await;
    let enrolled = world.enroll(&world.users_key(), ANN, PhoneRole::Primary, None).await.unwrap();
    let factor = enrolled.factor.unwrap();
    assert_eq!((factor.kind, factor.status), (FactorKind::PhonePrimary, FactorStatus::Pending));
    assert_eq!(factor.destination.as_deref(), Some("+1 ••• ••• 0132"));
    assert_eq!(enrolled.challenge.channel, MethodChannel::Sms);
    assert_eq!(enrolled.challenge.attempts_remaining, 5);
    assert!(enrolled.challenge.message_id.is_some() && enrolled.refusal.is_none());
    let sealed: Vec<u8> = world
        .read("select secret_sealed from factor where tenant_id = $1 and factor_id = $2", factor.factor_id.0)
        .await;
    assert!(!String::from_utf8_lossy(&sealed).contains("5550132"), "sealed at rest");
    let queued: String = world
        .read(
            "select channel || ' ' || purpose || ' ' || country || ' ' || params::text from message
              where tenant_id = $1 and factor_id = $2",
            factor.factor_id.0,
        )
        .await;
    assert_eq!(queued, "SMS CODE US {}", "no queue holds a code");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_may_not_be_enrolled() {
    let world = World::new().await;
    let permit = world.users_key();
    for (number, code) in [
        ("", RefusalCode::Invalid),
        ("415 555 0132", RefusalCode::Invalid),
        ("+1 415 555 013", RefusalCode::Invalid),
        ("+1 415 555 0132 ext. 7", RefusalCode::Invalid),
        ("+1 415 555 0132;ext=7", RefusalCode::Invalid),
        ("+1 900 555 0132", RefusalCode::Invalid),
        ("+1 800 555 0132", RefusalCode::Invalid),
        ("+881 612 345 678", RefusalCode::Invalid),
        ("+1 876 555 0132", RefusalCode::CountryNotSupported),
        ("+1 242 357 0132", RefusalCode::CountryNotSupported),
        ("+1 416 555 0132", RefusalCode::CountryNotSupported),
        ("+44 7400 123456", RefusalCode::CountryNotSupported),
    ] {
        let answer = world.enroll(&permit, number, PhoneRole::Primary, None).await;
        assert_eq!(refusal(answer), (code, "number".to_owned()), "{number}");
    }
    let left: i64 = world.read("select count(*) from factor where tenant_id = $1 and user_id = $2", world.user.0).await;
    assert_eq!(left, 0, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_landline_is_called_and_a_channel_must_be_allowed() {
    let world = World::new().await;
    let permit = world.users_key();
    let landline =
        |channel| EnrollPhone { line: PhoneLine::Landline, channel, ..world.phone(ANN, PhoneRole::Recovery, None) };
    let enrolled = world.factors.enroll_phone(&permit, landline(Some(PhoneChannel::Sms))).await.unwrap();
    assert_eq!(enrolled.challenge.channel, MethodChannel::Voice);
    world.allow(&[Channel::Sms]).await;
    let answer = world.factors.enroll_phone(&permit, landline(None)).await;
    assert_eq!(refusal(answer), (RefusalCode::NotAllowedByPolicy, String::new()));
    let call = EnrollPhone { channel: Some(PhoneChannel::Voice), ..world.phone(ANN, PhoneRole::Primary, None) };
    let answer = world.factors.enroll_phone(&permit, call).await;
    assert_eq!(refusal(answer), (RefusalCode::NotAllowedByPolicy, "channel".to_owned()));
    world.allow(&[Channel::Totp]).await;
    let answer = world.enroll(&permit, ANN, PhoneRole::Primary, None).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_of_the_same_role_replaces_the_pending_one_at_once() {
    let world = World::new().await;
    let permit = world.users_key();
    let first = world.enroll(&permit, ANN, PhoneRole::Primary, None).await.unwrap();
    let second = world.enroll(&permit, BOB, PhoneRole::Primary, None).await.unwrap();
    let other_role = world.enroll(&permit, BOB, PhoneRole::Recovery, None).await.unwrap();
    let first_id = first.factor.unwrap().factor_id;
    assert_eq!(world.status(first_id).await, "REMOVED");
    let answer = world.confirm(&permit, first_id, &world.code(&first.challenge), None).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "factorId".to_owned()));
    let shown = world.factors.list_factors(&permit, world.user).await.unwrap();
    let ids: Vec<_> = shown.iter().map(|factor| factor.factor_id).collect();
    assert_eq!(ids, [second.factor.unwrap().factor_id, other_role.factor.unwrap().factor_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_goes_again_after_a_while_and_by_call_at_once() {
    let world = World::new().await;
    let permit = world.users_key();
    let first = world.enroll(&permit, ANN, PhoneRole::Primary, None).await.unwrap();
    let factor_id = first.factor.as_ref().unwrap().factor_id.to_text();
    let again = |channel| SendFactorCode { factor_id: factor_id.clone(), channel, login_id: None };
    let soon = world.factors.send_factor_code(&permit, again(None)).await.unwrap();
    assert_eq!(soon.refusal.unwrap().code, RefusalCode::TooSoon);
    assert_eq!(soon.challenge.challenge_id, first.challenge.challenge_id);
    assert!(soon.challenge.resend_at.unwrap() > world.now().await && soon.challenge.message_id.is_none());
    let call = world.factors.send_factor_code(&permit, again(Some(PhoneChannel::Voice))).await.unwrap();
    assert_eq!(call.challenge.challenge_id, first.challenge.challenge_id, "one code for its life");
    assert_eq!((call.challenge.channel, call.refusal), (MethodChannel::Voice, None));
    world.bed.advance(world.tenant, 31).await;
    let text = world.factors.send_factor_code(&permit, again(None)).await.unwrap();
    assert_eq!(world.code(&text.challenge), world.code(&first.challenge));
    assert_eq!(text.challenge.expires_at, first.challenge.expires_at, "its end does not move");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_that_must_rest_keeps_the_earlier_enrollment() {
    let world = World::new().await;
    let permit = world.users_key();
    let mut last = None;
    for _ in 0..3 {
        last = world.enroll(&permit, ANN, PhoneRole::Primary, None).await.unwrap().factor;
    }
    let fourth = world.enroll(&permit, ANN, PhoneRole::Primary, None).await.unwrap();
    assert_eq!(fourth.refusal.unwrap().code, RefusalCode::TooSoon);
    assert!(fourth.factor.is_none() && fourth.challenge.resend_at.unwrap() > world.now().await);
    assert_eq!(world.status(last.unwrap().factor_id).await, "PENDING");
}

#[tokio::test(flavor = "multi_thread")]
async fn email_is_off_until_allowed_and_never_follows_a_mailed_link() {
    let world = World::new().await;
    world.address_on_record("Ann@Example.com").await;
    let by = |login: Option<core_kernel::LoginId>, address: Option<&str>| EnrollEmail {
        user: world.ann(),
        address: address.map(str::to_owned),
        login_id: login.map(TypedId::to_text),
    };
    let answer = world.factors.enroll_email(&world.users_key(), by(None, None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy);
    world.allow(&[Channel::Email, Channel::Sms]).await;
    let link = world.login_of(world.user, "ENROLL", "ONE_TIME_LINK").await;
    let answer = world.factors.enroll_email(&world.login_key(), by(Some(link), None)).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy, "the same mailbox twice is one factor");
    let login = world.enrolling_login().await;
    let enrolled =
        world.factors.enroll_email(&world.login_key(), by(Some(login), Some("ann@example.COM"))).await.unwrap();
    assert_eq!(enrolled.challenge.destination.as_deref(), Some("a•••@example.com"));
    let answer = world.factors.enroll_email(&world.login_key(), by(Some(login), Some("mallory@example.com"))).await;
    assert_eq!(refusal(answer), (RefusalCode::VerificationRequired, "address".to_owned()));
    let support = world.factors.enroll_email(&world.support_key(), by(None, Some("ann@new.example"))).await.unwrap();
    assert!(support.factor.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_must_be_known_and_readable() {
    let world = World::new().await;
    world.allow(&[Channel::Email]).await;
    for address in [None, Some("no address".to_owned())] {
        let input = EnrollEmail { user: world.ann(), address, login_id: None };
        let answer = world.factors.enroll_email(&world.users_key(), input).await;
        assert_eq!(refusal(answer), (RefusalCode::Invalid, "address".to_owned()));
    }
    // With no address on record any is "another one".
    let input = EnrollEmail { user: world.ann(), address: Some("mallory@example.com".into()), login_id: None };
    let answer = world.factors.enroll_email(&world.users_key(), input).await;
    assert_eq!(refusal(answer), (RefusalCode::VerificationRequired, "address".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_gets_its_seed_once() {
    let world = World::new().await;
    world.address_on_record("ann@example.com").await;
    let input = EnrollTotp { user: world.ann(), login_id: None };
    let enrolled = world.factors.enroll_totp(&world.users_key(), input.clone()).await.unwrap();
    assert!(enrolled.otpauth_uri.expose().starts_with("otpauth://totp/"), "{}", enrolled.otpauth_uri.expose());
    assert!(enrolled.otpauth_uri.expose().contains("ann%40example.com"));
    assert!(enrolled.qr_code_svg.expose().contains("<svg"));
    let send = SendFactorCode { factor_id: enrolled.factor.factor_id.to_text(), channel: None, login_id: None };
    let answer = world.factors.send_factor_code(&world.users_key(), send).await;
    assert_eq!(refusal(answer), (RefusalCode::Invalid, "factorId".to_owned()));
    world.allow(&[Channel::Sms]).await;
    let answer = world.factors.enroll_totp(&world.users_key(), input).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy);
}

#[tokio::test(flavor = "multi_thread")]
async fn identifiers_come_before_everything_else() {
    let world = World::new().await;
    let login = world.enrolling_login().await;
    let bob = world.bed.user(world.tenant, "bob", core_policy::UserKind::External).await;
    let foreign_login = world.login_of(bob, "ENROLL", "PASSWORD").await;
    let other = World::new().await;
    for login_id in ["".to_owned(), "login_x".into(), world.user.to_text(), foreign_login.to_text()] {
        let input = EnrollPhone { login_id: Some(login_id), ..world.phone("nonsense", PhoneRole::Primary, None) };
        let answer = world.factors.enroll_phone(&world.login_key(), input).await;
        assert_eq!(refusal(answer), (RefusalCode::NotFound, "loginId".to_owned()));
    }
    for user in ["", "user_x", &login.to_text(), &other.user.to_text()] {
        let user = svc_directory::users::UserRef::Id(user.to_owned());
        let input = EnrollPhone { user, ..world.phone("nonsense", PhoneRole::Primary, Some(login)) };
        let answer = world.factors.enroll_phone(&world.login_key(), input).await;
        assert_eq!(refusal(answer), (RefusalCode::NotFound, "user".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changes_in_a_suspended_tenant_or_for_a_barred_user() {
    let world = World::new().await;
    world.run("update tenant_user set disabled = true where tenant_id = $1 and user_id = $2", world.user.0).await;
    let answer = world.enroll(&world.support_key(), ANN, PhoneRole::Primary, None).await;
    assert_eq!(refusal(answer).0, RefusalCode::UserLocked);
    let forever =
        "update tenant_user set disabled = false, locked_until = 'infinity' where tenant_id = $1 and user_id = $2";
    world.run(forever, world.user.0).await;
    let answer = world.enroll(&world.users_key(), ANN, PhoneRole::Primary, None).await;
    assert_eq!(refusal(answer).0, RefusalCode::UserLocked);
    world
        .run("update tenant set status = 'SUSPENDED' where tenant_id = $1 and $2::uuid is not null", world.user.0)
        .await;
    let answer = world.enroll(&world.support_key(), ANN, PhoneRole::Primary, None).await;
    assert_eq!(refusal(answer).0, RefusalCode::NotAllowedByPolicy);
}
