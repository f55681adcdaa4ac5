//! Passkeys at the console's door: made while a sign-in is fresh, and proved in the code's place.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::{PASSWORD, Person, World};
use core_access::AdminRole;
use core_kernel::{PLATFORM_TENANT, Redacted, RefusalCode, Stop};
use core_policy::MethodChannel;
use serde_json::Value;
use svc_admins::{Client, MadePasskey, SecondFactor, SecondFactorInput};
use testkit::SoftAuthenticator;

const ORIGIN: &str = "http://localhost:8080";

async fn make(world: &World, session: &Redacted<String>, key: &mut SoftAuthenticator) -> Result<String, Stop> {
    let begun = world.admins.begin_passkey(session, "Laptop", &Client::default()).await?;
    let credential = key.create(&begun.creation_options, ORIGIN);
    let made = MadePasskey { id: begun.id.clone(), credential };
    Box::pin(world.admins.finish_passkey(session, made, &Client::default())).await?;
    Ok(begun.id)
}

/// The passkey's method, after the right password.
async fn method(world: &World, person: &Person) -> Redacted<String> {
    let step = world.password(&person.email, PASSWORD).await.unwrap();
    step.methods.into_iter().find(|method| method.channel == MethodChannel::Passkey).expect("offered").id
}

async fn give(world: &World, method_id: &Redacted<String>, credential: Option<Value>) -> Result<SecondFactor, Stop> {
    let input = SecondFactorInput { method_id: method_id.clone(), code: None, credential, previous: None };
    Box::pin(world.admins.second_factor(&input, &Client::default())).await
}

async fn asked(world: &World, method_id: &Redacted<String>) -> Value {
    match give(world, method_id, None).await.unwrap() {
        SecondFactor::CodeExpected { channel: MethodChannel::Passkey, request_options: Some(options), .. } => options,
        other => panic!("{other:?}"),
    }
}

fn code(result: Result<SecondFactor, Stop>) -> Option<RefusalCode> {
    match result {
        Ok(SecondFactor::Refused { refusal, .. }) => Some(refusal.code),
        Ok(_) => None,
        Err(stop) => stop.refusal_code(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_in_once_for_each_question() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    let mut key = SoftAuthenticator::new();
    make(&world, &session, &mut key).await.unwrap();
    let listed = world.admins.passkeys(&session, &Client::default()).await.unwrap();
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "Laptop"));
    assert!(world.audit(PLATFORM_TENANT).await.contains(&"admin.passkey_added".to_owned()));
    assert!(world.audit(world.tenant).await.contains(&"admin.passkey_added".to_owned()), "in the tenant's log, too");

    let chosen = method(&world, &ann).await;
    let unasked = key.get(&serde_json::json!({ "challenge": "AAAA", "rpId": "localhost" }), ORIGIN);
    assert_eq!(code(give(&world, &chosen, Some(unasked)).await), Some(RefusalCode::Expired), "nothing was asked");
    let options = asked(&world, &chosen).await;
    assert_eq!((&options["rpId"], &options["userVerification"]), (&"localhost".into(), &"required".into()));
    let forged = key.get_saying(&options, ORIGIN, |said| said.is_forged = true);
    assert_eq!(code(give(&world, &chosen, Some(forged)).await), Some(RefusalCode::WrongCode));
    assert_eq!(code(give(&world, &chosen, Some(key.get(&options, ORIGIN))).await), Some(RefusalCode::Expired));
    let options = asked(&world, &chosen).await;
    let right = key.get(&options, ORIGIN);
    let step = give(&world, &chosen, Some(right.clone())).await.unwrap();
    assert!(matches!(step, SecondFactor::SignedIn(_)), "{step:?}");
    assert_eq!(code(give(&world, &chosen, Some(right)).await), Some(RefusalCode::Expired), "that sign-in is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_know_its_user_opens_no_console() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    let mut key = SoftAuthenticator::new().knowing_nobody();
    let refused = make(&world, &session, &mut key).await;
    assert_eq!(refused.unwrap_err().refusal_code(), Some(RefusalCode::WrongCode));
}

/// An identifier of the same type that names nothing.
fn another_than(id: &str) -> String {
    let (all, last) = id.split_at(id.len() - 1);
    format!("{all}{}", if last == "0" { "4" } else { "0" })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_fresh_sign_in_changes_them_and_only_ones_own() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Admin).await;
    let (anns, bobs) = (world.sign_in(&ann).await.token, world.sign_in(&bob).await.token);
    let id = make(&world, &anns, &mut SoftAuthenticator::new()).await.unwrap();
    let client = Client::default();
    let foreign = world.admins.remove_passkey(&bobs, &id, &client).await.unwrap_err();
    assert_eq!(foreign.refusal_code(), Some(RefusalCode::NotFound));
    let begun = world.admins.begin_passkey(&anns, "Another", &client).await.unwrap();
    let credential = SoftAuthenticator::new().create(&begun.creation_options, ORIGIN);
    let absent = MadePasskey { id: another_than(&begun.id), credential: credential.clone() };
    let absent = Box::pin(world.admins.finish_passkey(&bobs, absent, &client)).await.unwrap_err();
    let made = MadePasskey { id: begun.id, credential };
    let stolen = Box::pin(world.admins.finish_passkey(&bobs, made, &client)).await.unwrap_err();
    assert_eq!(stolen.refusal_code(), Some(RefusalCode::NotFound));
    assert_eq!(stolen.to_string(), absent.to_string(), "somebody else's is told from none");

    world.advance(TimeDelta::minutes(6));
    for refused in [
        world.admins.begin_passkey(&anns, "Late", &client).await.map(|_| ()),
        world.admins.remove_passkey(&anns, &id, &client).await,
    ] {
        assert_eq!(refused.unwrap_err().refusal_code(), Some(RefusalCode::VerificationRequired));
    }
    let fresh = world.sign_in(&ann).await.token;
    world.admins.remove_passkey(&fresh, &id, &client).await.unwrap();
    assert!(world.admins.passkeys(&fresh, &client).await.unwrap().is_empty());
    assert!(world.audit(PLATFORM_TENANT).await.contains(&"admin.passkey_removed".to_owned()));
    let step = world.password(&ann.email, PASSWORD).await.unwrap();
    assert!(step.methods.iter().all(|method| method.channel != MethodChannel::Passkey), "it opens nothing any more");
}
