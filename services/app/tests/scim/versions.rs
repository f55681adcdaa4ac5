//! Versions: who decides by what it has read does not overwrite what it has not.

use axum::body::Body;
use axum::http::Method;
use futures::future::join_all;
use serde_json::json;

use crate::house::{House, ann};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_has_is_not_sent_again() {
    let (house, tenant) = House::with_tenant().await;
    let created = house.post(&tenant.key, "/Users", &ann()).await;
    let etag = created.etag.unwrap();
    assert!(etag.starts_with("W/\""), "{etag}");
    let path = format!("/Users/{}", created.body["id"].as_str().unwrap());
    let read =
        async |tag: &str| house.send(&tenant.key, (Method::GET, &path), &[("if-none-match", tag)], Body::empty()).await;
    for same in [etag.as_str(), "*", &format!("W/\"other\", {etag}")] {
        let answer = read(same).await;
        assert_eq!((answer.status, answer.etag.as_ref()), (304, Some(&etag)), "{same}");
    }
    assert_eq!(read("W/\"other\"").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outdated_decision_changes_nothing() {
    let (house, tenant) = House::with_tenant().await;
    let created = house.post(&tenant.key, "/Users", &ann()).await;
    let (id, old) = (created.body["id"].as_str().unwrap(), created.etag.unwrap());
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Ann Smith" }]);
    let changed = house.patch_if(&tenant.key, id, &rename, &[("if-match", &old)]).await;
    assert_eq!(changed.status, 200);
    let new = changed.etag.clone().unwrap();
    assert_ne!(new, old);

    let path = format!("/Users/{id}");
    for (method, body) in [
        (Method::PATCH, json!({ "Operations": [{ "op": "remove", "path": "name" }] })),
        (Method::PUT, json!({ "userName": "other" })),
        (Method::DELETE, json!({})),
    ] {
        let request = (method.clone(), path.as_str());
        let refused = house.send(&tenant.key, request, &[("if-match", &old)], Body::from(body.to_string())).await;
        assert_eq!((refused.status, refused.scim_type()), (412, ""), "{method}");
    }
    assert_eq!(house.get(&tenant.key, &path).await.body, changed.body);
    for tag in ["*", &new] {
        let same = house.patch_if(&tenant.key, id, &rename, &[("if-match", tag)]).await;
        assert_eq!((same.status, same.etag.as_ref()), (200, Some(&new)), "what changes nothing has no new version");
    }
    assert_eq!(
        house.send(&tenant.key, (Method::DELETE, &path), &[("if-match", &new)], Body::empty()).await.status,
        204
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_decide_by_the_same_version_one_succeeds() {
    let (house, tenant) = House::with_tenant().await;
    let created = house.post(&tenant.key, "/Users", &ann()).await;
    let (id, etag) = (created.body["id"].as_str().unwrap(), created.etag.unwrap());
    let (house, key, etag) = (&house, &tenant.key, etag.as_str());
    let race = |n: usize| async move {
        // Some of them switch the user off, which ends logins first.
        let off = n.is_multiple_of(2);
        let operations = json!([
            { "op": "replace", "path": "displayName", "value": format!("Ann {n}") },
            { "op": "replace", "path": "active", "value": !off },
        ]);
        house.patch_if(key, id, &operations, &[("if-match", etag)]).await.status
    };
    let mut statuses = join_all((0..16).map(race)).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 412), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_another_way_is_another_version() {
    let (house, tenant) = House::with_tenant().await;
    let created = house.post(&tenant.key, "/Users", &ann()).await;
    let id = created.body["id"].as_str().unwrap();
    house.run(tenant.id, id, "update tenant_user set disabled = true where tenant_id = $1 and user_id = $2").await;
    let read = house.get(&tenant.key, &format!("/Users/{id}")).await;
    assert_ne!(read.etag, created.etag);
    assert_eq!(read.body["meta"]["version"], json!(read.etag));
}
