//! Carrying a request to Stripe and its answer back: once, or again with the same key.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{Entropy, Redacted};
use data_encoding::HEXLOWER;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde::de::DeserializeOwned;
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use url::{Host, Url};

use crate::StripeError;
use crate::answers::ErrorBody;

const CONNECT: Duration = Duration::from_secs(3);
/// Of one attempt, from its first byte to the answer's last.
const WHOLE: Duration = Duration::from_secs(20);
const ATTEMPTS: u32 = 4;
/// Longer than this nobody waits, whatever a server says.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Longer answers are not read.
const MAX_ANSWER: usize = 4 << 20;

/// A connection to an account at Stripe.
#[derive(Clone)]
pub(crate) struct Transport {
    http: Client,
    base: Url,
    key: Redacted<String>,
    entropy: Arc<dyn Entropy>,
    first_pause: Duration,
}

/// What one attempt came to.
enum Attempt {
    Answer(Vec<u8>),
    /// Worth another, after a while that the server may have named.
    Again(String, Option<Duration>),
    Stop(StripeError),
}

impl Transport {
    pub(crate) fn new(
        base: Url,
        key: Redacted<String>,
        entropy: Arc<dyn Entropy>,
        first_pause: Duration,
    ) -> Result<Self, StripeError> {
        if !is_private(&base) {
            return Err(StripeError::Configuration("stripe.base_url must be an https address".to_owned()));
        }
        if key.expose().is_empty() || !key.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(StripeError::Configuration("stripe.secret_key is no key".to_owned()));
        }
        let http = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(Policy::none())
            .user_agent(concat!("postern/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| StripeError::Configuration(error.without_url().to_string()))?;
        Ok(Self { http, base, key, entropy, first_pause })
    }

    /// Asks, and reads the answer. A POST that comes without a key gets one, and keeps it.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        request: &impl StripeRequest,
        key: Option<&str>,
    ) -> Result<T, StripeError> {
        let request = request.build();
        let made;
        let key = match (&request.method, key) {
            (StripeMethod::Post, None) => {
                made = self.random_key();
                Some(made.as_str())
            }
            (_, key) => key,
        };
        let body = self.repeat(&request, key).await?;
        // What cannot be read may have been done all the same.
        serde_json::from_slice(&body).map_err(|error| StripeError::Unknown(format!("{}: {error}", request.path)))
    }

    async fn repeat(&self, request: &RequestBuilder, key: Option<&str>) -> Result<Vec<u8>, StripeError> {
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            match self.once(request, key).await {
                Attempt::Answer(body) => return Ok(body),
                Attempt::Stop(error) => return Err(error),
                Attempt::Again(reason, pause) => {
                    why = reason;
                    if attempt + 1 < ATTEMPTS {
                        tokio::time::sleep(self.pause(attempt, pause)).await;
                    }
                }
            }
        }
        Err(StripeError::Unknown(why))
    }

    async fn once(&self, request: &RequestBuilder, key: Option<&str>) -> Attempt {
        match self.build(request, key).send().await {
            Ok(response) => read(response).await,
            Err(error) => Attempt::Again(no_answer(&error).to_owned(), None),
        }
    }

    fn build(&self, request: &RequestBuilder, key: Option<&str>) -> reqwest::RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/v1{}", self.base.path().trim_end_matches('/'), request.path));
        url.set_query(request.query.as_deref().filter(|query| !query.is_empty()));
        let mut built = match request.method {
            StripeMethod::Get => self.http.get(url),
            StripeMethod::Post => self.http.post(url),
            StripeMethod::Delete => self.http.delete(url),
        };
        built = built.bearer_auth(self.key.expose()).header("stripe-version", stripe_shared::version::VERSION.as_str());
        if let Some(key) = key {
            built = built.header("idempotency-key", key);
        }
        match &request.body {
            Some(body) => built.header("content-type", "application/x-www-form-urlencoded").body(body.clone()),
            None => built,
        }
    }

    /// Twice as long each time, and half of it by chance, so that many who failed together do not come
    /// back together.
    fn pause(&self, attempt: u32, named: Option<Duration>) -> Duration {
        let whole = self.first_pause * 2_u32.saturating_pow(attempt);
        let mut byte = [0];
        self.entropy.fill(&mut byte);
        let own = whole / 2 + whole * u32::from(byte[0]) / 510;
        named.unwrap_or(own).min(LONGEST_PAUSE)
    }

    fn random_key(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        HEXLOWER.encode(&bytes)
    }
}

async fn read(mut response: Response) -> Attempt {
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let named = header("retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let again = match header("stripe-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => matches!(status, 409 | 429 | 500..),
    };
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_ANSWER => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Ok(Some(_)) => return Attempt::Stop(StripeError::Unknown("the answer is too long".to_owned())),
            Err(error) => return Attempt::Again(no_answer(&error).to_owned(), None),
        }
    }
    match status {
        200..=299 => Attempt::Answer(body),
        _ if again => Attempt::Again(format!("it answered {status}"), named),
        500.. => Attempt::Stop(StripeError::Unknown(format!("it answered {status}"))),
        _ => Attempt::Stop(refused(status, &body)),
    }
}

fn refused(status: u16, body: &[u8]) -> StripeError {
    let told: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    let message = told.error.message.unwrap_or_else(|| "it did not say why".to_owned());
    StripeError::Refused { status, code: told.error.code, message }
}

fn no_answer(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "no connection could be made"
    } else if error.is_timeout() {
        "there was no answer in time"
    } else {
        "the connection broke before the answer"
    }
}

/// Whether a secret key may be sent there: encrypted, or not leaving this machine.
fn is_private(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::SeededEntropy;

    fn transport(base: &str, key: &str) -> Result<Transport, StripeError> {
        let entropy = Arc::new(SeededEntropy::new(1));
        Transport::new(base.parse().unwrap(), Redacted::new(key.to_owned()), entropy, Duration::from_millis(500))
    }

    #[test]
    fn a_secret_key_does_not_cross_a_network_in_the_open() {
        assert!(transport("https://api.stripe.com", "sk_test_1").is_ok());
        assert!(transport("http://127.0.0.1:1", "sk_test_1").is_ok());
        assert!(transport("http://api.stripe.com", "sk_test_1").is_err());
        for key in ["", "sk test", "sk\n"] {
            assert!(transport("https://api.stripe.com", key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn pauses_grow_and_differ_and_end() {
        let transport = transport("https://api.stripe.com", "sk_test_1").unwrap();
        for attempt in 0..3 {
            let (least, most) = (Duration::from_millis(250 << attempt), Duration::from_millis(500 << attempt));
            let pauses: Vec<_> = (0..20).map(|_| transport.pause(attempt, None)).collect();
            assert!(pauses.iter().all(|pause| (least..=most).contains(pause)), "{pauses:?}");
            assert!(pauses.windows(2).any(|pair| pair[0] != pair[1]));
        }
        assert_eq!(transport.pause(0, Some(Duration::from_secs(3))), Duration::from_secs(3));
        assert_eq!(transport.pause(0, Some(Duration::from_secs(3_600))), LONGEST_PAUSE);
    }
}
