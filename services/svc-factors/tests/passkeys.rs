//! Passkeys from the first question to the key that is kept, and whoever would slip in another.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use common::{World, code_of, refusal};
use core_access::{ApiScope, Caller, Operation, Permit};
use core_kernel::{FactorId, LoginId, RefusalCode, Stop, TypedId, UserId};
use core_policy::{Channel, FactorStatus, SecurityLevel, UserKind};
use futures::future::join_all;
use serde_json::Value;
use svc_directory::users::UserRef;
use svc_factors::{ConfirmFactor, Confirmation, EnrollPasskey, Factors, PasskeyEnrollment};
use testkit::SoftAuthenticator;

const ORIGIN: &str = "https://login.acme.example";

async fn world() -> World {
    let world = World::new().await;
    world
        .run(
            r#"update tenant set webauthn = '{"rp_id": "acme.example", "origins": ["https://login.acme.example", "https://acme.example"]}'
                where tenant_id = $1 and $2::uuid is not null"#,
            world.user.0,
        )
        .await;
    world
}

fn asked(user: UserId, login: Option<LoginId>) -> EnrollPasskey {
    EnrollPasskey {
        user: UserRef::Id(user.to_text()),
        name: " Blue key ".to_owned(),
        origin: Some(ORIGIN.to_owned()),
        login_id: login.map(TypedId::to_text),
    }
}

async fn begin(world: &World, permit: &Permit, login: Option<LoginId>) -> Result<PasskeyEnrollment, Stop> {
    world.factors.enroll_passkey(permit, asked(world.user, login)).await
}

async fn confirm(
    factors: &Factors,
    permit: &Permit,
    factor: FactorId,
    credential: &Value,
    login: Option<LoginId>,
) -> Result<Confirmation, Stop> {
    let input = ConfirmFactor {
        factor_id: factor.to_text(),
        code: None,
        credential: Some(credential.clone()),
        login_id: login.map(TypedId::to_text),
        remember_device: false,
    };
    Box::pin(factors.confirm_factor(permit, input)).await
}

