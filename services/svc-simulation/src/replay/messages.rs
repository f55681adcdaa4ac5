//! Messages that were sent, and that would have been.
//!
//! A login that is asked again keeps the codes that were sent for it; where their channel is no longer
//! allowed, they go by the method that the draft prefers for this user, if that one is sent at all. A
//! login that is newly asked costs one message on the preferred method. Codes that confirmed a new
//! factor stay as they were, as far as the draft allows their channel and lets the user come so far.

use std::collections::{HashMap, HashSet};

use core_policy::{LoginOutcome, MethodChannel, MethodSpec, PhoneRole, Policy, enrollment_channels, login_methods};
use svc_billing::{BilledChannel, CountryGroup, PriceList};
use uuid::Uuid;

use super::PastLogin;
use crate::report::MessageLine;
use crate::store::SentCodes;

/// So many users' phones are remembered from page to page.
const REMEMBERED: usize = 200_000;

/// A user's phone, as far as a price depends on it.
#[derive(Debug, Clone)]
pub(crate) struct PhoneToPrice {
    pub(crate) user: Uuid,
    pub(crate) role: PhoneRole,
    pub(crate) country: Option<String>,
}

/// Counts of messages by what they cost.
#[derive(Debug)]
pub(super) struct Messages {
    prices: PriceList,
    before: Counts,
    after: Counts,
    waiting: Vec<Waiting>,
    phones: HashMap<Uuid, Phones>,
}

/// Messages to a phone whose country is not known yet.
#[derive(Debug)]
struct Waiting {
    user: Uuid,
    role: PhoneRole,
    channel: BilledChannel,
    count: u64,
}

/// By group of countries, and within that by channel.
#[derive(Debug)]
struct Counts(Vec<[u64; BilledChannel::ALL.len()]>);

impl Counts {
    const fn add(&mut self, channel: BilledChannel, group: CountryGroup, count: u64) {
        self.0.as_mut_slice()[group.index()][channel as usize] += count;
    }
}

/// The groups of a user's phones.
#[derive(Debug, Clone, Copy)]
struct Phones {
    primary: CountryGroup,
    recovery: CountryGroup,
}

impl SentCodes {
    fn counts(&self) -> impl Iterator<Item = (BilledChannel, u64)> {
        let counts = BilledChannel::ALL.into_iter().zip([self.sms, self.voice, self.email]);
        counts.map(|(channel, count)| (channel, u64::try_from(count).unwrap_or(0))).filter(|(_, count)| *count > 0)
    }
}

impl Messages {
    pub(super) fn new(prices: PriceList) -> Self {
        let none = || Counts(vec![[0; BilledChannel::ALL.len()]; prices.groups().len()]);
        Self { before: none(), after: none(), prices, waiting: Vec::new(), phones: HashMap::new() }
    }

    pub(super) fn take(&mut self, policy: &Policy, login: &PastLogin, to: LoginOutcome, sent: &[SentCodes]) {
        for (codes, channel, count) in sent.iter().flat_map(|codes| codes.counts().map(move |(c, n)| (codes, c, n))) {
            let group = self.group_of(channel, codes.country.as_deref());
            self.before.add(channel, group, count);
            match fate(policy, login, to, codes.enrolling, channel) {
                Fate::Stays => self.after.add(channel, group, count),
                Fate::Moves => self.add_preferred(policy, login, count),
                Fate::Goes => {}
            }
        }
        if to == LoginOutcome::Challenge && login.outcome != LoginOutcome::Challenge {
            self.add_preferred(policy, login, 1);
        }
    }

    fn group_of(&self, channel: BilledChannel, country: Option<&str>) -> CountryGroup {
        self.prices.group_of(country.filter(|_| channel != BilledChannel::Email))
    }

    /// By the method that the draft prefers; nothing where that one is not sent.
    fn add_preferred(&mut self, policy: &Policy, login: &PastLogin, count: u64) {
        let methods = login_methods(policy, &login.given.user, login.first_factor, LoginOutcome::Challenge);
        let Some(preferred) = methods.first() else { return };
        let Some(channel) = billed(preferred.channel) else { return };
        match phone_of(login, preferred) {
            Some(role) => self.waiting.push(Waiting { user: login.user, role, channel, count }),
            None => self.after.add(channel, self.prices.group_of(None), count),
        }
    }

    pub(super) fn unpriced(&self) -> Vec<Uuid> {
        let users: HashSet<Uuid> = self.waiting.iter().map(|waiting| waiting.user).collect();
        users.into_iter().filter(|user| !self.phones.contains_key(user)).collect()
    }

