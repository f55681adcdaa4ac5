//! Signing in over HTTP, and what a session may do: through the whole wiring, on a private database.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod server;

use app::wiring::Wiring;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use core_access::{AdminRole, ApiScope};
use core_crypto::TotpSecret;
use core_kernel::{TenantId, TypedId as _};
use serde_json::{Value, json};
use server::Server;
use svc_admins::AddAdmin;
use testkit::TestBed;
use tower::ServiceExt as _;

const EMAIL: &str = "ann@firm.example";
const PASSWORD: &str = "three blue whales sing";
const VIEWER: &str = "{ viewer { ... on Admin { email role displayName } } }";

struct House {
    bed: TestBed,
    wiring: Wiring,
    router: Router,
    tenant: TenantId,
    totp: TotpSecret,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
    }

    fn reason(&self) -> &str {
        self.body["errors"][0]["extensions"]["reason"].as_str().unwrap_or("none")
    }

    /// What a browser would send back.
    fn cookie(&self) -> String {
        let set = self.headers[header::SET_COOKIE].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

impl House {
    async fn new() -> Self {
        let Server { bed, wiring, router, .. } = Server::new(&[]).await;
        let tenant = bed.tenant(testkit::Environment::Sandbox).await;
        let totp = add(&wiring, tenant, EMAIL, AdminRole::Owner).await;
        Self { bed, wiring, router, tenant, totp }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(Method::POST, path, &all, Body::from(body.to_string())).await
    }

    async fn first_step(&self) -> String {
        let answer = self.post("/auth/password", &[], &json!({"email": EMAIL, "password": PASSWORD})).await;
        assert_eq!((answer.status, &answer.body["next"]), (StatusCode::OK, &json!("second_factor")));
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "no cookie before the second step");
        answer.body["methods"][0]["id"].as_str().unwrap().to_owned()
    }

    fn code(&self) -> String {
        self.totp.code_at(self.bed.platform.now()).to_string()
    }

    async fn sign_in(&self) -> Answer {
        let method = self.first_step().await;
        let answer = self.post("/auth/second-factor", &[], &json!({"methodId": method, "code": self.code()})).await;
        assert_eq!((answer.status, &answer.body["next"]), (StatusCode::OK, &json!("signed_in")));
        answer
    }

    async fn graphql(&self, headers: &[(&str, &str)], query: &str) -> Answer {
        self.post("/graphql", headers, &json!({ "query": query })).await
    }
}

