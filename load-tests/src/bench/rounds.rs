//! What was measured, round by round.

use std::collections::BTreeMap;

use crate::stats::{Sample, median};

/// Values by name, one for each round.
#[derive(Debug, Default)]
pub(super) struct Rounds(BTreeMap<&'static str, Vec<f64>>);

impl Rounds {
    pub(super) fn add(&mut self, name: &'static str, value: f64) {
        self.0.entry(name).or_default().push(value);
    }

    pub(super) fn sample(&mut self, [rate, p50, p99]: [&'static str; 3], sample: &Sample) {
        self.add(rate, sample.rate());
        self.add(p50, sample.percentile(0.5));
        self.add(p99, sample.percentile(0.99));
    }

    /// The median.
    pub(super) fn get(&self, name: &str) -> f64 {
        self.0.get(name).map_or(f64::NAN, |values| median(values))
    }

    /// The median of the quotients of each round, so that what slows a whole round cancels out.
    pub(super) fn ratio(&self, above: &str, below: &str) -> f64 {
        let empty = Vec::new();
        let (above, below) = (self.0.get(above).unwrap_or(&empty), self.0.get(below).unwrap_or(&empty));
        median(&above.iter().zip(below).map(|(a, b)| a / b).collect::<Vec<_>>())
    }

    /// The highest of all rounds.
    pub(super) fn max(&self, name: &str) -> f64 {
        self.0.get(name).map_or(f64::NAN, |values| values.iter().copied().fold(f64::MIN, f64::max))
    }
}
