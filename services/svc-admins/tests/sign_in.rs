//! From the invitation to a session, and what does not lead there.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::{PASSWORD, PLATFORM, World, caller, seed};
use core_access::{AdminRole, Operation};
use core_kernel::{Fault, Redacted, RefusalCode, Stop};
use svc_admins::{AcceptInvitation, Client, SecondFactor, SecondFactorInput};

fn refused(step: Result<SecondFactor, Stop>) -> RefusalCode {
    match step {
        Ok(SecondFactor::Refused { refusal, .. }) => refusal.code,
        Err(stop) => stop.refusal_code().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn unauthenticated<T: std::fmt::Debug>(result: Result<T, Stop>) {
    assert!(matches!(result, Err(Stop::Fault(Fault::Unauthenticated))), "{result:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_accepts_and_signs_in() {
    let world = World::new().await;
    world.invite("Ann@Firm.example", AdminRole::Owner).await.unwrap();
    let token = world.invitation(world.tenant).await.unwrap();
    let accepted = world.accept(&token).await.unwrap();
    assert!(accepted.otpauth_uri.expose().contains("Ann%40firm.example"), "{}", accepted.otpauth_uri.expose());
    assert!(accepted.qr_code_svg.expose().contains("<svg"));
    let totp = seed(&accepted);
    let first = world.prove(&accepted.method_id.into(), &world.code(&totp)).await.unwrap();
    let SecondFactor::SignedIn(first) = first else { panic!("{first:?}") };

    let session = world.admins.session(&first.token).await.unwrap();
    assert_eq!((session.email.as_str(), session.display_name.as_deref()), ("Ann@firm.example", Some("Ann Lee")));
    assert_eq!(session.roles.len(), 1);
    let caller = caller(&world.admins, &first.token, None).await.unwrap();
    assert_eq!(caller.tenant, world.tenant);
    assert!(caller.permit(Operation::InviteAdmin).is_ok());
    assert_eq!(caller.audit_name(), "admin:Ann@firm.example");

    // The invitation was used, and the way in is the password from now on.
    assert_eq!(world.accept(&token).await.unwrap_err().refusal_code(), Some(RefusalCode::NotFound));
    world.advance(TimeDelta::seconds(30));
    let step = world.password(" ANN@firm.example", PASSWORD).await.unwrap();
    assert_eq!(step.methods.len(), 1);
    let again = world.prove(&step.methods[0].id, &world.code(&totp)).await.unwrap();
    let SecondFactor::SignedIn(again) = again else { panic!("{again:?}") };
    assert_ne!(again.token.expose(), first.token.expose());
    let audit = world.audit(world.tenant).await;
    assert_eq!(audit, ["admin.invited", "admin.signed_in", "admin.signed_in"]);
    let admins = world.admins.list_admins(&world.system(Operation::ReadAdmins)).await.unwrap();
    assert_eq!(admins[0].display_name.as_deref(), Some("Ann Lee"));
    assert!(admins[0].last_signed_in_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once_and_only_within_its_step() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    world.sign_in(&ann).await;
    let used = world.code(&ann.totp);
    let method = world.first_step(&ann).await;
    assert_eq!(refused(world.prove(&method, &used).await), RefusalCode::WrongCode, "replayed");
    world.advance(TimeDelta::seconds(30));
    let code = world.code(&ann.totp);
    let all = futures::future::join_all((0..8).map(|_| world.prove(&method, &code))).await;
    let won = all.iter().filter(|step| matches!(step, Ok(SecondFactor::SignedIn(_)))).count();
    assert_eq!(won, 1);
    // What the first step earned is spent.
    let after = world.prove(&method, &code).await;
    assert_eq!(after.unwrap_err().refusal_code(), Some(RefusalCode::Expired));
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_of_the_second_factor_end() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    world.advance(TimeDelta::seconds(60));
    let right = world.code(&ann.totp);
    let wrong = if right == "123456" { "654321" } else { "123456" };
    let method = world.first_step(&ann).await;
    let mut heard = Vec::new();
    for _ in 0..6 {
        heard.push(refused(world.prove(&method, wrong).await));
    }
    assert_eq!(heard[..5], [RefusalCode::WrongCode; 5]);
    assert_eq!(heard[5], RefusalCode::TooManyAttempts);
    assert_eq!(refused(world.prove(&method, &right).await), RefusalCode::TooManyAttempts);
    // A new sign-in has its own five, until the account is locked.
    let method = world.first_step(&ann).await;
    for _ in 0..5 {
        world.prove(&method, wrong).await.unwrap();
    }
    let locked = world.password(&ann.email, PASSWORD).await;
    assert_eq!(locked.unwrap_err().refusal_code(), Some(RefusalCode::UserLocked));
    assert!(world.audit(world.tenant).await.iter().filter(|action| *action == "admin.sign_in_failed").count() >= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_compared_ten_times_and_then_not() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let wrong = |n: usize| format!("another three whales {n}");
    // In parallel, so that nobody reads the count before another has written it.
    let wrongs: Vec<String> = (0..12).map(wrong).collect();
    let all = futures::future::join_all(wrongs.iter().map(|password| world.password(&ann.email, password))).await;
    all.into_iter().for_each(unauthenticated);
    unauthenticated(world.password(&ann.email, PASSWORD).await);
    unauthenticated(world.password("ANN@FIRM.EXAMPLE", PASSWORD).await);
    let failures = world.audit(PLATFORM).await.iter().filter(|action| *action == "admin.sign_in_failed").count();
    assert_eq!(failures, 10, "what is not compared is not on record");
    world.advance(TimeDelta::minutes(15));
    assert!(world.password(&ann.email, PASSWORD).await.is_ok());
    assert_eq!(world.admins.sweep().await.unwrap().tries, 0, "the right one cleared the count");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_an_account_hears_the_same() {
    let world = World::new().await;
    world.person("ann@firm.example", AdminRole::Owner).await;
    for email in ["bob@firm.example", "ann@firm.example", "nonsense", "", "a\0b@firm.example"] {
        unauthenticated(world.password(email, "another three whales").await);
    }
    // Invited and never come: no password is right.
    world.invite("eve@firm.example", AdminRole::Auditor).await.unwrap();
    unauthenticated(world.password("eve@firm.example", "").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_never_enrolls_the_first_factor() {
    let world = World::new().await;
    world.invite("ann@firm.example", AdminRole::Owner).await.unwrap();
    let token = world.invitation(world.tenant).await.unwrap();
    let first = world.accept(&token).await.unwrap();
    let stopped = world.password("ann@firm.example", PASSWORD).await.unwrap_err();
    assert!(
        matches!(stopped, Stop::Fault(Fault::Forbidden { reason: Some("INVITATION_NOT_FINISHED") })),
        "{stopped:?}"
    );
    // Whoever broke off opens the invitation again; what was begun before ends.
    let second = world.accept(&token).await.unwrap();
    let old = world.prove(&first.method_id.clone().into(), &world.code(&seed(&first))).await;
    assert_eq!(old.unwrap_err().refusal_code(), Some(RefusalCode::Expired));
    let step = world.prove(&second.method_id.clone().into(), &world.code(&seed(&second))).await.unwrap();
    assert!(matches!(step, SecondFactor::SignedIn(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_and_half_sign_ins_run_out() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    world.invite("bob@firm.example", AdminRole::Admin).await.unwrap();
    let token = world.invitation(world.tenant).await.unwrap();
    world.advance(TimeDelta::seconds(30));
    let method = world.first_step(&ann).await;
    world.advance(TimeDelta::minutes(10));
    let late = world.prove(&method, &world.code(&ann.totp)).await;
    assert_eq!(late.unwrap_err().refusal_code(), Some(RefusalCode::Expired));
    world.advance(TimeDelta::days(7));
    assert_eq!(world.accept(&token).await.unwrap_err().refusal_code(), Some(RefusalCode::NotFound));
    world.advance(TimeDelta::days(2));
    let swept = world.admins.sweep().await.unwrap();
    assert_eq!((swept.sessions, swept.invitations), (2, 1), "{swept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_over_at_the_moment_of_its_end_and_kept_for_a_day() {
    let world = World::new().await;
    world.invite("bob@firm.example", AdminRole::Admin).await.unwrap();
    let token = world.invitation(world.tenant).await.unwrap();
    world.advance(TimeDelta::days(7));
    assert_eq!(world.accept(&token).await.unwrap_err().refusal_code(), Some(RefusalCode::NotFound));
    world.advance(TimeDelta::days(1) - TimeDelta::seconds(1));
    assert_eq!(world.admins.sweep().await.unwrap().invitations, 0, "it says what became of it");
    world.advance(TimeDelta::seconds(1));
    assert_eq!(world.admins.sweep().await.unwrap().invitations, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_method_of_this_sign_in_is_not_found() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Owner).await;
    let (of_ann, of_bob) = (world.first_step(&ann).await, world.first_step(&bob).await);
    let (token, _) = of_ann.expose().split_once('.').unwrap();
    let (_, method) = of_bob.expose().split_once('.').unwrap();
    let mixed = Redacted::new(format!("{token}.{method}"));
    let code = world.code(&bob.totp);
    assert_eq!(world.prove(&mixed, &code).await.unwrap_err().refusal_code(), Some(RefusalCode::NotFound));
    for bad in ["", "x", &format!("{token}."), &format!("{token}.user_x"), method] {
        let result = world.prove(&bad.to_owned().into(), &code).await;
        assert_eq!(result.unwrap_err().refusal_code(), Some(RefusalCode::NotFound), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_an_apps_code_tells_that_it_is_waited_for() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let input =
        SecondFactorInput { method_id: world.first_step(&ann).await, code: None, credential: None, previous: None };
    let step = world.admins.second_factor(&input, &Client::default()).await.unwrap();
    assert!(matches!(step, SecondFactor::CodeExpected { attempts_remaining: 5, destination: None, .. }), "{step:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_or_a_dead_token_is_refused() {
    let world = World::new().await;
    world.invite("ann@firm.example", AdminRole::Owner).await.unwrap();
    let token = world.invitation(world.tenant).await.unwrap();
    let accept = |token: &str, password: &str| {
        let input = AcceptInvitation {
            token: token.to_owned().into(),
            password: password.to_owned().into(),
            display_name: None,
        };
        let admins = world.admins.clone();
        async move { admins.accept_invitation(&input, &Client::default()).await.unwrap_err().refusal_code() }
    };
    assert_eq!(accept(token.expose(), "password1234").await, Some(RefusalCode::Invalid));
    assert_eq!(accept(token.expose(), "").await, Some(RefusalCode::Invalid));
    let other = format!("invite_{}", "A".repeat(43));
    // A dead token is told alone, whatever else is wrong.
    for dead in ["", "invite_", other.as_str(), &token.expose().to_lowercase()] {
        assert_eq!(accept(dead, "").await, Some(RefusalCode::NotFound), "{dead}");
    }
}
