//! Where histograms are cut: fine where a promise is held, coarse where only "too long" matters.

/// The upper bounds of a histogram's buckets.
pub trait Buckets: 'static {
    /// Ascending; everything above the last is counted beyond it.
    const BOUNDS: &'static [f64];
}

/// How long a request takes, in seconds: the promises are between 2 and 250 ms.
#[derive(Debug)]
pub enum Duration {}

impl Buckets for Duration {
    const BOUNDS: &'static [f64] = &[0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
}

/// How long something waits that people or providers take part in, in seconds.
#[derive(Debug)]
pub enum Delay {}

impl Buckets for Delay {
    const BOUNDS: &'static [f64] =
        &[0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0];
}

/// How many things are done together.
#[derive(Debug)]
pub enum Size {}

impl Buckets for Size {
    const BOUNDS: &'static [f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
}

/// A score between 0 and 100.
#[derive(Debug)]
pub enum Score {}

impl Buckets for Score {
    const BOUNDS: &'static [f64] = &[0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_ascend() {
        for bounds in [Duration::BOUNDS, Delay::BOUNDS, Size::BOUNDS, Score::BOUNDS] {
            assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{bounds:?}");
        }
    }
}
