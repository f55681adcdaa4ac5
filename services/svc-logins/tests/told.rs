//! Events of logins: each login that is over is told of once, where somebody wants to hear of it, in
//! the transaction that ends it; where nobody does, nothing is written.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

mod support;

use core_access::Operation;
use core_kernel::TypedId;
use futures::future::join_all;
use serde_json::{Value, json};
use support::{Fixture, code_of, decision};

const HOME: &str = "192.0.2.10";

async fn listen(f: &Fixture, wanted: bool) {
    let sql = if wanted {
        "update tenant set webhook_logins = true where tenant_id = $1 and $2::uuid is not null"
    } else {
        "update tenant set webhook_logins = false where tenant_id = $1 and $2::uuid is not null"
    };
    f.run(sql, f.tenant.0).await;
}

/// Kinds and payloads of the tenant's login events, the oldest first.
async fn told(f: &Fixture) -> Vec<(String, Value)> {
    let mut tx = f.tx().await;
    sqlx::query_as(
        "select kind, payload from outbox_event where tenant_id = $1 and kind like 'LOGIN%' order by event_id",
    )
    .bind(f.tenant.0)
    .fetch_all(tx.connection())
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_of_a_login_is_told_of_once() {
    let f = Fixture::in_the_world().await;
    let ann = f.phone_user("ann").await;
    listen(&f, true).await;

    let login = f.evaluate_from("ann", HOME).await;
    assert_eq!(told(&f).await, [], "it is not over");
    f.prove(&login).await;
    let proved = json!({"user_id": ann.0, "login_id": login.login_id.0, "purpose": "SIGN_IN", "completed_with": "SMS"});
    assert_eq!(told(&f).await, [("LOGIN_COMPLETED".to_owned(), proved)]);

    let allowed = f.evaluate_from("ann", HOME).await;
    assert_eq!(decision(&allowed), "ALLOW LOW_RISK");
    let (kind, payload) = told(&f).await.pop().unwrap();
    assert_eq!((kind.as_str(), &payload["reasons"]), ("LOGIN_COMPLETED", &json!(["LOW_RISK"])));
    assert_eq!(payload["login_id"], json!(allowed.login_id.0));

    f.run("update tenant_user set disabled = true where tenant_id = $1 and user_id = $2", ann.0).await;
    f.evaluate_from("ann", HOME).await;
    let (kind, payload) = told(&f).await.pop().unwrap();
    assert_eq!((kind.as_str(), &payload["reasons"]), ("LOGIN_DENIED", &json!(["USER_DISABLED"])));
    assert_eq!(told(&f).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolling_later_is_told_of_too() {
    let f = Fixture::in_the_world().await;
    f.policy(|policy| policy.external.mandatory_from = None).await;
    f.bed.user(f.tenant, "ann", core_policy::UserKind::External).await;
    listen(&f, true).await;
    let login = f.evaluate_from("ann", HOME).await;
    let skipped =
        f.logins.skip_enrollment(&f.permit(Operation::SkipEnrollment), &login.login_id.to_text()).await.unwrap();
    assert!(skipped.completed_at.is_some());
    let (kind, payload) = told(&f).await.pop().unwrap();
    assert_eq!((kind.as_str(), &payload["completed_with"]), ("LOGIN_COMPLETED", &json!("SKIPPED")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_is_told_of_one_by_one_and_nobody_twice() {
    let f = Fixture::in_the_world().await;
    listen(&f, true).await;
    let mut challenges = Vec::new();
    for at in 0..12 {
        let external_id = format!("user {at}");
        let user = f.phone_user(&external_id).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let login = f.evaluate_from(&external_id, HOME).await;
        challenges.push(f.text(&login).await);
    }
    let codes: Vec<String> = challenges.iter().map(|challenge| f.code(*challenge)).collect();
    let twice = challenges.iter().zip(&codes).cycle().take(24);
    let answers = join_all(twice.map(|(challenge, code)| f.verify(*challenge, code))).await;
    assert_eq!(answers.iter().filter(|answer| code_of(answer) == "OK").count(), 12);
    let mut logins: Vec<String> = told(&f).await.iter().map(|(_, payload)| payload["login_id"].to_string()).collect();
    logins.sort_unstable();
    logins.dedup();
    assert_eq!((logins.len(), told(&f).await.len()), (12, 12));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_listens_nothing_is_written() {
    let f = Fixture::in_the_world().await;
    f.phone_user("ann").await;
    listen(&f, false).await;
    let login = f.evaluate_from("ann", HOME).await;
    f.prove(&login).await;
    f.evaluate_from("ann", HOME).await;
    assert_eq!(told(&f).await, []);
}
