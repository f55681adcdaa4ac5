//! An operator's own gateway for texts and calls: takes signed messages and remembers them.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use core_crypto::{WebhookHeaders, WebhookSecret};
use core_kernel::{Clock, SeededEntropy, SystemClock};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Default)]
struct State {
    /// Instead of taking it.
    status: Option<u16>,
    body: String,
    messages: Vec<Value>,
    /// Of so many one is taken and not acknowledged.
    drops_one_of: Option<usize>,
    unsigned: usize,
    requests: usize,
}

/// The stand-in; it stops when it is dropped.
pub struct GatewayStandIn {
    address: SocketAddr,
    secret: WebhookSecret,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl GatewayStandIn {
    /// Starts it on a free port; it takes everything that is signed.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let secret = WebhookSecret::generate(&SeededEntropy::new(4712));
        let state = Arc::new(Mutex::new(State::default()));
        let task = tokio::spawn(serve(listener, secret.clone(), state.clone()));
        Self { address, secret, state, task }
    }

    /// Its address, for `http_provider.url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/messages", self.address)
    }

    /// For `http_provider.secret`, and to sign reports.
    #[must_use]
    pub fn secret(&self) -> &WebhookSecret {
        &self.secret
    }

    /// From now on it answers this.
    pub fn answers(&self, status: u16, body: &str) {
        let mut state = lock(&self.state);
        state.status = Some(status);
        body.clone_into(&mut state.body);
    }

    /// From now on it takes one of so many messages and drops the connection instead of saying so.
    pub fn drops_one_of(&self, many: usize) {
        lock(&self.state).drops_one_of = Some(many);
    }

    /// All messages that it took, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        lock(&self.state).messages.clone()
    }

    /// How often it was asked.
    #[must_use]
    pub fn requests(&self) -> usize {
        lock(&self.state).requests
    }

    /// How many requests did not bear the right signature.
    #[must_use]
    pub fn unsigned(&self) -> usize {
        lock(&self.state).unsigned
    }
}

impl Drop for GatewayStandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, secret: WebhookSecret, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (secret, state) = (secret.clone(), state.clone());
        let service = hyper::service::service_fn(move |request| answer(secret.clone(), state.clone(), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    secret: WebhookSecret,
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let (status, said) = take(&secret, &mut lock(&state), &parts.headers, &body);
    if drops(&lock(&state)) {
        return Err(io::Error::other("told to drop the connection"));
    }
    let response = Response::builder().status(status).body(Full::new(Bytes::from(said)));
    response.map_err(io::Error::other)
}

fn drops(state: &State) -> bool {
    state.drops_one_of.is_some_and(|many| state.requests.is_multiple_of(many))
}

fn take(secret: &WebhookSecret, state: &mut State, headers: &HeaderMap, body: &[u8]) -> (u16, String) {
    state.requests += 1;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, timestamp, signature) = (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"));
    if !secret.verify(WebhookHeaders { id, timestamp, signature }, body, SystemClock.now()) {
        state.unsigned += 1;
        return (401, String::new());
    }
    match state.status {
        Some(status) if status >= 300 => (status, state.body.clone()),
        status => {
            state.messages.push(serde_json::from_slice(body).unwrap_or_default());
            (status.unwrap_or(202), state.body.clone())
        }
    }
}
