//! Passkeys in a login: the page's own, once, and nobody else's.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod support;

use core_access::{ApiScope, Caller, Operation, Permit};
use core_crypto::verify_assertion;
use core_kernel::{ChallengeId, FactorId, Redacted, Stop, TypedId, UserId};
use core_policy::{MethodChannel, SecurityLevel, UserKind};
use futures::future::join_all;
use serde_json::Value;
use support::{Fixture, code_of, login_caller, tally};
use svc_directory::users::UserRef;
use svc_factors::{ConfirmFactor, EnrollPasskey, RemoveFactor};
use svc_logins::{LoginView, VerifyInput, VerifyOutput};
use testkit::{SoftAuthenticator, caller};

const ORIGIN: &str = "https://login.acme.example";
const OURS: &str = "http://localhost:8080";

/// A tenant with pages of its own, which asks at every login.
async fn fixture() -> Fixture {
    let f = Fixture::new().await;
    let registered = r#"update tenant set webauthn = '{"rp_id": "acme.example", "origins": ["https://login.acme.example"]}'
                         where tenant_id = $1 and $2::uuid is not null"#;
    f.run(registered, uuid::Uuid::nil()).await;
    level(&f, SecurityLevel::Standard).await;
    f
}

/// STANDARD asks at every login too, while the adaptive way has not begun.
async fn level(f: &Fixture, level: SecurityLevel) {
    let later = f.bed.now(f.tenant).await + chrono::Duration::days(30);
    f.policy(|policy| {
        policy.external.adaptive_from = Some(later);
        policy.external.default_level = level;
    })
    .await;
}

async fn enroll(f: &Fixture, user: UserId, key: &mut SoftAuthenticator) -> FactorId {
    let permit = caller(f.tenant, &[ApiScope::Support]).permit(Operation::EnrollFactor).unwrap();
    enroll_as(f, &permit, user, key, ORIGIN).await
}

async fn enroll_as(f: &Fixture, permit: &Permit, user: UserId, key: &mut SoftAuthenticator, origin: &str) -> FactorId {
    let ours = matches!(permit.caller().principal, core_access::Principal::User(_));
    let input = EnrollPasskey {
        user: UserRef::Id(user.to_text()),
        name: "Key".to_owned(),
        origin: (!ours).then(|| origin.to_owned()),
        login_id: None,
    };
    let begun = Box::pin(f.factors().enroll_passkey(permit, input)).await.unwrap();
    let factor_id = begun.factor.factor_id;
    let confirm = ConfirmFactor {
        factor_id: factor_id.to_text(),
        code: None,
        credential: Some(key.create(&begun.creation_options, origin)),
        login_id: None,
        remember_device: false,
    };
    assert_eq!(Box::pin(f.factors().confirm_factor(permit, confirm)).await.unwrap().refusal, None);
    factor_id
}

async fn user_with(f: &Fixture, name: &str, key: &mut SoftAuthenticator) -> UserId {
    let user = f.bed.user(f.tenant, name, UserKind::External).await;
    enroll(f, user, key).await;
    user
}

/// Begins the challenge of a login; what the browser is given.
async fn asked(f: &Fixture, login: &LoginView) -> (ChallengeId, Value) {
    let challenge = f.start_by(login, MethodChannel::Passkey).await.challenge.unwrap();
    let options = f.logins.request_options(f.tenant, &challenge).await.unwrap().expect("options");
    (challenge.challenge_id, options)
}

async fn give(f: &Fixture, challenge: ChallengeId, credential: &Value) -> Result<VerifyOutput, Stop> {
    let permit = login_caller(f.tenant).permit(Operation::VerifyChallenge).unwrap();
    let challenge = challenge.to_text();
    let input = VerifyInput { challenge: &challenge, code: None, credential: Some(credential), remember_device: false };
    Box::pin(f.logins.verify_challenge(&permit, input)).await
}

async fn answer(f: &Fixture, challenge: ChallengeId, credential: &Value) -> VerifyOutput {
    give(f, challenge, credential).await.unwrap()
}

