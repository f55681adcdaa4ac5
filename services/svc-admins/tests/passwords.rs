//! Another password: by whoever is signed in, and by whoever forgot it.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use std::time::Duration;

use chrono::TimeDelta;
use common::{PASSWORD, PLATFORM, Person, World};
use core_access::AdminRole;
use core_kernel::{Fault, Redacted, RefusalCode, Stop};
use svc_admins::{ChangePassword, Client, SecondFactor};
use svc_platform::place;
use uuid::Uuid;

const ANOTHER: &str = "nine purple parsnips";

async fn change(
    world: &World,
    session: &Redacted<String>,
    current: &str,
    new: &str,
) -> Result<(), (RefusalCode, String)> {
    let input = ChangePassword { current: current.to_owned().into(), new: new.to_owned().into() };
    match world.admins.change_password(session, &input, &Client::default()).await {
        Ok(()) => Ok(()),
        Err(Stop::Refused(refusals)) => Err((refusals[0].code, refusals[0].field.join("."))),
        Err(other) => panic!("{other:?}"),
    }
}

fn refusal(code: RefusalCode, field: &str) -> Result<(), (RefusalCode, String)> {
    Err((code, field.to_owned()))
}

/// Asks, and opens the link's secret in the outbox, where it is put after the answer.
async fn ask(world: &World, email: &str) -> Redacted<String> {
    ask_for(world, email, Duration::from_secs(20)).await.expect("a link")
}

/// Whether nothing comes of asking for quite a while.
async fn asks_in_vain(world: &World, email: &str) -> bool {
    ask_for(world, email, Duration::from_millis(800)).await.is_none()
}

