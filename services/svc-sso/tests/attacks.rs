//! What does not lead to a session, one attack after the other; and what stands in the log of it.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::provider::{Key, Provider, SECRET};
use common::{World, ann, app, code_of, returned};
use core_access::AdminRole;
use core_kernel::TypedId;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use svc_sso::Begun;
use testkit::Environment;

/// Neither a session nor half of one.
async fn nothing_was_opened(world: &World) {
    let mut tx = world.tx(core_kernel::PLATFORM_TENANT).await;
    let opened: i64 =
        sqlx::query_scalar("select count(*) from console_session where tenant_id = $1 and only_tenant is not null")
            .bind(core_kernel::PLATFORM_TENANT.0)
            .fetch_one(tx.connection())
            .await
            .unwrap();
    assert_eq!(opened, 0);
}

async fn lies(world: &World, provider: &Provider, what: &str, change: impl Fn(&mut Value) + Send + Sync + 'static) {
    provider.lies(change);
    assert_eq!(code_of(world.sign_in(provider, ann()).await), "NOT_ALLOWED_BY_POLICY", "{what}");
    let why = world.why().await;
    assert!(why.contains(what), "{what}: {why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_says_something_else_opens_nothing() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let set = |field: &'static str, value: Value| move |claims: &mut Value| claims[field] = value.clone();
    lies(&world, &provider, "another client", set("aud", json!("somebody-else"))).await;
    lies(&world, &provider, "another client", set("aud", json!(["postern", "somebody-else"]))).await;
    lies(&world, &provider, "another client", set("azp", json!("somebody-else"))).await;
    lies(&world, &provider, "another issuer", set("iss", json!("https://accounts.example"))).await;
    lies(&world, &provider, "another sign-in", set("nonce", json!("n"))).await;
    lies(&world, &provider, "another sign-in", set("nonce", Value::Null)).await;
    lies(&world, &provider, "this time", |claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 61)).await;
    lies(&world, &provider, "this time", |claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 700)).await;
    lies(&world, &provider, "lacks", set("sub", Value::Null)).await;
    nothing_was_opened(&world).await;
    provider.is_honest();
    app(world.sign_in(&provider, ann()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_none_nor_a_shared_secret_is_a_signature() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let part = |value: &Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    provider.forges(move |_, claims| format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims)));
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
    assert!(world.why().await.contains("algorithm"), "{}", world.why().await);
    let symmetric = |secret: &[u8], claims: &Value| {
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    provider.forges(move |key, claims| symmetric(key.jwk.to_string().as_bytes(), &claims));
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
    provider.forges(move |_, claims| symmetric(SECRET.as_bytes(), &claims));
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
    provider.forges(|_, claims| Key::new("k1").sign(&claims));
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
    assert!(world.why().await.contains("signature"), "{}", world.why().await);
    nothing_was_opened(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_vouched_for_or_of_elsewhere_leads_to_nobody() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    world.invite("eve@other.example", AdminRole::Admin).await.unwrap();
    for (person, why) in [
        (json!({ "sub": "x", "email": "ann@firm.example", "email_verified": false }), "vouches"),
        (json!({ "sub": "x", "email": "ann@firm.example" }), "vouches"),
        (json!({ "sub": "x", "email_verified": true }), "vouches"),
        (json!({ "sub": "x", "email": "eve@other.example", "email_verified": true }), "domain"),
        (json!({ "sub": "x", "email": "ann@firm.example.evil.example", "email_verified": true }), "domain"),
        (json!({ "sub": "x", "email": "ann@sub.firm.example", "email_verified": true }), "domain"),
        (json!({ "sub": "x", "email": "nobody@firm.example", "email_verified": true }), "nobody"),
    ] {
        let what = person.to_string();
        assert_eq!(code_of(world.sign_in(&provider, person).await), "NOT_ALLOWED_BY_POLICY", "{what}");
        assert!(world.why().await.contains(why), "{what}: {}", world.why().await);
    }
    nothing_was_opened(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_the_providers_people_cannot_take_the_role_of_another() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    app(world.sign_in(&provider, ann()).await);
    // A mailbox that was given to somebody else.
    let next = json!({ "sub": "next-1", "email": "ann@firm.example", "email_verified": true });
    assert_eq!(code_of(world.sign_in(&provider, next).await), "NOT_ALLOWED_BY_POLICY");
    assert!(world.why().await.contains("another of the provider"), "{}", world.why().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_leads_to_nobody_who_has_no_role_in_its_tenant() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let other = world.bed.tenant(Environment::Live).await;
    world.person_of(other, "carl@firm.example", AdminRole::Owner).await;
    let carl = json!({ "sub": "carl-1", "email": "carl@firm.example", "email_verified": true });
    assert_eq!(code_of(world.sign_in(&provider, carl).await), "NOT_ALLOWED_BY_POLICY");
    nothing_was_opened(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_good_once_and_in_the_browser_that_asked() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let begun = world.begin().await;
    let address = provider.let_in(&begun.go_to, ann());
    // Whoever steals the address on its way has another browser, or none.
    let theirs = world.begin().await;
    assert_eq!(code_of(world.finish(returned(world.tenant, &address, &theirs)).await), "EXPIRED");
    let mut without = returned(world.tenant, &address, &begun);
    without.browser = None;
    assert_eq!(code_of(world.finish(without).await), "EXPIRED");
    // A stolen code in a flow of their own: PKCE and nonce are of the browser that asked.
    let mut smuggled = returned(world.tenant, &provider.let_in(&theirs.go_to, json!({ "sub": "eve" })), &theirs);
    smuggled.code = returned(world.tenant, &address, &begun).code;
    assert_eq!(code_of(world.finish(smuggled).await), "NOT_ALLOWED_BY_POLICY");
    assert!(world.why().await.contains("did not take the code"), "{}", world.why().await);
    nothing_was_opened(&world).await;

    let begun = world.begin().await;
    let address = provider.let_in(&begun.go_to, ann());
    app(world.finish(returned(world.tenant, &address, &begun)).await);
    assert_eq!(code_of(world.finish(returned(world.tenant, &address, &begun)).await), "EXPIRED", "a second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_bring_the_same_answer_one_is_let_in() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let begun = world.begin().await;
    let address = provider.let_in(&begun.go_to, ann());
    let bring = || world.finish(returned(world.tenant, &address, &begun));
    let (one, two) = tokio::join!(bring(), bring());
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_took_too_long_is_over() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let begun = world.begin().await;
    let address = provider.let_in(&begun.go_to, ann());
    world.clock.advance(TimeDelta::minutes(10));
    assert_eq!(code_of(world.finish(returned(world.tenant, &address, &begun)).await), "EXPIRED");
    world.begin().await;
    let mut tx = world.tx(world.tenant).await;
    let left: i64 = sqlx::query_scalar("select count(*) from identity_flow where tenant_id = $1")
        .bind(world.tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(left, 1, "what is over does not pile up");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_one_provider_are_not_taken_for_anothers() {
    let (honest, evil) = (Provider::start().await, Provider::start().await);
    let (world, _) = World::with(&honest).await;
    evil.follows(&world.clock);
    let other = world.bed.tenant(Environment::Live).await;
    world.person_of(other, "mallory@evil.example", AdminRole::Owner).await;
    world.register_for(other, &evil, |_| {}).await.unwrap();
    let begun = world.begin().await;
    // It names itself as somebody else, or does not name itself although it always does (RFC 9207).
    for issuer in [Some(evil.issuer()), Some(format!("{}/", honest.issuer())), None] {
        let begun = world.begin().await;
        let mut back = returned(world.tenant, &honest.let_in(&begun.go_to, ann()), &begun);
        back.issuer = issuer;
        assert_eq!(code_of(world.finish(back).await), "NOT_ALLOWED_BY_POLICY");
        assert!(world.why().await.contains("another issuer"), "{}", world.why().await);
    }
    // Brought to the address of another tenant, an answer belongs to no flow there.
    let mut elsewhere = returned(world.tenant, &honest.let_in(&begun.go_to, ann()), &begun);
    elsewhere.tenant = other.to_text();
    assert_eq!(code_of(world.finish(elsewhere).await), "EXPIRED");
    nothing_was_opened(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_provider_never_names_itself_the_address_tells_them_apart() {
    let provider = Provider::start().await;
    provider.says("authorization_response_iss_parameter_supported", json!(false));
    let (world, _) = World::with(&provider).await;
    let begun = world.begin().await;
    assert!(begun.go_to.contains(&world.tenant.to_text()), "the redirect URI is the tenant's own: {}", begun.go_to);
    let mut back = returned(world.tenant, &provider.let_in(&begun.go_to, ann()), &begun);
    back.issuer = None;
    app(world.finish(back).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_is_said_to_be_and_leaves_no_flow_open() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    provider.answers_at_token(Some(503));
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "EXPIRED");
    provider.answers_at_token(Some(401));
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
    assert!(world.why().await.contains("401"), "{}", world.why().await);
    provider.answers_at_token(None);
    let begun: Begun = world.begin().await;
    let address = provider.let_in(&begun.go_to, ann());
    drop(provider);
    world.clock.advance(TimeDelta::minutes(9));
    assert_eq!(code_of(world.finish(returned(world.tenant, &address, &begun)).await), "EXPIRED");
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(code_of(world.sso.begin(&world.slug(world.tenant).await).await), "EXPIRED");
    nothing_was_opened(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_turned_away_by_the_provider_hears_that_and_its_words_are_not_repeated() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    for (error, told) in [("access_denied", "access_denied"), ("<script>alert(1)</script>", "nothing that can be used")]
    {
        let begun = world.begin().await;
        let mut back = returned(world.tenant, &provider.let_in(&begun.go_to, ann()), &begun);
        (back.code, back.error) = (None, Some(error.to_owned()));
        assert_eq!(code_of(world.finish(back).await), "NOT_ALLOWED_BY_POLICY");
        assert_eq!(world.why().await, format!("the provider answered {told}"));
    }
}
