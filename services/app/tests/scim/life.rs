//! A user from its first day to its last.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::house::{BASE, EXTENSION, House, ann};

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_created_and_read_as_it_was_told() {
    let (house, tenant) = House::with_tenant().await;
    let created = house.post(&tenant.key, "/Users", &ann()).await;
    assert_eq!((created.status, created.media.as_deref()), (201, Some("application/scim+json; charset=utf-8")));
    let id = created.body["id"].as_str().unwrap();
    assert_eq!(created.location, Some(format!("{BASE}/Users/{id}")));
    for (name, value) in ann().as_object().unwrap().iter().filter(|(name, _)| *name != "schemas") {
        assert_eq!(&created.body[name], value, "{name}");
    }
    assert_eq!(created.body.get(EXTENSION), None, "nobody told whose people");
    let asked = house.get(&tenant.key, &format!("/Users/{id}?attributes={EXTENSION}:unusableContacts")).await;
    assert_eq!(asked.body[EXTENSION], json!({ "unusableContacts": ["0199"] }));
    assert_eq!(created.body["meta"]["resourceType"], "User");
    assert_eq!(created.body["meta"]["location"], json!(created.location));
    assert_eq!(created.body["meta"]["version"], json!(created.etag));

    let read = house.get(&tenant.key, &format!("/Users/{id}")).await;
    assert_eq!((read.status, &read.body, &read.etag), (200, &created.body, &created.etag));
    let suggested =
        "select count(*) from factor where tenant_id = $1 and user_id = $2 and suggested and status = 'PENDING'";
    assert_eq!(house.number(tenant.id, id, suggested).await, 2, "the address, and the number that can be called");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_user_of_a_name_or_an_address_is_refused() {
    let (house, tenant) = House::with_tenant().await;
    house.create(&tenant.key, &ann()).await;
    for body in [json!({ "userName": "ANN@example.COM" }), json!({ "userName": "b", "emails": ann()["emails"] })] {
        let refused = house.post(&tenant.key, "/Users", &body).await;
        assert_eq!((refused.status, refused.scim_type()), (409, "uniqueness"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_clears_what_it_leaves_out_and_lets_nobody_in_again() {
    let (house, tenant) = House::with_tenant().await;
    let id = house.create(&tenant.key, &ann()).await;
    house.patch(&tenant.key, &id, &json!([{ "op": "replace", "path": "active", "value": false }])).await;
    let body = json!({ "userName": "ann.smith", "id": "user_1", "meta": { "version": "x" }, EXTENSION: { "kind": "internal" } });
    let replaced = house.put(&tenant.key, &id, &body).await;
    assert_eq!(replaced.status, 200, "{replaced:?}");
    assert_eq!((&replaced.body["id"], &replaced.body["userName"]), (&json!(id), &json!("ann.smith")));
    assert_eq!(replaced.body["active"], false, "who was switched off stays so until it is said");
    assert_eq!(replaced.body[EXTENSION], json!({ "kind": "INTERNAL" }));
    for gone in ["externalId", "displayName", "name", "emails", "phoneNumbers"] {
        assert_eq!(replaced.body.get(gone), None, "{gone}");
    }
    assert_eq!(house.get(&tenant.key, &format!("/Users/{id}")).await.body, replaced.body);
    let back = house.put(&tenant.key, &id, &json!({ "userName": "ann.smith", "active": "True" })).await;
    assert_eq!(back.body["active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_is_done_whole_or_not_at_all() {
    let (house, tenant) = House::with_tenant().await;
    let id = house.create(&tenant.key, &ann()).await;
    let operations = json!([
        { "op": "Replace", "path": "name.familyName", "value": "Smith" },
        { "op": "Add", "value": { "emails[type eq \"work\"].value": "ann.smith@example.com" } },
        { "op": "Remove", "path": "phoneNumbers[type eq \"work\"]" },
    ]);
    let patched = house.patch(&tenant.key, &id, &operations).await;
    assert_eq!(patched.status, 200, "{patched:?}");
    assert_eq!(patched.body["name"]["familyName"], "Smith");
    assert_eq!(patched.body["emails"][0]["value"], "ann.smith@example.com");
    assert_eq!(patched.body["phoneNumbers"].as_array().unwrap().len(), 1);
    let asked = house.get(&tenant.key, &format!("/Users/{id}?attributes={EXTENSION}")).await;
    assert_eq!(asked.body.get(EXTENSION), None, "every contact can be reached");

    let half = json!([
        { "op": "replace", "path": "displayName", "value": "Nobody" },
        { "op": "replace", "path": "emails[type eq \"home\"].value", "value": "x" },
    ]);
    let refused = house.patch(&tenant.key, &id, &half).await;
    assert_eq!((refused.status, refused.scim_type()), (400, "noTarget"));
    assert_eq!(house.get(&tenant.key, &format!("/Users/{id}")).await.body, patched.body);
}

/// What a user can have open, one of each.
const OPENED: [&str; 5] = [
    "insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
                        policy_version, ip_address, max_attempts, created_at, expires_at)
     values ($1, this_month(), uuid_v7(), $2, 'SIGN_IN', 'PASSWORD', 'CHALLENGE', '{HIGH_LEVEL}', 'HIGH', 1,
             '192.0.2.7', 5, tenant_now($1), tenant_now($1) + interval '15 minutes')",
    "select trust_device($1, $2, uuid_v7(), $2::text::bytea, 'Mozilla/5.0', tenant_now($1), 86400)",
    "insert into one_time_link (tenant_id, link_id, user_id, digest, return_url, created_at, expires_at)
     values ($1, uuid_v7(), $2, $2::text::bytea, 'https://x.example', tenant_now($1), tenant_now($1) + interval '1 day')",
    "insert into temporary_access_code (tenant_id, code_id, user_id, digest_key_id, digest, issued_by, reason,
                                        may_change_factors, created_at, expires_at)
     values ($1, uuid_v7(), $2, 1, '', 'a', 'r', false, tenant_now($1), tenant_now($1) + interval '1 hour')",
    "insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, destination_sealed,
                          template, created_at, claimable_at, status)
     values ($1, this_month(), uuid_v7(), $2, 'SMS', 'CODE', 0, 'x', 'code', tenant_now($1), now(), 'QUEUED')",
];
const OPEN: &str = "select
    (select count(*) from login where tenant_id = $1 and user_id = $2 and expires_at > tenant_now($1))
    + (select count(*) from trusted_device where tenant_id = $1 and user_id = $2)
    + (select count(*) from one_time_link where tenant_id = $1 and user_id = $2 and revoked_at is null)
    + (select count(*) from temporary_access_code where tenant_id = $1 and user_id = $2 and revoked_at is null)
    + (select count(*) from message where tenant_id = $1 and user_id = $2 and status = 'QUEUED')";

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_is_out_at_once_by_whichever_request() {
    let (house, tenant) = House::with_tenant().await;
    for (n, off) in ["patch", "path-less", "put", "delete"].into_iter().enumerate() {
        let name = format!("leaver-{n}");
        let id = house.create(&tenant.key, &json!({ "userName": name })).await;
        for sql in OPENED {
            house.run(tenant.id, &id, sql).await;
        }
        assert_eq!(house.number(tenant.id, &id, OPEN).await, 5, "{off}");
        let answer = match off {
            "patch" => {
                house.patch(&tenant.key, &id, &json!([{ "op": "Replace", "path": "active", "value": "False" }])).await
            }
            "path-less" => {
                house.patch(&tenant.key, &id, &json!([{ "op": "replace", "value": { "active": false } }])).await
            }
            "put" => house.put(&tenant.key, &id, &json!({ "userName": name, "active": false })).await,
            _ => house.delete(&tenant.key, &id).await,
        };
        assert!([200, 204].contains(&answer.status), "{answer:?}");
        assert_eq!(house.number(tenant.id, &id, OPEN).await, 0, "{off}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_gone_for_every_request_and_its_name_is_free() {
    let (house, tenant) = House::with_tenant().await;
    let id = house.create(&tenant.key, &ann()).await;
    assert_eq!(house.delete(&tenant.key, &id).await.status, 204);
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let body = json!({ "userName": "x", "Operations": [{ "op": "remove", "path": "name" }] }).to_string();
        let gone = house.send(&tenant.key, (method, &format!("/Users/{id}")), &[], Body::from(body)).await;
        assert_eq!((gone.status, gone.scim_type()), (404, ""));
    }
    assert_eq!(house.get(&tenant.key, "/Users").await.body["totalResults"], 0);
    assert_ne!(house.create(&tenant.key, &ann()).await, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn part_of_a_user_is_answered_to_whoever_wants_no_more() {
    let (house, tenant) = House::with_tenant().await;
    let created = house.post(&tenant.key, "/Users?attributes=userName", &ann()).await;
    let keys: Vec<&String> = created.body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "schemas", "userName"]);
    let id = created.body["id"].as_str().unwrap();
    let read = house.get(&tenant.key, &format!("/Users/{id}?excludedAttributes=emails,name.familyName")).await;
    assert_eq!((read.body.get("emails"), &read.body["name"]), (None, &json!({ "givenName": "Ann" })));
    assert_eq!(read.etag, created.etag, "the version is the user's, not the part's");
    let both = house.get(&tenant.key, &format!("/Users/{id}?attributes=id&excludedAttributes=name")).await;
    assert_eq!(both.scim_type(), "invalidValue");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_and_a_directory_write_the_same_user() {
    let (house, tenant) = House::with_tenant().await;
    let id = house.create(&tenant.key, &ann()).await;
    let permit = core_access::Caller::system(tenant.id).permit(core_access::Operation::UpsertUser).unwrap();
    let input = svc_directory::UpsertUserInput {
        external_id: "ANN@example.com".into(),
        kind: core_policy::UserKind::External,
        display_name: Some("Dr Lee".into()),
        email: None,
        advisor_email: None,
        language: Some("es".into()),
        disabled: Some(true),
    };
    assert!(!house.wiring.directory.upsert_user(&permit, input).await.unwrap().created);
    let read: Value = house.get(&tenant.key, &format!("/Users/{id}")).await.body;
    assert_eq!((&read["displayName"], &read["active"]), (&json!("Dr Lee"), &json!(false)));
    assert_eq!((&read["preferredLanguage"], &read["userName"]), (&json!("es"), &json!("Ann@Example.com")));
}
