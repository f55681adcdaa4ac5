//! One process's metrics, and how they are told.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

use crate::process;
use crate::samples::{self, Sampled};
use crate::table::Table;

/// Reads what somebody else keeps, when a scrape asks for it.
type Probe = Box<dyn Fn(&Table) + Send + Sync>;

/// In which format a scrape is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// OpenMetrics 1.0, with exemplars.
    OpenMetrics,
    /// Prometheus' own text format 0.0.4, which has none.
    Prometheus,
}

impl Exposition {
    /// What whoever sends this `Accept` header is given: the older format, unless it asks for the newer.
    #[must_use]
    pub fn accepted(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// For the answer's `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
        }
    }
}

/// Everything that is counted; cheap to clone. Its fields are those of [`Table`].
#[derive(Clone)]
pub struct Meters(Arc<Inner>);

struct Inner {
    registry: Registry,
    table: Table,
    probes: Mutex<Vec<Probe>>,
}

impl Meters {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let table = Table::register(&mut registry);
        Self(Arc::new(Inner { registry, table, probes: Mutex::default() }))
    }

    /// Has `probe` set what it knows whenever a scrape asks; it must not wait for anything.
    pub fn on_scrape(&self, probe: impl Fn(&Table) + Send + Sync + 'static) {
        self.0.probes.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(probe));
    }

    /// Everything, as text.
    ///
    /// # Errors
    /// Never, as far as is known: a string takes all that is written.
    pub fn expose(&self, exposition: Exposition) -> Result<String, fmt::Error> {
        process::measure(&self.0.table);
        self.0.probes.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|probe| probe(&self.0.table));
        let mut told = String::new();
        match exposition {
            Exposition::OpenMetrics => text::encode(&mut told, &self.0.registry)?,
            Exposition::Prometheus => prometheus_text::encode(&mut told, &self.0.registry)?,
        }
        Ok(told)
    }

    /// Everything, as values.
    ///
    /// # Errors
    /// As [`Meters::expose`].
    pub fn sample(&self) -> Result<Vec<Sampled>, fmt::Error> {
        Ok(samples::read(&self.expose(Exposition::OpenMetrics)?))
    }
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Meters {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.0.table
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meters")
    }
}
