//! What became of the logins that were due in each second.

use std::time::Duration;

use crate::storm::histogram::Histogram;

/// One second.
#[derive(Debug, Clone, Default)]
pub struct Second {
    /// Logins that were due.
    pub due: u32,
    /// Those of them that got the right answer, however late.
    pub served: u32,
    /// Those that did not.
    pub failed: u32,
    /// How long the served waited, from when they were due.
    pub waits: Histogram,
}

/// All seconds of a run, by when logins were due.
#[derive(Debug, Clone, Default)]
pub struct Timeline(Vec<Second>);

impl Timeline {
    /// Notes one login: when it was due, and how long it took if it was served.
    pub fn note(&mut self, due: Duration, served: Option<Duration>) {
        let second = usize::try_from(due.as_secs()).unwrap_or(usize::MAX);
        if self.0.len() <= second {
            self.0.resize(second + 1, Second::default());
        }
        let second = &mut self.0[second];
        second.due += 1;
        match served {
            Some(wait) => {
                second.served += 1;
                second.waits.add(wait);
            }
            None => second.failed += 1,
        }
    }

    /// Notes all that another one noted.
    pub fn merge(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), Second::default());
        }
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            own.due += more.due;
            own.served += more.served;
            own.failed += more.failed;
            own.waits.merge(&more.waits);
        }
    }

    /// The seconds.
    #[must_use]
    pub fn seconds(&self) -> &[Second] {
        &self.0
    }

    /// All of a span, in one.
    #[must_use]
    pub fn within(&self, (begin, end): (Duration, Duration)) -> Second {
        let of = |at: Duration| (at.as_secs_f64().round() as usize).min(self.0.len());
        let mut whole = Second::default();
        for second in &self.0[of(begin)..of(end).max(of(begin))] {
            whole.due += second.due;
            whole.served += second.served;
            whole.failed += second.failed;
            whole.waits.merge(&second.waits);
        }
        whole
    }

    /// From the first second in which a login failed to the last: how long failing lasted at most.
    #[must_use]
    pub fn failing_seconds(&self) -> usize {
        let failed = |second: &Second| second.failed > 0;
        match (self.0.iter().position(failed), self.0.iter().rposition(failed)) {
            (Some(first), Some(last)) => last - first + 1,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn logins_belong_to_the_second_in_which_they_were_due() {
        let mut timeline = Timeline::default();
        timeline.note(MS(2_999), Some(MS(5_000)));
        timeline.note(MS(3_000), None);
        assert_eq!(timeline.seconds().iter().map(|second| second.due).collect::<Vec<_>>(), [0, 0, 1, 1]);
        let whole = timeline.within((MS(0), MS(4_000)));
        assert!(whole.due == 2 && whole.served == 1 && whole.failed == 1 && whole.waits.count() == 1);
        assert_eq!(timeline.within((MS(3_000), MS(9_000))).due, 1);
    }

    #[test]
    fn failing_lasts_from_the_first_to_the_last() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.failing_seconds(), 0);
        for (due, served) in [(500, true), (1_500, false), (2_500, true), (3_500, false), (4_500, true)] {
            timeline.note(MS(due), served.then_some(MS(1)));
        }
        assert_eq!(timeline.failing_seconds(), 3);
    }

    #[test]
    fn merged_is_as_if_noted_together() {
        let (mut one, mut other) = (Timeline::default(), Timeline::default());
        one.note(MS(100), Some(MS(1)));
        other.note(MS(1_100), None);
        other.note(MS(200), Some(MS(2)));
        one.merge(&other);
        let counts: Vec<_> = one.seconds().iter().map(|second| (second.due, second.served, second.failed)).collect();
        assert_eq!(counts, [(2, 2, 0), (1, 0, 1)]);
    }
}
