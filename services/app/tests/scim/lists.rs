//! Lists: filters, pages, order, and the same by POST.

use serde_json::json;

use crate::house::{EXTENSION, House, Tenant, ann};

async fn three() -> (House, Tenant) {
    let (house, tenant) = Box::pin(House::with_tenant()).await;
    house.create(&tenant.key, &ann()).await;
    house.create(&tenant.key, &json!({ "userName": "bob", "active": false })).await;
    house
        .create(
            &tenant.key,
            &json!({ "userName": "Cid", "externalId": "0A1B-entra", EXTENSION: { "kind": "INTERNAL" } }),
        )
        .await;
    (house, tenant)
}

/// A path with a query, encoded.
fn query(pairs: &[(&str, &str)]) -> String {
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/Users?{encoded}")
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_what_can_be_searched() {
    let (house, tenant) = three().await;
    let kind = format!("{EXTENSION}:kind eq \"INTERNAL\"");
    for (filter, names) in [
        (r#"userName eq "ann@example.COM""#, vec!["Ann@Example.com"]),
        (r#"USERNAME EQ "BOB""#, vec!["bob"]),
        (r#"userName co "example" or userName sw "c""#, vec!["Ann@Example.com", "Cid"]),
        (r#"externalId eq "0a1b-entra""#, vec!["Ann@Example.com"]),
        (r#"not (externalId pr)"#, vec!["bob"]),
        (r#"emails.value eq "ANN@example.com""#, vec!["Ann@Example.com"]),
        (r#"emails[value eq "ann@example.com"]"#, vec!["Ann@Example.com"]),
        (r#"active eq false"#, vec!["bob"]),
        (r#"active eq "True" and displayName pr"#, vec!["Ann@Example.com"]),
        (kind.as_str(), vec!["Cid"]),
        (r#"meta.created gt "2020-01-01T00:00:00Z" and userName ew "b""#, vec!["bob"]),
        (r#"userName eq "nobody""#, vec![]),
    ] {
        let found = house.get(&tenant.key, &query(&[("filter", filter)])).await;
        assert_eq!(found.names(), names, "{filter}");
        assert_eq!(found.body["totalResults"], json!(names.len()), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_and_say_how_many_there_are() {
    let (house, tenant) = three().await;
    let first = house.get(&tenant.key, &query(&[("startIndex", "0"), ("count", "2")])).await;
    assert_eq!(first.names(), ["Ann@Example.com", "bob"]);
    let told = |body: &serde_json::Value| {
        (body["totalResults"].clone(), body["startIndex"].clone(), body["itemsPerPage"].clone())
    };
    assert_eq!(told(&first.body), (json!(3), json!(1), json!(2)));
    let second = house.get(&tenant.key, &query(&[("startIndex", "3"), ("count", "2")])).await;
    assert_eq!((second.names(), told(&second.body)), (vec!["Cid"], (json!(3), json!(3), json!(1))));
    for count in ["0", "-1"] {
        let none = house.get(&tenant.key, &query(&[("count", count)])).await;
        assert_eq!((none.names(), told(&none.body)), (vec![], (json!(3), json!(1), json!(0))));
    }
    let past = house.get(&tenant.key, &query(&[("startIndex", "1000000")])).await;
    assert_eq!((past.names().len(), &past.body["totalResults"]), (0, &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_sorted_by_name() {
    let (house, tenant) = three().await;
    let down = house.get(&tenant.key, &query(&[("sortBy", "userName"), ("sortOrder", "descending")])).await;
    assert_eq!(down.names(), ["Cid", "bob", "Ann@Example.com"]);
    assert_eq!(house.get(&tenant.key, &query(&[("sortBy", "name.familyName")])).await.scim_type(), "invalidValue");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_by_post_finds_the_same() {
    let (house, tenant) = three().await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "active eq true", "attributes": ["userName"], "sortBy": "userName", "sortOrder": "descending", "count": 1,
    });
    for path in ["/Users/.search", "/.search"] {
        let found = house.post(&tenant.key, path, &body).await;
        assert_eq!((found.names(), &found.body["totalResults"]), (vec!["Cid"], &json!(2)), "{path}");
        assert_eq!(found.body["Resources"][0].as_object().unwrap().len(), 3, "id, schemas and what was asked for");
    }
}