async fn ask_for(world: &World, email: &str, within: Duration) -> Option<Redacted<String>> {
    // Two of one millisecond stand in any order.
    let before = mailed(world).await;
    world.admins.ask_for_recovery(email, &Client::default());
    let is_new = |link: &Redacted<String>| before.iter().all(|known| known.expose() != link.expose());
    let comes = async {
        loop {
            let new = mailed(world).await.into_iter().find(is_new);
            if new.is_some() {
                return new;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    tokio::time::timeout(within, comes).await.unwrap_or_default()
}

async fn mailed(world: &World) -> Vec<Redacted<String>> {
    let key = world.platform.keys.data_key(&world.platform.database, PLATFORM).await.unwrap();
    let mut tx = world.tx(PLATFORM).await;
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
        "select message_id, secret_sealed from message
          where tenant_id = $1 and template = 'account_recovery'",
    )
    .bind(PLATFORM.0)
    .fetch_all(tx.connection())
    .await
    .unwrap();
    let open = |(id, sealed): (Uuid, Vec<u8>)| {
        let opened = key.open(&place(PLATFORM, "message", id, "secret_sealed"), &sealed).unwrap();
        Redacted::new(String::from_utf8(opened.to_vec()).unwrap())
    };
    rows.into_iter().map(open).collect()
}

async fn notices(world: &World) -> Vec<String> {
    let mut tx = world.tx(PLATFORM).await;
    sqlx::query_scalar("select template from message where tenant_id = $1 and purpose = 'SECURITY_NOTICE'")
        .bind(PLATFORM.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

async fn stored(world: &World) -> Vec<String> {
    let mut tx = world.tx(PLATFORM).await;
    sqlx::query_scalar("select password_phc from account where tenant_id = $1")
        .bind(PLATFORM.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
}

/// Opens a link with a new password; the app's method.
async fn open(world: &World, link: &Redacted<String>, new: &str) -> Result<Redacted<String>, Option<RefusalCode>> {
    let step = world.admins.recover(link, &new.to_owned().into(), &Client::default()).await;
    step.map(|step| step.methods[0].id.clone()).map_err(|stop| stop.refusal_code())
}

async fn setting() -> (World, Person, Redacted<String>) {
    let world = World::new().await;
    let ann = world.person("ann.lee@firm.example", AdminRole::Owner).await;
    let session = world.sign_in(&ann).await.token;
    (world, ann, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_whoever_just_signed_in_and_ends_all_else() {
    let (world, ann, other) = setting().await;
    let session = world.sign_in(&ann).await.token;
    let half_way = world.first_step(&ann).await;
    assert_eq!(change(&world, &session, PASSWORD, ANOTHER).await, Ok(()));
    assert!(world.admins.session(&session).await.is_ok());
    assert!(matches!(world.replica().session(&other).await, Err(Fault::Unauthenticated)));
    world.advance(TimeDelta::seconds(30));
    let finished = world.prove(&half_way, &world.code(&ann.totp)).await.unwrap_err();
    assert_eq!(finished.refusal_code(), Some(RefusalCode::Expired), "a sign-in by the old password is over");
    assert!(world.password(&ann.email, PASSWORD).await.is_err());
    assert!(world.password(&ann.email, ANOTHER).await.is_ok());
    assert!(notices(&world).await.contains(&"notice.password_changed".to_owned()));
    for tenant in [PLATFORM, world.tenant] {
        assert!(world.audit(tenant).await.contains(&"admin.password_changed".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_left_open_changes_no_password() {
    let (world, ann, session) = setting().await;
    world.advance(TimeDelta::minutes(5));
    assert_eq!(change(&world, &session, PASSWORD, ANOTHER).await, refusal(RefusalCode::VerificationRequired, ""));
    let again = world.sign_in(&ann).await.token;
    assert_eq!(change(&world, &again, PASSWORD, ANOTHER).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_a_password_is_its_length_and_that_nobody_guesses_it() {
    let (world, _, session) = setting().await;
    for weak in ["short", "password1234", "aaaaaaaaaaaaaaaa", "ann.lee@firm.example", "Postern-Postern-1"] {
        assert_eq!(
            change(&world, &session, PASSWORD, weak).await,
            refusal(RefusalCode::Invalid, "newPassword"),
            "{weak}"
        );
    }
    assert_eq!(change(&world, &session, PASSWORD, "all lower case and no digits").await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_present_password_is_guessed_ten_times_and_then_not() {
    let (world, ann, session) = setting().await;
    for n in 0..10 {
        let wrong = format!("another three whales {n}");
        assert_eq!(change(&world, &session, &wrong, ANOTHER).await, refusal(RefusalCode::Invalid, "currentPassword"));
    }
    let spent = refusal(RefusalCode::TooManyAttempts, "currentPassword");
    assert_eq!(change(&world, &session, PASSWORD, ANOTHER).await, spent);
    assert!(world.password(&ann.email, PASSWORD).await.is_err(), "the budget is that of signing in");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forgot_it_needs_the_mailbox_and_a_second_factor() {
    let (world, ann, session) = setting().await;
    let link = ask(&world, "ANN.LEE@firm.example").await;
    let method = open(&world, &link, ANOTHER).await.unwrap();
    assert!(world.password(&ann.email, PASSWORD).await.is_ok(), "nothing has changed yet");
    let wrong = world.prove(&method, "000000").await.unwrap();
    assert!(matches!(wrong, SecondFactor::Refused { .. }), "{wrong:?}");
    assert!(world.admins.session(&session).await.is_ok());
    world.advance(TimeDelta::seconds(30));
    let step = world.prove(&method, &world.code(&ann.totp)).await.unwrap();
    let SecondFactor::SignedIn(signed_in) = step else { panic!("{step:?}") };
    assert!(world.admins.session(&signed_in.token).await.is_ok());
    assert!(matches!(world.admins.session(&session).await, Err(Fault::Unauthenticated)), "others end");
    assert!(world.password(&ann.email, PASSWORD).await.is_err());
    assert!(world.password(&ann.email, ANOTHER).await.is_ok());
    assert!(notices(&world).await.contains(&"notice.password_changed".to_owned()));
    assert!(world.audit(world.tenant).await.contains(&"admin.recovered".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_once_and_not_for_long() {
    let (world, _, _) = setting().await;
    let link = ask(&world, "ann.lee@firm.example").await;
    assert_eq!(open(&world, &link, "short").await, Err(Some(RefusalCode::Invalid)), "that did not use it up");
    let both = tokio::join!(open(&world, &link, ANOTHER), open(&world, &link, ANOTHER));
    let opened = [&both.0, &both.1].into_iter().filter(|result| result.is_ok()).count();
    assert_eq!(opened, 1, "{both:?}");
    assert_eq!(open(&world, &link, ANOTHER).await, Err(Some(RefusalCode::NotFound)));
    let late = ask(&world, "ann.lee@firm.example").await;
    world.advance(TimeDelta::minutes(30));
    assert_eq!(open(&world, &late, ANOTHER).await, Err(Some(RefusalCode::NotFound)));
    assert_eq!(world.admins.sweep().await.unwrap().recoveries, 1);
    for nothing in ["", "recover_", "invite_x"] {
        assert_eq!(open(&world, &nothing.to_owned().into(), "short").await, Err(Some(RefusalCode::NotFound)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_mailed_to_whoever_signs_in_and_thrice_an_hour() {
    let (world, _, _) = setting().await;
    world.invite("eve@firm.example", AdminRole::Admin).await.unwrap();
    for nobody in ["bob@firm.example", "eve@firm.example", "nonsense", "", "a\0b@firm.example"] {
        assert!(asks_in_vain(&world, nobody).await, "{nobody}");
    }
    for _ in 0..3 {
        ask(&world, "ann.lee@firm.example").await;
    }
    assert!(asks_in_vain(&world, "Ann.Lee@FIRM.example").await, "in any spelling");
    assert!(world.password("ann.lee@firm.example", PASSWORD).await.is_ok(), "no budget of sign-ins is spent");
    world.advance(TimeDelta::hours(1));
    ask(&world, "ann.lee@firm.example").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_of_the_second_factor_end_in_a_recovery_too() {
    let (world, ann, _) = setting().await;
    let before = stored(&world).await;
    for _ in 0..2 {
        let link = ask(&world, &ann.email).await;
        let method = open(&world, &link, ANOTHER).await.unwrap();
        for _ in 0..5 {
            world.prove(&method, "000000").await.unwrap();
        }
    }
    let link = ask(&world, &ann.email).await;
    assert_eq!(open(&world, &link, ANOTHER).await, Err(Some(RefusalCode::UserLocked)));
    assert_eq!(stored(&world).await, before, "the old password stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_on_its_way_is_kept_as_a_hash() {
    let (world, _, _) = setting().await;
    let link = ask(&world, "ann.lee@firm.example").await;
    open(&world, &link, ANOTHER).await.unwrap();
    let mut tx = world.tx(PLATFORM).await;
    let dump: String = sqlx::query_scalar(
        "select string_agg(s::text, ' ') from console_session s where s.tenant_id = $1 and pending_phc is not null",
    )
    .bind(PLATFORM.0)
    .fetch_one(tx.connection())
    .await
    .unwrap();
    assert!(dump.contains("$argon2id$") && !dump.contains(ANOTHER) && !dump.contains(link.expose().as_str()));
}
