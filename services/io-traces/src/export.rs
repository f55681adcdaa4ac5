//! Counting what reaches the collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// How many spans were exported, and how many could not be; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SpanCounts(Arc<[AtomicU64; 2]>);

impl SpanCounts {
    /// So many the collector took.
    #[must_use]
    pub fn exported(&self) -> u64 {
        self.0[0].load(Ordering::Relaxed)
    }

    /// So many it did not.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.0[1].load(Ordering::Relaxed)
    }

    fn note(&self, spans: usize, worked: bool) {
        let counter = &self.0[usize::from(!worked)];
        counter.fetch_add(spans as u64, Ordering::Relaxed);
    }
}

/// An exporter that is counted.
#[derive(Debug)]
pub(crate) struct Counted<E> {
    pub(crate) exporter: E,
    pub(crate) counts: SpanCounts,
}

impl<E: SpanExporter> SpanExporter for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let result = self.exporter.export(batch).await;
        self.counts.note(spans, result.is_ok());
        if let Err(error) = &result {
            tracing::warn!(error = %error, spans, "the collector did not take spans");
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
