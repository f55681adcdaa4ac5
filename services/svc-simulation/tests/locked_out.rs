//! Who would be locked out, and that publishing does what was foreseen.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Fixture, draft};
use core_access::Operation;
use core_kernel::{PageRequest, TypedId};
use core_policy::{Channel, DecisionReason, LoginOutcome, SecurityLevel};
use svc_policy::PublishPolicyInput;

/// Users of every kind, each of whom has logged in.
async fn firm(test: &Fixture) {
    for (user, factors) in [
        ("texts-only", &["PHONE_PRIMARY"][..]),
        ("two-phones", &["PHONE_PRIMARY", "PHONE_RECOVERY"]),
        ("phone-and-app", &["PHONE_PRIMARY", "TOTP"]),
        ("app-only", &["TOTP"]),
        ("has-codes", &["PHONE_PRIMARY", "BACKUP_CODES"]),
        ("new", &[]),
        ("enrolled-since", &["PHONE_PRIMARY"]),
        ("disabled-since", &["PHONE_PRIMARY"]),
        ("locked-for-a-while", &["PHONE_PRIMARY"]),
        ("locked-by-a-person", &["PHONE_PRIMARY"]),
        ("erased-since", &["PHONE_PRIMARY"]),
    ] {
        test.user(user, factors).await;
        if user == "has-codes" {
            add_backup_code(test).await;
        }
        test.log_in(user).await;
        test.log_in(user).await;
    }
    test.user("never-came", &["PHONE_PRIMARY"]).await;
}

async fn add_backup_code(test: &Fixture) {
    test.write(
        "insert into backup_code (tenant_id, factor_id, slot, hash)
         select f.tenant_id, f.factor_id, 1, '' from factor f where f.tenant_id = $1 and f.kind = 'BACKUP_CODES'",
        None,
    )
    .await;
}

/// What happened after the logins.
async fn since_then(test: &Fixture) {
    let page = PageRequest::new(100, None).unwrap();
    let directory = svc_directory::Directory::new(test.bed.platform.clone(), test.policies.clone());
    let permit = test.permit(Operation::ReadUsers);
    let users = directory.list_users(&permit, &page, None, &Default::default()).await.unwrap();
    let id = |external_id: &str| {
        let found = users.rows.iter().find(|(_, user)| user.record.external_id == external_id);
        found.unwrap().1.record.user_id
    };
    test.add_factor(id("enrolled-since"), "TOTP", "US").await;
    for (user, sql) in [
        ("disabled-since", "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2"),
        (
            "locked-for-a-while",
            "update tenant_user set locked_until = tenant_now($1) + interval '15 minutes' where tenant_id = $1 and user_id = $2",
        ),
        (
            "locked-by-a-person",
            "update tenant_user set locked_until = 'infinity' where tenant_id = $1 and user_id = $2",
        ),
        ("erased-since", "update tenant_user set erased_at = tenant_now($1) where tenant_id = $1 and user_id = $2"),
    ] {
        test.write(sql, Some(id(user))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_texts_names_the_users_it_locks_out_and_publishing_does_what_was_foreseen() {
    let test = Fixture::new().await;
    firm(&test).await;
    since_then(&test).await;
    let dropped = || draft(&[Channel::Totp, Channel::Passkey]);

    let found = test.simulate(dropped(), 30).await;
    let foreseen = test.locked_out(&found).await;
    assert_eq!(foreseen, ["locked-for-a-while", "texts-only", "two-phones"]);
    assert_eq!(found.users_locked_out, 3);

    let input = PublishPolicyInput { draft: dropped(), expected_version: 2, ..PublishPolicyInput::default() };
    test.policies.publish(&test.permit(Operation::PublishPolicy), input).await.unwrap();
    test.bed.advance(test.tenant, 16 * 60).await;
    for user in [
        "texts-only",
        "two-phones",
        "phone-and-app",
        "app-only",
        "has-codes",
        "new",
        "enrolled-since",
        "locked-for-a-while",
    ] {
        let denied = test.log_in(user).await.reasons == [DecisionReason::NoUsableFactor];
        assert_eq!(denied, foreseen.iter().any(|one| one == user), "{user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn raising_the_level_locks_nobody_out() {
    let test = Fixture::new().await;
    firm(&test).await;
    let mut everything = common::high();
    everything.external.default_level = Some(SecurityLevel::High);
    let found = test.simulate(everything, 30).await;
    assert_eq!((found.users_locked_out, test.locked_out(&found).await), (0, Vec::new()));
    assert!(found.transitions.iter().all(|transition| transition.to != LoginOutcome::Deny));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_let_in_at_last_is_not_locked_out_for_an_earlier_risk() {
    let test = Fixture::new().await;
    test.user("ann", &["TOTP"]).await;
    test.user("bea", &["TOTP"]).await;
    test.log_in("ann").await;
    test.log_in("bea").await;
    // As if ann's login had been completed by a proof: the next is not a first one.
    test.write(
        "update login set facts = jsonb_set(facts::jsonb, '{risk,findings}', '[]')::json
          where tenant_id = $1 and login_id = (select max(login_id::text)::uuid from login where tenant_id = $1)",
        None,
    )
    .await;
    let mut strict = draft(&[Channel::Totp]);
    strict.risk.challenge_threshold = Some(40);
    strict.risk.deny_threshold = Some(50);
    let found = test.simulate(strict, 30).await;
    assert_eq!(test.locked_out(&found).await, ["ann"], "bea's login scores nothing now");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_comes_in_pages_newest_first() {
    let test = Fixture::new().await;
    for n in 0..5 {
        let user = format!("user-{n}");
        test.user(&user, &["PHONE_PRIMARY"]).await;
        test.log_in(&user).await;
    }
    let found = test.simulate(draft(&[Channel::Totp]), 30).await;
    let permit = test.permit(Operation::ReadPolicy);
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let request = PageRequest::new(2, after).unwrap();
        let page = test.simulations.locked_out(&permit, found.id, &request).await.unwrap();
        after = page.rows.last().map(|(cursor, _)| cursor.0.clone());
        seen.push(page.rows.into_iter().map(|(_, user)| user.record.external_id).collect::<Vec<_>>());
        if !page.has_next {
            break;
        }
    }
    assert_eq!(seen, [vec!["user-4", "user-3"], vec!["user-2", "user-1"], vec!["user-0"]]);
    let nothing = PageRequest { first: 2, after: Some("another list's".to_owned()) };
    assert!(test.simulations.locked_out(&permit, found.id, &nothing).await.unwrap().rows.is_empty());
    assert!(found.id.to_text().starts_with("simulation_"));
}
