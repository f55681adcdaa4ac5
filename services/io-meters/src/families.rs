//! Handles by their labels.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeMetric;
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter as RawCounter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::Family as RawFamily;
use prometheus_client::metrics::gauge::Gauge as RawGauge;
use prometheus_client::registry::Registry;

use crate::buckets::Buckets;
use crate::handles::{Counter, Gauge, Histogram, Total, TraceLabel};
use crate::table::Meter;
use crate::words::{Labels, Word};

/// What a family can be of.
pub trait Kind: 'static {
    /// As Prometheus calls it.
    const NAME: &'static str;
    /// What one series is kept in.
    type Raw: EncodeMetric + TypedMetric + Clone + Debug + Send + Sync;
    /// What is held of one series.
    type Handle;

    /// A series of which nothing is known yet.
    fn begin() -> Self::Raw;

    /// What is held of it.
    fn hold(raw: Self::Raw) -> Self::Handle;
}

/// Series of one kind that differ in `N` labels.
#[derive(Debug)]
pub struct Family<K: Kind, const N: usize> {
    names: [&'static str; N],
    series: RawFamily<Labels<N>, K::Raw>,
}

/// Counters that differ in `N` labels.
pub type Counters<const N: usize> = Family<Counter, N>;
/// Sums of what comes in fractions, such as seconds.
pub type Totals<const N: usize> = Family<Total, N>;
/// Gauges that differ in `N` labels.
pub type Gauges<const N: usize> = Family<Gauge, N>;
/// Histograms that differ in `N` labels.
pub type Histograms<const N: usize, B> = Family<Cut<B>, N>;

impl<K: Kind, const N: usize> Family<K, N> {
    /// As Prometheus calls what it is of.
    pub(crate) const KIND: &'static str = K::NAME;

    /// Makes it known under its name.
    pub(crate) fn register(registry: &mut Registry, meter: &Meter, names: [&'static str; N]) -> Self {
        let series = RawFamily::new_with_constructor(K::begin as fn() -> K::Raw);
        // The encoder ends the sentence.
        registry.register(meter.name, meter.doc.trim_end_matches('.'), series.clone());
        Self { names, series }
    }

    /// The series of these values, in the order of the table's labels.
    #[must_use]
    pub fn at(&self, values: [&'static str; N]) -> K::Handle {
        self.with(values.map(Word::from))
    }

    /// The same, of words.
    #[must_use]
    pub fn with(&self, values: [Word; N]) -> K::Handle {
        K::hold(self.series.get_or_create_owned(&Labels { names: self.names, values }))
    }
}

impl<const N: usize> Gauges<N> {
    /// Forgets all of them: those that are still true are set anew.
    pub fn clear(&self) {
        self.series.clear();
    }
}

impl Kind for Counter {
    const NAME: &'static str = "counter";
    type Raw = RawCounter;
    type Handle = Self;

    fn begin() -> Self::Raw {
        RawCounter::default()
    }

    fn hold(raw: Self::Raw) -> Self {
        Self(raw)
    }
}

impl Kind for Total {
    const NAME: &'static str = "counter";
    type Raw = RawCounter<f64, AtomicU64>;
    type Handle = Self;

    fn begin() -> Self::Raw {
        RawCounter::default()
    }

    fn hold(raw: Self::Raw) -> Self {
        Self(raw)
    }
}

impl Kind for Gauge {
    const NAME: &'static str = "gauge";
    type Raw = RawGauge<f64, AtomicU64>;
    type Handle = Self;

    fn begin() -> Self::Raw {
        RawGauge::default()
    }

    fn hold(raw: Self::Raw) -> Self {
        Self(raw)
    }
}

/// Of histograms that are cut at these buckets.
#[derive(Debug)]
pub struct Cut<B>(PhantomData<fn() -> B>);

impl<B: Buckets> Kind for Cut<B> {
    const NAME: &'static str = "histogram";
    type Raw = HistogramWithExemplars<TraceLabel>;
    type Handle = Histogram;

    fn begin() -> Self::Raw {
        HistogramWithExemplars::new(B::BOUNDS.iter().copied())
    }

    fn hold(raw: Self::Raw) -> Histogram {
        Histogram(raw)
    }
}
