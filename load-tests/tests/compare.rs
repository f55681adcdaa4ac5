//! The comparison harness against Postern itself, as both products: whole logins by nothing but the file.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::config::{Sources, load};
use app::wiring::Wiring;
use load_tests::compare::{Facts, Mapped, Mapping, Product as _, Step, drive, table};
use load_tests::database::BenchDatabase;
use load_tests::seed::{Size, external_id, seed};
use reqwest::Url;
use testkit::{TestBed, test_master_key};
use tokio_util::sync::CancellationToken;

const USERS: usize = 24;
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/products/postern.toml");

/// Where a gateway of this process listens, with a worker beside it.
async fn serve(bed: &TestBed) -> Url {
    let config = load(&Sources { file: None, environment: BTreeMap::new() }).unwrap();
    let wiring = Wiring::new(bed.platform.clone(), &config).unwrap();
    wiring.prepare().await.unwrap();
    let worker = wiring.delivery_worker(&config);
    tokio::spawn(async move { worker.run(CancellationToken::new()).await });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = wiring.router(&wiring.gateway(&config, None));
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{address}").parse().unwrap()
}

/// Users who are asked for a code, of a SANDBOX tenant.
async fn users(bed: &TestBed) -> Vec<Facts> {
    let database = BenchDatabase {
        name: "compare".to_owned(),
        superuser: bed.database.superuser_url(),
        app_url: bed.database.app_url(),
        without_rls_url: String::new(),
        master: test_master_key(),
    };
    let size = Size { tenants: 1, users: u32::try_from(USERS * 2).unwrap() };
    let key = &seed(&database, size).await.unwrap().tenants[0].api_key;
    // Those with an odd number log in at HIGH.
    let facts = |n: usize| Facts::from([("user".to_owned(), external_id(n)), ("key".to_owned(), key.clone())]);
    (0..USERS * 2).filter(|n| n % 2 == 1).map(facts).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_go_through_both_products_by_their_files() {
    let bed = TestBed::new().await;
    let address = serve(&bed).await;
    let (users, next) = (Arc::new(users(&bed).await), Arc::default());
    let product = Arc::new(Mapped::new(Mapping::read(Path::new(FILE)).unwrap(), address.clone()).unwrap());
    let half: Vec<Facts> = users[..USERS / 2].to_vec();
    let minute = Duration::from_secs(60);
    let this = drive(&product, &Arc::new(half), &next, 4, minute).await.unwrap();
    let other = drive(&product, &users, &next, 4, minute).await.unwrap();
    assert_eq!(this.first_failure.as_ref().or(other.first_failure.as_ref()), None);
    assert_eq!(this.logins, USERS as u64 / 2);
    // Each task that found no user left took one number more.
    assert!(other.logins > 0 && other.logins <= USERS as u64 / 2, "{}", other.logins);
    assert!(table([("a", &this), ("b", &other)]).lines().all(|line| !line.contains("NaN")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_and_a_wrong_key_are_failures_and_not_answers() {
    let bed = TestBed::new().await;
    let product = Mapped::new(Mapping::read(Path::new(FILE)).unwrap(), serve(&bed).await).unwrap();
    let mut facts = users(&bed).await.remove(0);
    for step in [Step::Evaluate, Step::Start, Step::Code] {
        product.take(step, &mut facts).await.unwrap();
    }
    let right = facts["code"].clone();
    facts.insert("code".to_owned(), if right == "000000" { "000001" } else { "000000" }.to_owned());
    assert!(product.take(Step::Verify, &mut facts).await.is_err());
    facts.insert("code".to_owned(), right);
    let mut stranger = facts.clone();
    stranger.insert("key".to_owned(), "nobody's".to_owned());
    assert!(product.take(Step::Verify, &mut stranger).await.is_err());
    product.take(Step::Verify, &mut facts).await.unwrap();
    assert!(facts["assertion"].starts_with("ey"));
}
