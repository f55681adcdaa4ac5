//! When logins are due: phases, in each of which the rate runs in a straight line from one value to
//! another.

use std::time::Duration;

use serde::Deserialize;

/// A stretch of time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// What the report calls it.
    pub name: String,
    /// How long it is.
    pub seconds: f64,
    /// The rate at its beginning and at its end, as shares of what the installation answers in a closed loop.
    pub rate: [f64; 2],
}

/// Phases with rates in logins a second.
#[derive(Debug, Clone)]
pub struct Schedule(Vec<Phase>);

impl Schedule {
    /// Of phases whose shares are of `full` a second.
    #[must_use]
    pub fn new(phases: &[Phase], full: f64) -> Self {
        Self(phases.iter().map(|phase| Phase { rate: phase.rate.map(|share| share * full), ..phase.clone() }).collect())
    }

    /// The phases.
    #[must_use]
    pub fn phases(&self) -> &[Phase] {
        &self.0
    }

    /// When a phase begins and ends, after the beginning of all.
    #[must_use]
    pub fn span(&self, name: &str) -> Option<(Duration, Duration)> {
        let n = self.0.iter().position(|phase| phase.name == name)?;
        let begin: f64 = self.0[..n].iter().map(|phase| phase.seconds).sum();
        Some((Duration::from_secs_f64(begin), Duration::from_secs_f64(begin + self.0[n].seconds)))
    }

    /// How long all of it is.
    #[must_use]
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.0.iter().map(|phase| phase.seconds).sum())
    }

    /// How many are due in all.
    #[must_use]
    pub fn count(&self) -> usize {
        self.due_by(self.duration().as_secs_f64()).floor() as usize
    }

    /// When each is due, after the beginning: the `n`-th where the area under the rate reaches `n`.
    pub fn arrivals(&self) -> impl Iterator<Item = Duration> + use<> {
        let (phases, mut begin, mut before, mut n) = (self.0.clone(), 0.0, 0.0, 0_u64);
        phases.into_iter().flat_map(move |phase| {
            let area = phase.seconds * f64::midpoint(phase.rate[0], phase.rate[1]);
            let mut dues = Vec::new();
            while (n as f64) < before + area {
                dues.push(Duration::from_secs_f64(begin + time_of_area(&phase, n as f64 - before)));
                n += 1;
            }
            (begin, before) = (begin + phase.seconds, before + area);
            dues
        })
    }

    /// How many are due by a time.
    fn due_by(&self, at: f64) -> f64 {
        let mut left = at;
        let mut due = 0.0;
        for phase in &self.0 {
            let within = left.clamp(0.0, phase.seconds);
            let slope = (phase.rate[1] - phase.rate[0]) / phase.seconds;
            due += (slope * within / 2.0 + phase.rate[0]) * within;
            left -= phase.seconds;
        }
        due
    }
}

/// After how long so much has accumulated under a rate that runs in a straight line.
fn time_of_area(phase: &Phase, area: f64) -> f64 {
    let [from, to] = phase.rate;
    let slope = (to - from) / phase.seconds;
    if area <= 0.0 {
        return 0.0;
    }
    if slope.abs() < 1e-9 {
        return area / from;
    }
    // Of slope/2·t² + from·t = area the root within the phase, in the form that loses no digits.
    2.0 * area / (from + 2.0_f64.mul_add(slope * area, from * from).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(phases: &[(f64, [f64; 2])]) -> Schedule {
        let phase = |(n, (seconds, rate)): (usize, &(f64, [f64; 2]))| Phase {
            name: n.to_string(),
            seconds: *seconds,
            rate: *rate,
        };
        Schedule::new(&phases.iter().enumerate().map(phase).collect::<Vec<_>>(), 100.0)
    }

    #[test]
    fn a_steady_rate_is_evenly_spaced() {
        let dues: Vec<_> = schedule(&[(2.0, [0.5, 0.5])]).arrivals().collect();
        assert_eq!(dues.len(), 100);
        assert!(dues.windows(2).all(|pair| (pair[1] - pair[0]).abs_diff(Duration::from_millis(20)).as_micros() < 2));
    }

    #[test]
    fn a_rising_rate_has_as_many_as_its_area_and_more_of_them_late() {
        let schedule = schedule(&[(10.0, [0.0, 1.0])]);
        let dues: Vec<_> = schedule.arrivals().collect();
        assert!(dues.len() == 500 && schedule.count() == 500, "{}", dues.len());
        let early = dues.iter().filter(|due| due.as_secs_f64() < 5.0).count();
        assert!((124..=126).contains(&early), "a quarter of a triangle lies before its middle: {early}");
        assert!(dues.is_sorted() && dues.last().is_some_and(|due| due.as_secs_f64() < 10.0));
    }

    #[test]
    fn phases_follow_each_other_without_a_gap() {
        let schedule = schedule(&[(1.0, [0.1, 0.1]), (2.0, [1.0, 0.2]), (1.0, [0.1, 0.1])]);
        let dues: Vec<_> = schedule.arrivals().collect();
        assert_eq!(dues.len(), 10 + 120 + 10);
        let (begin, end) = schedule.span("1").unwrap();
        assert_eq!(dues.iter().filter(|due| (begin..end).contains(*due)).count(), 120);
        assert!((schedule.due_by(1.0) - 10.0).abs() < 1e-9 && (schedule.due_by(99.0) - 140.0).abs() < 1e-9);
        assert!(schedule.span("9").is_none() && schedule.duration() == Duration::from_secs(4));
    }
}
