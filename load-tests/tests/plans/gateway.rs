//! A gateway of this process.

use std::collections::BTreeMap;

use app::config::{Sources, load};
use app::wiring::Wiring;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use load_tests::database::BenchDatabase;
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub struct Gateway {
    router: Router,
    key: String,
}

impl Gateway {
    pub async fn new(database: &BenchDatabase, key: &str) -> Self {
        let platform = database.platform(&database.app_url).await.unwrap();
        let config = load(&Sources { file: None, environment: BTreeMap::new() }).unwrap();
        let wiring = Wiring::new(platform, &config).unwrap();
        wiring.prepare().await.unwrap();
        Self { router: wiring.router(&wiring.gateway(&config, None)), key: key.to_owned() }
    }

    /// An answer without errors.
    pub async fn ask(&self, query: &str) -> Value {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(Body::from(json!({ "query": query }).to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let answer: Value = serde_json::from_slice(&to_bytes(response.into_body(), 1 << 22).await.unwrap()).unwrap();
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer
    }
}
