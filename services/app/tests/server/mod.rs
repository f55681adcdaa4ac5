//! A server in this process: the whole wiring on a private database, asked without a socket.

#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use app::config::{Config, Sources, load};
use app::wiring::Wiring;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, header};
use core_access::{ApiScope, Caller, Operation};
use core_kernel::TenantId;
use edge_http::Gateway;
use serde_json::Value;
use svc_directory::CreateApiKeyInput;
use testkit::{Environment, TestBed};
use tower::ServiceExt as _;

pub struct Server {
    pub bed: TestBed,
    pub config: Config,
    pub wiring: Wiring,
    pub gateway: Gateway,
    pub router: Router,
}

impl Server {
    /// With these settings, by the names that they have in the environment; all others as they come.
    pub async fn new(settings: &[(&str, &str)]) -> Self {
        let bed = TestBed::new().await;
        let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let config = load(&Sources { file: None, environment }).unwrap();
        let wiring = Wiring::new(bed.platform.clone(), &config).unwrap();
        wiring.prepare().await.unwrap();
        let gateway = wiring.gateway(&config, None);
        let router = wiring.router(&gateway);
        Self { bed, config, wiring, gateway, router }
    }

    /// A sandbox tenant with a key.
    pub async fn tenant_with(&self, scopes: &[ApiScope]) -> (TenantId, String) {
        let tenant = self.bed.tenant(Environment::Sandbox).await;
        (tenant, self.key(tenant, scopes).await)
    }

    pub async fn key(&self, tenant: TenantId, scopes: &[ApiScope]) -> String {
        key(&self.wiring, tenant, scopes).await
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }
}

pub async fn key(wiring: &Wiring, tenant: TenantId, scopes: &[ApiScope]) -> String {
    let permit = Caller::system(tenant).permit(Operation::ManageApiKeys).unwrap();
    let input = CreateApiKeyInput { name: "test".into(), scopes: scopes.to_vec(), expires_at: None };
    wiring.directory.create_api_key(&permit, input).await.unwrap().secret.expose().clone()
}

/// A request of GraphQL by a key.
pub fn request(key: &str, headers: &[(&str, &str)], body: &Value) -> Request<Body> {
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {key}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_string())).unwrap()
}

pub async fn body_of(response: Response<Body>) -> Value {
    let bytes = to_bytes(response.into_body(), 1 << 22).await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&bytes)))
}
