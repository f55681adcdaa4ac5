//! The section `limits` of the configuration, made from the table.
//!
//! It is flat (`api_key_rate`, `api_key_burst`, …) so that every key is also one environment variable
//! of the usual form, `POSTERN_LIMITS__API_KEY_RATE`.

use std::collections::BTreeMap;
use std::time::Duration;

use governor::Quota;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use thiserror::Error;

use crate::table::{LIMITS, Limit, LimitSpec};

const MAX_KEYS: &str = "max_keys";
const MAX_KEYS_DEFAULT: u32 = 50_000;
const MAX_KEYS_DOC: &str = "Keys that each limit remembers at once; past it those that owe the least are forgotten.";

/// The longest time in which a burst may come back.
const LONGEST_REFILL: Duration = Duration::from_secs(24 * 60 * 60);

/// A configured limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Units that come back per span of the limit.
    pub rate: u32,
    /// Units that may be spent at once after a pause.
    pub burst: u32,
}

/// Why the section does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LimitsConfigError {
    /// No such key.
    #[error("limits.{0} is not a setting; there are {known}", known = known_keys())]
    Unknown(String),
    /// Zero: a limit cannot be switched off, only set high.
    #[error("limits.{0} must be at least 1; set it high where it should not bind")]
    Zero(String),
    /// The rate is finer than the clock, or the burst takes longer than a day to come back.
    #[error("limits.{0}: the rate must not pass 1,000,000,000 a second, nor the burst a day's worth of the rate")]
    OutOfRange(&'static str),
}

/// Every limit's rate and burst; what is not given is the table's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, u32>", into = "BTreeMap<String, u32>")]
pub struct LimitsConfig {
    rates: Vec<Rate>,
    max_keys: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let rates = LIMITS.iter().map(|spec| Rate { rate: spec.rate, burst: spec.burst }).collect();
        Self { rates, max_keys: MAX_KEYS_DEFAULT }
    }
}

impl LimitsConfig {
    /// The configured rate and burst of a limit.
    #[must_use]
    pub fn rate<K>(&self, limit: Limit<K>) -> Rate {
        self.rates[limit.index()]
    }

    /// The same configuration with another rate and burst for one limit.
    ///
    /// # Errors
    /// When either is zero or out of range.
    pub fn with<K>(mut self, limit: Limit<K>, rate: Rate) -> Result<Self, LimitsConfigError> {
        self.rates[limit.index()] = rate;
        self.check()
    }

    /// The same configuration with another number of remembered keys per limit.
    #[must_use]
    pub fn with_max_keys(mut self, max_keys: NonZeroU32) -> Self {
        self.max_keys = max_keys.get();
        self
    }

    /// The same limits, `percent` of a hundred of each: of none less than one.
    pub(crate) fn share(&self, percent: u8) -> Self {
        let part = |whole: u32| u32::try_from(u64::from(whole) * u64::from(percent) / 100).unwrap_or(whole).max(1);
        let rates = self.rates.iter().map(|rate| Rate { rate: part(rate.rate), burst: part(rate.burst) }).collect();
        Self { rates, max_keys: self.max_keys }
    }

    /// How many keys each limit remembers.
    pub(crate) fn max_keys(&self) -> usize {
        self.max_keys as usize
    }

    /// The quotas in the table's order.
    pub(crate) fn quotas(&self) -> Result<Vec<Quota>, LimitsConfigError> {
        LIMITS.iter().zip(&self.rates).map(|(spec, rate)| quota(spec, *rate)).collect()
    }

    fn check(self) -> Result<Self, LimitsConfigError> {
        self.quotas()?;
        Ok(self)
    }

    /// The place of a setting, by its key within the section.
    fn setting(&mut self, key: &str) -> Option<&mut u32> {
        if key == MAX_KEYS {
            return Some(&mut self.max_keys);
        }
        let index = LIMITS.iter().position(|spec| key.strip_prefix(spec.name).is_some_and(is_suffix))?;
        let rate = self.rates.get_mut(index)?;
        Some(if key.ends_with("_rate") { &mut rate.rate } else { &mut rate.burst })
    }
}

fn is_suffix(rest: &str) -> bool {
    matches!(rest, "_rate" | "_burst")
}

fn quota(spec: &LimitSpec, given: Rate) -> Result<Quota, LimitsConfigError> {
    let zero = |suffix| LimitsConfigError::Zero(format!("{}_{suffix}", spec.name));
    let rate = NonZeroU32::new(given.rate).ok_or_else(|| zero("rate"))?;
    let burst = NonZeroU32::new(given.burst).ok_or_else(|| zero("burst"))?;
    let interval = spec.per.duration() / rate.get();
    Quota::with_period(interval)
        .filter(|_| interval.saturating_mul(burst.get()) <= LONGEST_REFILL)
        .map(|quota| quota.allow_burst(burst))
        .ok_or(LimitsConfigError::OutOfRange(spec.name))
}

impl TryFrom<BTreeMap<String, u32>> for LimitsConfig {
    type Error = LimitsConfigError;

    fn try_from(given: BTreeMap<String, u32>) -> Result<Self, LimitsConfigError> {
        let mut config = Self::default();
        for (key, value) in given {
            if value == 0 {
                return Err(LimitsConfigError::Zero(key));
            }
            match config.setting(&key) {
                Some(setting) => *setting = value,
                None => return Err(LimitsConfigError::Unknown(key)),
            }
        }
        config.check()
    }
}

