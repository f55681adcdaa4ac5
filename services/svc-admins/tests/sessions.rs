//! Sessions: how they end, and what they are good for.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::{World, caller, open_caller};
use core_access::{AdminRole, OPERATIONS, Operation};
use core_kernel::{Fault, Redacted, TypedId};
use svc_admins::{Client, SecondFactor, SecondFactorInput};
use testkit::Environment;

fn is_over<T: std::fmt::Debug>(result: Result<T, Fault>) -> bool {
    matches!(result, Err(Fault::Unauthenticated))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_is_idle() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    for _ in 0..4 {
        world.advance(TimeDelta::minutes(14));
        world.admins.session(&session).await.unwrap();
    }
    world.advance(TimeDelta::minutes(15));
    assert!(is_over(world.admins.session(&session).await));
    world.advance(TimeDelta::minutes(-10));
    assert!(is_over(world.admins.session(&session).await), "it does not come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_stays_open_keeps_no_session_alive() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    let open = async || open_caller(&world.admins, &session).await;
    let request = caller(&world.admins, &session, None).await.unwrap();
    for _ in 0..14 {
        world.advance(TimeDelta::minutes(1));
        assert_eq!(open().await.unwrap(), request);
    }
    world.advance(TimeDelta::minutes(1));
    assert!(is_over(open().await));
    assert!(is_over(world.admins.session(&session).await), "idle for a quarter of an hour, but for the connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    for _ in 0..71 {
        world.advance(TimeDelta::minutes(10));
        world.admins.session(&session).await.unwrap();
    }
    world.advance(TimeDelta::minutes(10));
    assert!(is_over(world.admins.session(&session).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_it_everywhere() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    let elsewhere = world.replica();
    elsewhere.session(&session).await.unwrap();
    world.admins.sign_out(&session, &Client::default()).await.unwrap();
    assert!(is_over(elsewhere.session(&session).await));
    world.admins.sign_out(&session, &Client::default()).await.unwrap();
    world.admins.sign_out(&"nonsense".to_owned().into(), &Client::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_identifier_outlives_a_step() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let old = world.sign_in(&ann).await.token;
    world.advance(TimeDelta::seconds(30));
    let method = world.first_step(&ann).await;
    // What the first step gives is no session.
    let (half_way, _) = method.expose().split_once('.').unwrap();
    let as_session = Redacted::new(half_way.replace("signin_", "session_"));
    for planted in [half_way.to_owned().into(), as_session, method.clone()] {
        assert!(is_over(world.admins.session(&planted).await));
    }
    let input = SecondFactorInput {
        method_id: method,
        code: Some(world.code(&ann.totp).into()),
        credential: None,
        previous: Some(old.clone()),
    };
    let SecondFactor::SignedIn(new) = world.admins.second_factor(&input, &Client::default()).await.unwrap() else {
        panic!("not signed in")
    };
    assert_ne!(new.token.expose(), old.expose());
    assert!(is_over(world.admins.session(&old).await), "what the browser came with has ended");
    assert!(world.admins.session(&new.token).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_digests_are_stored() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    let mut tx = world.tx(common::PLATFORM).await;
    let dump: String = sqlx::query_scalar(
        "select coalesce(string_agg(s::text, ' '), '') || (select string_agg(a::text, ' ') from account a where a.tenant_id = $1)
           from console_session s where s.tenant_id = $1",
    )
    .bind(common::PLATFORM.0)
    .fetch_one(tx.connection())
    .await
    .unwrap();
    assert!(dump.contains("$argon2id$") && !dump.contains(session.expose().as_str()));
    assert!(!format!("{session:?}").contains(session.expose().as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_reaches_the_persons_tenants_and_no_others() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Auditor).await;
    let session = world.sign_in(&ann).await.token;
    let foreign = world.bed.tenant(Environment::Live).await;
    let within = async |tenant: &str| caller(&world.admins, &session, Some(tenant)).await;
    assert_eq!(within(&world.tenant.to_text()).await.unwrap().tenant, world.tenant);
    for no in [foreign.to_text(), common::PLATFORM.to_text(), String::new(), "nonsense".to_owned()] {
        assert!(matches!(within(&no).await, Err(Fault::Forbidden { .. })), "{no}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_and_changes_nothing() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Auditor).await;
    let session = world.sign_in(&ann).await.token;
    let caller = caller(&world.admins, &session, None).await.unwrap();
    assert!(caller.permit(Operation::ReadAudit).is_ok());
    let allowed = OPERATIONS.iter().filter(|rule| caller.permit(rule.operation).is_ok());
    let names: Vec<String> = allowed.map(|rule| format!("{:?}", rule.operation)).collect();
    let reads = |name: &String| name.starts_with("Read") || name.starts_with("Watch") || name == "Viewer";
    assert!(names.iter().all(reads), "{names:?}");
}
