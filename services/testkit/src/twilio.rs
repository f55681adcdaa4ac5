//! Twilio, as far as texts and calls need it, over real HTTP: strict about what it is asked (by the
//! parameters that Twilio publishes), and as unreliable as it is told to be.

mod parameters;
mod serve;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use core_crypto::hmac_sha1_base64;
use core_kernel::Timestamp;
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The account that it knows.
pub const TWILIO_ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// Its token.
pub const TWILIO_TOKEN: &str = "the-token-of-the-tests";

/// What it does with a request that is well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twilio {
    /// Takes it and says so.
    Accepts,
    /// Takes it and says so after a while.
    AcceptsAfter(Duration),
    /// Takes it and drops the connection before it says so.
    AcceptsAndDrops,
    /// Takes it and never says so.
    AcceptsAndHangs,
    /// Never answers, and takes nothing.
    Hangs,
    /// Refuses with this status and error code.
    Refuses(u16, u32),
    /// Fails with this status, and takes nothing.
    Fails(u16),
}

/// A text or call that it took.
#[derive(Debug, Clone)]
pub struct TwilioMessage {
    /// Its reference.
    pub sid: String,
    /// `Messages` or `Calls`.
    pub resource: &'static str,
    /// All parameters, as they came.
    pub params: Vec<(String, String)>,
    /// When, by the machine's clock.
    pub created: Timestamp,
    /// How far it is.
    pub status: String,
}

impl TwilioMessage {
    /// A parameter; empty where it was not given.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }
}

/// A request that Twilio makes.
#[derive(Debug, Clone)]
pub struct TwilioCallback {
    /// Where to.
    pub url: String,
    /// The form.
    pub params: Vec<(String, String)>,
    /// `X-Twilio-Signature`.
    pub signature: String,
}

type BeforeAnswer = Arc<dyn Fn(TwilioMessage) -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Default)]
struct State {
    usual: Option<Twilio>,
    next: VecDeque<Twilio>,
    messages: Vec<TwilioMessage>,
    malformed: Vec<String>,
    requests: usize,
    before_answer: Option<BeforeAnswer>,
}

/// The stand-in; it stops when it is dropped.
pub struct TwilioStandIn {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl TwilioStandIn {
    /// Starts it on a free port; it accepts everything.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let task = tokio::spawn(serve::serve(listener, state.clone()));
        Self { address, state, task }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Its address, for `twilio.base_url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it does this.
    pub fn always(&self, what: Twilio) {
        self.state().usual = Some(what);
    }

    /// With the next requests it does these, one each.
    pub fn next(&self, what: impl IntoIterator<Item = Twilio>) {
        self.state().next.extend(what);
    }

    /// Done after it has taken a message and before it answers: callbacks may overtake the answer.
    pub fn before_answer(&self, what: impl Fn(TwilioMessage) -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        self.state().before_answer = Some(Arc::new(what));
    }

    /// All that it took, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<TwilioMessage> {
        self.state().messages.clone()
    }

    /// How often it was asked for a text or call.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.state().requests
    }

    /// What was wrong with requests; a test that ends with any has failed.
    #[must_use]
    pub fn malformed(&self) -> Vec<String> {
        self.state().malformed.clone()
    }

    /// How far a message is, for whoever looks it up.
    pub fn set_status(&self, sid: &str, status: &str) {
        if let Some(message) = self.state().messages.iter_mut().find(|message| message.sid == sid) {
            status.clone_into(&mut message.status);
        }
    }
}

impl Drop for TwilioStandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The status callback of a text, or of a call, that has come so far.
#[must_use]
pub fn twilio_status(message: &TwilioMessage, status: &str, error: Option<u32>) -> TwilioCallback {
    let names = if message.resource == "Calls" { ["CallSid", "CallStatus"] } else { ["MessageSid", "MessageStatus"] };
    let mut params: Vec<(String, String)> = vec![
        ("AccountSid".to_owned(), TWILIO_ACCOUNT.to_owned()),
        (names[0].to_owned(), message.sid.clone()),
        (names[1].to_owned(), status.to_owned()),
        ("To".to_owned(), message.param("To").to_owned()),
    ];
    params.extend(error.map(|error| ("ErrorCode".to_owned(), error.to_string())));
    twilio_request(message.param("StatusCallback"), params)
}

/// Any request of Twilio's, signed as it signs.
#[must_use]
pub fn twilio_request(url: &str, params: Vec<(String, String)>) -> TwilioCallback {
    let mut sorted = params.clone();
    sorted.sort();
    let signed = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    let signature = hmac_sha1_base64(TWILIO_TOKEN.as_bytes(), signed.as_bytes());
    TwilioCallback { url: url.to_owned(), params, signature }
}
