//! What is held by whoever counts: cheap to clone, and cheap to use.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use prometheus_client::metrics::counter::Counter as RawCounter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::gauge::Gauge as RawGauge;

/// The label of an exemplar.
pub(crate) type TraceLabel = [(&'static str, String); 1];

/// Only ever goes up.
#[derive(Debug, Clone)]
pub struct Counter(pub(crate) RawCounter);

impl Counter {
    /// One more.
    pub fn add_one(&self) {
        self.0.inc();
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.inc_by(more);
    }

    /// As many as somebody else has counted since the process began; what is less is not believed.
    pub fn raise_to(&self, total: u64) {
        self.0.inner().fetch_max(total, Ordering::Relaxed);
    }

    /// How many so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.get()
    }
}

/// A sum of what comes in fractions, such as seconds; it only ever goes up.
#[derive(Debug, Clone)]
pub struct Total(pub(crate) RawCounter<f64, AtomicU64>);

impl Total {
    /// So much by now, as somebody else counts it; what is less is not believed.
    pub fn raise_to(&self, total: f64) {
        self.0.inc_by((total - self.0.get()).max(0.0));
    }
}

/// How it is now.
#[derive(Debug, Clone)]
pub struct Gauge(pub(crate) RawGauge<f64, AtomicU64>);

impl Gauge {
    /// It is this now.
    pub fn set(&self, value: f64) {
        self.0.set(value);
    }

    /// One more.
    pub fn add_one(&self) {
        self.0.inc();
    }

    /// One less.
    pub fn take_one(&self) {
        self.0.dec();
    }

    /// What it is.
    #[must_use]
    pub fn get(&self) -> f64 {
        self.0.get()
    }
}

/// A trace in which a value was measured, so that whoever sees a slow one finds out why.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The trace, in hexadecimal.
    pub trace_id: String,
    /// When.
    pub at: SystemTime,
}

/// How values are distributed.
#[derive(Debug, Clone)]
pub struct Histogram(pub(crate) HistogramWithExemplars<TraceLabel>);

impl Histogram {
    /// Takes note of a value.
    pub fn observe(&self, value: f64) {
        self.0.observe(value, None, None);
    }

    /// The same, with the trace in which it was measured; the last of each bucket is told.
    pub fn observe_in(&self, value: f64, sample: Option<Sample>) {
        let (label, at) = sample.map(|sample| ([("trace_id", sample.trace_id)], sample.at)).unzip();
        self.0.observe(value, label, at);
    }
}
