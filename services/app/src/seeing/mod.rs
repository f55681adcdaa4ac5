//! What operators see of a process: who counts counts on the platform's meters; here is what others know
//! and a scrape asks for, and where traces go.

mod probes;

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{Entropy as _, SystemClock, SystemEntropy};
use io_collector::{Push, PushOptions};
use io_meters::Meters;
use io_traces::{SpanCounts, TraceOptions, Traces};
use tokio::runtime::Handle;

use crate::config::Config;

pub(crate) use probes::{measure, measure_lines};

/// One of OpenTelemetry's attributes of a service, which say what process this is.
pub(crate) type Attribute = (&'static str, String);

/// What a process is to a collector.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The same for traces and metrics.
    pub(crate) service: Vec<Attribute>,
    /// What has become of its spans, where there are any.
    pub(crate) spans: Option<SpanCounts>,
}

/// A process of this role, unlike any other one.
pub(crate) fn service(role: &str) -> Vec<Attribute> {
    let mut instance = [0; 16];
    SystemEntropy.fill(&mut instance);
    vec![
        ("service.namespace", "postern".to_owned()),
        ("service.name", format!("postern-{role}")),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", uuid::Builder::from_random_bytes(instance).into_uuid().to_string()),
    ]
}

/// The way of traces to the collector, if there is one.
///
/// # Errors
/// When the collector's address is none.
pub(crate) fn traces(config: &Config, service: &[Attribute], runtime: &Handle) -> anyhow::Result<Option<Traces>> {
    let Some(endpoint) = &config.traces_endpoint else { return Ok(None) };
    let options = TraceOptions {
        endpoint: endpoint.as_str().to_owned(),
        authorization: config.traces_authorization.clone(),
        sample_per_thousand: config.traces_sample_per_thousand,
        service: service.to_vec(),
        entropy: Arc::new(SystemEntropy),
    };
    Traces::start(options, runtime.clone()).map(Some)
}

/// The way of metrics to the collector, if there is one.
///
/// # Errors
/// When TLS cannot be had.
pub(crate) fn push(config: &Config, service: &[Attribute], meters: &Meters) -> anyhow::Result<Option<Push>> {
    let Some(endpoint) = &config.metrics_endpoint else { return Ok(None) };
    let options = PushOptions {
        endpoint: endpoint.as_str().to_owned(),
        authorization: config.metrics_authorization.clone(),
        every: Duration::from_secs(config.metrics_push_seconds.max(1).into()),
        resource: service.to_vec(),
        clock: Arc::new(SystemClock),
    };
    Ok(Some(Push::new(options, meters.clone())?))
}
