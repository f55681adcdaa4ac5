//! Medians and percentiles.

use std::time::Duration;

/// What one measurement found.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Answers.
    pub count: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// How long each answer took, shortest first.
    latencies: Vec<Duration>,
}

impl Sample {
    /// From the latencies of all answers.
    #[must_use]
    pub fn new(elapsed: Duration, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self { count: latencies.len(), elapsed, latencies }
    }

    /// Answers a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that this share of answers did not exceed, in milliseconds.
    #[must_use]
    pub fn percentile(&self, share: f64) -> f64 {
        let place = (share * self.latencies.len() as f64).ceil() as usize;
        self.latencies.get(place.saturating_sub(1)).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1_000.0)
    }
}

/// The middle one.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn percentiles_are_those_of_real_answers() {
        let sample = Sample::new(Duration::from_secs(2), (1..=100).rev().map(Duration::from_millis).collect());
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            assert!((sample.percentile(share) - expected).abs() < 1e-9, "{share}");
        }
        assert!((sample.rate() - 50.0).abs() < 1e-9);
    }
}
