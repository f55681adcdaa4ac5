//! The stand-in for Stripe (`tests/providers/support/stripe`), as a process beside a test. It is written in
//! another language and shares no code with the client that it judges; Stripe's own library drives it too.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use core_kernel::Timestamp;
use serde_json::{Value, json};
use url::Url;

/// A secret key that the stand-in takes.
pub const STRIPE_KEY: &str = "sk_test_postern";

/// A running stand-in with a clock of its own; it ends with this.
#[derive(Debug)]
pub struct StripeStandIn {
    process: Child,
    url: Url,
}

impl StripeStandIn {
    /// Starts one whose clock stands at `now`.
    ///
    /// # Panics
    /// When there is no Node.
    #[must_use]
    pub fn start(now: Timestamp) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/providers/support/stripe/main.mjs");
        let mut process = Command::new("node")
            .arg(program)
            .arg(now.timestamp().to_string())
            // It ends when this is closed, also when the test is killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node, which runs the stand-in for Stripe");
        let mut line = String::new();
        let output = process.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("its address");
        Self { process, url: line.trim().parse().expect("a URL") }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Moves its clock, and has it do what Stripe does on the way.
    pub async fn advance(&self, now: Timestamp) -> Value {
        self.control("clock", json!({ "now": now.timestamp() })).await
    }

    /// Everything that it has.
    pub async fn state(&self) -> Value {
        self.control("state", json!({})).await
    }

    /// Steers it: `fault`, `calm`, `payment`, `pay`, `retry`, `end`.
    ///
    /// # Panics
    /// When it does not answer, or does not do it.
    pub async fn control(&self, what: &str, given: Value) -> Value {
        let url = self.url.join(&format!("_control/{what}")).expect("a URL");
        let response = reqwest::Client::new().post(url).body(given.to_string()).send().await.expect("an answer");
        let fine = response.status().is_success();
        let body = response.bytes().await.expect("a body");
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert!(fine, "{what} {given}: {answer}");
        answer
    }
}

impl Drop for StripeStandIn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
