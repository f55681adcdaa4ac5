//! Sessions that their person sees and ends, and those that an OWNER ends.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod common;

use chrono::TimeDelta;
use common::{World, caller};
use core_access::{AdminRole, Caller, Operation};
use core_kernel::{Fault, Redacted, RefusalCode, Stop, TypedId};
use svc_admins::{Client, EndSessions, InviteAdmin, SecondFactor, SecondFactorInput};
use testkit::Environment;

fn is_over<T: std::fmt::Debug>(result: Result<T, Fault>) -> bool {
    matches!(result, Err(Fault::Unauthenticated))
}

async fn end(world: &World, session: &Redacted<String>, which: EndSessions) -> Result<u64, Option<RefusalCode>> {
    let ended = world.admins.end_sessions(session, &which, &Client::default()).await;
    ended.map_err(|stop: Stop| stop.refusal_code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_where_they_are_signed_in() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Owner).await;
    world.sign_in(&bob).await;
    let first = world.sign_in(&ann).await.token;
    world.advance(TimeDelta::seconds(30));
    let client = Client { ip: Some("192.0.2.7".parse().unwrap()), user_agent: Some("Firefox ".repeat(100)) };
    let input = SecondFactorInput {
        method_id: world.first_step(&ann).await,
        code: Some(world.code(&ann.totp).into()),
        credential: None,
        previous: None,
    };
    let step = world.admins.second_factor(&input, &client).await.unwrap();
    let SecondFactor::SignedIn(second) = step else { panic!("{step:?}") };

    let seen = world.admins.sessions(&first).await.unwrap();
    // The one of the invitation, which nobody signed out of, is older than a quarter of an hour by no means.
    let current: Vec<_> = seen.iter().filter(|session| session.is_current).collect();
    assert_eq!((current.len(), seen.len()), (1, 3), "{seen:?}");
    let other = seen.iter().find(|session| session.ip.is_some()).unwrap();
    assert_eq!(other.ip, client.ip);
    assert_eq!(other.user_agent.as_ref().map(|name| name.chars().count()), Some(300), "no more than a name");
    assert!(!format!("{seen:?}").contains(second.token.expose().as_str()));
    // What is idle is over, and not listed.
    world.advance(TimeDelta::minutes(14));
    world.admins.session(&first).await.unwrap();
    world.advance(TimeDelta::minutes(2));
    assert_eq!(world.admins.sessions(&first).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ends_or_all_others_at_once_on_every_replica() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let (here, there) = (world.sign_in(&ann).await.token, world.sign_in(&ann).await.token);
    let replica = world.replica();
    assert!(caller(&replica, &there, None).await.is_ok());
    let id = replica.session(&there).await.unwrap().id.to_text();
    assert_eq!(end(&world, &here, EndSessions::One(id.clone())).await, Ok(1));
    assert!(is_over(caller(&replica, &there, None).await));
    assert_eq!(end(&world, &here, EndSessions::One(id)).await, Err(Some(RefusalCode::NotFound)), "once");

    let more = [world.sign_in(&ann).await.token, world.sign_in(&ann).await.token];
    assert!(end(&world, &here, EndSessions::Others).await.unwrap() >= 2);
    for ended in &more {
        assert!(is_over(caller(&replica, ended, None).await));
    }
    assert!(caller(&replica, &here, None).await.is_ok(), "the one that asked goes on");
    assert!(world.audit(world.tenant).await.contains(&"admin.sessions_ended".to_owned()));
    let own = world.admins.session(&here).await.unwrap().id.to_text();
    assert_eq!(end(&world, &here, EndSessions::One(own)).await, Ok(1), "this one too");
    assert!(is_over(world.admins.session(&here).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_a_strangers_session_by_its_name() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Owner).await;
    let (anns, bobs) = (world.sign_in(&ann).await.token, world.sign_in(&bob).await.token);
    let id = world.admins.session(&anns).await.unwrap().id.to_text();
    for name in [id.as_str(), "", "nonsense", anns.expose()] {
        assert_eq!(end(&world, &bobs, EndSessions::One(name.to_owned())).await, Err(Some(RefusalCode::NotFound)));
    }
    end(&world, &bobs, EndSessions::Others).await.unwrap();
    assert!(world.admins.session(&anns).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_ends_anothers_part_in_the_tenant_and_in_no_other() {
    let world = World::new().await;
    let ann = world.person("ann@firm.example", AdminRole::Owner).await;
    let bob = world.person("bob@firm.example", AdminRole::Admin).await;
    let second = world.bed.tenant(Environment::Sandbox).await;
    let invite = Caller::system(second).permit(Operation::InviteAdmin).unwrap();
    let input = InviteAdmin { email: bob.email.clone(), role: AdminRole::Auditor };
    world.admins.invite_admin(&invite, &input).await.unwrap();
    let session = world.sign_in(&bob).await.token;
    let (first, second) = (world.tenant.to_text(), second.to_text());
    let replica = world.replica();
    assert!(caller(&replica, &session, Some(&first)).await.is_ok());

    let permit = world.as_admin(&ann.admin, Operation::EndAdminSessions).unwrap();
    world.advance(TimeDelta::seconds(1));
    let ended = world.admins.end_admin_sessions(&permit, &bob.admin.admin_id.to_text()).await.unwrap();
    assert_eq!(ended.email, bob.email);
    assert!(matches!(caller(&replica, &session, Some(&first)).await, Err(Fault::Forbidden { .. })));
    assert!(caller(&replica, &session, Some(&second)).await.is_ok(), "another firm's console is not theirs to close");
    let anew = world.sign_in(&bob).await.token;
    assert!(caller(&replica, &anew, Some(&first)).await.is_ok());

    // With nothing left of it, a session is over.
    let anns = world.sign_in(&ann).await.token;
    world.advance(TimeDelta::seconds(1));
    world.admins.end_admin_sessions(&permit, &ann.admin.admin_id.to_text()).await.unwrap();
    assert!(is_over(replica.session(&anns).await));
    let unknown = world.admins.end_admin_sessions(&permit, "admin_x").await.unwrap_err();
    assert_eq!(unknown.refusal_code(), Some(RefusalCode::NotFound));
    for role in AdminRole::ALL.into_iter().filter(|role| *role != AdminRole::Owner) {
        let other = svc_admins::AdminView { role, ..ann.admin.clone() };
        assert!(world.as_admin(&other, Operation::EndAdminSessions).is_err(), "{role:?}");
    }
}
