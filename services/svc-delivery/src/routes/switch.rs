//! What a worker knows of the ways that messages go by.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use core_kernel::{Clock, TenantId, Timestamp};
use io_meters::Meters;

use super::breaker::{Breaker, BreakerOptions, Change, Health};
use super::conversion::{Conversion, loses_priority};
use crate::model::MessageChannel;
use crate::providers::Carrier;

/// One way: a provider for a channel and country; a tenant's own account apart from everybody's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct WayKey {
    pub(crate) carrier: Carrier,
    pub(crate) account: Option<TenantId>,
    pub(crate) channel: MessageChannel,
    pub(crate) country: Option<String>,
}

#[derive(Default)]
struct Known {
    /// Only those of which something is remembered.
    breakers: HashMap<WayKey, Breaker>,
    conversions: HashMap<WayKey, Conversion>,
}

/// Which ways are open, and which are better.
pub(crate) struct Switch {
    options: BreakerOptions,
    clock: Arc<dyn Clock>,
    meters: Meters,
    known: Mutex<Known>,
}

impl Switch {
    pub(crate) fn new(options: BreakerOptions, clock: Arc<dyn Clock>, meters: Meters) -> Self {
        Self { options, clock, meters, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the ways in order: as they were given, but those last whose texts hardly arrive.
    pub(crate) fn order<T>(&self, ways: &mut [T], key: impl Fn(&T) -> &WayKey) {
        let now = self.clock.now();
        let known = self.known();
        let conversion = |way: &T| known.conversions.get(key(way)).copied();
        let all: Vec<Option<Conversion>> = ways.iter().map(conversion).collect();
        let last = |own: usize| {
            let others: Vec<_> = all.iter().enumerate().filter(|(at, _)| *at != own).map(|(_, other)| *other).collect();
            loses_priority(all[own], &others, now)
        };
        let last: HashMap<WayKey, bool> = (0..ways.len()).map(|at| (key(&ways[at]).clone(), last(at))).collect();
        drop(known);
        ways.sort_by_key(|way| last.get(key(way)).copied().unwrap_or(false));
    }

    /// Whether a message may go this way now.
    pub(crate) fn admit(&self, way: &WayKey) -> bool {
        let now = self.clock.now();
        self.known().breakers.get_mut(way).is_none_or(|breaker| breaker.admit(now))
    }

    /// Takes note of an attempt.
    pub(crate) fn note(&self, way: &WayKey, health: Health) {
        let now = self.clock.now();
        let change = self.note_at(way, health, now);
        let (carrier, channel) = (way.carrier.as_str(), way.channel.as_str());
        let country = way.country.as_deref().unwrap_or("-");
        self.count(change, [carrier, channel]);
        match change {
            Some(Change::Opened) => tracing::warn!(provider = carrier, channel, country, "left alone for a while"),
            Some(Change::Closed) => tracing::info!(provider = carrier, channel, country, "back in use"),
            None => {}
        }
    }

    fn count(&self, change: Option<Change>, way: [&'static str; 2]) {
        match change {
            Some(Change::Opened) => {
                self.meters.provider_breakers_open.at(way).add_one();
                self.meters.provider_breaker_openings.at(way).add_one();
            }
            Some(Change::Closed) => self.meters.provider_breakers_open.at(way).take_one(),
            None => {}
        }
    }

    fn note_at(&self, way: &WayKey, health: Health, now: Timestamp) -> Option<Change> {
        let mut known = self.known();
        if health == Health::Good && !known.breakers.contains_key(way) {
            return None;
        }
        let breaker = known.breakers.entry(way.clone()).or_insert_with(|| Breaker::new(self.options));
        let change = breaker.note(health, now);
        if breaker.is_untouched() {
            known.breakers.remove(way);
        }
        change
    }

    /// Says in the log what each way's texts are worth, and forgets those that nothing went by for long.
    pub(crate) fn tell_conversions(&self) {
        let now = self.clock.now();
        let mut known = self.known();
        known.conversions.retain(|_, conversion| conversion.counts(now).0 >= 0.5);
        for (way, conversion) in &known.conversions {
            let (provider, channel) = (way.carrier.as_str(), way.channel.as_str());
            let country = way.country.as_deref().unwrap_or("-");
            let (sent, verified) = conversion.counts(now);
            self.meters.provider_conversion.at([provider, channel]).set(100.0 * verified / sent);
            tracing::info!(
                provider,
                channel,
                country,
                own_account = way.account.is_some(),
                sent,
                verified,
                "conversion"
            );
        }
    }

    /// Takes note of a code that went this way: whether the right one was given in time.
    pub(crate) fn note_code(&self, way: &WayKey, verified: bool) {
        let now = self.clock.now();
        let mut known = self.known();
        known.conversions.entry(way.clone()).or_insert_with(|| Conversion::new(now)).note(verified, now);
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::ManualClock;

    use super::*;
    use chrono::TimeDelta;

    fn way(carrier: Carrier, country: &str) -> WayKey {
        WayKey { carrier, account: None, channel: MessageChannel::Sms, country: Some(country.to_owned()) }
    }

    fn switch() -> (Switch, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::from_timestamp(1_790_000_000, 0).unwrap()));
        (Switch::new(BreakerOptions::default(), clock.clone(), Meters::new()), clock)
    }

    fn open(switch: &Switch) -> f64 {
        switch.meters.provider_breakers_open.at(["twilio", "SMS"]).get()
    }

    fn order(switch: &Switch) -> Vec<Carrier> {
        let mut ways = [way(Carrier::Twilio, "US"), way(Carrier::Http, "US")];
        switch.order(&mut ways, |way| way);
        ways.map(|way| way.carrier).into()
    }

    #[test]
    fn one_country_of_one_provider_is_closed_and_nothing_else() {
        let (switch, clock) = switch();
        (0..5).for_each(|_| switch.note(&way(Carrier::Twilio, "US"), Health::Bad));
        assert!(!switch.admit(&way(Carrier::Twilio, "US")));
        assert!(open(&switch) > 0.5);
        assert!(switch.admit(&way(Carrier::Twilio, "GB")) && switch.admit(&way(Carrier::Http, "US")));
        let own = WayKey { account: Some(TenantId(uuid::Uuid::from_u128(1))), ..way(Carrier::Twilio, "US") };
        assert!(switch.admit(&own), "another account's");
        clock.advance(TimeDelta::seconds(10));
        assert!(switch.admit(&way(Carrier::Twilio, "US")));
        switch.note(&way(Carrier::Twilio, "US"), Health::Good);
        assert!(switch.admit(&way(Carrier::Twilio, "US")));
        assert!(open(&switch) < 0.5);
        assert!(switch.known().breakers.is_empty(), "nothing is remembered of what works");
    }

    #[test]
    fn ways_that_nothing_went_by_for_long_are_forgotten() {
        let (switch, clock) = switch();
        switch.note_code(&way(Carrier::Twilio, "US"), true);
        switch.tell_conversions();
        assert_eq!(switch.known().conversions.len(), 1);
        clock.advance(TimeDelta::hours(1));
        switch.tell_conversions();
        assert!(switch.known().conversions.is_empty());
    }

    #[test]
    fn texts_that_nobody_types_cost_priority() {
        let (switch, clock) = switch();
        assert_eq!(order(&switch), [Carrier::Twilio, Carrier::Http]);
        for number in 0..60 {
            switch.note_code(&way(Carrier::Twilio, "US"), number % 10 == 0);
            switch.note_code(&way(Carrier::Http, "US"), number % 10 != 0);
        }
        assert_eq!(order(&switch), [Carrier::Http, Carrier::Twilio]);
        clock.advance(TimeDelta::hours(1));
        assert_eq!(order(&switch), [Carrier::Twilio, Carrier::Http], "it gets another chance");
    }
}
