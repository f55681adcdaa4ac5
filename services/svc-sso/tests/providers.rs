//! Registering a provider, trying it, turning passwords off without locking anybody out, and its end.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use common::provider::Provider;
use common::{PASSWORD, Person, World, ann, app, code_of, returned, signed_in};
use core_access::{AdminRole, Operation};
use core_kernel::{Fault, Redacted, Stop, TypedId};
use io_outbound::Rules;
use serde_json::{Value, json};
use svc_admins::{Acting, Client, Named};
use svc_sso::{Finished, SecondFactorRule, SingleSignOn};
use testkit::Environment;

fn field<T: std::fmt::Debug>(result: Result<T, Stop>) -> String {
    match result.unwrap_err() {
        Stop::Refused(refusals) => refusals[0].field.join("."),
        Stop::Fault(fault) => panic!("{fault:?}"),
    }
}

/// Tries it to its end, as this owner.
async fn test(world: &World, provider: &Provider, owner: &Person, person: Value) -> Result<Finished, Stop> {
    let permit = world.as_admin(&owner.admin, Operation::ManageIdentityProvider).unwrap();
    let begun = world.sso.try_provider(&permit).await?;
    world.come_back(provider, &begun, person).await
}

async fn holds(world: &World, token: &Redacted<String>) -> bool {
    let acting = world.admins.acting_by_session(token, Named::default(), None).await;
    matches!(acting, Ok(Acting::InTenant(_)))
}

