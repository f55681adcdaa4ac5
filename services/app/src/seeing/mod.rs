//! What operators see of a process: who counts counts on the platform's meters; here is what others know
//! and a scrape asks for, and where traces go.

mod probes;

use std::sync::Arc;

use core_kernel::SystemEntropy;
use io_traces::{TraceOptions, Traces};
use tokio::runtime::Handle;

use crate::config::Config;

pub(crate) use probes::{measure, measure_lines};

/// The way to the collector, if there is one and the role has traces.
///
/// # Errors
/// When the collector's address is none.
pub(crate) fn traces(config: &Config, role: Option<&'static str>, runtime: &Handle) -> anyhow::Result<Option<Traces>> {
    let (Some(endpoint), Some(role)) = (&config.traces_endpoint, role) else { return Ok(None) };
    let options = TraceOptions {
        endpoint: endpoint.as_str().to_owned(),
        authorization: config.traces_authorization.clone(),
        sample_per_thousand: config.traces_sample_per_thousand,
        role,
        version: env!("CARGO_PKG_VERSION"),
        entropy: Arc::new(SystemEntropy),
    };
    Traces::start(options, runtime.clone()).map(Some)
}
