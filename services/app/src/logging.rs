//! The log: JSON for machines, text for people, on standard error. Field names are fixed where events
//! are written; secrets never reach them, by their types.

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Begins logging. A second call in the same process changes nothing.
///
/// # Errors
/// When `log.filter` cannot be read.
pub(crate) fn begin(config: &Config, default: LogFormat) -> anyhow::Result<()> {
    // Connections are cleaned with a ROLLBACK that mostly finds nothing to roll back, and is told so.
    let directives = format!("{},sqlx::postgres::notice=error", config.log_filter);
    let filter = EnvFilter::try_new(directives).map_err(|error| anyhow::anyhow!("log.filter: {error}"))?;
    // What cannot be written is lost, and is not complained of to the same closed pipe: that would
    // panic, and end whatever task had something to say.
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let _already = match config.log_format.unwrap_or(default) {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
        LogFormat::Pretty => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
    };
    Ok(())
}
