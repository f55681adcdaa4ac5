//! Replacing the master key, the pepper and the signing keys.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use core_crypto::{ApiKeyKind, ApiKeySecret, KeyPurpose, MasterKey, api_key_digests};
use core_kernel::SystemEntropy;
use io_postgres::{Database, DatabaseOptions};
use sqlx::{Connection as _, PgConnection};
use svc_keys::{ApiKeysUnder, Rewrapped, all_tenants, retire_peppers, rewrap, rotate_pepper};
use svc_platform::{Keys, MasterSource, replace_signing_keys, rotate_signing_key};
use testkit::{Environment, TestBed, test_master_key};

struct Operator {
    bed: TestBed,
    owner: PgConnection,
    database: Database,
}

impl Operator {
    async fn new() -> Self {
        let bed = TestBed::new().await;
        let owner = PgConnection::connect(&bed.database.owner_url()).await.unwrap();
        let database = Database::connect_lazy(&DatabaseOptions::new(bed.database.owner_url())).unwrap();
        Self { bed, owner, database }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_runs_reads_the_next_master_key_when_it_needs_it() {
    let mut operator = Operator::new().await;
    let (one, two) = (operator.bed.tenant(Environment::Live).await, operator.bed.tenant(Environment::Live).await);
    let old = test_master_key();
    let new = MasterKey::generate(&SystemEntropy);
    let both = MasterKey::parse(&format!("{}\n{}", old.to_text().as_str(), new.to_text().as_str())).unwrap();
    let file = Arc::new(Mutex::new(old.clone()));
    let read = file.clone();
    let source = MasterSource::new(move || Box::pin(std::future::ready(Ok(read.lock().unwrap().clone()))));
    let database = &operator.bed.platform.database;
    let keys = Keys::load_from(database, source).await.unwrap();
    let kid = keys.signer(operator.bed.platform.now()).unwrap().kid().to_owned();

    *file.lock().unwrap() = both.clone();
    let tenants = all_tenants(database).await.unwrap();
    // Killed after the first tenant, and run again.
    let some = rewrap(&mut operator.owner, &operator.database, &[one], &both.newest(), &SystemEntropy).await.unwrap();
    assert_eq!(some, Rewrapped { installation: 4, data: 1 });
    keys.data_key(database, two).await.unwrap();
    let rest = rewrap(&mut operator.owner, &operator.database, &tenants, &both.newest(), &SystemEntropy).await.unwrap();
    assert_eq!((rest.installation, rest.data), (0, tenants.len() as u64 - 1));
    let again =
        rewrap(&mut operator.owner, &operator.database, &tenants, &both.newest(), &SystemEntropy).await.unwrap();
    assert_eq!(again, Rewrapped::default());

    keys.reload(database).await.unwrap();
    assert_eq!(keys.signer(operator.bed.platform.now()).unwrap().kid(), kid);
    for tenant in [one, two] {
        keys.data_key(database, tenant).await.unwrap();
    }
    assert!(Keys::load(database, old).await.is_err(), "the old key opens nothing any more");
    assert!(Keys::load(database, new).await.is_ok(), "the new one alone opens all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pepper_is_known_before_it_makes_digests_and_the_old_one_goes_when_it_is_told_to() {
    let mut operator = Operator::new().await;
    let (platform, master) = (operator.bed.platform.clone(), test_master_key());
    let key = ApiKeySecret::generate(ApiKeyKind::Live, &SystemEntropy);
    let before = key.digest(&platform.keys.ring());
    assert_eq!(rotate_pepper(&mut operator.owner, &master, &SystemEntropy, Duration::from_secs(3)).await.unwrap(), 2);
    platform.keys.reload(&platform.database).await.unwrap();
    assert_eq!(key.digest(&platform.keys.ring()), before, "not yet");
    assert_eq!(api_key_digests(&platform.keys.ring(), &key).len(), 2, "but it is known");
    assert_eq!(retire_peppers(&mut operator.owner).await.unwrap(), 0, "nor does the old one go yet");
    tokio::time::sleep(Duration::from_secs(3)).await;
    platform.keys.reload(&platform.database).await.unwrap();
    assert_eq!(platform.keys.ring().current(KeyPurpose::Pepper).id(), 2);
    assert!(api_key_digests(&platform.keys.ring(), &key).contains(&before));
    assert_eq!(retire_peppers(&mut operator.owner).await.unwrap(), 1);
    platform.keys.reload(&platform.database).await.unwrap();
    assert!(!api_key_digests(&platform.keys.ring(), &key).contains(&before));
    let tenants = all_tenants(&platform.database).await.unwrap();
    let under = ApiKeysUnder::count(&mut operator.owner, &operator.database, &tenants).await.unwrap();
    assert_eq!(under, ApiKeysUnder::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_key_is_published_before_it_signs_and_until_its_last_assertion_is_over() {
    let mut operator = Operator::new().await;
    let (platform, master) = (operator.bed.platform.clone(), test_master_key());
    let now = platform.now();
    let old = platform.keys.signer(now).unwrap().kid().to_owned();
    let new = rotate_signing_key(&mut operator.owner, &master, &SystemEntropy, now).await.unwrap();
    platform.keys.reload(&platform.database).await.unwrap();
    let published = |seconds| {
        let keys = platform.keys.jwks(now + TimeDelta::seconds(seconds)).keys;
        keys.into_iter().map(|key| key.kid).collect::<Vec<_>>()
    };
    let signs = |seconds| platform.keys.signer(now + TimeDelta::seconds(seconds)).unwrap().kid().to_owned();
    assert_eq!((published(0), signs(0)), (vec![old.clone(), new.clone()], old.clone()));
    assert_eq!((published(901), signs(901)), (vec![old.clone(), new.clone()], new.clone()));
    // Its last assertion lives five minutes, and clocks may be half a minute apart.
    assert_eq!(published(900 + 330), [old, new.clone()]);
    assert_eq!(published(900 + 361), [new]);

    let at_once = replace_signing_keys(&mut operator.owner, &master, &SystemEntropy, now).await.unwrap();
    platform.keys.reload(&platform.database).await.unwrap();
    assert_eq!((published(0), signs(0)), (vec![at_once.clone()], at_once));
}