/// One that the help desk enrolled, with its key.
async fn active(world: &World) -> (FactorId, SoftAuthenticator) {
    let mut key = SoftAuthenticator::new();
    let begun = begin(world, &world.support_key(), None).await.expect("an enrollment");
    let credential = key.create(&begun.creation_options, ORIGIN);
    let confirmed =
        confirm(&world.factors, &world.support_key(), begun.factor.factor_id, &credential, None).await.unwrap();
    assert_eq!(confirmed.refusal, None);
    (begun.factor.factor_id, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_passkey_completes_the_login_that_asked_for_it() {
    let world = world().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let begun = begin(&world, &permit, Some(login)).await.unwrap();
    let label = begun.factor.passkey.clone().unwrap();
    assert_eq!((label.name.as_str(), label.rp_id.as_str()), ("Blue key", "acme.example"));
    assert_eq!(begun.factor.status, FactorStatus::Pending);
    assert_eq!(begun.creation_options["user"]["name"], "ann");
    let credential = SoftAuthenticator::new().create(&begun.creation_options, ORIGIN);
    // Another replica reads what this one asked.
    let replica = Factors::new(world.bed.platform.clone(), world.policies.clone());
    let done = confirm(&replica, &permit, begun.factor.factor_id, &credential, Some(login)).await.unwrap();
    assert_eq!((done.refusal, done.completed_login), (None, Some(login)));
    assert_eq!(done.factor.unwrap().status, FactorStatus::Active);
    let proof: String =
        world.read("select completed_proof from login where tenant_id = $1 and login_id = $2", login.0).await;
    assert_eq!(proof, "PASSKEY");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_and_what_is_kept_lie_sealed() {
    let world = world().await;
    let begun = begin(&world, &world.support_key(), None).await.unwrap();
    let sealed = "select secret_sealed from factor where tenant_id = $1 and factor_id = $2";
    let asked: Vec<u8> = world.read(sealed, begun.factor.factor_id.0).await;
    let (kept_id, key) = active(&world).await;
    let kept: Vec<u8> = world.read(sealed, kept_id.0).await;
    let challenge = begun.creation_options["challenge"].as_str().unwrap().as_bytes().to_vec();
    let holds = |row: &[u8], what: &[u8]| row.windows(what.len()).any(|part| part == what);
    assert!(!holds(&asked, &challenge) && !holds(&kept, key.credential_id()) && !holds(&kept, b"cred_id"));
    let stolen = "update factor set secret_sealed = (select secret_sealed from factor where tenant_id = $1 and status = 'ACTIVE')
                   where tenant_id = $1 and factor_id = $2";
    let begun = begin(&world, &world.support_key(), None).await.unwrap();
    world.run(stolen, begun.factor.factor_id.0).await;
    let credential = SoftAuthenticator::new().create(&begun.creation_options, ORIGIN);
    let moved = confirm(&world.factors, &world.support_key(), begun.factor.factor_id, &credential, None).await;
    assert!(matches!(moved, Err(Stop::Fault(_))), "a ciphertext moved elsewhere does not open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_answer_is_counted_and_spends_what_was_asked() {
    let world = world().await;
    let (permit, login) = (world.login_key(), world.enrolling_login().await);
    let begun = begin(&world, &permit, Some(login)).await.unwrap();
    let mut key = SoftAuthenticator::new();
    let lie = key.create_saying(&begun.creation_options, ORIGIN, |said| said.challenge = "AAAA".to_owned());
    let wrong = confirm(&world.factors, &permit, begun.factor.factor_id, &lie, Some(login)).await.unwrap();
    let refusal = wrong.refusal.unwrap();
    assert_eq!((refusal.code, refusal.field), (RefusalCode::WrongCode, vec!["credential".to_owned()]));
    let attempts: i16 = world.read("select attempts from login where tenant_id = $1 and login_id = $2", login.0).await;
    assert_eq!(attempts, 1);
    let right = key.create(&begun.creation_options, ORIGIN);
    let late = confirm(&world.factors, &permit, begun.factor.factor_id, &right, Some(login)).await.unwrap();
    assert_eq!(code_of(&late), Some(RefusalCode::Expired));
    assert_eq!(world.status(begun.factor.factor_id).await, "PENDING");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_answered_within_five_minutes() {
    let world = world().await;
    let begun = begin(&world, &world.support_key(), None).await.unwrap();
    let credential = SoftAuthenticator::new().create(&begun.creation_options, ORIGIN);
    world.bed.advance(world.tenant, 301).await;
    let late = confirm(&world.factors, &world.support_key(), begun.factor.factor_id, &credential, None).await.unwrap();
    assert_eq!(code_of(&late), Some(RefusalCode::Expired));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_answers_at_once_one_is_taken() {
    let world = world().await;
    let (permit, begun) = (world.support_key(), begin(&world, &world.support_key(), None).await.unwrap());
    let credential = SoftAuthenticator::new().create(&begun.creation_options, ORIGIN);
    let answers = (0..20).map(|_| confirm(&world.factors, &permit, begun.factor.factor_id, &credential, None));
    let answers = join_all(answers).await;
    let codes: Vec<_> = answers.iter().map(|answer| answer.as_ref().ok().and_then(code_of)).collect();
    assert_eq!(codes.iter().filter(|code| code.is_none()).count(), 1, "{codes:?}");
    assert!(codes.iter().flatten().all(|code| *code == RefusalCode::AlreadyCompleted), "{codes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_users() {
    let world = world().await;
    let (_, mut key) = active(&world).await;
    let bob = world.bed.user(world.tenant, "bob", UserKind::External).await;
    let permit = world.support_key();
    let begun = world.factors.enroll_passkey(&permit, asked(bob, None)).await.unwrap();
    let credential = key.create(&begun.creation_options, ORIGIN);
    let answer = confirm(&world.factors, &permit, begun.factor.factor_id, &credential, None).await;
    assert_eq!(refusal(answer), (RefusalCode::AlreadyExists, "credential".to_owned()));
    // Her own authenticator is told what she has, and a browser that does not listen is not believed.
    let begun = begin(&world, &permit, None).await.unwrap();
    assert_eq!(begun.creation_options["excludeCredentials"].as_array().unwrap().len(), 1);
    let credential = key.create(&begun.creation_options, ORIGIN);
    let again = confirm(&world.factors, &permit, begun.factor.factor_id, &credential, None).await.unwrap();
    assert_eq!(code_of(&again), Some(RefusalCode::WrongCode));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_are_enough() {
    let world = world().await;
    for _ in 0..10 {
        active(&world).await;
    }
    let eleventh = begin(&world, &world.support_key(), None).await;
    assert_eq!(refusal(eleventh), (RefusalCode::NotAllowedByPolicy, String::new()));
    let listed = world.factors.list_factors(&world.support_key(), world.user).await.unwrap();
    assert_eq!(listed.len(), 10, "none took the place of another");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_registered_origin_is_asked_for() {
    let world = world().await;
    let permit = world.support_key();
    for origin in ["https://evil.example", "http://login.acme.example", "https://login.acme.example:8443", "", "null"] {
        let input = EnrollPasskey { origin: Some(origin.to_owned()), ..asked(world.user, None) };
        let answer = world.factors.enroll_passkey(&permit, input).await;
        assert_eq!(refusal(answer), (RefusalCode::Invalid, "origin".to_owned()), "{origin}");
    }
    let begun = begin(&world, &permit, None).await.unwrap();
    let elsewhere = SoftAuthenticator::new().create(&begun.creation_options, "https://acme.example");
    let answer = confirm(&world.factors, &permit, begun.factor.factor_id, &elsewhere, None).await.unwrap();
    assert_eq!(code_of(&answer), Some(RefusalCode::WrongCode), "registered too, but another page's");
    let bare = World::new().await;
    let answer = begin(&bare, &bare.support_key(), None).await;
    assert_eq!(refusal(answer), (RefusalCode::Invalid, "origin".to_owned()), "none is registered");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosted_prompt_has_its_own_relying_party() {
    let world = World::new().await;
    let login = world.enrolling_login().await;
    let permit = Caller::user(world.tenant, world.user, None).permit(Operation::EnrollFactor).unwrap();
    let input = EnrollPasskey { origin: None, ..asked(world.user, Some(login)) };
    let begun = world.factors.enroll_passkey(&permit, input).await.unwrap();
    assert_eq!(begun.creation_options["rp"]["id"], "localhost");
    let credential = SoftAuthenticator::new().create(&begun.creation_options, "http://localhost:8080");
    let done = confirm(&world.factors, &permit, begun.factor.factor_id, &credential, Some(login)).await.unwrap();
    assert_eq!(done.completed_login, Some(login));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_always_asked_enrolls_one_that_knows_its_user() {
    let world = world().await;
    let begun = begin(&world, &world.support_key(), None).await.unwrap();
    assert_eq!(begun.creation_options["authenticatorSelection"]["userVerification"], "preferred");
    world.policy(|policy| policy.external.default_level = SecurityLevel::High).await;
    let begun = begin(&world, &world.support_key(), None).await.unwrap();
    assert_eq!(begun.creation_options["authenticatorSelection"]["userVerification"], "required");
    let mut key = SoftAuthenticator::new().knowing_nobody();
    let credential = key.create(&begun.creation_options, ORIGIN);
    let answer =
        confirm(&world.factors, &world.support_key(), begun.factor.factor_id, &credential, None).await.unwrap();
    assert_eq!(code_of(&answer), Some(RefusalCode::WrongCode));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_a_ground_and_the_policys_leave() {
    let world = world().await;
    world.allow(&[Channel::Sms, Channel::Passkey, Channel::Email]).await;
    active(&world).await;
    let permit = world.login_key();
    assert_eq!(refusal(begin(&world, &permit, None).await).0, RefusalCode::VerificationRequired);
    let enrolling = world.enrolling_login().await;
    assert_eq!(refusal(begin(&world, &permit, Some(enrolling)).await).0, RefusalCode::VerificationRequired);
    let mailed = world.proved_login("EMAIL").await;
    assert!(begin(&world, &permit, Some(mailed)).await.is_ok(), "one more replaces none");
    let mut nameless = asked(world.user, Some(world.proved_login("SMS").await));
    nameless.name = "\n".to_owned();
    let answer = world.factors.enroll_passkey(&permit, nameless).await;
    assert_eq!(refusal(answer), (RefusalCode::Invalid, "name".to_owned()));
    world.allow(&[Channel::Sms]).await;
    assert_eq!(refusal(begin(&world, &world.support_key(), None).await).0, RefusalCode::NotAllowedByPolicy);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_credential_costs_nothing() {
    let world = world().await;
    let (permit, begun) = (world.support_key(), begin(&world, &world.support_key(), None).await.unwrap());
    let factor = begun.factor.factor_id;
    for bad in [Value::Null, serde_json::json!({}), serde_json::json!([1])] {
        let answer = confirm(&world.factors, &permit, factor, &bad, None).await;
        assert_eq!(refusal(answer), (RefusalCode::Invalid, "credential".to_owned()), "{bad}");
    }
    let answer = world.confirm(&permit, factor, "123456", None).await;
    assert_eq!(refusal(answer), (RefusalCode::Invalid, "credential".to_owned()), "a code is none");
    let credential = SoftAuthenticator::new().create(&begun.creation_options, ORIGIN);
    let other = World::new().await;
    let foreign = other.permit(&[ApiScope::Support], Operation::ConfirmFactor);
    let answer = confirm(&other.factors, &foreign, factor, &credential, None).await;
    assert_eq!(refusal(answer), (RefusalCode::NotFound, "factorId".to_owned()), "another tenant's");
    assert_eq!(confirm(&world.factors, &permit, factor, &credential, None).await.unwrap().refusal, None);
}