fn field_of(result: Result<VerifyOutput, Stop>) -> String {
    match result {
        Err(Stop::Refused(refusals)) => refusals[0].field.join("."),
        other => panic!("not a refusal: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_lets_in_and_the_assertion_says_that_it_cannot_be_phished() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new();
    user_with(&f, "ann", &mut key).await;
    let login = f.evaluate("ann").await;
    let (challenge, options) = asked(&f, &login).await;
    let verified = answer(&f, challenge, &key.get(&options, ORIGIN)).await;
    let complete = verified.login.expect("the login");
    let permit = f.permit(Operation::VerifyChallenge);
    let token = f.logins.assertion(&permit, &complete).unwrap().unwrap();
    let now = f.bed.platform.now();
    let claims = verify_assertion(&token, &f.bed.platform.keys.jwks(now), OURS, f.tenant, now).unwrap();
    assert_eq!((claims.amr, claims.acr_rank), (vec!["pwd".to_owned(), "pop".to_owned()], 40));
    let used: i64 = f
        .scalar(
            "select last_step from factor where tenant_id = $1 and kind = 'PASSKEY' and $2::uuid is not null",
            login.login_id.0,
        )
        .await;
    assert_eq!(used, 1, "the counter is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_offers_the_passkeys_of_its_own_relying_party() {
    let f = fixture().await;
    let (mut theirs, mut ours) = (SoftAuthenticator::new(), SoftAuthenticator::new());
    let user = f.bed.user(f.tenant, "ann", UserKind::External).await;
    let prompt = |operation| Caller::user(f.tenant, user, None).permit(operation).unwrap();
    // The first factor of somebody who has none may be enrolled by whoever keeps the users; here, the browser.
    let users = caller(f.tenant, &[ApiScope::Users]).permit(Operation::EnrollFactor).unwrap();
    enroll_as(&f, &users, user, &mut theirs, ORIGIN).await;
    let login = f.evaluate("ann").await;
    let offered = |permit: Permit| {
        let (f, login) = (&f, &login);
        async move {
            let methods = Box::pin(f.logins.methods(&permit, login)).await.unwrap();
            methods.iter().filter(|method| method.channel == MethodChannel::Passkey).count()
        }
    };
    assert_eq!(offered(f.permit(Operation::ReadLogin)).await, 1);
    assert_eq!(offered(prompt(Operation::ReadLogin)).await, 0, "made for another page");
    let (challenge, options) = asked(&f, &login).await;
    assert_eq!(answer(&f, challenge, &theirs.get(&options, ORIGIN)).await.refusal, None);
    let input = EnrollPasskey {
        user: UserRef::Id(user.to_text()),
        name: "Ours".to_owned(),
        origin: None,
        login_id: Some(login.login_id.to_text()),
    };
    let begun = Box::pin(f.factors().enroll_passkey(&prompt(Operation::EnrollFactor), input)).await.unwrap();
    let confirm = ConfirmFactor {
        factor_id: begun.factor.factor_id.to_text(),
        code: None,
        credential: Some(ours.create(&begun.creation_options, OURS)),
        login_id: Some(login.login_id.to_text()),
        remember_device: false,
    };
    let confirmed = f.factors().confirm_factor(&prompt(Operation::ConfirmFactor), confirm).await.unwrap();
    assert_eq!(confirmed.refusal, None);
    let login = f.evaluate("ann").await;
    let methods = Box::pin(f.logins.methods(&prompt(Operation::ReadLogin), &login)).await.unwrap();
    let method = methods.iter().find(|method| method.channel == MethodChannel::Passkey).expect("the prompt's");
    assert_eq!(method.id.subject, begun.factor.factor_id.0);
    let permit = prompt(Operation::StartChallenge);
    let started = f.logins.start_challenge(&permit, &login.login_id.to_text(), &method.id.to_text()).await.unwrap();
    let options = f.logins.request_options(f.tenant, &started.challenge.unwrap()).await.unwrap().unwrap();
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_of_the_users_passkeys_answers_the_one_method() {
    let f = fixture().await;
    let (mut first, mut second) = (SoftAuthenticator::new(), SoftAuthenticator::new());
    let user = user_with(&f, "ann", &mut first).await;
    let factor = enroll(&f, user, &mut second).await;
    let login = f.evaluate("ann").await;
    let methods = f.methods(&login).await;
    assert_eq!(methods.iter().filter(|method| method.channel == MethodChannel::Passkey).count(), 1);
    let (challenge, options) = asked(&f, &login).await;
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(answer(&f, challenge, &second.get(&options, ORIGIN)).await.refusal, None);
    let counted: i64 = f.scalar("select last_step from factor where tenant_id = $1 and factor_id = $2", factor.0).await;
    assert_eq!(counted, 1, "the one that answered is the one that was used");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_high_the_authenticator_must_know_its_user() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new().knowing_nobody();
    user_with(&f, "ann", &mut key).await;
    let (challenge, options) = asked(&f, &f.evaluate("ann").await).await;
    assert_eq!(options["userVerification"], "preferred");
    assert_eq!(answer(&f, challenge, &key.get(&options, ORIGIN)).await.refusal, None, "enough at STANDARD");
    level(&f, SecurityLevel::High).await;
    let (challenge, options) = asked(&f, &f.evaluate("ann").await).await;
    assert_eq!(options["userVerification"], "required");
    assert_eq!(code_of(&answer(&f, challenge, &key.get(&options, ORIGIN)).await), "WRONG_CODE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_is_good_for_one_answer() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new();
    user_with(&f, "ann", &mut key).await;
    let login = f.evaluate("ann").await;
    let (challenge, options) = asked(&f, &login).await;
    let forged = key.get_saying(&options, ORIGIN, |said| said.is_forged = true);
    let wrong = answer(&f, challenge, &forged).await;
    assert_eq!((code_of(&wrong), wrong.challenge.unwrap().attempts_remaining), ("WRONG_CODE", 4));
    let refused = answer(&f, challenge, &key.get(&options, ORIGIN)).await;
    assert_eq!(code_of(&refused), "EXPIRED", "right, but late");
    assert_eq!(refused.challenge.unwrap().attempts_remaining, 4, "nothing was compared");
    let spent = f.logins.lookup_challenge(&f.permit(Operation::ReadLogin), challenge).await.unwrap().unwrap();
    assert_eq!((spent.status, f.logins.request_options(f.tenant, &spent).await.unwrap()), ("EXPIRED", None));
    let (again, anew) = asked(&f, &login).await;
    assert_eq!(again, challenge, "the same challenge asks anew");
    assert_ne!(anew["challenge"], options["challenge"]);
    let (replayed, taken) = (key.get(&options, ORIGIN), key.get(&anew, ORIGIN));
    assert_eq!(code_of(&answer(&f, challenge, &replayed).await), "WRONG_CODE", "an answer to what was asked before");
    let (_, anew) = asked(&f, &login).await;
    assert_eq!(code_of(&answer(&f, challenge, &taken).await), "WRONG_CODE");
    let (_, last) = asked(&f, &login).await;
    assert_ne!(anew["challenge"], last["challenge"]);
    let right = key.get(&last, ORIGIN);
    assert_eq!(code_of(&answer(&f, challenge, &right).await), "OK");
    assert_eq!(code_of(&answer(&f, challenge, &right).await), "ALREADY_COMPLETED");
    let (other, _) = asked(&f, &f.evaluate("ann").await).await;
    assert_eq!(code_of(&answer(&f, other, &right).await), "WRONG_CODE", "another login's");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_answered_within_five_minutes() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new();
    user_with(&f, "ann", &mut key).await;
    let login = f.evaluate("ann").await;
    let (challenge, options) = asked(&f, &login).await;
    f.bed.advance(f.tenant, 301).await;
    assert_eq!(code_of(&answer(&f, challenge, &key.get(&options, ORIGIN)).await), "EXPIRED");
    let (challenge, options) = asked(&f, &login).await;
    f.bed.advance(f.tenant, 299).await;
    assert_eq!(code_of(&answer(&f, challenge, &key.get(&options, ORIGIN)).await), "OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_answers_at_once_one_is_compared() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new();
    user_with(&f, "ann", &mut key).await;
    let login = f.evaluate("ann").await;
    let (challenge, options) = asked(&f, &login).await;
    let forged = key.get_saying(&options, ORIGIN, |said| said.is_forged = true);
    let answers = join_all((0..20).map(|_| answer(&f, challenge, &forged))).await;
    let counts = tally(answers.iter().map(code_of));
    assert_eq!((counts.get("WRONG_CODE"), counts.get("EXPIRED")), (Some(&1), Some(&19)), "{counts:?}");
    let (challenge, options) = asked(&f, &login).await;
    let right = key.get(&options, ORIGIN);
    let answers = join_all((0..20).map(|_| answer(&f, challenge, &right))).await;
    let counts = tally(answers.iter().map(code_of));
    assert_eq!((counts.get("OK"), counts.get("ALREADY_COMPLETED")), (Some(&1), Some(&19)), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_does_not_rise_is_a_copied_key() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new();
    let user = user_with(&f, "ann", &mut key).await;
    let mut log_in = async |count: u32| {
        let (challenge, options) = asked(&f, &f.evaluate("ann").await).await;
        let credential = key.get_saying(&options, ORIGIN, |said| said.sign_count = count);
        code_of(&answer(&f, challenge, &credential).await)
    };
    assert_eq!(log_in(7).await, "OK");
    for copied in [7, 6, 0] {
        assert_eq!(log_in(copied).await, "WRONG_CODE", "{copied} after 7");
    }
    assert_eq!(log_in(8).await, "OK");
    let detail: Value = f
        .scalar(
            "select detail from audit_entry where tenant_id = $1 and action = 'factor.sign_count_regressed'
                and detail ->> 'user_id' = $2::text order by entry_id limit 1",
            user.0,
        )
        .await;
    assert_eq!((&detail["last"], &detail["given"]), (&7.into(), &7.into()));
    let audited: i64 = f
        .scalar("select count(*) from audit_entry where tenant_id = $1 and action = 'factor.sign_count_regressed' and $2::uuid is not null", user.0)
        .await;
    assert_eq!(audited, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_that_counts_nothing_may() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new().counting_nothing();
    user_with(&f, "ann", &mut key).await;
    for _ in 0..2 {
        let (challenge, options) = asked(&f, &f.evaluate("ann").await).await;
        assert_eq!(code_of(&answer(&f, challenge, &key.get(&options, ORIGIN)).await), "OK");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_passkey_and_none_that_is_gone() {
    let f = fixture().await;
    let (mut anns, mut bobs) = (SoftAuthenticator::new(), SoftAuthenticator::new());
    let ann = user_with(&f, "ann", &mut anns).await;
    user_with(&f, "bob", &mut bobs).await;
    let login = f.evaluate("ann").await;
    let (challenge, options) = asked(&f, &login).await;
    assert_eq!(code_of(&answer(&f, challenge, &bobs.get(&options, ORIGIN)).await), "WRONG_CODE");
    let (challenge, options) = asked(&f, &login).await;
    let factor: uuid::Uuid =
        f.scalar("select factor_id from factor where tenant_id = $1 and user_id = $2", ann.0).await;
    let support = caller(f.tenant, &[ApiScope::Support]).permit(Operation::RemoveFactor).unwrap();
    let input = RemoveFactor { factor_id: FactorId(factor).to_text(), login_id: None };
    f.factors().remove_factor(&support, input).await.unwrap();
    let late = answer(&f, challenge, &anns.get(&options, ORIGIN)).await;
    assert_eq!(code_of(&late), "NOT_ALLOWED_BY_POLICY", "removed while she was asked");
    let elsewhere = f.bed.tenant(testkit::Environment::Sandbox).await;
    let foreign = login_caller(elsewhere).permit(Operation::VerifyChallenge).unwrap();
    let (credential, text) = (anns.get(&options, ORIGIN), challenge.to_text());
    let input = VerifyInput { challenge: &text, code: None, credential: Some(&credential), remember_device: false };
    assert_eq!(field_of(Box::pin(f.logins.verify_challenge(&foreign, input)).await), "challengeId");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_no_credential_nor_a_credential_a_code() {
    let f = fixture().await;
    let mut key = SoftAuthenticator::new();
    let user = f.phone_user("ann").await;
    enroll(&f, user, &mut key).await;
    let login = f.evaluate("ann").await;
    let (by_passkey, options) = asked(&f, &login).await;
    let by_text = f.text(&login).await;
    let credential = key.get(&options, ORIGIN);
    assert_eq!(field_of(give(&f, by_text, &credential).await), "code");
    assert_eq!(field_of(give(&f, by_passkey, &Value::Null).await), "credential");
    let permit = login_caller(f.tenant).permit(Operation::VerifyChallenge).unwrap();
    let (challenge, code) = (by_passkey.to_text(), Redacted::new("123456".to_owned()));
    for code in [Some(&code), None] {
        let input = VerifyInput { challenge: &challenge, code, credential: None, remember_device: false };
        assert_eq!(field_of(Box::pin(f.logins.verify_challenge(&permit, input)).await), "credential");
    }
    let done = answer(&f, by_passkey, &credential).await;
    assert_eq!((code_of(&done), done.challenge.unwrap().attempts_remaining), ("OK", 5), "none of that cost a try");
}
