//! Handles by their labels.

use std::marker::PhantomData;
use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter as RawCounter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge as RawGauge;
use prometheus_client::registry::Registry;

use crate::buckets::Buckets;
use crate::handles::{Counter, Gauge, Histogram, TraceLabel};
use crate::table::Meter;
use crate::words::{Labels, Word};

/// What the table can be made of.
pub(crate) trait Kind<const N: usize>: Sized {
    /// As Prometheus calls it.
    const NAME: &'static str;

    /// Makes it known under its name.
    fn register(registry: &mut Registry, meter: &Meter, labels: [&'static str; N]) -> Self;
}

fn help(meter: &Meter) -> &'static str {
    // The encoder ends the sentence.
    meter.doc.trim_end_matches('.')
}

/// The words of a series, from texts of the source.
fn words<const N: usize>(values: [&'static str; N]) -> [Word; N] {
    values.map(Word::from)
}

/// Counters that differ in `N` labels.
#[derive(Debug)]
pub struct Counters<const N: usize> {
    names: [&'static str; N],
    family: Family<Labels<N>, RawCounter>,
}

impl<const N: usize> Counters<N> {
    /// The counter of these values, in the order of the table's labels.
    #[must_use]
    pub fn at(&self, values: [&'static str; N]) -> Counter {
        self.with(words(values))
    }

    /// The same, of words.
    #[must_use]
    pub fn with(&self, values: [Word; N]) -> Counter {
        Counter(self.family.get_or_create_owned(&Labels { names: self.names, values }))
    }
}

impl<const N: usize> Kind<N> for Counters<N> {
    const NAME: &'static str = "counter";

    fn register(registry: &mut Registry, meter: &Meter, names: [&'static str; N]) -> Self {
        let family = Family::default();
        registry.register(meter.name, help(meter), family.clone());
        Self { names, family }
    }
}

/// Sums of what comes in fractions, such as seconds; they only ever go up.
#[derive(Debug)]
pub struct Totals<const N: usize> {
    names: [&'static str; N],
    family: Family<Labels<N>, RawCounter<f64, AtomicU64>>,
}

impl<const N: usize> Totals<N> {
    /// The sum of these values is so much by now, as somebody else counts it.
    pub fn raise_to(&self, values: [&'static str; N], total: f64) {
        let labels = Labels { names: self.names, values: words(values) };
        let counter = self.family.get_or_create_owned(&labels);
        counter.inc_by((total - counter.get()).max(0.0));
    }
}

impl<const N: usize> Kind<N> for Totals<N> {
    const NAME: &'static str = "counter";

    fn register(registry: &mut Registry, meter: &Meter, names: [&'static str; N]) -> Self {
        let family = Family::default();
        registry.register(meter.name, help(meter), family.clone());
        Self { names, family }
    }
}

/// Gauges that differ in `N` labels.
#[derive(Debug)]
pub struct Gauges<const N: usize> {
    names: [&'static str; N],
    family: Family<Labels<N>, RawGauge<f64, AtomicU64>>,
}

impl<const N: usize> Gauges<N> {
    /// The gauge of these values, in the order of the table's labels.
    #[must_use]
    pub fn at(&self, values: [&'static str; N]) -> Gauge {
        self.with(words(values))
    }

    /// The same, of words.
    #[must_use]
    pub fn with(&self, values: [Word; N]) -> Gauge {
        Gauge(self.family.get_or_create_owned(&Labels { names: self.names, values }))
    }

    /// Forgets all of them: those that are still true are set anew.
    pub fn clear(&self) {
        self.family.clear();
    }
}

impl<const N: usize> Kind<N> for Gauges<N> {
    const NAME: &'static str = "gauge";

    fn register(registry: &mut Registry, meter: &Meter, names: [&'static str; N]) -> Self {
        let family = Family::default();
        registry.register(meter.name, help(meter), family.clone());
        Self { names, family }
    }
}

/// Makes histograms of these buckets.
#[derive(Debug)]
struct Cut<B>(PhantomData<fn() -> B>);

impl<B> Clone for Cut<B> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<B: Buckets> MetricConstructor<HistogramWithExemplars<TraceLabel>> for Cut<B> {
    fn new_metric(&self) -> HistogramWithExemplars<TraceLabel> {
        HistogramWithExemplars::new(B::BOUNDS.iter().copied())
    }
}

/// Histograms that differ in `N` labels.
#[derive(Debug)]
pub struct Histograms<const N: usize, B: Buckets> {
    names: [&'static str; N],
    family: Family<Labels<N>, HistogramWithExemplars<TraceLabel>, Cut<B>>,
}

impl<const N: usize, B: Buckets> Histograms<N, B> {
    /// The histogram of these values, in the order of the table's labels.
    #[must_use]
    pub fn at(&self, values: [&'static str; N]) -> Histogram {
        self.with(words(values))
    }

    /// The same, of words.
    #[must_use]
    pub fn with(&self, values: [Word; N]) -> Histogram {
        Histogram(self.family.get_or_create_owned(&Labels { names: self.names, values }))
    }
}

impl<const N: usize, B: Buckets + std::fmt::Debug> Kind<N> for Histograms<N, B> {
    const NAME: &'static str = "histogram";

    fn register(registry: &mut Registry, meter: &Meter, names: [&'static str; N]) -> Self {
        let family = Family::new_with_constructor(Cut(PhantomData));
        registry.register(meter.name, help(meter), family.clone());
        Self { names, family }
    }
}
