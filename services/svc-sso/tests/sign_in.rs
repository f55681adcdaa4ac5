//! From a company's name to a session that acts in that company alone.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::provider::Provider;
use common::{PASSWORD, World, ann, app, code_of, returned, signed_in};
use core_access::{AdminRole, Operation};
use core_kernel::{Fault, Redacted, Stop, TypedId};
use io_postgres::{Database, DatabaseOptions};
use serde_json::json;
use svc_admins::{Acting, Client, Named, ProviderChoice};
use svc_directory::{give_sign_in_domain, take_sign_in_domain};
use svc_sso::SecondFactorRule;
use testkit::Environment;

async fn acts_in(
    world: &World,
    token: &Redacted<String>,
    tenant: Option<&str>,
) -> Result<core_kernel::TenantId, Fault> {
    match world.admins.acting_by_session(token, Named { tenant, partner: None }, None).await? {
        Acting::InTenant(caller) => Ok(caller.tenant),
        Acting::ForPartner(caller) => panic!("{caller:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_stands_in_for_the_password_and_our_second_factor_follows() {
    let provider = Provider::start().await;
    let (world, person) = World::with(&provider).await;
    let method = app(world.sign_in(&provider, ann()).await);
    let first = world.prove_by_app(&method, &person.totp).await;
    assert_eq!(acts_in(&world, &first.token, None).await.unwrap(), world.tenant);
    let linked = world.logged("identity_provider.linked").await.unwrap();
    assert_eq!(
        (linked["issuer"].as_str().unwrap(), linked["subject"].as_str().unwrap()),
        (&*provider.issuer(), "ann-1")
    );
    let logged = world.logged("admin.signed_in").await.unwrap();
    assert_eq!(logged, json!({ "by": "identity_provider", "second_factor": "postern" }));

    // From then on by the provider's own name for her: an address that changes leads to the same person.
    let renamed = json!({ "sub": "ann-1", "email": "ann.smith@firm.example", "email_verified": true });
    let method = app(world.sign_in(&provider, renamed).await);
    world.prove_by_app(&method, &person.totp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_trusts_the_provider_with_the_second_factor_is_not_asked_again() {
    let provider = Provider::start().await;
    let (world, person) = World::with(&provider).await;
    let mfa = || json!({ "sub": "ann-1", "email": "ann@firm.example", "email_verified": true, "amr": ["pwd", "mfa"] });
    app(world.sign_in(&provider, mfa()).await);
    let trusting = |input: &mut svc_sso::SetProvider| {
        input.second_factor = SecondFactorRule::IdentityProvider;
        input.acr_values = vec!["gold".to_owned()];
    };
    world.register(&provider, trusting).await.unwrap();
    let session = signed_in(world.sign_in(&provider, mfa()).await);
    assert_eq!(acts_in(&world, &session.token, None).await.unwrap(), world.tenant);
    let logged = world.logged("admin.signed_in").await.unwrap();
    assert_eq!(logged["second_factor"], "identity_provider");
    assert_eq!(world.logged("identity_provider.set").await.unwrap()["second_factor"], "IDENTITY_PROVIDER");
    // Where the provider says nothing of a second factor, ours is asked.
    let method = app(world.sign_in(&provider, ann()).await);
    world.prove_by_app(&method, &person.totp).await;
    let gold = json!({ "sub": "ann-1", "email": "ann@firm.example", "email_verified": true, "acr": "gold" });
    signed_in(world.sign_in(&provider, gold).await);
    assert!(world.begin().await.go_to.contains("acr_values=gold"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_sees_and_changes_nothing_of_the_account() {
    let provider = Provider::start().await;
    let (world, person) = World::with(&provider).await;
    let method = app(world.sign_in(&provider, ann()).await);
    let session = world.prove_by_app(&method, &person.totp).await;
    let (token, client) = (&session.token, Client::default());
    let change =
        svc_admins::ChangePassword { current: PASSWORD.to_owned().into(), new: "four green whales".to_owned().into() };
    assert_eq!(code_of(world.admins.change_password(token, &change, &client).await), "NOT_ALLOWED_BY_POLICY");
    assert_eq!(code_of(world.admins.begin_app(token, &client).await), "NOT_ALLOWED_BY_POLICY");
    assert_eq!(code_of(world.admins.new_backup_codes(token, &client).await), "NOT_ALLOWED_BY_POLICY");
    assert_eq!(code_of(world.admins.begin_passkey(token, "mine", &client).await), "NOT_ALLOWED_BY_POLICY");
    assert_eq!(code_of(world.admins.sessions(token).await), "NOT_ALLOWED_BY_POLICY");
    let others = svc_admins::EndSessions::Others;
    assert_eq!(code_of(world.admins.end_sessions(token, &others, &client).await), "NOT_ALLOWED_BY_POLICY");
    // Her password opens all of it.
    let step = world.admins.sign_in_by_password(&person.email, &PASSWORD.to_owned().into(), &client).await.unwrap();
    let own = world.prove_by_app(&step.methods[0].id, &person.totp).await;
    assert_eq!(world.admins.sessions(&own.token).await.unwrap().len(), 3, "with that of the invitation");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_roles_in_two_tenants_the_session_acts_in_one_once_the_person_agrees() {
    let provider = Provider::start().await;
    let (world, person) = World::with(&provider).await;
    let other = world.bed.tenant(Environment::Live).await;
    world.invite_to(other, &person.email, AdminRole::Admin).await.unwrap();
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
    assert!(world.why().await.contains("has not accepted"), "{}", world.why().await);

    let step =
        world.admins.sign_in_by_password(&person.email, &PASSWORD.to_owned().into(), &Client::default()).await.unwrap();
    let own = world.prove_by_app(&step.methods[0].id, &person.totp).await;
    let here = ProviderChoice { tenant: world.tenant, accepted: false };
    assert_eq!(world.admins.provider_choices(&own.token).await.unwrap(), [here]);
    let yes = ProviderChoice { accepted: true, ..here };
    world.admins.accept_provider(&own.token, yes, &Client::default()).await.unwrap();
    assert_eq!(world.admins.provider_choices(&own.token).await.unwrap(), [yes]);

    let method = app(world.sign_in(&provider, ann()).await);
    let session = world.prove_by_app(&method, &person.totp).await;
    assert_eq!(acts_in(&world, &session.token, None).await.unwrap(), world.tenant);
    let elsewhere = acts_in(&world, &session.token, Some(&other.to_text())).await;
    assert!(matches!(elsewhere, Err(Fault::Forbidden { .. })), "{elsewhere:?}");
    assert_eq!(world.admins.session(&session.token).await.unwrap().roles.len(), 1);
    assert_eq!(acts_in(&world, &own.token, Some(&other.to_text())).await.unwrap(), other, "her own session is whole");

    // Whoever takes it back is not let in by a link of earlier days.
    world.admins.accept_provider(&own.token, here, &Client::default()).await.unwrap();
    assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_sets_up_our_factor_by_mail_or_needs_none() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    world.invite("bob@firm.example", AdminRole::Support).await.unwrap();
    let bob = || json!({ "sub": "bob-1", "email": "bob@firm.example", "email_verified": true, "amr": ["mfa"] });
    let refused = world.sign_in(&provider, bob()).await;
    let not_finished =
        matches!(refused, Err(Stop::Fault(Fault::Forbidden { reason: Some("INVITATION_NOT_FINISHED") })));
    assert!(not_finished, "{refused:?}");
    world.register(&provider, |input| input.second_factor = SecondFactorRule::IdentityProvider).await.unwrap();
    let session = signed_in(world.sign_in(&provider, bob()).await);
    assert_eq!(acts_in(&world, &session.token, None).await.unwrap(), world.tenant);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_is_out_and_whoever_is_invited_again_is_linked_anew() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    world.register(&provider, |input| input.second_factor = SecondFactorRule::IdentityProvider).await.unwrap();
    let bob = || json!({ "sub": "bob-1", "email": "bob@firm.example", "email_verified": true, "amr": ["mfa"] });
    let invited = world.invite("bob@firm.example", AdminRole::Support).await.unwrap();
    let session = signed_in(world.sign_in(&provider, bob()).await);
    let permit = world.permit(world.tenant, Operation::ManageAdmins);
    world.admins.remove_admin(&permit, &invited.admin_id.to_text()).await.unwrap();
    assert!(matches!(acts_in(&world, &session.token, None).await, Err(Fault::Unauthenticated)));
    assert_eq!(code_of(world.sign_in(&provider, bob()).await), "NOT_ALLOWED_BY_POLICY");
    world.invite("bob@firm.example", AdminRole::Auditor).await.unwrap();
    signed_in(world.sign_in(&provider, bob()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_replica_finishes_what_another_began() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    let begun = world.replica().begin(&world.slug(world.tenant).await).await.unwrap();
    let back = returned(world.tenant, &provider.let_in(&begun.go_to, ann()), &begun);
    app(world.replica().finish(back, &Client::default()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_leads_to_the_tenant_that_the_operator_gave_it_to_and_no_address_is_looked_up() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    assert_eq!(code_of(world.sso.begin("ann@firm.example").await), "NOT_FOUND", "allowed is not given");
    let owner = Database::connect_lazy(&DatabaseOptions::new(world.bed.database.owner_url())).unwrap();
    assert!(give_sign_in_domain(&owner, world.tenant, "firm.example").await.unwrap());
    for named in ["firm.example", "ann@firm.example", "nobody.at.all@firm.example", " ANN@FIRM.example "] {
        let begun = world.sso.begin(named).await.unwrap();
        assert!(begun.go_to.starts_with(&provider.issuer()), "{named}: {}", begun.go_to);
    }
    for nobody in ["other.example", "nobody@other.example", "", "no-such-firm", "platform", "x@", "' or true"] {
        assert_eq!(code_of(world.sso.begin(nobody).await), "NOT_FOUND", "{nobody}");
    }
    // A provider that is changed is found as before; a domain that is taken back leads nowhere.
    world.register(&provider, |_| {}).await.unwrap();
    assert!(world.sso.begin("firm.example").await.is_ok());
    assert!(take_sign_in_domain(&owner, world.tenant, "firm.example").await.unwrap());
    assert_eq!(code_of(world.sso.begin("firm.example").await), "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_little_in_the_token_is_asked_for_more() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    provider.knows_more(json!({ "sub": "somebody-else", "email": "ann@firm.example", "email_verified": true }));
    assert_eq!(code_of(world.sign_in(&provider, json!({ "sub": "ann-1" })).await), "NOT_ALLOWED_BY_POLICY");
    provider.knows_more(ann());
    app(world.sign_in(&provider, json!({ "sub": "ann-1" })).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_replaced_are_asked_for_and_not_for_every_stranger() {
    let provider = Provider::start().await;
    let (world, _) = World::with(&provider).await;
    app(world.sign_in(&provider, ann()).await);
    world.clock.advance(TimeDelta::seconds(31));
    provider.rotates("k2");
    let asked = provider.key_calls();
    app(world.sign_in(&provider, ann()).await);
    assert_eq!(provider.key_calls(), asked + 1);
    // A token under a key that nobody published has us ask once in a while, not each time.
    provider.forges(|_, claims| common::provider::Key::new("k3").sign(&claims));
    for _ in 0..3 {
        assert_eq!(code_of(world.sign_in(&provider, ann()).await), "NOT_ALLOWED_BY_POLICY");
    }
    assert_eq!(provider.key_calls(), asked + 1);
    assert!(world.why().await.contains("key is not among"), "{}", world.why().await);
}
