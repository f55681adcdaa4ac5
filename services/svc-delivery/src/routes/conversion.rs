//! What a provider's texts are worth: of how many codes that it carried the right one was given. A
//! provider may take every message and deliver none; only this tells.

use core_kernel::Timestamp;

/// Fewer tell nothing.
const ENOUGH: f64 = 30.0;
/// A provider under this share of the best beside it loses priority.
const SHARE_OF_BEST: f64 = 0.5;
/// Where there is nothing to compare with, one under this loses it.
const HARDLY: f64 = 0.1;
/// What is known counts half after this many seconds, so that who lost priority gets another chance.
const HALF_LIFE: f64 = 900.0;

/// Codes that went out by one provider, channel and country, the recent ones counting more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Conversion {
    sent: f64,
    verified: f64,
    at: Timestamp,
}

impl Conversion {
    pub(crate) const fn new(now: Timestamp) -> Self {
        Self { sent: 0.0, verified: 0.0, at: now }
    }

    /// Takes note of a code: whether the right one was given in time.
    pub(crate) fn note(&mut self, verified: bool, now: Timestamp) {
        *self = self.by(now);
        self.sent += 1.0;
        self.verified += f64::from(u8::from(verified));
    }

    /// How many were sent and how many given, the recent ones counting more.
    pub(crate) fn counts(self, now: Timestamp) -> (f64, f64) {
        let now = self.by(now);
        (now.sent, now.verified)
    }

    fn by(self, now: Timestamp) -> Self {
        let seconds = (now - self.at).as_seconds_f64().max(0.0);
        let left = (-seconds / HALF_LIFE).exp2();
        Self { sent: self.sent * left, verified: self.verified * left, at: now }
    }

    /// The share, where enough is known.
    fn share(self, now: Timestamp) -> Option<f64> {
        let now = self.by(now);
        (now.sent >= ENOUGH).then(|| now.verified / now.sent)
    }
}

/// Whether a provider should come after the others for the same messages.
pub(crate) fn loses_priority(own: Option<Conversion>, others: &[Option<Conversion>], now: Timestamp) -> bool {
    let share = |known: &Option<Conversion>| known.and_then(|known| known.share(now));
    let Some(own) = share(&own) else { return false };
    match others.iter().filter_map(share).reduce(f64::max) {
        Some(best) => own < best * SHARE_OF_BEST,
        None => !others.is_empty() && own < HARDLY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn of(sent: u32, verified: u32) -> Option<Conversion> {
        let mut conversion = Conversion::new(at(0));
        (0..sent).for_each(|number| conversion.note(number < verified, at(0)));
        Some(conversion)
    }

    #[test]
    fn whoever_converts_under_half_of_the_best_comes_last() {
        assert!(loses_priority(of(100, 30), &[of(100, 80)], at(0)));
        assert!(!loses_priority(of(100, 50), &[of(100, 80)], at(0)));
        assert!(loses_priority(of(100, 30), &[of(100, 40), of(100, 80)], at(0)), "the best counts");
        assert!(!loses_priority(of(100, 80), &[of(100, 30)], at(0)));
    }

    #[test]
    fn few_messages_tell_nothing() {
        assert!(!loses_priority(of(29, 0), &[of(100, 80)], at(0)));
        assert!(!loses_priority(None, &[of(100, 80)], at(0)));
        assert!(!loses_priority(of(100, 30), &[of(5, 5)], at(0)));
    }

    #[test]
    fn without_a_comparison_only_what_hardly_works_comes_last() {
        assert!(loses_priority(of(30, 2), &[None], at(0)));
        assert!(!loses_priority(of(30, 3), &[None], at(0)));
        assert!(!loses_priority(of(30, 0), &[], at(0)), "the only one is the best");
    }

    #[test]
    fn what_is_told_is_what_counts() {
        let counts = of(100, 30).unwrap().counts(at(900));
        assert!((counts.0 - 50.0).abs() < 1e-9 && (counts.1 - 15.0).abs() < 1e-9, "{counts:?}");
    }

    #[test]
    fn what_is_old_is_forgotten() {
        assert!(loses_priority(of(100, 0), &[of(1000, 800)], at(1500)));
        assert!(!loses_priority(of(100, 0), &[of(1000, 800)], at(1700)), "fewer than 30 are left");
    }
}
