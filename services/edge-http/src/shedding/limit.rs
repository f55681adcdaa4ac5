//! How many requests may be at work: found out by looking whether logins' calls are answered in time. It shrinks
//! by a fifth while they are not, and grows back while they are (additive increase, multiplicative decrease, as
//! TCP does; Chiu and Jain, 1989). Time is a parameter.

use std::time::{Duration, Instant};

use graphql::Urgency;

/// How long calls are watched before the limit is thought over.
const WINDOW: Duration = Duration::from_millis(100);
/// Of so many calls at least.
const ENOUGH: usize = 10;
/// With fewer calls a window ends at the latest after this.
const LONGEST_WINDOW: Duration = Duration::from_secs(1);
/// So many windows one after another have to be late: a burst is none of overload's business.
const LATE_WINDOWS: u32 = 3;
/// One call in so many may be late.
const LATE_SHARE: usize = 10;
/// Even the slowest machine does so many at once, so that a few requests are never refused.
const LEAST: usize = 16;

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
    now: usize,
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
    /// The most that were at work.
    busiest: usize,
}

impl Window {
    fn new(since: Instant, at_work: usize) -> Self {
        Self { since, done: 0, late: 0, busiest: at_work }
    }

    fn is_over(&self, now: Instant) -> bool {
        let lasted = now.saturating_duration_since(self.since);
        lasted >= LONGEST_WINDOW || (lasted >= WINDOW && self.done >= ENOUGH)
    }
}

impl Limit {
    /// Nobody is at work yet; `most` may be.
    pub(super) fn new(target: Duration, most: usize, now: Instant) -> Self {
        Self { target, most, now: most, at_work: 0, calls: 0, late_windows: 0, window: Window::new(now, 0) }
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
        if is_call(urgency) {
            self.calls = self.calls.saturating_sub(1);
            self.window.done += 1;
            self.window.late += usize::from(took > self.target);
        }
        self.think(now)
    }

    /// How many may be at work for one of these to be let in: the rest is refused first, then what sends.
    fn room(&self, urgency: Urgency) -> usize {
        match urgency {
            Urgency::Prove => usize::MAX,
            Urgency::Decide => self.now,
            Urgency::Send => self.now - self.now / 4,
            Urgency::Rest => self.now.div_ceil(2),
        }
    }

    fn think(&mut self, now: Instant) -> Option<Change> {
        if !self.window.is_over(now) {
            return None;
        }
        let before = self.now;
        self.late_windows = if self.is_late() { self.late_windows + 1 } else { 0 };
        self.now = self.next();
        self.window = Window::new(now, self.at_work);
        match (before < self.most, self.now < self.most) {
            (false, true) => Some(Change::Begins),
            (true, false) => Some(Change::Ends),
            _ => None,
        }
    }

    /// Whether too many were late; or, where hardly one was done, whether many are waiting for something.
    fn is_late(&self) -> bool {
        if self.window.done < ENOUGH {
            return self.calls >= LEAST;
        }
        self.window.late * LATE_SHARE > self.window.done
    }

    fn next(&self) -> usize {
        match self.late_windows {
            // Fewer than were at work when it was too much, not than might have been.
            LATE_WINDOWS.. => (self.now.min(self.window.busiest) * 4 / 5).max(LEAST).min(self.most),
            1.. => self.now,
            // With next to nothing to do there is no overload.
            0 if self.window.done < ENOUGH => self.most,
            0 => (self.now + self.now / 10 + 1).min(self.most),
        }
    }
}

