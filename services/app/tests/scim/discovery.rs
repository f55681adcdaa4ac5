//! What is served, and how refusals look.

use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::house::{BASE, EXTENSION, House, ann};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_served_is_told_to_everybody() {
    let house = House::new(&[]).await;
    let config = house.get("", "/ServiceProviderConfig").await;
    assert_eq!(config.status, 200);
    for (feature, supported) in
        [("patch", true), ("filter", true), ("sort", true), ("etag", true), ("bulk", false), ("changePassword", false)]
    {
        assert_eq!(config.body[feature]["supported"], supported, "{feature}");
    }
    let types = house.get("", "/ResourceTypes").await;
    assert_eq!(types.body["totalResults"], 1, "users, and no groups");
    let user = &types.body["Resources"][0];
    assert!(user["description"].as_str().unwrap().contains("Groups are not supported"));
    assert_eq!(house.get("", "/ResourceTypes/User").await.body, *user);
    for id in ["urn:ietf:params:scim:schemas:core:2.0:User", EXTENSION] {
        let schema = house.get("", &format!("/Schemas/{id}")).await;
        assert_eq!((schema.status, &schema.body["meta"]["location"]), (200, &json!(format!("{BASE}/Schemas/{id}"))));
    }
    assert_eq!(house.get("", "/Schemas").await.body["totalResults"], 2);
    assert_eq!(house.get("", "/Schemas?filter=id+pr").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_in_the_form_of_the_rfc() {
    let (house, tenant) = House::with_tenant().await;
    let id = house.create(&tenant.key, &ann()).await;
    let user = format!("/Users/{id}");
    for (method, path, status) in [
        (Method::GET, "/Nothing", 404),
        (Method::GET, "/Groups", 404),
        (Method::GET, "/Schemas/nothing", 404),
        (Method::GET, "/ResourceTypes/Group", 404),
        (Method::POST, "/ServiceProviderConfig", 405),
        (Method::DELETE, "/Schemas", 405),
        (Method::PATCH, "/ResourceTypes", 405),
        (Method::DELETE, "/Users", 405),
        (Method::POST, user.as_str(), 405),
        (Method::POST, "/Bulk", 501),
        (Method::GET, "/Me", 501),
        (Method::GET, "/Users/user_00000000000000000000000000", 404),
        (Method::GET, "/Users?filter=userName+is+%22x%22", 400),
    ] {
        let refused = house.send(&tenant.key, (method.clone(), path), &[], Body::empty()).await;
        assert_eq!(refused.status, status, "{method} {path}");
        refused.scim_type();
        assert_eq!(refused.media.as_deref(), Some("application/scim+json; charset=utf-8"));
    }
    for (body, scim_type) in [
        ("", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        ("{\"userName\":", "invalidSyntax"),
        ("{}", "invalidValue"),
        (r#"{"userName":{"a":1}}"#, "invalidValue"),
        (r#"{"userName":"a\u0000b"}"#, "invalidValue"),
        (r#"{"userName":"a","displayName":"see https://evil.example"}"#, "invalidValue"),
    ] {
        let refused = house.send(&tenant.key, (Method::POST, "/Users"), &[], Body::from(body)).await;
        assert_eq!((refused.status, refused.scim_type()), (400, scim_type), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_read_by_either_name_and_nothing_else() {
    let (house, tenant) = House::with_tenant().await;
    for (n, (media, status)) in
        [("application/json", 201), ("Application/SCIM+json;charset=UTF-8", 201), ("text/plain", 415), ("", 415)]
            .into_iter()
            .enumerate()
    {
        let body = Body::from(json!({ "userName": format!("u{n}") }).to_string());
        let answer = house.send(&tenant.key, (Method::POST, "/Users"), &[("content-type", media)], body).await;
        assert_eq!(answer.status, status, "{media}");
    }
}