impl From<LimitsConfig> for BTreeMap<String, u32> {
    fn from(config: LimitsConfig) -> Self {
        let mut settings = Self::from([(MAX_KEYS.to_owned(), config.max_keys)]);
        for (spec, rate) in LIMITS.iter().zip(config.rates) {
            settings.insert(format!("{}_rate", spec.name), rate.rate);
            settings.insert(format!("{}_burst", spec.name), rate.burst);
        }
        settings
    }
}

/// One line of the configuration reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The full key, e.g. `limits.api_key_rate`.
    pub key: String,
    /// Its default.
    pub default: u32,
    /// What it means, in a sentence or two.
    pub doc: String,
}

/// Every setting of the section with its default, for the printed reference.
#[must_use]
pub fn reference() -> Vec<Setting> {
    let max_keys =
        Setting { key: format!("limits.{MAX_KEYS}"), default: MAX_KEYS_DEFAULT, doc: MAX_KEYS_DOC.to_owned() };
    LIMITS.iter().flat_map(settings_of).chain([max_keys]).collect()
}

fn settings_of(spec: &LimitSpec) -> [Setting; 2] {
    let (key, doc, per) = (spec.config_key, spec.doc, spec.per);
    [
        Setting { key: format!("{key}_rate"), default: spec.rate, doc: format!("{doc} So many per {per}.") },
        Setting {
            key: format!("{key}_burst"),
            default: spec.burst,
            doc: format!("{doc} So many at once after a pause."),
        },
    ]
}

fn known_keys() -> String {
    let keys: Vec<String> = reference().into_iter().map(|setting| setting.key).collect();
    keys.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit;

    fn read(text: &str) -> Result<LimitsConfig, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn an_empty_section_is_the_table() {
        let config = read("").unwrap();
        assert_eq!(config, LimitsConfig::default());
        assert_eq!(config.rate(limit::API_KEY), Rate { rate: 2_000, burst: 4_000 });
        assert_eq!(config.rate(limit::CLIENT_ADDRESS), Rate { rate: 60, burst: 60 });
    }

    #[test]
    fn every_setting_of_the_reference_can_be_set_and_nothing_else_changes() {
        for setting in reference() {
            let key = setting.key.strip_prefix("limits.").unwrap();
            let config = read(&format!("{key} = {}", setting.default + 1)).unwrap();
            let mut settings: BTreeMap<String, u32> = config.into();
            assert_eq!(settings.insert(key.to_owned(), setting.default), Some(setting.default + 1), "{key}");
            assert_eq!(settings, LimitsConfig::default().into(), "{key}");
        }
    }

    #[test]
    fn what_is_written_out_reads_back() {
        let config = read("tenant_rate = 9\nmax_keys = 7").unwrap();
        assert_eq!(read(&toml::to_string(&config).unwrap()).unwrap(), config);
    }

    #[test]
    fn one_name_may_begin_with_another() {
        let config = read("api_key_complexity_rate = 5000").unwrap();
        assert_eq!(config.rate(limit::API_KEY_COMPLEXITY).rate, 5_000);
        assert_eq!(config.rate(limit::API_KEY).rate, 2_000);
    }

    #[test]
    fn what_cannot_hold_is_refused_with_its_key() {
        for (text, key) in [
            ("tenant_rates = 1", "limits.tenant_rates"),
            ("tenant = 1", "limits.tenant is"),
            ("tenant_rate = 0", "limits.tenant_rate"),
            ("max_keys = 0", "limits.max_keys"),
            ("tenant_rate = 1\ntenant_burst = 86401", "limits.tenant:"),
            ("tenant_rate = 1000000001", "limits.tenant:"),
            ("client_address_rate = 1\nclient_address_burst = 4294967295", "limits.client_address:"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        }
    }

    #[test]
    fn in_code_too() {
        let config = LimitsConfig::default();
        assert!(config.clone().with(limit::TENANT, Rate { rate: 0, burst: 1 }).is_err());
        assert!(config.clone().with(limit::TENANT, Rate { rate: 1, burst: 0 }).is_err());
        assert!(config.with(limit::TENANT, Rate { rate: 1, burst: 86_400 }).is_ok());
    }

    #[test]
    fn a_share_is_a_part_of_every_limit_and_never_nothing() {
        let share = LimitsConfig::default().share(50);
        assert_eq!(share.rate(limit::API_KEY), Rate { rate: 1_000, burst: 2_000 });
        assert_eq!(share.rate(limit::TENANT_SIMULATE_POLICY), Rate { rate: 3, burst: 3 });
        assert_eq!(LimitsConfig::default().share(100), LimitsConfig::default());
        assert_eq!(LimitsConfig::default().share(1).rate(limit::CLIENT_ADDRESS), Rate { rate: 1, burst: 1 });
        assert!(LimitsConfig::default().share(1).quotas().is_ok(), "whatever the share, it is a limit");
    }

    #[test]
    fn the_reference_reads_as_sentences() {
        for Setting { key, doc, .. } in reference() {
            assert!(key.starts_with("limits.") && doc.ends_with('.') && !doc.contains("  "), "{key}: {doc}");
        }
    }
}