/// Whether it belongs to a login: what a list takes says nothing of how busy it is here.
fn is_call(urgency: Urgency) -> bool {
    urgency > Urgency::Rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_millis(50);
    const SOON: Duration = Duration::from_millis(10);
    const LATE: Duration = Duration::from_millis(60);
    const MOST: usize = 1_000;

    struct Story {
        limit: Limit,
        now: Instant,
        changes: Vec<Change>,
    }

    impl Story {
        fn new() -> Self {
            let now = Instant::now();
            Self { limit: Limit::new(TARGET, MOST, now), now, changes: Vec::new() }
        }

        fn enter(&mut self, urgency: Urgency) -> bool {
            let (is_in, change) = self.limit.enter(urgency, self.now);
            self.changes.extend(change);
            is_in
        }

        fn leave(&mut self, urgency: Urgency, took: Duration) {
            self.changes.extend(self.limit.leave(urgency, took, self.now));
        }

        /// A window in which as many as possible, up to so many, are at work at once, and each takes so long.
        fn window(&mut self, wanted: usize, took: Duration) -> usize {
            let entered = (0..wanted).filter(|_| self.enter(Urgency::Decide)).count();
            self.now += SOON;
            (0..entered).for_each(|_| self.leave(Urgency::Decide, took));
            self.ends();
            entered
        }

        /// The window ends, and the limit is thought over.
        fn ends(&mut self) {
            self.now += WINDOW;
            self.changes.extend(self.limit.think(self.now));
        }
    }

    #[test]
    fn a_burst_is_no_overload() {
        let mut story = Story::new();
        for took in [LATE, LATE, SOON, LATE, LATE, SOON] {
            assert_eq!(story.window(200, took), 200);
        }
        assert_eq!((story.limit.now, story.changes), (MOST, vec![]));
    }

    #[test]
    fn what_stays_late_shrinks_the_limit_from_what_was_at_work() {
        let mut story = Story::new();
        let entered: Vec<_> = (0..6).map(|_| story.window(200, LATE)).collect();
        assert_eq!(entered, [200, 200, 200, 160, 128, 102]);
        assert_eq!(story.changes, [Change::Begins]);
        for _ in 0..50 {
            story.window(200, LATE);
        }
        assert_eq!(story.limit.now, LEAST);
    }

    #[test]
    fn one_in_ten_may_be_late() {
        for (late, is_overload) in [(10, false), (11, true)] {
            let mut story = Story::new();
            for _ in 0..LATE_WINDOWS {
                (0..100).for_each(|_| assert!(story.enter(Urgency::Decide)));
                (0..100).for_each(|index| story.leave(Urgency::Decide, if index < late { LATE } else { SOON }));
                story.ends();
            }
            assert_eq!(story.limit.now < MOST, is_overload, "{late}");
        }
    }

    #[test]
    fn the_least_urgent_is_refused_first_and_a_proof_never() {
        let mut story = Story::new();
        while story.limit.now > LEAST {
            story.window(100, LATE);
        }
        let mut refused = Vec::new();
        for at_work in 0..40 {
            for urgency in [Urgency::Rest, Urgency::Send, Urgency::Decide, Urgency::Prove] {
                let is_known = refused.iter().any(|(known, _)| *known == urgency);
                if story.enter(urgency) {
                    story.leave(urgency, SOON);
                } else if !is_known {
                    refused.push((urgency, at_work));
                }
            }
            assert!(story.enter(Urgency::Prove));
        }
        assert_eq!(refused, [(Urgency::Rest, 8), (Urgency::Send, 12), (Urgency::Decide, 16)]);
    }

    #[test]
    fn it_grows_back_within_seconds_once_all_is_in_time() {
        let mut story = Story::new();
        while story.limit.now > LEAST {
            story.window(100, LATE);
        }
        let mut windows = 0;
        while story.limit.now < MOST {
            story.window(MOST, SOON);
            windows += 1;
        }
        assert!(WINDOW * windows < Duration::from_secs(10), "{windows} windows");
        assert_eq!(story.changes, [Change::Begins, Change::Ends]);
    }

    #[test]
    fn with_next_to_nothing_to_do_it_is_forgotten() {
        let mut story = Story::new();
        while story.limit.now > LEAST {
            story.window(100, LATE);
        }
        story.now += LONGEST_WINDOW;
        assert!(story.enter(Urgency::Rest));
        assert_eq!((story.limit.now, story.changes.last()), (MOST, Some(&Change::Ends)));
    }

    #[test]
    fn what_is_never_done_is_late_too() {
        let mut story = Story::new();
        (0..100).for_each(|_| assert!(story.enter(Urgency::Decide)));
        for _ in 0..LATE_WINDOWS {
            story.now += LONGEST_WINDOW;
            story.enter(Urgency::Prove);
        }
        assert!(!story.enter(Urgency::Decide), "a database that hangs");
        assert!(story.enter(Urgency::Prove));
    }

    #[test]
    fn what_a_list_takes_says_nothing() {
        let mut story = Story::new();
        for _ in 0..20 {
            (0..100).for_each(|_| assert!(story.enter(Urgency::Rest)));
            story.now += LONGEST_WINDOW;
            (0..100).for_each(|_| story.leave(Urgency::Rest, Duration::from_secs(9)));
        }
        assert_eq!(story.limit.now, MOST);
    }
}
