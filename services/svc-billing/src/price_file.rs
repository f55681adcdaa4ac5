//! `prices.toml`.

use std::collections::BTreeMap;

use core_policy::is_country;
use serde::Deserialize;
use thiserror::Error;

use crate::price_list::Entries;
use crate::{BilledChannel, Currency, Money, PriceList};

/// The price list that this program carries.
pub const PRICES: &str = include_str!("../prices.toml");

/// Why a file is no price list.
#[derive(Debug, Error)]
pub enum PriceFileError {
    /// It is not written as one.
    #[error("the price list cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// What it says does not hold.
    #[error("the price list does not hold: {0}")]
    Content(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    version: i32,
    currency: String,
    default_group: String,
    groups: BTreeMap<String, Vec<String>>,
    /// By channel and group.
    prices: BTreeMap<String, BTreeMap<String, String>>,
}

impl PriceList {
    /// The list that this program carries, [`PRICES`].
    ///
    /// # Errors
    /// Never; a test reads it.
    pub fn shipped() -> Result<Self, PriceFileError> {
        Self::read(PRICES)
    }

    /// Reads a list.
    ///
    /// # Errors
    /// When a price is missing or no amount, a country unknown or in two groups, the version below 1.
    pub fn read(text: &str) -> Result<Self, PriceFileError> {
        let file: PriceFile = toml::from_str(text)?;
        entries(&file).and_then(|entries| Self::assemble(&entries)).map_err(PriceFileError::Content)
    }
}

fn entries(file: &PriceFile) -> Result<Entries, String> {
    let currency =
        Currency::parse(&file.currency).ok_or_else(|| format!("{} is no code of ISO 4217", file.currency))?;
    if file.version < 1 {
        return Err(format!("versions count from 1, and this is {}", file.version));
    }
    Ok(Entries {
        version: file.version,
        currency,
        default_group: file.default_group.clone(),
        countries: countries(file)?,
        prices: prices(file, currency)?,
    })
}

fn countries(file: &PriceFile) -> Result<Vec<(String, String)>, String> {
    let named = file.groups.iter().flat_map(|(group, countries)| countries.iter().map(move |one| (one, group)));
    named
        .map(|(country, group)| match is_country(country) {
            true => Ok((country.clone(), group.clone())),
            false => Err(format!("{country} is no code of ISO 3166-1 alpha-2")),
        })
        .collect()
}

fn prices(file: &PriceFile, currency: Currency) -> Result<Vec<(String, BilledChannel, Money)>, String> {
    let mut prices = Vec::new();
    for (channel, by_group) in &file.prices {
        let known = BilledChannel::parse(channel).ok_or_else(|| format!("{channel} is no channel that is billed"))?;
        for (group, price) in by_group {
            if !file.groups.contains_key(group) {
                return Err(format!("{channel} has a price for {group}, which is no group"));
            }
            let price = Money::parse(price, currency).map_err(|error| format!("{channel} {group}: {error}"))?;
            prices.push((group.clone(), known, price));
        }
    }
    Ok(prices)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(list: &PriceList, channel: BilledChannel, country: Option<&str>) -> String {
        list.price(channel, list.group_of(country)).to_string()
    }

    fn refused(from: &str, to: &str) -> String {
        assert!(PRICES.contains(from), "{from}");
        PriceList::read(&PRICES.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn the_list_that_is_shipped_prices_every_country() {
        let list = PriceList::shipped().unwrap();
        assert_eq!(list.currency().code(), "USD");
        assert_eq!(price(&list, BilledChannel::Sms, Some("US")), "0.0079");
        assert_eq!(price(&list, BilledChannel::Voice, Some("CA")), "0.013");
        assert_eq!(price(&list, BilledChannel::Sms, Some("GB")), "0.075");
        assert_eq!(price(&list, BilledChannel::Email, None), "0.0004");
        assert_eq!(list.group_name(list.group_of(Some("AU"))), "REST");
        assert_eq!(list.group_name(list.group_of(Some("us"))), "REST", "codes are capitals");
    }

    #[test]
    fn many_cost_their_number() {
        let list = PriceList::shipped().unwrap();
        let cost = list.cost(BilledChannel::Sms, list.group_of(Some("US")), 1_000_001).unwrap();
        assert_eq!(cost.to_string(), "7900.0079");
    }

    #[test]
    fn a_list_is_whole_or_refused() {
        for (from, to, why) in [
            ("version = 1", "version = 0", "versions count from 1"),
            ("currency = \"USD\"", "currency = \"dollar\"", "ISO 4217"),
            ("default_group = \"REST\"", "default_group = \"OTHERS\"", "OTHERS has no prices"),
            ("\"VA\"", "\"VA\", \"US\"", "US is in two groups"),
            ("\"VA\"", "\"XX\"", "XX is no code"),
            ("[prices.EMAIL]", "[prices.FAX]", "FAX is no channel"),
            ("US_CA = \"0.0079\"", "", "US_CA needs one price for SMS"),
            ("US_CA = \"0.0079\"", "US_CA = \"0.000000001\"", "SMS US_CA: this is finer"),
            ("US_CA = \"0.0079\"", "US_CA = \"0.0079\"\nMOON = \"1\"", "MOON, which is no group"),
            ("version = 1", "version = 1\nsurcharge = \"1\"", "surcharge"),
        ] {
            let said = refused(from, to);
            assert!(said.contains(why), "{from} → {to}: {said}");
        }
    }
}
