//! How old keys are said to be.

use chrono::TimeDelta;
use core_kernel::{Clock as _, SystemClock};
use sqlx::{Connection as _, Executor as _, PgConnection};
use svc_keys::key_ages;
use testkit::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_key_of_each_purpose_counts_from_when_it_makes_something() {
    let database = TestDatabase::create().await;
    let mut app = PgConnection::connect(&database.app_url()).await.unwrap();
    let now = SystemClock.now();
    let fresh = key_ages(&mut app, now).await.unwrap();
    let purposes: Vec<_> = fresh.iter().map(|age| age.purpose.as_str()).collect();
    assert_eq!(purposes, ["CODE", "INDEX", "PEPPER", "SIGNING"]);

    let mut superuser = PgConnection::connect(&database.superuser_url()).await.unwrap();
    superuser
        .execute(
            "update crypto_key set created_at = now() - interval '500 days';
             update signing_key set signs_from = now() - interval '500 days';
             insert into crypto_key (purpose, key_id, sealed, master_key_id, created_at, makes_from)
             select purpose, 2, sealed, master_key_id, now(), now() + interval '1 day' from crypto_key where purpose = 'PEPPER';
             insert into crypto_key (purpose, key_id, sealed, master_key_id, created_at, retired_at)
             select purpose, 2, sealed, master_key_id, now(), now() from crypto_key where purpose = 'INDEX'",
        )
        .await
        .unwrap();
    let old = key_ages(&mut app, now).await.unwrap();
    assert!(old.iter().all(|age| now - age.since > TimeDelta::days(499)), "not yet, and not any more: {old:?}");
    let later = key_ages(&mut app, now + TimeDelta::days(2)).await.unwrap();
    let pepper = later.iter().find(|age| age.purpose == "PEPPER").unwrap();
    assert!(pepper.since > now, "a day later the new one does");
}
