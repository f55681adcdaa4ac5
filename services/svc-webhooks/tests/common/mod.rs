//! A tenant, a receiver that really listens, and a worker between them.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use core_access::{ApiScope, Operation, Permit};
use core_kernel::{ManualClock, PageRequest, TenantId, TypedId, WebhookEndpointId};
use io_outbound::{Outbound, OutboundOptions, Rules};
use io_postgres::TenantTx;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use svc_audit::EventKind;
use svc_platform::Platform;
use svc_webhooks::{CreateEndpoint, DeliveryRecord, EndpointRecord, WebhookOptions, WebhookWorker, Webhooks};
use testkit::{Environment, TestBed, caller};
use tokio::sync::Notify;

pub const OPEN: Rules = Rules { allow_http: true, allow_private: true };

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Status(u16),
    Redirects,
    /// Takes the request and says nothing for an hour.
    Hangs,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether the specification's own library takes it for genuine.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        Webhook::new(secret).unwrap().verify(&self.body, &self.headers).is_ok()
    }
}

#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    manner: Arc<Mutex<Manner>>,
    bell: Arc<Notify>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let manner = Arc::new(Mutex::new(Manner::Status(204)));
        let receiver = Self { address, heard: Arc::default(), manner, bell: Arc::default() };
        let answering = receiver.clone();
        let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| {
            let receiver = answering.clone();
            async move { receiver.answer(Heard { headers, body }).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    async fn answer(&self, heard: Heard) -> Response {
        let manner = *self.manner.lock().unwrap();
        self.heard.lock().unwrap().push(heard);
        self.bell.notify_waiters();
        match manner {
            Manner::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
            Manner::Redirects => Redirect::temporary(&self.url()).into_response(),
            Manner::Hangs => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                StatusCode::OK.into_response()
            }
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks?key=value", self.address)
    }

    pub fn becomes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The one request there has been.
    pub fn only(&self) -> Heard {
        let heard = self.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard[0].clone()
    }

    pub async fn hears(&self, count: usize) {
        while self.heard().len() < count {
            let bell = self.bell.notified();
            if self.heard().len() >= count {
                break;
            }
            tokio::time::timeout(Duration::from_secs(30), bell).await.expect("a request");
        }
    }
}

pub struct Fixture {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub webhooks: Webhooks,
    pub worker: WebhookWorker,
    pub receiver: Receiver,
    pub clock: Arc<ManualClock>,
}

/// A receiver is given two seconds to answer.
pub fn outbound() -> Outbound {
    Outbound::new(OutboundOptions { time_limit: Duration::from_secs(2), ..OutboundOptions::new(OPEN) })
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(WebhookOptions::default()).await
    }

    pub async fn with(options: WebhookOptions) -> Self {
        let bed = TestBed::new().await;
        let tenant = bed.tenant(Environment::Live).await;
        let clock = Arc::new(ManualClock::starting_at(bed.platform.now()));
        let platform = Platform { clock: clock.clone(), ..bed.platform.clone() };
        let webhooks = Webhooks::new(platform.clone(), OPEN);
        let worker = WebhookWorker::new(platform, outbound(), options);
        Self { bed, tenant, webhooks, worker, receiver: Receiver::start().await, clock }
    }

    pub fn permit(&self) -> Permit {
        permit(self.tenant)
    }

    pub async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.bed.platform.database, self.tenant).await.unwrap()
    }

    /// An endpoint at the receiver, for all events, and its secret.
    pub async fn endpoint(&self) -> (EndpointRecord, String) {
        self.endpoint_for(&[]).await
    }

    pub async fn endpoint_for(&self, events: &[EventKind]) -> (EndpointRecord, String) {
        let input = CreateEndpoint { url: self.receiver.url(), events: events.to_vec() };
        let issued = self.webhooks.create(&self.permit(), &input).await.unwrap();
        (issued.endpoint, issued.secret.into_exposed())
    }

    /// Something happens.
    pub async fn emit(&self, kind: EventKind, payload: Value) {
        let mut tx = self.tx().await;
        svc_audit::emit(&mut tx, kind, &payload).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn emit_locked(&self) {
        let user = "01900000-0000-7000-8000-00000000000a";
        self.emit(EventKind::UserLocked, json!({"user_id": user, "until": null})).await;
    }

    /// Does all that is due.
    pub async fn work(&self) -> bool {
        self.bed.settled().await;
        self.worker.round().await.unwrap()
    }

    /// What waits is due now.
    pub async fn time_passes(&self) {
        self.run("update webhook_delivery set due_at = clock_timestamp() where tenant_id = $1").await;
    }

    /// An administrator of this role.
    pub async fn admin(&self, role: &str) {
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
             select $1, uuid_v7(), uuid_v7(), e.email, e.email, $2, now() from (select uuid_v7() || '@firm.example' as email) e",
        )
        .bind(self.tenant.0)
        .bind(role)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Mails about disabled endpoints: to which role, and what they tell.
    pub async fn mails(&self) -> Vec<(String, Value)> {
        let mut tx = self.tx().await;
        sqlx::query_as(
            "select a.role, m.params from message m join tenant_admin a on a.tenant_id = m.tenant_id and a.admin_id = m.admin_id
              where m.tenant_id = $1 and m.template = 'webhook_disabled' and a.removed_at is null order by a.role",
        )
        .bind(self.tenant.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
    }

    pub async fn run(&self, sql: &'static str) {
        let mut tx = self.tx().await;
        sqlx::query(sql).bind(self.tenant.0).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut tx = self.tx().await;
        sqlx::query_scalar(sql).bind(self.tenant.0).fetch_one(tx.connection()).await.unwrap()
    }

    pub async fn read(&self, id: WebhookEndpointId) -> EndpointRecord {
        self.webhooks.lookup(&self.permit(), id).await.unwrap().unwrap()
    }

    /// An endpoint's deliveries, newest first.
    pub async fn deliveries(&self, id: WebhookEndpointId) -> Vec<DeliveryRecord> {
        let page = PageRequest::new(100, None).unwrap();
        let page = self.webhooks.deliveries(&self.permit(), id, &page).await.unwrap();
        page.rows.into_iter().map(|(_, row)| row).collect()
    }

    pub async fn delivery(&self, id: WebhookEndpointId) -> DeliveryRecord {
        let mut all = self.deliveries(id).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// Actions on record about an endpoint, the oldest first.
    pub async fn audited(&self, id: WebhookEndpointId) -> Vec<(String, String)> {
        let mut tx = self.tx().await;
        sqlx::query_as("select action, actor from audit_entry where tenant_id = $1 and target = $2 order by entry_id")
            .bind(self.tenant.0)
            .bind(id.to_text())
            .fetch_all(tx.connection())
            .await
            .unwrap()
    }
}

pub fn permit(tenant: TenantId) -> Permit {
    caller(tenant, &[ApiScope::Policy]).permit(Operation::ManageWebhooks).unwrap()
}
