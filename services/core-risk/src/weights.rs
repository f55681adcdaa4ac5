//! What each signal adds to the score.

use std::fmt;

use serde::{Deserialize, Serialize};

const MAX_WEIGHT: u8 = 100;

/// How much a signal adds, 0 to 100. With 0 it is switched off: it is not reported either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Weight(u8);

/// A number that is no weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightError(u32);

impl fmt::Display for WeightError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A weight is a number from 0 to {MAX_WEIGHT}, not {}.", self.0)
    }
}

impl std::error::Error for WeightError {}

impl Weight {
    /// As a number that can be added.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0 as u32
    }
}

impl TryFrom<u32> for Weight {
    type Error = WeightError;

    fn try_from(given: u32) -> Result<Self, WeightError> {
        u8::try_from(given).ok().filter(|weight| *weight <= MAX_WEIGHT).map(Self).ok_or(WeightError(given))
    }
}

impl From<Weight> for u32 {
    fn from(weight: Weight) -> Self {
        weight.get()
    }
}

/// One weight a signal, and the default of each. A name that is none of these is refused: a misspelt
/// weight would leave the signal as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// IMPOSSIBLE_TRAVEL.
    pub impossible_travel: Weight,
    /// ANONYMIZER.
    pub anonymizer: Weight,
    /// FIRST_LOGIN.
    pub first_login: Weight,
    /// NEW_COUNTRY.
    pub new_country: Weight,
    /// NEW_DEVICE.
    pub new_device: Weight,
    /// DORMANT_USER.
    pub dormant_user: Weight,
    /// FAILED_ATTEMPTS, for each wrong code.
    pub wrong_code: Weight,
    /// FAILED_ATTEMPTS, for all of them at most.
    pub wrong_codes_at_most: Weight,
    /// FACTOR_RECENTLY_CHANGED.
    pub factor_recently_changed: Weight,
    /// NEW_NETWORK.
    pub new_network: Weight,
    /// UNUSUAL_TIME.
    pub unusual_time: Weight,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            impossible_travel: Weight(70),
            anonymizer: Weight(50),
            first_login: Weight(50),
            new_country: Weight(40),
            new_device: Weight(30),
            dormant_user: Weight(30),
            wrong_code: Weight(10),
            wrong_codes_at_most: Weight(40),
            factor_recently_changed: Weight(25),
            new_network: Weight(15),
            unusual_time: Weight(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_defaults_are_these_and_have_these_names() {
        let expected = json!({
            "impossible_travel": 70, "anonymizer": 50, "first_login": 50, "new_country": 40, "new_device": 30,
            "dormant_user": 30, "wrong_code": 10, "wrong_codes_at_most": 40, "factor_recently_changed": 25,
            "new_network": 15, "unusual_time": 10,
        });
        assert_eq!(serde_json::to_value(Weights::default()).expect("JSON"), expected);
        assert_eq!(serde_json::from_value::<Weights>(json!({})).expect("weights"), Weights::default());
    }

    #[test]
    fn one_can_be_set_alone() {
        let read: Weights = serde_json::from_value(json!({ "new_device": 0 })).expect("weights");
        assert_eq!(read, Weights { new_device: Weight(0), ..Weights::default() });
    }

    #[test]
    fn what_is_no_weight_is_refused() {
        for (given, fine) in [(0, true), (100, true), (101, false), (256, false), (u32::MAX, false)] {
            assert_eq!(Weight::try_from(given).map(Weight::get).ok(), fine.then_some(given), "{given}");
        }
        for broken in [json!({ "new_device": 101 }), json!({ "new_device": -1 }), json!({ "new_devise": 10 })] {
            assert!(serde_json::from_value::<Weights>(broken.clone()).is_err(), "{broken}");
        }
        assert_eq!(WeightError(101).to_string(), "A weight is a number from 0 to 100, not 101.");
    }
}
