//! A person through everything that Postern does with one, and then erased: whatever table there is, now
//! or later, nothing of her is in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod server;

use std::time::Duration;

use app::wiring::Wiring;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use chrono::TimeDelta;
use core_access::ApiScope;
use core_policy::Policy;
use serde_json::{Value, json};
use server::Server;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use testkit::{Environment, TestBed, on_a_servers_stack};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// What of her could be anywhere, in the case in which it is looked for.
const CANARIES: [&str; 4] = ["canary", "nightingale", "4155550132", "198.51.100.77"];
const PATIENCE: Duration = Duration::from_secs(60);

struct House {
    bed: TestBed,
    wiring: Wiring,
    router: Router,
    key: String,
    stop: CancellationToken,
}

impl House {
    /// A sandbox that trusts devices, with workers that send, call and rehearse.
    async fn new() -> Self {
        let Server { bed, config, wiring, router, .. } = Server::new(&[]).await;
        let tenant = bed.tenant(Environment::Sandbox).await;
        let mut policy = Policy::new_tenant(bed.platform.now());
        policy.external.trusted_device_seconds = 86_400;
        bed.policy(tenant, &policy).await;
        let scopes: Vec<_> = ApiScope::ALL.into_iter().filter(|scope| *scope != ApiScope::Tenants).collect();
        let key = server::key(&wiring, tenant, &scopes).await;
        let stop = CancellationToken::new();
        tokio::spawn({
            let (worker, stop) = (wiring.delivery_worker(&config), stop.clone());
            async move { worker.run(stop).await }
        });
        tokio::spawn({
            let (worker, stop) = (wiring.webhook_worker(&config), stop.clone());
            async move { worker.run(stop).await }
        });
        tokio::spawn({
            let (worker, stop) = (wiring.simulation_worker(), stop.clone());
            async move { worker.run(stop).await }
        });
        Self { bed, wiring, router, key, stop }
    }

    /// The answer of the one field that is asked for, which must have gone well.
    async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = self.send(query, variables).await;
        let data = body["data"].as_object().unwrap_or_else(|| panic!("{query}: {body}"));
        let answer = data.values().next().unwrap().clone();
        assert!(answer.get("userErrors").is_none_or(|errors| errors == &json!([])), "{query}: {answer}");
        answer
    }

    async fn send(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(Body::from(body));
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap()
    }

    /// The code that the latest message carries, once it has been sent.
    async fn latest_code(&self) -> String {
        let query = "{ tenant { messages(first: 1) { edges { node { sandboxBody purpose } } } } }";
        for _ in 0..PATIENCE.as_millis() / 100 {
            let body = self.send(query, json!({})).await;
            let node = &body["data"]["tenant"]["messages"]["edges"][0]["node"];
            if let Some(text) = node["sandboxBody"].as_str().filter(|_| node["purpose"] == "CODE") {
                return text.chars().filter(char::is_ascii_digit).take(6).collect();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no code was sent")
    }

    /// The tables in which anything of her is, read past all that isolates tenants.
    async fn traces(&self) -> Vec<String> {
        let mut superuser = PgConnection::connect(&self.bed.database.superuser_url()).await.unwrap();
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')",
        )
        .fetch_all(&mut superuser)
        .await
        .unwrap();
        assert!(tables.len() > 60, "every month's part is looked at by itself: {tables:?}");
        // Bytes are written as hexadecimal digits.
        let hex = |text: &str| text.bytes().fold(String::new(), |all, byte| format!("{all}{byte:02x}"));
        let wanted: Vec<String> = CANARIES.iter().flat_map(|word| [(*word).to_owned(), hex(word)]).collect();
        let mut found = Vec::new();
        for table in tables {
            let sql = format!(
                "select exists (select from {table} x, unnest($1::text[]) w where position(w in lower(x::text)) > 0)"
            );
            if sqlx::query_scalar(AssertSqlSafe(sql)).bind(&wanted).fetch_one(&mut superuser).await.unwrap() {
                let (_, name) = table.split_once('.').unwrap();
                found.push(name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_').to_owned());
            }
        }
        found.sort();
        found.dedup();
        found
    }

    async fn evaluate(&self, more: &str) -> Value {
        let query = format!(
            "mutation ($key: String) {{ evaluateLogin(input: {{user: {{externalId: \"canary-ext\"}}, firstFactor: PASSWORD,
                ipAddress: \"198.51.100.77\", userAgent: \"CanaryBrowser/9.9\", idempotencyKey: $key {more}}}) {{
                login {{ id outcome methods {{ id channel }} }} userErrors {{ code message }} }} }}"
        );
        let key = format!("canary-{}", self.bed.platform.entropy.uuid_v7(self.bed.platform.now()));
        self.ask(&query, json!({ "key": key })).await["login"].clone()
    }

    /// Everything that leaves something: enrolling, logging in, being asked, asking for help, a link, a
    /// trusted device, a webhook, a rehearsal.
    async fn live(&self) {
        let hook = "mutation { createWebhookEndpoint(input: {url: \"https://hooks.example/postern\", events: []}) {
            userErrors { code message } } }";
        self.ask(hook, json!({})).await;
        let user = "mutation { upsertUser(input: {externalId: \"canary-ext\", kind: EXTERNAL,
            displayName: \"Canary Nightingale\", email: \"canary@nightingale.example\"}) { userErrors { code message } } }";
        self.ask(user, json!({})).await;
        let login = self.evaluate("").await;
        assert_eq!(login["outcome"], "ENROLL");
        let enroll =
            "mutation ($login: ID) { enrollPhone(input: {user: {externalId: \"canary-ext\"}, number: \"+14155550132\",
            loginId: $login}) { factor { id } userErrors { code message } } }";
        let factor = self.ask(enroll, json!({ "login": login["id"] })).await["factor"]["id"].clone();
        let confirm =
            "mutation ($factor: ID!, $code: String, $login: ID) { confirmFactor(input: {factorId: $factor, code: $code,
            loginId: $login, rememberDevice: true}) { userErrors { code message } } }";
        let code = self.latest_code().await;
        self.ask(confirm, json!({ "factor": factor, "code": code, "login": login["id"] })).await;
        let step_up = self.evaluate(", purpose: STEP_UP").await;
        let start =
            "mutation ($login: ID!, $method: ID!) { startChallenge(input: {loginId: $login, methodId: $method}) {
            userErrors { code message } } }";
        self.ask(start, json!({ "login": step_up["id"], "method": step_up["methods"][0]["id"] })).await;
        let help =
            "mutation ($login: ID!) { requestTemporaryAccess(input: {loginId: $login, note: \"canary lost it\"}) {
            userErrors { code message } } }";
        self.ask(help, json!({ "login": step_up["id"] })).await;
        let link = "mutation { sendOneTimeLink(input: {user: {externalId: \"canary-ext\"},
            returnUrl: \"https://client.example/after\", state: \"canary-state\"}) { userErrors { code message } } }";
        self.ask(link, json!({})).await;
        self.rehearse().await;
    }

    async fn rehearse(&self) {
        let rehearse = "mutation { simulatePolicy(input: {policy: {internal: {allowedChannels: [TOTP]}, external: {allowedChannels: [TOTP]}}, days: 7}) { simulation { id } userErrors { code message } } }";
        let id = self.ask(rehearse, json!({})).await["simulation"]["id"].clone();
        let status = "query ($id: ID!) { node(id: $id) { ... on PolicySimulation { status } } }";
        for _ in 0..PATIENCE.as_millis() / 100 {
            if self.ask(status, json!({ "id": id })).await["status"] == "COMPLETED" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the rehearsal does not end")
    }

    async fn delete(&self) {
        let delete =
            "mutation { deleteUser(input: {user: {externalId: \"canary-ext\"}}) { deletedId userErrors { code } } }";
        self.ask(delete, json!({})).await;
    }
}

