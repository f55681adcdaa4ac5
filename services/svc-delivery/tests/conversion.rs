//! Of which codes the right one was given, as the database tells it.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod common;

use common::{Sent, as_superuser, one_code};
use io_postgres::NoTenant;
use testkit::{Environment, TestBed};
use uuid::Uuid;

async fn verified(bed: &TestBed, sent: &[&Sent]) -> Vec<bool> {
    let mut connection = NoTenant::acquire(&bed.platform.database).await.unwrap();
    let tenants: Vec<Uuid> = sent.iter().map(|sent| sent.tenant.0).collect();
    let challenges: Vec<Uuid> = sent.iter().map(|sent| sent.challenge.0).collect();
    sqlx::query_scalar("select verified from challenges_verified_batch($1, $2) order by item")
        .bind(tenants)
        .bind(challenges)
        .fetch_all(connection.connection())
        .await
        .unwrap()
}

/// The challenge becomes one of a login that was completed by this.
const COMPLETED: &str = "with l as (
    insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level, policy_version,
                       ip_address, max_attempts, created_at, expires_at, completed_at, completed_by)
    select c.tenant_id, c.month, c.challenge_id, c.user_id, 'SIGN_IN', 'PASSWORD', 'CHALLENGE', '{}', 'STANDARD', 1,
           '192.0.2.1', 5, now(), now(), now(), c.challenge_id from challenge c where c.tenant_id = $1)
    update challenge set login_month = month, login_id = challenge_id where tenant_id = $1";

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_is_known_within_a_login_and_outside_one() {
    let bed = TestBed::new().await;
    let mut sent = Vec::new();
    for _ in 0..4 {
        sent.push(one_code(&bed, Environment::Live, "SMS").await);
    }
    let [alone, enrolled, logged_in, otherwise] = &sent[..] else { panic!("four") };
    as_superuser(&bed, "update challenge set verified_at = now() where tenant_id = $1", enrolled.tenant).await;
    as_superuser(&bed, COMPLETED, logged_in.tenant).await;
    as_superuser(&bed, COMPLETED, otherwise.tenant).await;
    as_superuser(&bed, "update login set completed_by = gen_random_uuid() where tenant_id = $1", otherwise.tenant)
        .await;
    assert_eq!(verified(&bed, &[alone, enrolled, logged_in, otherwise]).await, [false, true, true, false]);

    // A challenge under another tenant's name is nobody's.
    let foreign = Sent { tenant: alone.tenant, ..*enrolled };
    assert_eq!(verified(&bed, &[&foreign]).await, [false]);
}
