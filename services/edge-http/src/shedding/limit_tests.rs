//! The limit under a clock of the test's own.

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
        Self::with_target(TARGET)
    }

    fn with_target(target: Duration) -> Self {
        let now = Instant::now();
        Self { limit: Limit::new(target, MOST, now), now, changes: Vec::new() }
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
    assert_eq!((story.limit.now(), story.changes), (MOST, vec![]));
}

#[test]
fn what_stays_late_shrinks_the_limit_to_what_would_be_in_time() {
    let mut story = Story::new();
    let entered: Vec<_> = (0..6).map(|_| story.window(200, LATE)).collect();
    assert_eq!(entered, [200, 200, 200, 133, 88, 58]);
    assert_eq!(story.changes, [Change::Begins]);
    for _ in 0..50 {
        story.window(200, LATE);
    }
    assert_eq!(story.limit.now(), LEAST);
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
        assert_eq!(story.limit.now() < MOST, is_overload, "{late}");
    }
}

#[test]
fn the_least_urgent_is_refused_first_and_a_proof_never() {
    let mut story = Story::new();
    while story.limit.now() > LEAST {
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
    assert_eq!(refused, [(Urgency::Rest, 2), (Urgency::Send, 3), (Urgency::Decide, 4)]);
}

#[test]
fn it_grows_back_within_seconds_once_all_is_in_time() {
    let mut story = Story::new();
    while story.limit.now() > LEAST {
        story.window(100, LATE);
    }
    let mut windows = 0;
    while story.limit.now() < MOST {
        story.window(MOST, SOON);
        windows += 1;
    }
    assert!(WINDOW * windows < Duration::from_secs(10), "{windows} windows");
    assert_eq!(story.changes, [Change::Begins, Change::Ends]);
}

#[test]
fn with_next_to_nothing_to_do_it_is_forgotten() {
    let mut story = Story::new();
    while story.limit.now() > LEAST {
        story.window(100, LATE);
    }
    story.now += LONGEST_WINDOW;
    assert!(story.enter(Urgency::Rest));
    assert_eq!((story.limit.now(), story.changes.last()), (MOST, Some(&Change::Ends)));
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
    assert_eq!(story.limit.now(), MOST);
}

/// In nanoseconds.
const ONE_MS: u64 = 1_000_000;

/// A machine of two processors that everything at work shares, in steps of a millisecond.
struct Machine {
    story: Story,
    at_work: Vec<Work>,
    chance: u32,
}

struct Work {
    urgency: Urgency,
    since: Instant,
    /// In nanoseconds of a processor.
    left: u64,
}

impl Machine {
    const PROCESSORS: u64 = 2;
    /// What a request takes of a processor, in milliseconds.
    const COST: u64 = 5;

    fn chance(&mut self) -> u32 {
        // Marsaglia's xorshift.
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 17;
        self.chance ^= self.chance << 5;
        self.chance
    }

    /// One arrives; whether it is let in.
    fn arrives(&mut self, urgency: Urgency) -> bool {
        let is_in = self.story.enter(urgency);
        if is_in {
            self.at_work.push(Work { urgency, since: self.story.now, left: Self::COST * ONE_MS });
        }
        is_in
    }

    /// A millisecond passes; how long the proofs took that are done.
    fn works(&mut self) -> Vec<Duration> {
        self.story.now += Duration::from_millis(1);
        let share = (Self::PROCESSORS * ONE_MS / (self.at_work.len() as u64).max(1)).min(ONE_MS);
        let (mut done, mut proofs) = (Vec::new(), Vec::new());
        for work in &mut self.at_work {
            work.left = work.left.saturating_sub(share);
        }
        self.at_work.retain(|work| {
            if work.left == 0 {
                done.push((work.urgency, work.since));
            }
            work.left > 0
        });
        for (urgency, since) in done {
            let took = self.story.now - since;
            self.story.leave(urgency, took);
            proofs.extend((urgency == Urgency::Prove).then_some(took));
        }
        proofs
    }

    /// Seconds in which this many a second arrive, two in a hundred of them proofs. How long 99 of 100 proofs
    /// took, and how many of each kind were refused, of a hundred.
    fn lives(&mut self, seconds: u32, per_second: u32) -> (Duration, [u32; 3]) {
        let (mut took, mut seen, mut refused) = (Vec::new(), [0; 3], [0; 3]);
        for _ in 0..seconds * 1_000 {
            for _ in 0..per_second / 1_000 + u32::from(self.chance() % 1_000 < per_second % 1_000) {
                let kind = self.chance() % 100;
                let (at, urgency) = match kind {
                    0..2 => (3, Urgency::Prove),
                    2..52 => (2, Urgency::Decide),
                    52..82 => (1, Urgency::Send),
                    _ => (0, Urgency::Rest),
                };
                let is_in = self.arrives(urgency);
                if at < 3 {
                    seen[at] += 1;
                    refused[at] += u32::from(!is_in);
                }
            }
            took.extend(self.works());
        }
        took.sort();
        let late = took[took.len() * 99 / 100];
        (late, [0, 1, 2].map(|at| refused[at] * 100 / seen[at].max(1)))
    }
}

#[test]
fn at_three_times_what_can_be_answered_proofs_take_little_longer_and_what_can_wait_is_refused_first() {
    let mut machine =
        Machine { story: Story::with_target(Duration::from_millis(10)), at_work: Vec::new(), chance: 2_463_534_242 };
    let (quiet, refused) = machine.lives(20, 100);
    assert_eq!(refused, [0, 0, 0]);
    // What was let in before it was seen is done first.
    machine.lives(2, 1_200);
    let (late, refused) = machine.lives(20, 1_200);
    assert!(late <= 2 * quiet, "{late:?} and {quiet:?}");
    let [rest, send, decide] = refused;
    assert!(rest >= send && send > decide, "{refused:?}");
    machine.lives(2, 100);
    let (_, refused) = machine.lives(8, 100);
    assert_eq!(refused, [0, 0, 0], "it is forgotten within two seconds");
}