#[test]
fn no_table_holds_anything_of_whom_it_was_told_to_forget() {
    on_a_servers_stack(|| async {
        let house = House::new().await;
        house.live().await;
        let before = house.traces().await;
        for table in [
            "idempotency_key",
            "login",
            "message",
            "one_time_link",
            "temporary_access_request",
            "tenant_user",
            "trusted_device",
        ] {
            assert!(before.iter().any(|found| found == table), "{table} is not looked at: {before:?}");
        }
        house.delete().await;
        house.stop.cancel();
        assert_eq!(house.traces().await, Vec::<String>::new());
    });
}

#[test]
fn nor_what_was_under_way_meanwhile() {
    on_a_servers_stack(|| async {
        let house = House::new().await;
        house.live().await;
        let asking = futures::future::join_all((0..6).map(|_| async {
            for _ in 0..20 {
                let query = "mutation { evaluateLogin(input: {user: {externalId: \"canary-ext\"}, firstFactor: PASSWORD,
                    purpose: STEP_UP, ipAddress: \"198.51.100.77\", userAgent: \"CanaryBrowser/9.9\"}) {
                    login { id methods { id } } userErrors { code } } }";
                let login = house.send(query, json!({})).await["data"]["evaluateLogin"]["login"].clone();
                let start = "mutation ($login: ID!, $method: ID!) { startChallenge(input: {loginId: $login, methodId: $method}) {
                    userErrors { code } } }";
                if login.is_object() {
                    house.send(start, json!({ "login": login["id"], "method": login["methods"][0]["id"] })).await;
                }
            }
        }));
        let deleting = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            house.delete().await;
        };
        tokio::join!(asking, deleting);
        house.stop.cancel();
        let later = house.bed.platform.now() + TimeDelta::minutes(16);
        assert_eq!(house.wiring.directory.finish_erasures(later).await.unwrap(), 1);
        assert_eq!(house.traces().await, Vec::<String>::new());
        let kept =
            "select count(*) from login where user_id in (select user_id from tenant_user where erased_at is not null)";
        let mut superuser = PgConnection::connect(&house.bed.database.superuser_url()).await.unwrap();
        let kept: i64 = sqlx::query_scalar(kept).fetch_one(&mut superuser).await.unwrap();
        assert!(kept > 2, "what was decided stays on record");
    });
}
