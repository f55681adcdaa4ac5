//! Metrics for whoever collects them by OTLP, beside or in place of Prometheus.
//!
//! What is sent is what a scrape of `/metrics` would be told at that moment ([`io_meters::Meters::sample`]):
//! names, labels and figures are the same, so that a dashboard or an alert means the same whichever way they came.
//! Sums are cumulative since the process began, as in a scrape: what a collector misses is not lost with it.
//!
//! Nothing waits for a collector, and nothing is kept for one that is away: the next figures say more.

mod otlp;
mod push;

pub use push::{Push, PushOptions};
