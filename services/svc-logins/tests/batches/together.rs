//! Logins that meet in one statement, and how often functions were called.

use std::time::Duration;

use core_kernel::{ChallengeId, TenantId};
use futures::future::join_all;
use sqlx::PgConnection;
use svc_logins::{CombinerOptions, VerifyOutput};

use crate::support::{Fixture, code_of};

pub const HOME: &str = "192.0.2.10";

pub const ACROSS: &str = "198.51.100.7";

pub const LONDON: &str = "203.0.113.9";

pub const BOSTON: &str = "2001:db8:1:2::1";

/// Where each tenant's users log in, and how far north that is.
pub const PLACES: [(&str, i32); 4] = [(HOME, 45), (ACROSS, 38), (LONDON, 52), (BOSTON, 42)];

/// One worker a step: whatever is asked while it is busy makes one batch.
pub async fn one_worker() -> Fixture {
    let f = Fixture::in_the_world_with(CombinerOptions { workers: 1, ..CombinerOptions::default() }).await;
    count_functions(&f).await;
    f
}

/// Connections that are made from now on count the functions that they call.
pub async fn count_functions(f: &Fixture) {
    let mut superuser = f.superuser().await;
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(&mut superuser).await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!("alter database {name} set track_functions = 'all'"));
    sqlx::raw_sql(sql).execute(&mut superuser).await.unwrap();
}

/// Ends the workers, whose sessions then hand in how often they called each function.
pub async fn expect_calls<const N: usize>(f: Fixture, expected: [(&str, i64); N]) {
    let mut superuser = f.superuser().await;
    let Fixture { logins, bed, .. } = f;
    drop(logins);
    let mut counted = Vec::new();
    for _ in 0..250 {
        counted.clear();
        for (function, _) in expected {
            counted.push((function, calls(&mut superuser, function).await));
        }
        if counted == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(counted, expected);
    drop(bed);
}

pub async fn calls(superuser: &mut PgConnection, function: &str) -> i64 {
    sqlx::query_scalar("select coalesce(sum(calls), 0)::bigint from pg_stat_user_functions where funcname = $1")
        .bind(function)
        .fetch_one(superuser)
        .await
        .unwrap()
}

pub struct Asked {
    pub tenant: TenantId,
    pub challenge: ChallengeId,
    pub code: String,
    pub remember: bool,
}

impl Asked {
    pub fn right(f: &Fixture, challenge: ChallengeId) -> Self {
        Self { tenant: f.tenant, challenge, code: f.code(challenge), remember: false }
    }
}

/// Verifies all of them in one batch: the only worker is held up by a login whose row is locked.
pub async fn together(f: &Fixture, asked: &[Asked]) -> Vec<VerifyOutput> {
    let name = format!("decoy {}", asked[0].challenge.0);
    f.phone_user(&name).await;
    let login = f.evaluate(&name).await;
    let challenge = f.text(&login).await;
    let mut tx = f.tx().await;
    let lock = "select from login where tenant_id = $1 and login_id = $2 for update";
    sqlx::query(lock).bind(f.tenant.0).bind(login.login_id.0).execute(tx.connection()).await.unwrap();
    let code = f.code(challenge);
    let decoy = async { assert_eq!(code_of(&f.verify(challenge, &code).await), "OK") };
    let others = async {
        f.somebody_waits().await;
        let all = join_all(asked.iter().map(|one| f.verify_of(one.tenant, one.challenge, &one.code, one.remember)));
        let release = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            tx.commit().await.unwrap();
        };
        tokio::join!(all, release).0
    };
    tokio::join!(decoy, others).1
}

/// Four more right codes: enough that the batch is one statement.
pub async fn company(f: &Fixture, name: &str) -> Vec<Asked> {
    let mut asked = Vec::new();
    for at in 0..4 {
        let external_id = format!("{name} {at}");
        let user = f.phone_user(&external_id).await;
        f.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", user.0).await;
        let login = f.evaluate_from(&external_id, HOME).await;
        asked.push(Asked::right(f, f.text(&login).await));
    }
    asked
}
