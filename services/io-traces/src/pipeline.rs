//! From a span that is over to the collector.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use core_kernel::{Entropy, Redacted};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

use crate::client::{Client, PATIENCE};
use crate::export::{Counted, SpanCounts};
use crate::ids::Ids;
use crate::spans;

/// How often spans that are over go out, where fewer than a batch have gathered.
const EVERY: Duration = Duration::from_secs(1);
/// The most that wait; what comes beyond is dropped.
const QUEUE: usize = 8_192;
const BATCH: usize = 512;
/// How long the end waits for the last of them.
const LAST: Duration = Duration::from_secs(3);

/// Where traces go, and how many.
pub struct TraceOptions {
    /// The collector's address, to which `/v1/traces` is added.
    pub endpoint: String,
    /// The `Authorization` header that it wants.
    pub authorization: Option<Redacted<String>>,
    /// Of a thousand traces that begin here, so many are kept.
    pub sample_per_thousand: u16,
    /// Which process it is: OpenTelemetry's attributes of a service.
    pub service: Vec<(&'static str, String)>,
    /// Names traces and spans.
    pub entropy: Arc<dyn Entropy>,
}

/// The way to the collector.
pub struct Traces {
    provider: SdkTracerProvider,
    counts: SpanCounts,
}

impl Traces {
    /// Prepares it; requests to the collector are made on `runtime`.
    ///
    /// # Errors
    /// When the endpoint is no address.
    pub fn start(options: TraceOptions, runtime: Handle) -> anyhow::Result<Self> {
        let counts = SpanCounts::default();
        let exporter = Counted { exporter: exporter(&options, runtime)?, counts: counts.clone() };
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(EVERY)
            .build();
        let kept = f64::from(options.sample_per_thousand.min(1_000)) / 1_000.0;
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(kept))))
            .with_id_generator(Ids(options.entropy.clone()))
            .with_resource(resource(&options))
            .build();
        Ok(Self { provider, counts })
    }

    /// What has become of spans so far.
    #[must_use]
    pub fn counts(&self) -> SpanCounts {
        self.counts.clone()
    }

    /// Takes up the spans of [`spans`], and nothing else that is logged.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("postern"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(
                Targets::new()
                    .with_target(spans::TARGET, LevelFilter::INFO)
                    .with_target(spans::REQUEST_TARGET, LevelFilter::INFO),
            )
    }

    /// Sends what is left, for three seconds at most. Not on the runtime's threads: it waits.
    pub fn stop(self) {
        if let Err(error) = self.provider.shutdown_with_timeout(LAST) {
            tracing::warn!(error = %error, "the last spans were not sent");
        }
    }
}

fn exporter(options: &TraceOptions, runtime: Handle) -> anyhow::Result<SpanExporter> {
    let endpoint = format!("{}/v1/traces", options.endpoint.trim_end_matches('/'));
    let headers: HashMap<String, String> =
        options.authorization.iter().map(|value| ("authorization".to_owned(), value.expose().clone())).collect();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new(runtime)?)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_timeout(PATIENCE)
        .with_headers(headers);
    exporter.build().context("traces.endpoint")
}

fn resource(options: &TraceOptions) -> Resource {
    let attributes = options.service.iter().map(|(name, value)| KeyValue::new(*name, value.clone()));
    Resource::builder_empty().with_attributes(attributes).build()
}
