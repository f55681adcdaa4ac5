//! Logins while a tenant's data key is replaced under them.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod support;

use std::time::Duration;

use core_policy::{MethodChannel, UserKind};
use io_postgres::{Database, DatabaseOptions};
use support::{Fixture, code_of};
use svc_keys::{DataRotation, Pace};

/// As long as a process keeps a key, and no longer.
const PACE: Pace = Pace { ahead: Duration::from_secs(6), in_flight: Duration::from_secs(6) };

/// A login by an app's code, whose seed lies sealed; each user's step is good for one.
async fn logs_in(f: &Fixture, name: &str) -> &'static str {
    let user = f.bed.user(f.tenant, name, UserKind::External).await;
    let seed = f.add_totp(user).await;
    // Sealed under one key, opened a little later, whatever became of that key meanwhile.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let login = f.evaluate(name).await;
    let challenge = f.start_by(&login, MethodChannel::Totp).await.challenge.unwrap().challenge_id;
    code_of(&f.verify(challenge, &seed.code_at(f.bed.platform.now())).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_kept_out_while_the_key_under_the_seeds_is_replaced() {
    let f = Fixture::new().await;
    let owner = Database::connect_lazy(&DatabaseOptions::new(f.bed.database.owner_url())).unwrap();
    let rotation = DataRotation::new(owner, f.bed.platform.clone(), PACE);
    let rotates = async {
        rotation.begin(f.tenant).await.unwrap();
        tokio::time::sleep(PACE.ahead + PACE.in_flight).await;
        let resealed = rotation.reseal(f.tenant).await.unwrap();
        assert!(resealed.values > 0 && resealed.refused == 0, "{resealed:?}");
        assert!(rotation.end(f.tenant).await.unwrap());
        tokio::time::sleep(Duration::from_secs(2)).await;
    };
    let people = (0..60_u64).map(|number| {
        let f = &f;
        async move {
            tokio::time::sleep(Duration::from_millis(300 * number)).await;
            logs_in(f, &format!("person-{number}")).await
        }
    });
    let (answers, ()) = futures::future::join(futures::future::join_all(people), rotates).await;
    assert!(answers.iter().all(|answer| *answer == "OK"), "{answers:?}");
    let keys: i64 = f
        .scalar("select count(*) from tenant_data_key where tenant_id = $1 and $2::uuid is not null", f.tenant.0)
        .await;
    assert_eq!(keys, 1);
    assert!(f.bed.platform.keys.alarms().take().is_empty(), "nothing failed to open");
}
