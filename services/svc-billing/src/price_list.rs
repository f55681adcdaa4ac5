//! The price list, as it is asked.

use std::collections::HashMap;

use crate::{Currency, Money, MoneyError};

/// How a message that costs something travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BilledChannel {
    /// A text.
    Sms,
    /// A call.
    Voice,
    /// A mail.
    Email,
}

impl BilledChannel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Voice, Self::Email];

    /// As it is stored, and the API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Voice => "VOICE",
            Self::Email => "EMAIL",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

/// Countries that cost the same, by their place in a price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountryGroup(u8);

impl CountryGroup {
    /// From 0 to one less than [`PriceList::groups`] are many.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One version of the price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    version: i32,
    currency: Currency,
    default_group: CountryGroup,
    groups: Vec<Group>,
    countries: HashMap<String, CountryGroup>,
}

/// A group with its prices in the order of [`BilledChannel::ALL`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    prices: [Money; 3],
}

/// What a list is made from, by the file or the database.
pub(crate) struct Entries {
    pub(crate) version: i32,
    pub(crate) currency: Currency,
    pub(crate) default_group: String,
    /// Country and group.
    pub(crate) countries: Vec<(String, String)>,
    /// Group, channel and price.
    pub(crate) prices: Vec<(String, BilledChannel, Money)>,
}

impl PriceList {
    /// Puts a list together; the sentence says what is missing or there twice.
    pub(crate) fn assemble(entries: &Entries) -> Result<Self, String> {
        let groups = groups_of(entries)?;
        let find = |name: &str| {
            let index = groups.iter().position(|group| group.name == name);
            let index = index.and_then(|index| u8::try_from(index).ok());
            index.map(CountryGroup).ok_or_else(|| format!("the group {name} has no prices"))
        };
        let mut countries = HashMap::new();
        for (country, group) in &entries.countries {
            if countries.insert(country.clone(), find(group)?).is_some() {
                return Err(format!("the country {country} is in two groups"));
            }
        }
        let default_group = find(&entries.default_group)?;
        Ok(Self { version: entries.version, currency: entries.currency, default_group, groups, countries })
    }

    /// The opposite of [`Self::assemble`], in a fixed order.
    pub(crate) fn entries(&self) -> Entries {
        let mut countries: Vec<_> = self
            .countries
            .iter()
            .map(|(country, group)| (country.clone(), self.group_name(*group).to_owned()))
            .collect();
        countries.sort_unstable();
        let of_group = |group: &Group| {
            let priced = BilledChannel::ALL.into_iter().zip(group.prices);
            priced.map(|(channel, price)| (group.name.clone(), channel, price)).collect::<Vec<_>>()
        };
        Entries {
            version: self.version,
            currency: self.currency,
            default_group: self.group_name(self.default_group).to_owned(),
            countries,
            prices: self.groups.iter().flat_map(of_group).collect(),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn version(&self) -> i32 {
        self.version
    }

    /// The currency of all its prices.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Every group.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = CountryGroup> {
        // There are at most as many as fit.
        (0..u8::try_from(self.groups.len()).unwrap_or(u8::MAX)).map(CountryGroup)
    }

    /// A group's name.
    #[must_use]
    pub fn group_name(&self, group: CountryGroup) -> &str {
        &self.groups[group.index()].name
    }

    /// The group of a country (ISO 3166-1 alpha-2); of one in no group, and of none, the default.
    #[must_use]
    pub fn group_of(&self, country: Option<&str>) -> CountryGroup {
        country.and_then(|country| self.countries.get(country).copied()).unwrap_or(self.default_group)
    }

    /// What one message costs.
    #[must_use]
    pub fn price(&self, channel: BilledChannel, group: CountryGroup) -> Money {
        self.groups[group.index()].prices[channel as usize]
    }

    /// What so many messages cost.
    ///
    /// # Errors
    /// When it cannot be counted.
    pub fn cost(&self, channel: BilledChannel, group: CountryGroup, messages: u64) -> Result<Money, MoneyError> {
        self.price(channel, group).times(messages)
    }
}

fn groups_of(entries: &Entries) -> Result<Vec<Group>, String> {
    let mut names: Vec<&str> = entries.prices.iter().map(|(group, ..)| group.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| Ok(Group { name: name.to_owned(), prices: prices_of(entries, name)? })).collect()
}

fn prices_of(entries: &Entries, name: &str) -> Result<[Money; 3], String> {
    let mut prices = [Money::zero(entries.currency); 3];
    for channel in BilledChannel::ALL {
        let mut found = entries.prices.iter().filter(|(group, priced, _)| group == name && *priced == channel);
        let (Some((.., price)), None) = (found.next(), found.next()) else {
            return Err(format!("the group {name} needs one price for {}", channel.as_str()));
        };
        prices[channel as usize] = *price;
    }
    Ok(prices)
}
