//! What somebody tries who wants in, wants to know, or wants it to stop.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Method;
use core_access::{ApiScope, Operation, ScopeSet};
use core_kernel::TypedId as _;
use serde_json::{Value, json};
use svc_directory::{CreateTenantInput, Environment, PartnerKeyInput};

use crate::house::{House, ann};

#[tokio::test(flavor = "multi_thread")]
async fn only_a_key_for_users_of_one_tenant_is_let_in() {
    let (house, tenant) = House::with_tenant().await;
    let id = house.create(&tenant.key, &ann()).await;
    let mut keys = vec![(String::new(), 401), ("pk_nobody".to_owned(), 401)];
    for scope in [ApiScope::Login, ApiScope::Read, ApiScope::Support, ApiScope::Policy] {
        keys.push((house.key(tenant.id, &[scope]).await, 403));
    }
    for (key, status) in keys {
        for (method, path) in [
            (Method::GET, "/Users".to_owned()),
            (Method::GET, format!("/Users/{id}")),
            (Method::POST, "/Users".to_owned()),
            (Method::POST, "/.search".to_owned()),
            (Method::PUT, format!("/Users/{id}")),
            (Method::PATCH, format!("/Users/{id}")),
            (Method::DELETE, format!("/Users/{id}")),
        ] {
            let refused = house.send(&key, (method, &path), &[], Body::from("{}")).await;
            assert_eq!(refused.status, status, "{path}");
            refused.scim_type();
        }
    }
    let cookie = [("cookie", "__Host-postern=s1"), ("x-postern-csrf", "1")];
    let browser = house.send("", (Method::GET, "/Users"), &cookie, Body::empty()).await;
    assert_eq!(browser.status, 401, "a session of the console is nobody here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_key_names_one_of_its_tenants() {
    let house = House::new(&[]).await;
    let directory = &house.wiring.directory;
    let partner = directory.create_partner("Partner").await.unwrap();
    let scopes = ScopeSet::of(&ApiScope::ALL);
    let made = directory.create_partner_api_key(partner, &PartnerKeyInput { name: "p".into(), scopes }).await.unwrap();
    let key = made.secret.expose().as_str();
    let permit = testkit::partner_caller(partner, &ApiScope::ALL).permit(Operation::CreateTenant).unwrap();
    let input = CreateTenantInput {
        slug: "own".into(),
        name: "Own".into(),
        environment: Environment::Sandbox,
        owner_email: "o@own.example".into(),
        policy: None,
    };
    let own = directory.create_tenant(&permit, &input).await.unwrap().settings.tenant_id.to_text();
    let foreign = house.tenant().await;
    let list = async |named: Option<&str>| {
        let headers: Vec<_> = named.map(|named| ("x-postern-tenant", named)).into_iter().collect();
        house.send(key, (Method::GET, "/Users"), &headers, Body::empty()).await
    };
    assert_eq!(list(Some(&own)).await.status, 200);
    assert_eq!(list(None).await.status, 403);
    let told = [list(Some(&foreign.id.to_text())).await, list(Some("tenant_00000000000000000000000000")).await];
    assert!(told[0] == told[1] && [403, 404].contains(&told[0].status), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_users_are_as_absent_as_those_that_never_were() {
    let (house, tenant) = House::with_tenant().await;
    let other = house.tenant().await;
    let foreign = house.create(&other.key, &ann()).await;
    let before = house.get(&other.key, &format!("/Users/{foreign}")).await;
    let absent = "user_00000000000000000000000000".to_owned();
    let mut told = Vec::new();
    for id in [foreign.clone(), absent, "0a1b-entra".into(), "1".into(), "%00".into(), foreign.to_uppercase()] {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let body =
                json!({ "userName": "x", "Operations": [{ "op": "replace", "path": "active", "value": false }] });
            let request = (method, format!("/Users/{id}"));
            told.push(house.send(&tenant.key, (request.0, &request.1), &[], Body::from(body.to_string())).await);
        }
    }
    assert!(told.iter().all(|answer| *answer == told[0] && answer.status == 404), "{told:?}");
    assert_eq!(house.get(&other.key, &format!("/Users/{foreign}")).await, before, "and untouched");

    for filter in [
        r#"userName eq "ann@example.com""#.to_owned(),
        r#"externalId eq "0a1b-entra""#.to_owned(),
        r#"emails eq "ann@example.com""#.to_owned(),
        format!(r#"id eq "{foreign}""#),
        r#"userName pr or id pr"#.to_owned(),
    ] {
        let found = house.post(&tenant.key, "/Users/.search", &json!({ "filter": filter })).await;
        assert_eq!((found.status, &found.body["totalResults"]), (200, &json!(0)), "{filter}");
    }
    house.create(&tenant.key, &ann()).await;
    let named = json!({ "userName": "mine", "id": foreign, "externalId": foreign, "tenant_id": other.id.to_text() });
    let mine = house.create(&tenant.key, &named).await;
    assert_ne!(mine, foreign, "an identifier that a client writes is no identifier");
    assert_eq!(house.get(&tenant.key, &format!("/Users/{foreign}")).await.status, 404);
}

/// The least time that an answer took at each of these, asked in turns: whatever else the machine does only adds to it.
async fn least<const N: usize>(house: &House, key: &str, paths: [&str; N]) -> [Duration; N] {
    let mut least = [Duration::MAX; N];
    for _ in 0..61 {
        for (path, least) in paths.iter().zip(&mut least) {
            let begun = Instant::now();
            house.get(key, path).await;
            *least = begun.elapsed().min(*least);
        }
    }
    least
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_it_takes_does_not_tell_whether_somebody_else_has_the_user() {
    let (house, tenant) = House::with_tenant().await;
    let other = house.tenant().await;
    let foreign = format!("/Users/{}", house.create(&other.key, &ann()).await);
    let times =
        least(&house, &tenant.key, [&foreign, "/Users/user_00000000000000000000000000", "/Users/nonsense"]).await;
    let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    // A round trip more or less would be a factor of two.
    assert!(*most < *least * 2 + Duration::from_millis(1), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_into_a_filter_or_a_name_stays_a_text() {
    // Most of these look at every user, and would soon be told to come again later.
    let house = House::new(&[("POSTERN_LIMITS__API_KEY_COMPLEXITY_BURST", "10000000")]).await;
    let tenant = house.tenant().await;
    house.create(&tenant.key, &ann()).await;
    for text in [
        "' or '1'='1",
        "'; drop table tenant_user; --",
        "\\'; select pg_sleep(5); --",
        "%",
        "_nn@Example.com",
        "$1",
        "\u{0}",
        "ann@example.com\u{0}",
        "{\"$ne\":null}",
    ] {
        for operator in ["eq", "co", "sw", "ew"] {
            for attribute in ["userName", "externalId", "displayName", "preferredLanguage"] {
                let filter = format!("{attribute} {operator} {}", Value::from(text));
                let begun = Instant::now();
                let found = house.post(&tenant.key, "/.search", &json!({ "filter": filter })).await;
                assert_eq!((found.status, &found.body["totalResults"]), (200, &json!(0)), "{filter}: {found:?}");
                assert!(begun.elapsed() < Duration::from_secs(4), "{filter}");
            }
        }
    }
    let hostile = json!({ "userName": "'; drop table tenant_user; --", "displayName": "Robert'); --" });
    let id = house.create(&tenant.key, &hostile).await;
    let read = house.get(&tenant.key, &format!("/Users/{id}")).await;
    assert_eq!(read.body["userName"], hostile["userName"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_before_it_costs() {
    let (house, tenant) = House::with_tenant().await;
    let id = house.create(&tenant.key, &ann()).await;
    let deep = format!("{}active pr{}", "(".repeat(1_900), ")".repeat(1_900));
    let many = vec!["userName eq \"x\""; 200].join(" or ");
    for filter in [deep, many, format!("userName eq \"{}\"", "x".repeat(5_000))] {
        let refused = house.post(&tenant.key, "/.search", &json!({ "filter": filter })).await;
        assert_eq!((refused.status, refused.scim_type()), (400, "tooMany"));
    }
    let long = json!({ "userName": "b", "title": "x".repeat(300 * 1024) });
    assert_eq!(house.post(&tenant.key, "/Users", &long).await.status, 413);
    let nested = format!("{{\"userName\":\"b\",\"x\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let refused = house.send(&tenant.key, (Method::POST, "/Users"), &[], Body::from(nested)).await;
    assert_eq!(refused.scim_type(), "invalidSyntax");

    let add = json!({ "op": "add", "path": "emails", "value": { "value": "x@example.com" } });
    let bomb = house.patch(&tenant.key, &id, &Value::from(vec![add; 1_000])).await;
    assert_eq!((bomb.status, bomb.scim_type()), (400, "tooMany"));
    let values: Vec<Value> = (0..3_000).map(|n| json!({ "value": format!("a{n}@example.com") })).collect();
    let bomb = house.patch(&tenant.key, &id, &json!([{ "op": "add", "path": "emails", "value": values }])).await;
    assert_eq!((bomb.status, bomb.scim_type()), (400, "invalidValue"));
    let selector = format!("emails[{}value pr{}].value", "(".repeat(500), ")".repeat(500));
    let bomb = house.patch(&tenant.key, &id, &json!([{ "op": "remove", "path": selector }])).await;
    assert_eq!(bomb.scim_type(), "invalidPath");
    let count = house.get(&tenant.key, "/Users?count=1000000").await;
    assert_eq!(count.names().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_a_key_hold_here_too() {
    let house = House::new(&[("POSTERN_LIMITS__API_KEY_RATE", "1"), ("POSTERN_LIMITS__API_KEY_BURST", "3")]).await;
    let tenant = house.tenant().await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(house.get(&tenant.key, "/Users").await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_at_every_user_spends_more_of_the_budget() {
    let settings =
        [("POSTERN_LIMITS__API_KEY_COMPLEXITY_RATE", "60"), ("POSTERN_LIMITS__API_KEY_COMPLEXITY_BURST", "22000")];
    let house = House::new(&settings).await;
    let tenant = house.tenant().await;
    let scan = r#"/Users?count=0&filter=displayName+co+%22x%22"#;
    let find = r#"/Users?count=1&filter=userName+eq+%22x%22"#;
    assert_eq!(house.get(&tenant.key, scan).await.status, 200);
    assert_eq!(house.get(&tenant.key, scan).await.status, 200);
    assert_eq!(house.get(&tenant.key, scan).await.status, 429, "a third one is too dear");
    assert_eq!(house.get(&tenant.key, find).await.status, 200, "and what an index finds is not");
}
