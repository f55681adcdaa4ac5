//! A stand-in for a tenant's identity provider. It is as strict as a good one (codes once, PKCE, the client's
//! secret) and lies in the token where it is told to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use core_crypto::digest_token;
use core_kernel::{Clock as _, ManualClock};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

pub const CLIENT: &str = "postern";
pub const SECRET: &str = "s e:cret";

/// A key of the provider's.
#[derive(Clone)]
pub struct Key {
    pub kid: String,
    pub private: EncodingKey,
    pub jwk: Value,
}

impl Key {
    pub fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let [x, y] = [&point[1..33], &point[33..]].map(|half| BASE64URL_NOPAD.encode(half));
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y, "use": "sig", "alg": "ES256" });
        Self { kid: kid.to_owned(), private: EncodingKey::from_ec_der(der.as_ref()), jwk }
    }

    pub fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

struct Grant {
    challenge: String,
    redirect_uri: String,
    nonce: String,
    person: Value,
}

type Forge = Box<dyn Fn(&Key, Value) -> String + Send + Sync>;

#[derive(Default)]
struct Script {
    keys: Vec<Value>,
    signing: Option<Key>,
    grants: HashMap<String, Grant>,
    /// Instead of an honest token.
    forge: Option<Forge>,
    /// Changes to the configuration.
    says: serde_json::Map<String, Value>,
    /// Instead of an answer at the token endpoint.
    token_status: Option<u16>,
    userinfo: Option<Value>,
    clock: Option<Arc<ManualClock>>,
}

#[derive(Clone)]
struct Shared {
    issuer: String,
    script: Arc<Mutex<Script>>,
    key_calls: Arc<AtomicUsize>,
}

/// The provider; it stops when it is dropped.
pub struct Provider {
    shared: Shared,
    task: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let key = Key::new("k1");
        let script = Script { keys: vec![key.jwk.clone()], signing: Some(key), ..Script::default() };
        let shared = Shared {
            issuer: format!("http://{address}/realm"),
            script: Arc::new(Mutex::new(script)),
            key_calls: Arc::default(),
        };
        let router = Router::new()
            .route("/realm/.well-known/openid-configuration", get(configuration))
            .route("/realm/keys", get(keys))
            .route("/realm/token", post(token))
            .route("/realm/me", get(userinfo))
            .with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shared, task }
    }

    pub fn issuer(&self) -> String {
        self.shared.issuer.clone()
    }

    /// Lets a person in, whom a browser brought to this address: where it is sent back to.
    pub fn let_in(&self, address: &str, person: Value) -> String {
        let url = Url::parse(address).unwrap();
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((query["response_type"].as_str(), query["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(
            (query["code_challenge_method"].as_str(), query["scope"].as_str()),
            ("S256", "openid email profile")
        );
        let mut script = self.script();
        let code = format!("code-{}", script.grants.len() + 1);
        let mut back = Url::parse(&query["redirect_uri"]).unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &query["state"])
            .append_pair("iss", &self.issuer());
        let grant = Grant {
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
            nonce: query["nonce"].clone(),
            person,
        };
        script.grants.insert(code, grant);
        back.into()
    }

    /// From now on tokens are made like this.
    pub fn forges(&self, forge: impl Fn(&Key, Value) -> String + Send + Sync + 'static) {
        self.script().forge = Some(Box::new(forge));
    }

    /// From now on claims are changed like this before they are signed.
    pub fn lies(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.forges(move |key, mut claims| {
            change(&mut claims);
            key.sign(&claims)
        });
    }

    pub fn is_honest(&self) {
        self.script().forge = None;
    }

    /// Signs with a new key, and publishes it beside the old one.
    pub fn rotates(&self, kid: &str) {
        let key = Key::new(kid);
        let mut script = self.script();
        script.keys.push(key.jwk.clone());
        script.signing = Some(key);
    }

    pub fn says(&self, field: &str, value: Value) {
        self.script().says.insert(field.to_owned(), value);
    }

    pub fn answers_at_token(&self, status: Option<u16>) {
        self.script().token_status = status;
    }

    pub fn knows_more(&self, userinfo: Value) {
        self.script().userinfo = Some(userinfo);
    }

    /// Tells the time by this clock.
    pub fn follows(&self, clock: &Arc<ManualClock>) {
        self.script().clock = Some(clock.clone());
    }

    /// How often its keys were asked for.
    pub fn key_calls(&self) -> usize {
        self.shared.key_calls.load(Ordering::SeqCst)
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.shared.script.lock().unwrap()
    }
}

async fn configuration(State(shared): State<Shared>) -> Json<Value> {
    let issuer = &shared.issuer;
    let mut published = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": true,
    });
    let script = shared.script.lock().unwrap();
    published.as_object_mut().unwrap().extend(script.says.clone());
    Json(published)
}

async fn keys(State(shared): State<Shared>) -> Json<Value> {
    shared.key_calls.fetch_add(1, Ordering::SeqCst);
    Json(json!({ "keys": shared.script.lock().unwrap().keys }))
}

async fn userinfo(State(shared): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let shown = headers.get("authorization").is_some_and(|value| value == "Bearer access-1");
    let more = shared.script.lock().unwrap().userinfo.clone();
    more.filter(|_| shown).map(Json).ok_or(StatusCode::UNAUTHORIZED)
}

async fn token(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let basic = format!("Basic {}", BASE64.encode(b"postern:s+e%3Acret"));
    if headers.get("authorization").is_none_or(|value| value.as_bytes() != basic.as_bytes()) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let mut script = shared.script.lock().unwrap();
    if let Some(status) = script.token_status {
        return Err(StatusCode::from_u16(status).unwrap());
    }
    // A code is good once, whatever comes of it.
    let grant = script.grants.remove(&form["code"]).ok_or(StatusCode::BAD_REQUEST)?;
    let challenge = BASE64URL_NOPAD.encode(&digest_token(&form["code_verifier"]));
    if challenge != grant.challenge || form["redirect_uri"] != grant.redirect_uri {
        return Err(StatusCode::BAD_REQUEST);
    }
    let claims = claims(&shared.issuer, &script, &grant);
    let key = script.signing.as_ref().unwrap();
    let id_token = script.forge.as_ref().map_or_else(|| key.sign(&claims), |forge| forge(key, claims.clone()));
    Ok(Json(json!({ "id_token": id_token, "access_token": "access-1", "token_type": "Bearer" })))
}

fn claims(issuer: &str, script: &Script, grant: &Grant) -> Value {
    let now = script.clock.as_ref().unwrap().now().timestamp();
    let mut claims = json!({ "iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": grant.nonce });
    claims.as_object_mut().unwrap().extend(grant.person.as_object().unwrap().clone());
    claims
}
