//! The gateway with SCIM, tenants and keys.

use app::wiring::Wiring;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode, header};
use core_access::ApiScope;
use core_kernel::{TenantId, TypedId as _, UserId};
use io_postgres::TenantTx;
use serde_json::{Value, json};
use testkit::TestBed;
use tower::ServiceExt as _;

use crate::server::{self, Server};

/// The extension that tells whose people a user belongs to.
pub const EXTENSION: &str = "urn:postern:params:scim:schemas:extension:2.0:User";
/// What every address begins with.
pub const BASE: &str = "http://localhost:8080/scim/v2";

pub struct House {
    pub bed: TestBed,
    pub wiring: Wiring,
    router: Router,
}

/// Status, headers that matter, and body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub location: Option<String>,
    pub media: Option<String>,
    pub body: Value,
}

/// A tenant with a key that may provision it.
#[derive(Debug, Clone)]
pub struct Tenant {
    pub id: TenantId,
    pub key: String,
}

impl House {
    pub async fn new(settings: &[(&str, &str)]) -> Self {
        // On the heap: a test's stack is small, and unoptimised futures are large.
        let Server { bed, wiring, router, .. } = *Box::pin(async { Box::new(Server::new(settings).await) }).await;
        Self { bed, wiring, router }
    }

    /// A house with one tenant in it.
    pub async fn with_tenant() -> (Self, Tenant) {
        let house = Self::new(&[]).await;
        let tenant = house.tenant().await;
        (house, tenant)
    }

    pub async fn tenant(&self) -> Tenant {
        let id = self.bed.tenant(testkit::Environment::Live).await;
        Tenant { id, key: self.key(id, &[ApiScope::Users]).await }
    }

    pub async fn key(&self, tenant: TenantId, scopes: &[ApiScope]) -> String {
        server::key(&self.wiring, tenant, scopes).await
    }

    /// Sends a request with these headers beside the key's.
    pub async fn send(&self, key: &str, request: (Method, &str), headers: &[(&str, &str)], body: Body) -> Answer {
        let (method, path) = request;
        let mut request = Request::builder().method(method).uri(format!("/scim/v2{path}"));
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/scim+json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = Box::pin(self.router.clone().oneshot(request.body(body).unwrap())).await.unwrap();
        answer_of(response).await
    }

    pub async fn get(&self, key: &str, path: &str) -> Answer {
        self.send(key, (Method::GET, path), &[], Body::empty()).await
    }

    pub async fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send(key, (Method::POST, path), &[], Body::from(body.to_string())).await
    }

    pub async fn put(&self, key: &str, id: &str, body: &Value) -> Answer {
        self.send(key, (Method::PUT, &format!("/Users/{id}")), &[], Body::from(body.to_string())).await
    }

    pub async fn patch(&self, key: &str, id: &str, operations: &Value) -> Answer {
        self.patch_if(key, id, operations, &[]).await
    }

    pub async fn patch_if(&self, key: &str, id: &str, operations: &Value, headers: &[(&str, &str)]) -> Answer {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
        });
        self.send(key, (Method::PATCH, &format!("/Users/{id}")), headers, Body::from(body.to_string())).await
    }

    pub async fn delete(&self, key: &str, id: &str) -> Answer {
        self.send(key, (Method::DELETE, &format!("/Users/{id}")), &[], Body::empty()).await
    }

    /// Creates a user; its identifier.
    pub async fn create(&self, key: &str, body: &Value) -> String {
        let created = self.post(key, "/Users", body).await;
        assert_eq!(created.status, 201, "{created:?}");
        created.body["id"].as_str().unwrap().to_owned()
    }

    /// Asks the database for a number, with a tenant and one of its users.
    pub async fn number(&self, tenant: TenantId, user: &str, sql: &'static str) -> i64 {
        let mut tx = TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap();
        let user = UserId::from_text(user).unwrap();
        sqlx::query_scalar(sql).bind(tenant.0).bind(user.0).fetch_one(tx.connection()).await.unwrap()
    }

    /// Does something to a tenant's user in the database.
    pub async fn run(&self, tenant: TenantId, user: &str, sql: &'static str) {
        let mut tx = TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap();
        let user = UserId::from_text(user).unwrap();
        sqlx::query(sql).bind(tenant.0).bind(user.0).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

impl Answer {
    /// The scimType of an error that says what it is by status and form.
    pub fn scim_type(&self) -> &str {
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{self:?}");
        assert_eq!(self.body["status"], json!(self.status.to_string()));
        assert!(self.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        self.body["scimType"].as_str().unwrap_or_default()
    }

    /// The names of the users of a list.
    pub fn names(&self) -> Vec<&str> {
        assert_eq!(self.status, 200, "{self:?}");
        let users = self.body["Resources"].as_array().unwrap();
        users.iter().map(|user| user["userName"].as_str().unwrap()).collect()
    }
}

async fn answer_of(response: Response<Body>) -> Answer {
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (etag, location, media) = (header(header::ETAG), header(header::LOCATION), header(header::CONTENT_TYPE));
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    assert_eq!(empty, bytes.is_empty(), "{status}");
    let body = if empty { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status: status.as_u16(), etag, location, media, body }
}

/// A user as Entra would tell of it.
pub fn ann() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "Ann@Example.com", "externalId": "0a1b-entra", "displayName": "Ann Lee", "active": true,
        "name": { "givenName": "Ann", "familyName": "Lee" },
        "emails": [{ "value": "ann@example.com", "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": "+1 415-555-0132", "type": "mobile" }, { "value": "0199", "type": "work" }],
    })
}
