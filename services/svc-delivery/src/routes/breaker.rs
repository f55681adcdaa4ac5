//! A circuit breaker: after some failures in a row a provider is left alone for a while, then one
//! message tries whether it is back. A pure state machine; time is a parameter.

use chrono::TimeDelta;
use core_kernel::Timestamp;

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerOptions {
    /// After so many failures in a row: no answer, a late one, errors, "too many requests".
    pub failures: u32,
    /// After so many refusals in a row. One is the message's own fault; many are the provider's.
    pub refusals: u32,
    /// How long it stays open at first; it doubles with every vain try.
    pub cool_down: TimeDelta,
    /// The longest.
    pub longest: TimeDelta,
}

impl Default for BreakerOptions {
    fn default() -> Self {
        let (cool_down, longest) = (TimeDelta::seconds(10), TimeDelta::seconds(120));
        Self { failures: 5, refusals: 20, cool_down, longest }
    }
}

/// What an attempt says of its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Good,
    /// It refused this message.
    Refusing,
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
        refusals: u32,
    },
    Open {
        until: Timestamp,
        cool_down: TimeDelta,
    },
    /// One message is on its way to find out.
    Trying {
        since: Timestamp,
        cool_down: TimeDelta,
    },
}

/// What changed, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Opened,
    Closed,
}

#[derive(Debug, Clone)]
pub(crate) struct Breaker {
    options: BreakerOptions,
    state: State,
}

impl Breaker {
    pub(crate) const fn new(options: BreakerOptions) -> Self {
        Self { options, state: State::Closed { failures: 0, refusals: 0 } }
    }

    /// Whether a message may go by it now. Where it had been open, that message is the try.
    pub(crate) fn admit(&mut self, now: Timestamp) -> bool {
        match self.state {
            State::Closed { .. } => true,
            State::Open { until, cool_down } if now >= until => {
                self.state = State::Trying { since: now, cool_down };
                true
            }
            // A try whose worker died is followed by another.
            State::Trying { since, cool_down } if now - since >= cool_down => {
                self.state = State::Trying { since: now, cool_down };
                true
            }
            State::Open { .. } | State::Trying { .. } => false,
        }
    }

    /// Takes note of an attempt.
    pub(crate) fn note(&mut self, health: Health, now: Timestamp) -> Option<Change> {
        match (self.state, health) {
            (State::Closed { failures, refusals }, Health::Bad) => self.count(failures + 1, refusals, now),
            (State::Closed { failures, refusals }, Health::Refusing) => self.count(failures, refusals + 1, now),
            (State::Closed { .. }, Health::Good) => {
                self.state = State::Closed { failures: 0, refusals: 0 };
                None
            }
            // Answers of messages that had gone before it opened.
            (State::Open { .. }, _) => None,
            (State::Trying { .. }, Health::Good | Health::Refusing) => {
                self.state = State::Closed { failures: 0, refusals: 0 };
                Some(Change::Closed)
            }
            (State::Trying { cool_down, .. }, Health::Bad) => {
                Some(self.open((cool_down * 2).min(self.options.longest), now))
            }
        }
    }

    /// Whether nothing is remembered, so that it can be forgotten.
    pub(crate) fn is_untouched(&self) -> bool {
        self.state == State::Closed { failures: 0, refusals: 0 }
    }

    fn count(&mut self, failures: u32, refusals: u32, now: Timestamp) -> Option<Change> {
        if failures >= self.options.failures || refusals >= self.options.refusals {
            return Some(self.open(self.options.cool_down, now));
        }
        self.state = State::Closed { failures, refusals };
        None
    }

    fn open(&mut self, cool_down: TimeDelta, now: Timestamp) -> Change {
        self.state = State::Open { until: now + cool_down, cool_down };
        Change::Opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Health::{Bad, Good, Refusing};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn breaker() -> Breaker {
        Breaker::new(BreakerOptions::default())
    }

    fn open_at(seconds: i64) -> Breaker {
        let mut breaker = breaker();
        let changes: Vec<_> = (0..5).filter_map(|_| breaker.note(Bad, at(seconds))).collect();
        assert_eq!(changes, [Change::Opened]);
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_not_before() {
        let mut breaker = breaker();
        for health in [Bad, Bad, Bad, Bad, Good, Bad, Bad, Refusing, Bad, Bad] {
            assert_eq!(breaker.note(health, at(0)), None);
            assert!(breaker.admit(at(0)));
        }
        assert_eq!(breaker.note(Bad, at(0)), Some(Change::Opened));
        assert!(!breaker.admit(at(0)));
    }

    #[test]
    fn many_refusals_in_a_row_open_it_as_well() {
        let mut breaker = breaker();
        let opened = (1..).find(|_| breaker.note(Refusing, at(0)).is_some());
        assert_eq!(opened, Some(20));
    }

    #[test]
    fn after_its_time_one_message_tries_and_closes_it() {
        let mut breaker = open_at(0);
        assert!(!breaker.admit(at(9)));
        assert!(breaker.admit(at(10)));
        assert!(!breaker.admit(at(10)), "one at a time");
        assert_eq!(breaker.note(Good, at(11)), Some(Change::Closed));
        assert!(breaker.admit(at(11)) && breaker.admit(at(11)) && breaker.is_untouched());
    }

    #[test]
    fn a_vain_try_doubles_the_time_up_to_a_limit() {
        let mut breaker = open_at(0);
        let mut now = 10;
        for wait in [20, 40, 80, 120, 120] {
            assert!(breaker.admit(at(now)));
            assert_eq!(breaker.note(Bad, at(now)), Some(Change::Opened));
            assert!(!breaker.admit(at(now + wait - 1)), "{wait}");
            now += wait;
        }
    }

    #[test]
    fn a_try_whose_worker_died_does_not_leave_it_open_for_ever() {
        let mut breaker = open_at(0);
        assert!(breaker.admit(at(10)));
        assert!(!breaker.admit(at(19)));
        assert!(breaker.admit(at(20)));
    }

    #[test]
    fn late_answers_neither_close_nor_lengthen_it() {
        let mut breaker = open_at(0);
        assert_eq!(breaker.note(Good, at(1)), None);
        assert_eq!(breaker.note(Bad, at(9)), None);
        assert!(!breaker.admit(at(9)) && breaker.admit(at(10)));
    }
}
