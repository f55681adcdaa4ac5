//! How many requests may be at work: found out by looking whether logins' calls are answered in time. While they
//! are not, it is as many as would be if each took what it may (Little, 1961: so many are at work as arrive in the
//! time that each takes); while they are, it grows by and by. Time is a parameter.

use std::time::{Duration, Instant};

use graphql::Urgency;

/// How long calls are watched before the limit is thought over.
const WINDOW: Duration = Duration::from_millis(50);
/// Of so many calls at least.
const ENOUGH: usize = 10;
/// With fewer calls a window ends at the latest after this.
const LONGEST_WINDOW: Duration = Duration::from_secs(1);
/// So many windows one after another have to be late for it to begin: a burst is none of overload's business.
const LATE_WINDOWS: u32 = 3;
/// One call in so many may be late.
const LATE_SHARE: usize = 10;
/// Even the slowest machine does so many at once, so that a few requests are never refused.
const LEAST: usize = 4;
/// Where hardly a call is done, so many that wait are stuck.
const STUCK: usize = 16;
/// The limit is kept in hundredths: where it is small, one more would be a leap.
const ONE: usize = 100;

/// What an operator wants to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// From now on something may be refused.
    Begins,
    /// From now on nothing is.
    Ends,
}

/// The limit, and what it is found out by.
#[derive(Debug)]
pub(super) struct Limit {
    target: Duration,
    most: usize,
    /// In hundredths, as it is found out.
    found: usize,
    at_work: usize,
    /// Those of them that are calls of logins.
    calls: usize,
    late_windows: u32,
    window: Window,
}

/// What was seen since a moment.
#[derive(Debug)]
struct Window {
    since: Instant,
    done: usize,
    late: usize,
    /// Everything that was done, lists too.
    all: usize,
    /// The most that were at work.
    busiest: usize,
}

impl Window {
    fn new(since: Instant, at_work: usize) -> Self {
        Self { since, done: 0, late: 0, all: 0, busiest: at_work }
    }

    /// How many would have been at work, in hundredths, had each taken four fifths of this.
    fn would_be(&self, target: Duration, now: Instant) -> usize {
        let lasted = now.saturating_duration_since(self.since).as_micros().max(1);
        usize::try_from(self.all as u128 * target.as_micros() * ONE as u128 * 4 / (lasted * 5)).unwrap_or(usize::MAX)
    }

    fn is_over(&self, now: Instant) -> bool {
        let lasted = now.saturating_duration_since(self.since);
        lasted >= LONGEST_WINDOW || (lasted >= WINDOW && self.done >= ENOUGH)
    }
}

impl Limit {
    /// Nobody is at work yet; `most` may be.
    pub(super) fn new(target: Duration, most: usize, now: Instant) -> Self {
        Self { target, most, found: most * ONE, at_work: 0, calls: 0, late_windows: 0, window: Window::new(now, 0) }
    }

    /// Whether one more may be at work; if so, it is.
    pub(super) fn enter(&mut self, urgency: Urgency, now: Instant) -> (bool, Option<Change>) {
        let change = self.think(now);
        let is_in = self.at_work < self.room(urgency);
        if is_in {
            self.at_work += 1;
            self.calls += usize::from(is_call(urgency));
            self.window.busiest = self.window.busiest.max(self.at_work);
        }
        (is_in, change)
    }

    /// One is done, after so long.
    pub(super) fn leave(&mut self, urgency: Urgency, took: Duration, now: Instant) -> Option<Change> {
        self.at_work = self.at_work.saturating_sub(1);
        self.window.all += 1;
        if is_call(urgency) {
            self.calls = self.calls.saturating_sub(1);
            self.window.done += 1;
            self.window.late += usize::from(took > self.target);
        }
        self.think(now)
    }

    /// How many may be at work for one of these to be let in: the rest is refused first, then what sends.
    fn room(&self, urgency: Urgency) -> usize {
        let all = self.now();
        match urgency {
            Urgency::Prove => usize::MAX,
            Urgency::Decide => all,
            Urgency::Send => all - all / 4,
            Urgency::Rest => all.div_ceil(2),
        }
    }

    fn now(&self) -> usize {
        self.found / ONE
    }

    fn think(&mut self, now: Instant) -> Option<Change> {
        if !self.window.is_over(now) {
            return None;
        }
        let before = self.now();
        self.late_windows = if self.is_late() { self.late_windows + 1 } else { 0 };
        self.found = self.next(now).clamp(LEAST.min(self.most) * ONE, self.most * ONE);
        self.window = Window::new(now, self.at_work);
        match (before < self.most, self.now() < self.most) {
            (false, true) => Some(Change::Begins),
            (true, false) => Some(Change::Ends),
            _ => None,
        }
    }

    /// Whether too many were late; or, where hardly one was done, whether many are waiting for something.
    fn is_late(&self) -> bool {
        if self.window.done < ENOUGH {
            return self.calls >= STUCK;
        }
        self.window.late * LATE_SHARE > self.window.done
    }

    /// What the limit becomes, before its bounds.
    fn next(&self, now: Instant) -> usize {
        let is_overloaded = self.now() < self.most;
        match self.late_windows {
            late if late >= LATE_WINDOWS || (late > 0 && is_overloaded) => {
                self.found.min(self.window.would_be(self.target, now))
            }
            1.. => self.found,
            // With next to nothing to do there is no overload; with half of what may be, hardly.
            0 if self.window.done < ENOUGH => self.most * ONE,
            0 if self.window.busiest * 2 * ONE <= self.found => self.found * 2,
            0 => self.found + self.found / 20,
        }
    }
}

/// Whether it belongs to a login: what a list takes says nothing of how busy it is here.
fn is_call(urgency: Urgency) -> bool {
    urgency > Urgency::Rest
}

#[cfg(test)]
#[path = "limit_tests.rs"]
mod tests;