async fn by_password(world: &World, person: &Person) -> Result<Redacted<String>, Stop> {
    let step = world.admins.sign_in_by_password(&person.email, &PASSWORD.to_owned().into(), &Client::default()).await?;
    Ok(world.prove_by_app(&step.methods[0].id, &person.totp).await.token)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_registers_it_and_its_secret_is_nobodys_to_read() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let permit = world.permit(world.tenant, Operation::ReadIdentityProvider);
    let view = world.sso.provider(&permit).await.unwrap().unwrap();
    assert_eq!(view.redirect_uri, format!("http://localhost:8080/sign-in/company/{}", world.tenant.to_text()));
    assert_eq!((view.domains.as_slice(), view.tested_at), (&["firm.example".to_owned()][..], None));
    let mut tx = world.tx(world.tenant).await;
    let sealed: Vec<u8> = sqlx::query_scalar("select client_secret_sealed from identity_provider where tenant_id = $1")
        .bind(world.tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
    let secret = common::provider::SECRET.as_bytes();
    assert!(!sealed.windows(secret.len()).any(|window| window == secret));
    assert!(!world.logged("identity_provider.set").await.unwrap().to_string().contains(common::provider::SECRET));
    for role in [AdminRole::Admin, AdminRole::Support, AdminRole::Advisor, AdminRole::Billing, AdminRole::Auditor] {
        let admin = world.invite(&format!("{}@firm.example", role.as_str()), role).await.unwrap();
        assert!(world.as_admin(&admin, Operation::ManageIdentityProvider).is_err(), "{role:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_said_before_anything_is_stored() {
    let provider = Provider::start().await;
    let world = World::new().await;
    assert_eq!(field(world.register(&provider, |input| input.issuer.push('x')).await), "issuer");
    provider.says("issuer", json!("https://accounts.example"));
    let refused = world.register(&provider, |_| {}).await;
    assert!(format!("{refused:?}").contains("another name"), "{refused:?}");
    provider.says("issuer", json!(provider.issuer()));
    provider.says("code_challenge_methods_supported", json!(["plain"]));
    assert_eq!(field(world.register(&provider, |_| {}).await), "issuer");
    provider.says("code_challenge_methods_supported", json!(["S256"]));
    assert_eq!(field(world.register(&provider, |input| input.client_secret = None).await), "clientSecret");
    assert_eq!(code_of(world.sso.begin(&world.slug(world.tenant).await).await), "NOT_FOUND");
    world.register(&provider, |_| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_of_ours_is_knocked_at_for_a_tenant() {
    let provider = Provider::start().await;
    let world = World::new().await;
    let strict = SingleSignOn::new(world.platform.clone(), world.admins.clone(), Rules::default());
    let set = |sso: SingleSignOn, issuer: String| {
        let permit = world.permit(world.tenant, Operation::ManageIdentityProvider);
        let input = svc_sso::SetProvider {
            issuer,
            client_id: "x".to_owned(),
            client_secret: Some("x".to_owned().into()),
            domains: vec!["firm.example".to_owned()],
            second_factor: SecondFactorRule::Postern,
            acr_values: Vec::new(),
            password_allowed: true,
        };
        async move { sso.set_provider(&permit, input).await }
    };
    for issuer in [provider.issuer(), "https://169.254.169.254".to_owned(), "https://[::1]".to_owned()] {
        assert_eq!(field(set(strict.clone(), issuer).await), "issuer");
    }
    // Nor for what the configuration names: an issuer may be public, and what it says lead inside.
    for endpoint in ["jwks_uri", "token_endpoint", "authorization_endpoint"] {
        provider.says(endpoint, json!("http://169.254.169.254/latest"));
        assert_eq!(field(set(world.sso.clone(), provider.issuer()).await), "issuer", "{endpoint}");
        provider.says(endpoint, json!(format!("{}/keys", provider.issuer())));
    }
    provider.says("authorization_endpoint", json!("javascript:alert(1)"));
    assert_eq!(field(set(world.sso.clone(), provider.issuer()).await), "issuer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_what_is_wrong_opens_nothing_and_is_on_record() {
    let provider = Provider::start().await;
    let (world, owner) = World::with(&provider).await;
    let failed = test(
        &world,
        &provider,
        &owner,
        json!({ "sub": "ann-1", "email": "ann@other.example", "email_verified": true }),
    )
    .await;
    let Err(Stop::Refused(refusals)) = failed else { panic!("{failed:?}") };
    assert!(refusals[0].message.contains("domain that is not allowed"), "{refusals:?}");
    let tested = test(&world, &provider, &owner, ann()).await.unwrap();
    let Finished::Tested { email, second_factor } = tested else { panic!("{tested:?}") };
    assert_eq!((email.as_str(), second_factor), ("ann@firm.example", false));
    let permit = world.permit(world.tenant, Operation::ReadIdentityProvider);
    assert!(world.sso.provider(&permit).await.unwrap().unwrap().tested_at.is_some());
    assert!(world.logged("identity_provider.linked").await.is_none(), "a test links nobody");
    assert_eq!(world.logged("identity_provider.tested").await.unwrap()["email"], "ann@firm.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_passwords_an_owner_still_gets_in_and_nobody_else_does() {
    let provider = Provider::start().await;
    let (world, owner) = World::with(&provider).await;
    let bob = world.person("bob@firm.example", AdminRole::Admin).await;
    let before = by_password(&world, &bob).await.unwrap();
    let without = |input: &mut svc_sso::SetProvider| {
        (input.password_allowed, input.client_secret) = (false, None);
    };
    assert_eq!(field(world.register(&provider, without).await), "passwordAllowed", "it was never tried");
    test(&world, &provider, &owner, ann()).await.unwrap();
    assert_eq!(
        field(world.register(&provider, |input| input.password_allowed = false).await),
        "passwordAllowed",
        "another secret"
    );
    world.register(&provider, without).await.unwrap();

    assert!(!holds(&world, &before).await, "what a password opened before is over for him");
    let refused = by_password(&world, &bob).await;
    let told = matches!(refused, Err(Stop::Fault(Fault::Forbidden { reason: Some("IDENTITY_PROVIDER_REQUIRED") })));
    assert!(told, "{refused:?}");
    let wrong = world.admins.sign_in_by_password(&bob.email, &"wrong".to_owned().into(), &Client::default()).await;
    assert!(matches!(wrong, Err(Stop::Fault(Fault::Unauthenticated))), "a wrong password tells nothing: {wrong:?}");
    let as_bob = json!({ "sub": "bob-1", "email": "bob@firm.example", "email_verified": true });
    let method = app(world.sign_in(&provider, as_bob).await);
    assert!(holds(&world, &world.prove_by_app(&method, &bob.totp).await.token).await);
    // The provider is gone; the owner gets in and turns passwords on by removing it.
    let issuer = provider.issuer();
    drop(provider);
    assert!(holds(&world, &by_password(&world, &owner).await.unwrap()).await);
    world.sso.remove_provider(&world.permit(world.tenant, Operation::ManageIdentityProvider), &issuer).await.unwrap();
    assert!(holds(&world, &by_password(&world, &bob).await.unwrap()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_stay_where_no_owner_has_one() {
    let provider = Provider::start().await;
    let world = World::new().await;
    provider.follows(&world.clock);
    let owner = world.invite("ann@firm.example", AdminRole::Owner).await.unwrap();
    world.register(&provider, |_| {}).await.unwrap();
    let permit = world.as_admin(&owner, Operation::ManageIdentityProvider).unwrap();
    let begun = world.sso.try_provider(&permit).await.unwrap();
    world.come_back(&provider, &begun, ann()).await.unwrap();
    let refused =
        world.register(&provider, |input| (input.password_allowed, input.client_secret) = (false, None)).await;
    assert_eq!(field(refused), "passwordAllowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_still_opens_the_tenants_that_allow_it() {
    let provider = Provider::start().await;
    let (world, owner) = World::with(&provider).await;
    let bob = world.person("bob@firm.example", AdminRole::Admin).await;
    let other = world.bed.tenant(Environment::Live).await;
    world.invite_to(other, &bob.email, AdminRole::Admin).await.unwrap();
    test(&world, &provider, &owner, ann()).await.unwrap();
    world.register(&provider, |input| (input.password_allowed, input.client_secret) = (false, None)).await.unwrap();
    let token = by_password(&world, &bob).await.unwrap();
    let roles = world.admins.session(&token).await.unwrap().roles;
    assert_eq!(roles.iter().map(|role| role.tenant).collect::<Vec<_>>(), [other]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_opened_ends_with_it_and_with_what_made_it_trusted() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let trusting = |input: &mut svc_sso::SetProvider| input.second_factor = SecondFactorRule::IdentityProvider;
    world.register(&provider, trusting).await.unwrap();
    let mfa = || json!({ "sub": "ann-1", "email": "ann@firm.example", "email_verified": true, "amr": ["mfa"] });
    let one = signed_in(world.sign_in(&provider, mfa()).await).token;
    let begun = world.begin().await;
    let half = returned(world.tenant, &provider.let_in(&begun.go_to, mfa()), &begun);
    world.register(&provider, |_| {}).await.unwrap();
    assert!(!holds(&world, &one).await, "its second factor does not count any more");
    assert_eq!(code_of(world.finish(half).await), "EXPIRED", "nor does what was on its way");
    world.register(&provider, trusting).await.unwrap();
    let two = signed_in(world.sign_in(&provider, mfa()).await).token;
    let permit = world.permit(world.tenant, Operation::ManageIdentityProvider);
    assert_eq!(code_of(world.sso.remove_provider(&permit, "https://other.example").await), "NOT_FOUND");
    world.sso.remove_provider(&permit, &provider.issuer()).await.unwrap();
    assert!(!holds(&world, &two).await);
    assert_eq!(code_of(world.sso.begin(&world.slug(world.tenant).await).await), "NOT_FOUND");
    // Whom it knew is forgotten: registered again, it may call somebody else by that name.
    world.register(&provider, |_| {}).await.unwrap();
    let next = json!({ "sub": "ann-2", "email": "ann@firm.example", "email_verified": true });
    app(world.sign_in(&provider, next).await);
}