    pub(super) fn price(&mut self, phones: &[PhoneToPrice]) {
        let unknown = self.prices.group_of(None);
        let unknown = Phones { primary: unknown, recovery: unknown };
        for phone in phones {
            let known = self.phones.entry(phone.user).or_insert(unknown);
            let group = self.prices.group_of(phone.country.as_deref());
            match phone.role {
                PhoneRole::Primary => known.primary = group,
                PhoneRole::Recovery => known.recovery = group,
            }
        }
        for waiting in std::mem::take(&mut self.waiting) {
            // Remembered also where there is no phone any more.
            let known = *self.phones.entry(waiting.user).or_insert(unknown);
            let group = match waiting.role {
                PhoneRole::Primary => known.primary,
                PhoneRole::Recovery => known.recovery,
            };
            self.after.add(waiting.channel, group, waiting.count);
        }
        if self.phones.len() > REMEMBERED {
            self.phones.clear();
        }
    }

    /// A line for each price of which there are, or would be, any messages.
    pub(super) fn into_lines(self) -> Vec<MessageLine> {
        let pairs = self.prices.groups().flat_map(|group| BilledChannel::ALL.map(|channel| (channel, group)));
        let lines = pairs.map(|(channel, group)| MessageLine {
            channel: channel.as_str().to_owned(),
            country_group: self.prices.group_name(group).to_owned(),
            price: self.prices.price(channel, group).millionths().try_into().unwrap_or(i64::MAX),
            before: self.before.0[group.index()][channel as usize],
            after: self.after.0[group.index()][channel as usize],
        });
        lines.filter(|line| line.before > 0 || line.after > 0).collect()
    }
}

/// What becomes of codes that were sent.
enum Fate {
    Stays,
    Moves,
    Goes,
}

fn fate(policy: &Policy, login: &PastLogin, to: LoginOutcome, enrolling: bool, channel: BilledChannel) -> Fate {
    let offered = enrollment_channels(policy.audience(login.given.user.kind), login.first_factor);
    let allowed = offered.into_iter().any(|one| billed(one.into()) == Some(channel));
    let comes_so_far = match to {
        LoginOutcome::Challenge => true,
        LoginOutcome::Enroll => enrolling,
        LoginOutcome::Allow => enrolling && login.outcome != LoginOutcome::Enroll,
        LoginOutcome::Deny => false,
    };
    match (comes_so_far, allowed, enrolling) {
        (true, true, _) => Fate::Stays,
        (true, false, false) => Fate::Moves,
        _ => Fate::Goes,
    }
}

const fn billed(channel: MethodChannel) -> Option<BilledChannel> {
    match channel {
        MethodChannel::Sms => Some(BilledChannel::Sms),
        MethodChannel::Voice => Some(BilledChannel::Voice),
        MethodChannel::Email => Some(BilledChannel::Email),
        _ => None,
    }
}

