//! From time to time, all figures to the collector.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{Clock, Redacted, Timestamp};
use io_meters::Meters;
use prost::Message as _;
use thiserror::Error;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::otlp::{self, Span};

/// Beyond this the collector is taken for gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where metrics go, and how often.
pub struct PushOptions {
    /// The collector's address, to which `/v1/metrics` is added.
    pub endpoint: String,
    /// The `Authorization` header that it wants.
    pub authorization: Option<Redacted<String>>,
    /// How often.
    pub every: Duration,
    /// Which process it is: OpenTelemetry's attributes of a service.
    pub resource: Vec<(&'static str, String)>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
}

/// The way to the collector.
pub struct Push {
    options: PushOptions,
    url: String,
    http: reqwest::Client,
    meters: Meters,
    begun: Timestamp,
}

#[derive(Debug, Error)]
enum PushError {
    #[error("it answered {0}")]
    Refused(reqwest::StatusCode),
    #[error("{0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("{0}")]
    Unwritten(#[from] std::fmt::Error),
}

impl Push {
    /// Prepares it; figures are told as counted from now on.
    ///
    /// # Errors
    /// When TLS cannot be had.
    pub fn new(options: PushOptions, meters: Meters) -> reqwest::Result<Self> {
        // It follows nobody elsewhere.
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        let url = format!("{}/v1/metrics", options.endpoint.trim_end_matches('/'));
        let begun = options.clock.now();
        Ok(Self { options, url, http, meters, begun })
    }

    /// Sends until told to stop, and then once more. One collector that is away is told of once, not at every turn.
    pub async fn run(&self, stop: CancellationToken) {
        let mut turns = tokio::time::interval_at(Instant::now() + self.options.every, self.options.every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut away = false;
        loop {
            let last = tokio::select! {
                () = stop.cancelled() => true,
                _ = turns.tick() => false,
            };
            let sent = self.send().await;
            match &sent {
                Err(error) if !away => tracing::warn!(error = %error, "the collector does not take metrics"),
                Ok(()) if away => tracing::info!("the collector takes metrics again"),
                _ => {}
            }
            away = sent.is_err();
            if last {
                return;
            }
        }
    }

    async fn send(&self) -> Result<(), PushError> {
        let span = Span { begun: self.begun, now: self.options.clock.now() };
        let body = otlp::request(&self.options.resource, &self.meters.sample()?, span).encode_to_vec();
        let mut request = self.http.post(&self.url).header("content-type", "application/x-protobuf").body(body);
        if let Some(authorization) = &self.options.authorization {
            request = request.header("authorization", authorization.expose());
        }
        let status = request.send().await.map_err(reqwest::Error::without_url)?.status();
        if status.is_success() { Ok(()) } else { Err(PushError::Refused(status)) }
    }
}
