//! Counts of latencies in cells that grow with what they hold, as an HDR histogram's do: constant memory
//! however long a run is, and every percentile exact to one part in sixteen.

use std::time::Duration;

/// Cells of one doubling; also how exact a percentile is.
const STEPS: u64 = 16;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Up to 2^36 µs, which is nineteen hours.
const CELLS: usize = (STEPS as usize) * 33;

/// How often which latency was seen, in microseconds.
#[derive(Debug, Clone)]
pub struct Histogram {
    cells: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { cells: vec![0; CELLS], count: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.cells[cell(micros)] += 1;
        self.count += 1;
    }

    /// Counts all that another one counted.
    pub fn merge(&mut self, other: &Self) {
        self.cells.iter_mut().zip(&other.cells).for_each(|(own, more)| *own += more);
        self.count += other.count;
    }

    /// How many were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The latency that this share did not exceed, in milliseconds: the upper end of its cell. Not a
    /// number where nothing was counted.
    #[must_use]
    pub fn percentile(&self, share: f64) -> f64 {
        let wanted = ((share * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (n, count) in self.cells.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(n) as f64 / 1_000.0;
            }
        }
        f64::NAN
    }

    /// The cells from the first to the last that hold something: their upper ends in milliseconds, and
    /// the share of all that is in each.
    #[must_use]
    pub fn shares(&self) -> Vec<(f64, f64)> {
        let held = |count: &u64| *count > 0;
        let (Some(first), Some(last)) = (self.cells.iter().position(held), self.cells.iter().rposition(held)) else {
            return Vec::new();
        };
        let share = |n: usize| (upper(n) as f64 / 1_000.0, self.cells[n] as f64 / self.count as f64);
        (first..=last).map(share).collect()
    }
}

/// Below [`STEPS`] a cell for each microsecond, from there on [`STEPS`] for each doubling.
fn cell(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    let doubling = micros.ilog2() - STEP_BITS;
    let within = (micros >> doubling) - STEPS;
    let n = u64::from(doubling + 1) * STEPS + within;
    (n as usize).min(CELLS - 1)
}

/// The first microsecond that is beyond a cell.
fn upper(cell: usize) -> u64 {
    let (doubling, within) = (cell as u64 / STEPS, cell as u64 % STEPS);
    match doubling {
        0 => within + 1,
        _ => (STEPS + within + 1) << (doubling - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latency_lies_in_its_cell_and_cells_follow_each_other() {
        for micros in (0..4_096).chain((12..36).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1])) {
            let n = cell(micros);
            assert!(micros < upper(n), "{micros} is beyond {n}");
            assert!(n == 0 || micros >= upper(n - 1), "{micros} is before {n}");
            assert!(upper(n) as f64 <= (micros + 1) as f64 * (1.0 + 1.0 / STEPS as f64), "{micros}: {}", upper(n));
        }
        assert_eq!(cell(u64::MAX), CELLS - 1);
    }

    #[test]
    fn percentiles_are_the_upper_ends_of_what_was_counted() {
        let mut histogram = Histogram::default();
        assert!(histogram.percentile(0.5).is_nan() && histogram.shares().is_empty());
        (1..=1_000).for_each(|ms| histogram.add(Duration::from_millis(ms)));
        for (share, exact) in [(0.001, 1.0), (0.5, 500.0), (0.99, 990.0), (1.0, 1_000.0)] {
            let found = histogram.percentile(share);
            assert!(found > exact && found <= exact * 1.0625 + 0.001, "{share}: {found}");
        }
    }

    #[test]
    fn merged_is_as_if_counted_together() {
        let (mut all, mut even, mut odd) = (Histogram::default(), Histogram::default(), Histogram::default());
        for ms in 1..=100 {
            all.add(Duration::from_millis(ms));
            let half = if ms % 2 == 0 { &mut even } else { &mut odd };
            half.add(Duration::from_millis(ms));
        }
        even.merge(&odd);
        assert!(even.count() == 100 && even.cells == all.cells);
    }

    #[test]
    fn shares_make_a_whole_and_have_no_gap() {
        let mut histogram = Histogram::default();
        [3, 3, 3, 40].into_iter().for_each(|ms| histogram.add(Duration::from_millis(ms)));
        let shares = histogram.shares();
        assert!((shares.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!((shares[0].1 - 0.75).abs() < 1e-9 && shares.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