fn phone_of(login: &PastLogin, method: &MethodSpec) -> Option<PhoneRole> {
    login.given.user.factors.get(method.factor?)?.kind.phone_role()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::past_login::tests::login;
    use LoginOutcome::{Allow, Challenge, Deny, Enroll};
    use core_policy::{Channel, FactorFacts, FactorKind, FactorStatus, PhoneLine, UserFacts, UserKind};
    use svc_logins::Given;

    fn policy(channels: &[Channel]) -> Policy {
        let mut policy = Policy::default();
        policy.external.allowed_channels = channels.to_vec();
        policy
    }

    fn past(outcome: LoginOutcome, kinds: &[FactorKind]) -> PastLogin {
        let factor = |kind: &FactorKind| FactorFacts {
            kind: *kind,
            status: FactorStatus::Active,
            line: kind.phone_role().map(|_| PhoneLine::Mobile),
        };
        let user = UserFacts { factors: kinds.iter().map(factor).collect(), ..UserFacts::new(UserKind::External) };
        PastLogin { outcome, given: Given { user, suspended: false, risk: None }, ..login() }
    }

    fn sent(sms: i16, voice: i16) -> SentCodes {
        let country = Some("US".to_owned());
        SentCodes { login_id: Uuid::nil(), enrolling: false, sms, voice, email: 0, country }
    }

    /// Channel, group, before and after, for one login of a user whose phone is British.
    fn lines(
        policy: &Policy,
        login: &PastLogin,
        to: LoginOutcome,
        codes: &[SentCodes],
    ) -> Vec<(String, String, u64, u64)> {
        let mut messages = Messages::new(PriceList::shipped().unwrap());
        messages.take(policy, login, to, codes);
        let phones = messages.unpriced().into_iter().map(|user| PhoneToPrice {
            user,
            role: PhoneRole::Primary,
            country: Some("GB".to_owned()),
        });
        messages.price(&phones.collect::<Vec<_>>());
        let lines = messages.into_lines().into_iter();
        lines.map(|line| (line.channel, line.country_group, line.before, line.after)).collect()
    }

    fn line(channel: &str, group: &str, before: u64, after: u64) -> (String, String, u64, u64) {
        (channel.to_owned(), group.to_owned(), before, after)
    }

    const PHONE: [FactorKind; 1] = [FactorKind::PhonePrimary];
    const TEXTS: [Channel; 2] = [Channel::Sms, Channel::Voice];

    #[test]
    fn what_was_sent_for_a_login_that_is_asked_again_stays() {
        let found = lines(&policy(&TEXTS), &past(Challenge, &PHONE), Challenge, &[sent(2, 1)]);
        assert_eq!(found, [line("SMS", "US_CA", 2, 2), line("VOICE", "US_CA", 1, 1)]);
    }

    #[test]
    fn what_may_not_be_sent_any_more_goes_by_the_preferred_method() {
        let found = lines(&policy(&[Channel::Voice]), &past(Challenge, &PHONE), Challenge, &[sent(2, 1)]);
        assert_eq!(found, [line("VOICE", "EUROPE", 0, 2), line("SMS", "US_CA", 2, 0), line("VOICE", "US_CA", 1, 1)]);
        let app = past(Challenge, &[FactorKind::PhonePrimary, FactorKind::Totp]);
        let found = lines(&policy(&[Channel::Totp, Channel::Voice]), &app, Challenge, &[sent(2, 0)]);
        assert_eq!(found, [line("SMS", "US_CA", 2, 0)], "an app costs nothing");
    }

    #[test]
    fn who_chose_an_app_keeps_it() {
        let app = past(Challenge, &[FactorKind::PhonePrimary, FactorKind::Totp]);
        assert!(lines(&policy(&TEXTS), &app, Challenge, &[]).is_empty());
    }

    #[test]
    fn a_login_that_is_newly_asked_costs_one_message_of_the_preferred_kind() {
        for from in [Allow, Deny] {
            let found = lines(&policy(&TEXTS), &past(from, &PHONE), Challenge, &[]);
            assert_eq!(found, [line("SMS", "EUROPE", 0, 1)]);
        }
        let found = lines(&policy(&[Channel::Email]), &past(Allow, &[FactorKind::Email]), Challenge, &[]);
        assert_eq!(found, [line("EMAIL", "REST", 0, 1)], "mail goes to no country");
        let recovery = past(Allow, &[FactorKind::PhoneRecovery]);
        let found = lines(&policy(&TEXTS), &recovery, Challenge, &[]);
        assert_eq!(found, [line("SMS", "REST", 0, 1)], "of a phone that is gone the country is not known");
    }

    #[test]
    fn a_login_that_is_not_asked_any_more_costs_nothing() {
        for to in [Allow, Deny] {
            let found = lines(&policy(&TEXTS), &past(Challenge, &PHONE), to, &[sent(1, 0)]);
            assert_eq!(found, [line("SMS", "US_CA", 1, 0)]);
        }
    }

    #[test]
    fn codes_that_confirmed_a_factor_stay_as_long_as_they_could_have_been_sent() {
        let confirming = SentCodes { enrolling: true, ..sent(1, 0) };
        for (channels, from, to, after) in [
            (&TEXTS[..], Enroll, Enroll, 1),
            (&TEXTS[..], Allow, Allow, 1),
            (&TEXTS[..], Challenge, Challenge, 1),
            (&TEXTS[..], Enroll, Allow, 0),
            (&TEXTS[..], Enroll, Deny, 0),
            (&[Channel::Totp][..], Enroll, Enroll, 0),
            (&[Channel::Voice][..], Challenge, Challenge, 0),
        ] {
            let found = lines(&policy(channels), &past(from, &[]), to, std::slice::from_ref(&confirming));
            assert_eq!(found, [line("SMS", "US_CA", 1, after)], "{from} → {to} by {channels:?}");
        }
    }

    #[test]
    fn a_users_phones_are_asked_for_once() {
        let mut messages = Messages::new(PriceList::shipped().unwrap());
        let allowed = past(Allow, &PHONE);
        messages.take(&policy(&TEXTS), &allowed, Challenge, &[]);
        messages.take(&policy(&TEXTS), &allowed, Challenge, &[]);
        assert_eq!(messages.unpriced(), [allowed.user]);
        messages.price(&[PhoneToPrice { user: allowed.user, role: PhoneRole::Primary, country: Some("US".into()) }]);
        messages.take(&policy(&TEXTS), &allowed, Challenge, &[]);
        assert!(messages.unpriced().is_empty());
        messages.price(&[]);
        assert_eq!(messages.into_lines()[0].after, 3);
    }
}
