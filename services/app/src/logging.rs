//! The log: JSON for machines, text for people, on standard error. Field names are fixed where events
//! are written; secrets never reach them, by their types.

use io_traces::{Traces, spans};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::config::{Config, LogFormat};

/// Begins logging. A second call in the same process changes nothing.
///
/// # Errors
/// When `log.filter` cannot be read.
pub(crate) fn begin(config: &Config, default: LogFormat, traces: Option<&Traces>) -> anyhow::Result<()> {
    // Connections are cleaned with a ROLLBACK that mostly finds nothing to roll back, and is told so. The
    // spans of traces go to their collector, and would only repeat themselves here.
    let directives = format!("{},sqlx::postgres::notice=error,{}=off", config.log_filter, spans::TARGET);
    let filter = EnvFilter::try_new(directives).map_err(|error| anyhow::anyhow!("log.filter: {error}"))?;
    // What cannot be written is lost, and is not complained of to the same closed pipe: that would
    // panic, and end whatever task had something to say.
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let log = match config.log_format.unwrap_or(default) {
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Pretty => layer.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
    };
    let collected = traces.map(Traces::layer::<Registry>);
    let _already = tracing_subscriber::registry().with(collected).with(log.with_filter(filter)).try_init();
    Ok(())
}
