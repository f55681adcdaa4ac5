//! Each is noted for its own user under its own tenant, once.

use std::time::Duration;

use core_kernel::TenantId;
use core_policy::MethodChannel;
use futures::future::join_all;
use testkit::Environment;

use crate::support::{self, Fixture, code_of, decision};
use crate::together::{ACROSS, Asked, HOME, LONDON, PLACES, company, expect_calls, one_worker, together};

#[tokio::test(flavor = "multi_thread")]
async fn right_codes_of_several_tenants_are_noted_each_under_its_own() {
    let mut f = one_worker().await;
    let (mut asked, mut users) = (Vec::new(), Vec::new());
    let first = f.tenant;
    for at in 0..60_usize {
        let place = at % PLACES.len();
        if at > 0 && at < PLACES.len() {
            f.bed.tenant(Environment::Sandbox).await;
        }
        f.tenant = tenant_at(&f, first, place).await;
        let external_id = format!("user {at}");
        let user = f.phone_user(&external_id).await;
        let bystander = f.bed.user(f.tenant, &format!("bystander {at}"), core_policy::UserKind::External).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let login = f.evaluate_from(&external_id, PLACES[place].0).await;
        let challenge = f.text(&login).await;
        let mut one = Asked::right(&f, challenge);
        if at % 10 == 9 {
            one.code = f.wrong_code(challenge).to_owned();
        }
        asked.push(one);
        users.push((f.tenant, user, bystander));
    }
    f.tenant = first;
    let answers = together(&f, &asked).await;
    let untouched = f.memory(users[0].2).await;
    for (at, (answer, (tenant, user, bystander))) in answers.iter().zip(&users).enumerate() {
        f.tenant = *tenant;
        let (memory, wrong) = (f.memory(*user).await, at % 10 == 9);
        assert_eq!(code_of(answer), if wrong { "WRONG_CODE" } else { "OK" }, "{at}");
        let expected = if wrong { (0, None) } else { (1, Some(PLACES[at % PLACES.len()].1)) };
        assert_eq!((memory.logins(), memory.north()), expected, "{at}");
        assert_eq!(f.memory(*bystander).await, untouched);
    }
    f.tenant = first;
    // The decoy, and in one batch six wrong codes.
    expect_calls(f, [("hot_verify_batch", 2), ("hot_verify", 7)]).await;
}

/// The n-th tenant, the oldest first.
async fn tenant_at(f: &Fixture, first: TenantId, at: usize) -> TenantId {
    if at == 0 {
        return first;
    }
    let mut superuser = f.superuser().await;
    let sql = "select tenant_id from tenant where name = 'Test Tenant' order by tenant_id offset $1 limit 1";
    TenantId(sqlx::query_scalar(sql).bind(at as i64).fetch_one(&mut superuser).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_of_several_tenants_are_noted_each_under_its_own() {
    let mut f = one_worker().await;
    let first = f.tenant;
    let second = f.bed.tenant(Environment::Sandbox).await;
    let mut users = Vec::new();
    for (at, tenant) in [first, second].into_iter().cycle().take(24).enumerate() {
        f.tenant = tenant;
        let external_id = format!("user {at}");
        let user = f.phone_user(&external_id).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        f.log_in_from(&external_id, PLACES[at % 2].0).await;
        users.push((tenant, external_id, user));
    }
    f.tenant = first;
    f.phone_user("decoy").await;
    let decoy = f.bed.user(first, "decoy 2", core_policy::UserKind::External).await;
    let mut tx = f.tx().await;
    let lock = "select from tenant_user where tenant_id = $1 and user_id = $2 for update";
    sqlx::query(lock).bind(first.0).bind(decoy.0).execute(tx.connection()).await.unwrap();
    let all = async {
        f.somebody_waits().await;
        let asked = users.iter().enumerate().map(|(at, (tenant, external_id, _))| {
            let permit = support::login_caller(*tenant).permit(core_access::Operation::EvaluateLogin).unwrap();
            let ip_address = PLACES[at % 2].0.to_owned();
            let input = svc_logins::EvaluateInput { ip_address, ..support::input(external_id) };
            let logins = f.logins.clone();
            async move { logins.evaluate(&permit, &input).await.unwrap() }
        });
        let release = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tx.commit().await.unwrap();
        };
        tokio::join!(join_all(asked), release).0
    };
    let (_, decided) = tokio::join!(f.evaluate("decoy 2"), all);
    for (at, (login, (tenant, _, user))) in decided.iter().zip(&users).enumerate() {
        f.tenant = *tenant;
        assert_eq!(decision(login), "ALLOW LOW_RISK", "{at}");
        let memory = f.memory(*user).await;
        assert_eq!((memory.logins(), memory.north()), (2, Some(PLACES[at % 2].1)), "{at}");
        assert_eq!(memory.last_completed_at, login.completed_at);
    }
    // The decoy, and all decisions together.
    expect_calls(f, [("hot_record_login_batch", 24 + 2)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logins_of_one_user_in_one_batch_both_count() {
    let f = one_worker().await;
    let ann = f.phone_user("ann").await;
    let across = f.evaluate_from("ann", ACROSS).await;
    let home = f.evaluate_from("ann", HOME).await;
    let london = f.evaluate_from("ann", LONDON).await;
    let mut asked = company(&f, "friend").await;
    // The one that was begun last is verified first.
    for (login, channel) in
        [(&london, MethodChannel::Sms), (&across, MethodChannel::Sms), (&home, MethodChannel::Voice)]
    {
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", ann.0).await;
        asked.push(Asked::right(&f, f.start_by(login, channel).await.challenge.unwrap().challenge_id));
    }
    let answers = together(&f, &asked).await;
    assert!(answers.iter().all(|answer| code_of(answer) == "OK"));
    let memory = f.memory(ann).await;
    assert_eq!((memory.logins(), memory.north()), (3, Some(52)), "begun last, whenever completed");
    assert_eq!(memory.last_position_at, Some(london.created_at));
    let kinds: Vec<_> = memory.seen.iter().map(|element| element >> 60).collect();
    assert_eq!(kinds, [1, 1, 2, 2, 2, 3, 4, 4, 4]);
    // One statement, but for the decoy.
    expect_calls(f, [("hot_verify_batch", 2), ("hot_verify", 1)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whoever_is_gone_nothing_is_noted_and_the_batch_goes_on() {
    let f = one_worker().await;
    let ann = f.phone_user("ann").await;
    let login = f.evaluate_from("ann", HOME).await;
    let mut asked = company(&f, "friend").await;
    asked.push(Asked::right(&f, f.text(&login).await));
    f.run("update tenant_user set erased_at = now() where tenant_id = $1 and user_id = $2", ann.0).await;
    let answers = together(&f, &asked).await;
    assert_eq!(answers.iter().map(code_of).collect::<Vec<_>>(), ["OK"; 5]);
    assert_eq!(f.memory(ann).await.logins(), 0);
    let sql =
        "select count(*) from tenant_user where tenant_id = $1 and $2::uuid is not null and external_id like 'friend%'
                  and (select sum(get_byte(login_hours, h)) from generate_series(0, 23) h) = 1";
    assert_eq!(f.scalar::<i64>(sql, ann.0).await, 4);
    // The decoy, and one statement for the five.
    expect_calls(f, [("hot_verify_batch", 2), ("hot_verify", 1)]).await;
}