/// Somebody with a password and an app.
async fn add(wiring: &Wiring, tenant: TenantId, email: &str, role: AdminRole) -> TotpSecret {
    let input = AddAdmin {
        email: email.to_owned(),
        role,
        display_name: "Ann Lee".to_owned(),
        password: PASSWORD.to_owned().into(),
    };
    let seed = wiring.admins.add_admin(tenant, &input).await.unwrap().unwrap();
    TotpSecret::from_bytes(&data_encoding::BASE32_NOPAD.decode(seed.expose().as_bytes()).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_steps_and_a_session() {
    let house = House::new().await;
    let signed_in = house.sign_in().await;
    let set = signed_in.headers[header::SET_COOKIE].to_str().unwrap();
    for attribute in ["__Host-postern=session_", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let cookie = signed_in.cookie();
    let who = house.send(Method::GET, "/auth/session", &[("cookie", &cookie)], Body::empty()).await;
    assert_eq!((&who.body["email"], &who.body["displayName"]), (&json!(EMAIL), &json!("Ann Lee")));
    assert_eq!(
        (&who.body["tenants"][0]["id"], &who.body["tenants"][0]["role"]),
        (&json!(house.tenant.to_text()), &json!("OWNER"))
    );
    assert_eq!(who.headers["cache-control"], "no-store");

    let out = house.post("/auth/sign-out", &[("cookie", &cookie)], &json!({})).await;
    assert_eq!(out.status, StatusCode::OK);
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().starts_with("__Host-postern=; Max-Age=0;"));
    let gone = house.send(Method::GET, "/auth/session", &[("cookie", &cookie)], Body::empty()).await;
    assert_eq!((gone.status, gone.code()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"));
    let gone = house.graphql(&[("cookie", &cookie), ("x-postern-csrf", "1")], VIEWER).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_needs_the_header_and_reaches_its_own_tenant_only() {
    let house = House::new().await;
    let cookie = house.sign_in().await.cookie();
    let bare = house.graphql(&[("cookie", &cookie)], VIEWER).await;
    assert_eq!((bare.status, bare.code(), bare.reason()), (StatusCode::FORBIDDEN, "FORBIDDEN", "CSRF_HEADER_REQUIRED"));
    let signed = [("cookie", cookie.as_str()), ("x-postern-csrf", "1")];
    let viewer = house.graphql(&signed, VIEWER).await;
    assert_eq!(viewer.body["data"]["viewer"], json!({"email": EMAIL, "role": "OWNER", "displayName": "Ann Lee"}));

    let foreign = house.bed.tenant(testkit::Environment::Live).await.to_text();
    for tenant in [foreign.as_str(), "nonsense", &core_kernel::PLATFORM_TENANT.to_text()] {
        let refused = house.graphql(&[signed[0], signed[1], ("x-postern-tenant", tenant)], VIEWER).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "FORBIDDEN"), "{tenant}");
    }
    let own = house.tenant.to_text();
    let named = house.graphql(&[signed[0], signed[1], ("x-postern-tenant", &own)], "{ tenant { id } }").await;
    assert_eq!(named.body["data"]["tenant"]["id"], json!(own));
    // A session acts for nobody but its person.
    let posing = house.graphql(&[signed[0], signed[1], ("x-postern-actor", EMAIL)], VIEWER).await;
    assert_eq!(posing.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_alike() {
    let house = House::new().await;
    let mut heard = Vec::new();
    for (email, password) in [(EMAIL, "wrong"), ("nobody@firm.example", PASSWORD), ("nonsense", PASSWORD)] {
        let answer = house.post("/auth/password", &[], &json!({ "email": email, "password": password })).await;
        heard.push((answer.status, answer.body));
    }
    assert_eq!(heard[0].0, StatusCode::UNAUTHORIZED);
    assert!(heard.iter().all(|answer| *answer == heard[0]), "{heard:?}");

    let method = house.first_step().await;
    let wrong = if house.code() == "123456" { "654321" } else { "123456" };
    let answer = house.post("/auth/second-factor", &[], &json!({ "methodId": method, "code": wrong })).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "WRONG_CODE"));
    assert_eq!(answer.body["errors"][0]["extensions"]["attemptsRemaining"], 4);
    let asked = house.post("/auth/second-factor", &[], &json!({ "methodId": method })).await;
    assert_eq!((&asked.body["next"], &asked.body["channel"]), (&json!("code"), &json!("TOTP")));
    let unknown = house.post("/auth/second-factor", &[], &json!({"methodId": "method_x", "code": "1"})).await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_and_other_forms_are_refused() {
    let house = House::new().await;
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let evil = house.post("/auth/password", &[("origin", "https://evil.example")], &body).await;
    assert_eq!((evil.status, evil.reason()), (StatusCode::FORBIDDEN, "ORIGIN_NOT_ALLOWED"));
    let own = house.post("/auth/password", &[("origin", "http://localhost:8080")], &body).await;
    assert_eq!(own.status, StatusCode::OK);
    for media in ["text/plain", "application/x-www-form-urlencoded"] {
        let form = [("content-type", media)];
        let refused = house.send(Method::POST, "/auth/password", &form, Body::from(body.to_string())).await;
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}");
    }
    for malformed in [json!([]), json!({"email": EMAIL}), json!({"email": 1, "password": PASSWORD}), json!("x")] {
        let refused = house.post("/auth/password", &[], &malformed).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{malformed}");
        assert!(!refused.body.to_string().contains(PASSWORD));
    }
    let get = house.send(Method::GET, "/auth/password", &[], Body::empty()).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    let weak = json!({"token": "invite_x", "password": "short"});
    let refused = house.post("/auth/accept-invitation", &[], &weak).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_support_key_names_an_administrator_of_its_own_tenant() {
    let house = House::new().await;
    add(&house.wiring, house.tenant, "bob@firm.example", AdminRole::Advisor).await;
    let key = async |scopes: &[ApiScope]| format!("Bearer {}", server::key(&house.wiring, house.tenant, scopes).await);
    let support = key(&[ApiScope::Support, ApiScope::Read]).await;
    let logs = "{ tenant { auditLog { edges { node { action } } } } }";
    let alone = house.graphql(&[("authorization", &support)], logs).await;
    assert!(alone.body["errors"].is_null(), "{}", alone.body);
    let as_bob = house.graphql(&[("authorization", &support), ("x-postern-actor", "BOB@firm.example")], logs).await;
    assert_eq!(as_bob.code(), "FORBIDDEN", "an advisor reads no audit log");
    let other = house.bed.tenant(testkit::Environment::Sandbox).await;
    add(&house.wiring, other, "eve@other.example", AdminRole::Owner).await;
    for nobody in ["eve@other.example", "nobody@firm.example", "nonsense"] {
        let refused = house.graphql(&[("authorization", &support), ("x-postern-actor", nobody)], logs).await;
        assert_eq!((refused.status, refused.reason()), (StatusCode::FORBIDDEN, "ACTOR_UNKNOWN"), "{nobody}");
    }
    let read = key(&[ApiScope::Read]).await;
    let refused = house.graphql(&[("authorization", &read), ("x-postern-actor", EMAIL)], logs).await;
    assert_eq!((refused.status, refused.reason()), (StatusCode::FORBIDDEN, "ACTOR_NOT_ALLOWED"));
}

/// The cookie of somebody who answers for the partner.
async fn sign_in_for(house: &House, partner: core_kernel::PartnerId, email: &str, role: AdminRole) -> String {
    let input = AddAdmin {
        email: email.to_owned(),
        role,
        display_name: "Olga North".to_owned(),
        password: PASSWORD.to_owned().into(),
    };
    let seed = house.wiring.admins.add_partner_admin(partner, &input).await.unwrap().unwrap();
    let seed = data_encoding::BASE32_NOPAD.decode(seed.expose().as_bytes()).unwrap();
    let code = TotpSecret::from_bytes(&seed).unwrap().code_at(house.bed.platform.now()).to_string();
    let step = house.post("/auth/password", &[], &json!({ "email": email, "password": PASSWORD })).await;
    let method = &step.body["methods"][0]["id"];
    house.post("/auth/second-factor", &[], &json!({ "methodId": method, "code": code })).await.cookie()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_for_a_partner_does_by_session_what_its_key_may() {
    let house = House::new().await;
    let partner = house.wiring.directory.create_partner("Northgate").await.unwrap();
    let rival = house.wiring.directory.create_partner("Rival").await.unwrap();
    let owner = sign_in_for(&house, partner, "olga@northgate.example", AdminRole::Owner).await;
    let auditor = sign_in_for(&house, partner, "audrey@northgate.example", AdminRole::Auditor).await;
    let signed = |cookie| [("cookie", cookie), ("x-postern-csrf", "1")];
    let create = |slug: &str| {
        format!(
            "mutation {{ createTenant(input: {{ slug: \"{slug}\", name: \"Meridian\", environment: SANDBOX,
                 ownerEmail: \"ann@meridian.example\" }}) {{ tenant {{ id }} userErrors {{ code }} }} }}"
        )
    };
    let who = house.send(Method::GET, "/auth/session", &[("cookie", &owner)], Body::empty()).await;
    assert_eq!((&who.body["tenants"], &who.body["partners"][0]["name"]), (&json!([]), &json!("Northgate")));
    assert_eq!(who.body["partners"][0]["role"], "OWNER");

    let viewer = house.graphql(&signed(&owner), "{ viewer { ... on Admin { email role } } partner { name } }").await;
    assert_eq!(viewer.body["data"]["viewer"], json!({ "email": "olga@northgate.example", "role": "OWNER" }));
    assert_eq!(viewer.body["data"]["partner"]["name"], "Northgate");
    let made = house.graphql(&signed(&owner), &create("meridian-one")).await;
    let tenant = made.body["data"]["createTenant"]["tenant"]["id"].as_str().unwrap_or_else(|| panic!("{}", made.body));
    let refused = house.graphql(&signed(&auditor), &create("meridian-two")).await;
    assert_eq!(refused.code(), "FORBIDDEN", "an auditor makes nothing");
    let listed = house.graphql(&signed(&auditor), "{ partner { tenants { totalCount } admins { email } } }").await;
    assert_eq!(listed.body["data"]["partner"]["tenants"]["totalCount"], 1, "{}", listed.body);

    // Within the tenant: its log says in whose name it was made, and another firm's is not reached.
    let bare = house.graphql(&signed(&owner), "{ tenant { id } }").await;
    assert_eq!((bare.code(), bare.reason()), ("FORBIDDEN", "TENANT_REQUIRED"));
    let within = |tenant| [("cookie", owner.as_str()), ("x-postern-csrf", "1"), ("x-postern-tenant", tenant)];
    let log = "{ viewer { ... on Admin { role } } tenant { auditLog { edges { node { action actor } } } } }";
    let log = house.graphql(&within(tenant), log).await;
    assert_eq!(log.body["data"]["viewer"]["role"], "OWNER");
    assert!(log.body.to_string().contains("partner:olga@northgate.example"), "{}", log.body);
    let foreign = house.graphql(&within(&house.tenant.to_text()), "{ tenant { id } }").await;
    assert_eq!((foreign.status, foreign.code()), (StatusCode::FORBIDDEN, "FORBIDDEN"));
    let (own, other) = (partner.to_text(), rival.to_text());
    for (named, status) in [(own.as_str(), StatusCode::OK), (other.as_str(), StatusCode::FORBIDDEN)] {
        let headers = [("cookie", owner.as_str()), ("x-postern-csrf", "1"), ("x-postern-partner", named)];
        assert_eq!(house.graphql(&headers, "{ partner { id } }").await.status, status, "{named}");
    }
    let bare = house.graphql(&[("cookie", &owner)], "{ partner { id } }").await;
    assert_eq!(bare.reason(), "CSRF_HEADER_REQUIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_sessions_are_listed_and_ended_and_no_other_site_does_it() {
    let house = House::new().await;
    let first = house.sign_in().await.cookie();
    let listed = house.send(Method::GET, "/auth/account", &[("cookie", &first)], Body::empty()).await;
    let sessions = listed.body["sessions"].as_array().unwrap();
    assert_eq!((listed.status, sessions.len()), (StatusCode::OK, 1), "{}", listed.body);
    assert_eq!(sessions[0]["isCurrent"], true);
    assert!(!listed.body.to_string().contains(first.split('=').next_back().unwrap()), "no secret is listed");
    let others = json!({ "others": true });
    let bare = house.post("/auth/sessions/end", &[("cookie", &first)], &others).await;
    assert_eq!((bare.status, bare.reason()), (StatusCode::FORBIDDEN, "CSRF_HEADER_REQUIRED"));
    let evil = [("cookie", first.as_str()), ("x-postern-csrf", "1"), ("origin", "https://evil.example")];
    assert_eq!(house.post("/auth/sessions/end", &evil, &others).await.reason(), "ORIGIN_NOT_ALLOWED");
    let form = [("cookie", first.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let form = house.send(Method::POST, "/auth/sessions/end", &form, Body::from("others=true")).await;
    assert_eq!(form.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(house.post("/auth/sessions/end", &[], &others).await.status, StatusCode::UNAUTHORIZED);
    let signed = [("cookie", first.as_str()), ("x-postern-csrf", "1")];
    for neither in [json!({}), json!({ "id": "visit_x", "others": true }), json!({ "all": true })] {
        assert_eq!(house.post("/auth/sessions/end", &signed, &neither).await.status, StatusCode::BAD_REQUEST);
    }
    let id = &sessions[0]["id"];
    let ended = house.post("/auth/sessions/end", &signed, &json!({ "id": id })).await;
    assert_eq!(ended.body["ended"], 1, "{}", ended.body);
    let gone = house.send(Method::GET, "/auth/session", &[("cookie", &first)], Body::empty()).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_with_the_header_and_nobody_learns_who_has_an_account() {
    let house = House::new().await;
    let cookie = house.sign_in().await.cookie();
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "nine purple parsnips" });
    let bare = house.post("/auth/change-password", &[("cookie", &cookie)], &change).await;
    assert_eq!(bare.reason(), "CSRF_HEADER_REQUIRED");
    let signed = [("cookie", cookie.as_str()), ("x-postern-csrf", "1")];
    let weak = json!({ "currentPassword": PASSWORD, "newPassword": "short" });
    let weak = house.post("/auth/change-password", &signed, &weak).await;
    assert_eq!((weak.code(), &weak.body["errors"][0]["extensions"]["field"]), ("INVALID", &json!(["newPassword"])));
    let changed = house.post("/auth/change-password", &signed, &change).await;
    assert_eq!((changed.status, &changed.body["changed"]), (StatusCode::OK, &json!(true)), "{}", changed.body);

    let mut heard = Vec::new();
    for email in [EMAIL, "nobody@firm.example", "nonsense", ""] {
        let answer = house.post("/auth/forgotten", &[], &json!({ "email": email })).await;
        heard.push((answer.status, answer.body));
    }
    assert_eq!(heard[0], (StatusCode::OK, json!({ "next": "mail" })));
    assert!(heard.iter().all(|answer| *answer == heard[0]), "{heard:?}");
    let dead = json!({ "token": "recover_x", "password": "short" });
    let dead = house.post("/auth/recover", &[], &dead).await;
    assert_eq!((dead.status, dead.code()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    for path in ["/auth/forgotten", "/auth/recover", "/auth/change-password"] {
        let evil = house.post(path, &[("origin", "https://evil.example")], &change).await;
        assert_eq!(evil.reason(), "ORIGIN_NOT_ALLOWED", "{path}");
        assert_eq!(house.send(Method::GET, path, &[], Body::empty()).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_around_signing_in_are_framed_by_nobody_and_lead_nowhere_else() {
    let house = House::new().await;
    for path in ["/sign-in?back=https://evil.example", "/forgotten", "/recover", "/account"] {
        let page = house.send(Method::GET, path, &[], Body::empty()).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert!(!page.headers.contains_key(header::LOCATION), "{path}");
    }
    for path in ["/auth/session", "/auth/account"] {
        let answer = house.send(Method::GET, path, &[("origin", "https://evil.example")], Body::empty()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_somebody_planted_is_not_the_one_that_is_signed_in_to() {
    let house = House::new().await;
    let method = house.first_step().await;
    let planted = format!("__Host-postern=session_{}", "A".repeat(43));
    let body = json!({ "methodId": method, "code": house.code() });
    let signed_in = house.post("/auth/second-factor", &[("cookie", &planted)], &body).await;
    assert_eq!(signed_in.body["next"], "signed_in");
    assert_ne!(signed_in.cookie(), planted);
    let who = house.send(Method::GET, "/auth/session", &[("cookie", &planted)], Body::empty()).await;
    assert_eq!(who.status, StatusCode::UNAUTHORIZED);
}
