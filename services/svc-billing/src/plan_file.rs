//! `plans.toml`.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use thiserror::Error;

use crate::{BilledChannel, Currency, Money, Plan, PlanList, PlanTerms, PriceList};

/// The plans that this program carries.
pub const PLANS: &str = include_str!("../plans.toml");

const CODE_LENGTH: usize = 40;

/// Why a file holds no plans.
#[derive(Debug, Error)]
pub enum PlanFileError {
    /// It is not written as such.
    #[error("the plans cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// What it says does not hold.
    #[error("the plans do not hold: {0}")]
    Content(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    default: String,
    currency: String,
    plans: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: String,
    name: String,
    monthly: String,
    included_units: u32,
    /// By channel and group.
    #[serde(default)]
    prices: BTreeMap<String, BTreeMap<String, String>>,
}

impl PlanList {
    /// The plans that this program carries, [`PLANS`].
    ///
    /// # Errors
    /// Never; a test reads them.
    pub fn shipped(prices: &PriceList) -> Result<Self, PlanFileError> {
        Self::read(PLANS, prices)
    }

    /// Reads plans whose prices are told by the groups of a price list.
    ///
    /// # Errors
    /// When there is no default, a code twice or malformed, an amount none, a channel or group unknown,
    /// or the currency not that of the prices.
    pub fn read(text: &str, prices: &PriceList) -> Result<Self, PlanFileError> {
        let file: PlanFile = toml::from_str(text)?;
        assemble(&file, prices).map_err(PlanFileError::Content)
    }
}

fn assemble(file: &PlanFile, prices: &PriceList) -> Result<PlanList, String> {
    let currency = Currency::parse(&file.currency).filter(|currency| *currency == prices.currency());
    let currency = currency.ok_or_else(|| format!("the prices are in {}, not {}", prices.currency(), file.currency))?;
    let mut codes = HashSet::new();
    if let Some(twice) = file.plans.iter().find(|entry| !codes.insert(entry.code.as_str())) {
        return Err(format!("the code {} is there twice", twice.code));
    }
    if !codes.contains(file.default.as_str()) {
        return Err(format!("the default, {}, is no plan", file.default));
    }
    let plans = file.plans.iter().map(|entry| terms(entry, currency, prices)).collect::<Result<_, _>>()?;
    Ok(PlanList { default: file.default.clone(), currency, plans })
}

fn terms(entry: &Entry, currency: Currency, list: &PriceList) -> Result<PlanTerms, String> {
    let code = &entry.code;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if code.is_empty() || code.len() > CODE_LENGTH || !code.bytes().all(plain) {
        return Err(format!("{code:?} is no code: small letters, digits and _, at most {CODE_LENGTH}"));
    }
    let plan = Plan {
        code: code.clone(),
        name: entry.name.clone(),
        monthly: amount(&entry.monthly, currency).map_err(|why| format!("{code}: monthly: {why}"))?,
        included_units: i32::try_from(entry.included_units).map_err(|_| format!("{code} includes too many units"))?,
    };
    let prices = prices(entry, currency, list).map_err(|why| format!("{code}: {why}"))?;
    Ok(PlanTerms { plan, prices })
}

fn prices(entry: &Entry, currency: Currency, list: &PriceList) -> Result<Vec<(BilledChannel, String, Money)>, String> {
    let mut prices = Vec::new();
    for (channel, by_group) in &entry.prices {
        let known = BilledChannel::parse(channel).ok_or_else(|| format!("{channel} is no channel that is billed"))?;
        for (group, price) in by_group {
            if !list.groups().any(|known| list.group_name(known) == group) {
                return Err(format!("{group} is no country group"));
            }
            let price = amount(price, currency).map_err(|why| format!("{channel} {group}: {why}"))?;
            prices.push((known, group.clone(), price));
        }
    }
    prices.sort_by(|a, b| (a.0.as_str(), &a.1).cmp(&(b.0.as_str(), &b.1)));
    Ok(prices)
}

/// Not below zero, and no larger than is stored.
fn amount(text: &str, currency: Currency) -> Result<Money, String> {
    let money = Money::parse(text, currency).map_err(|error| error.to_string())?;
    match i64::try_from(money.millionths()) {
        Ok(0..) => Ok(money),
        Ok(_) => Err("this is below zero".to_owned()),
        Err(_) => Err("this is too large an amount".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> PriceList {
        PriceList::shipped().unwrap()
    }

    #[test]
    fn the_plans_that_are_shipped_hold_and_include_a_default() {
        let plans = PlanList::shipped(&list()).unwrap();
        assert!(plans.plans().iter().any(|terms| terms.plan.code == plans.default_code()));
        let team = plans.plans().iter().find(|terms| terms.plan.code == "team").unwrap();
        assert_eq!((team.plan.monthly.to_string().as_str(), team.plan.included_units), ("49.00", 4000));
        assert_eq!(team.prices.len(), 1);
    }

    #[test]
    fn no_plan_is_dearer_beyond_its_units_than_the_list() {
        let list = list();
        for terms in PlanList::shipped(&list).unwrap().plans() {
            for (channel, name, price) in &terms.prices {
                let group = list.groups().find(|group| list.group_name(*group) == name).unwrap();
                assert!(price.millionths() <= list.price(*channel, group).millionths(), "{terms:?}");
            }
        }
    }

    #[test]
    fn plans_hold_or_are_refused() {
        for (from, to, why) in [
            ("default = \"pay_as_you_go\"", "default = \"free\"", "free, is no plan"),
            ("currency = \"USD\"", "currency = \"EUR\"", "in USD, not EUR"),
            ("code = \"team\"", "code = \"enterprise\"", "enterprise is there twice"),
            ("code = \"team\"", "code = \"Team\"", "\"Team\" is no code"),
            ("code = \"team\"", "code = \"\"", "\"\" is no code"),
            ("monthly = \"49.00\"", "monthly = \"-1\"", "team: monthly: this is below zero"),
            ("monthly = \"49.00\"", "monthly = \"99999999999999\"", "too large"),
            ("monthly = \"49.00\"", "monthly = \"dear\"", "decimal"),
            ("included_units = 4000", "included_units = 3000000000", "too many units"),
            ("included_units = 4000", "included_units = -1", "cannot be read"),
            ("US_CA = \"0.0075\"", "MOON = \"0.0075\"", "team: MOON is no country group"),
            ("[plans.prices.SMS]", "[plans.prices.FAX]", "team: FAX is no channel"),
            ("name = \"Team\"", "name = \"Team\"\ndiscount = 1", "discount"),
        ] {
            assert!(PLANS.contains(from), "{from}");
            let said = PlanList::read(&PLANS.replacen(from, to, 1), &list()).unwrap_err().to_string();
            assert!(said.contains(why), "{from} → {to}: {said}");
        }
    }
}
