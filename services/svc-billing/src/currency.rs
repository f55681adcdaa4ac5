//! Currencies.

use std::fmt;

/// Currencies whose minor unit is not a hundredth (ISO 4217, list one).
const UNUSUAL: [(u32, &[&str]); 3] = [
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, &["CLF", "UYW"]),
];

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency of a code of three capitals; whether somebody issues it is not asked.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        // Only capitals get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimals its minor unit has: 2 of a dollar, 0 of a yen.
    #[must_use]
    pub fn minor_digits(self) -> u32 {
        let unusual = UNUSUAL.iter().find(|(_, codes)| codes.contains(&self.code()));
        unusual.map_or(2, |(digits, _)| *digits)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_three_capitals_and_nothing_else() {
        assert_eq!(Currency::parse("USD").unwrap().to_string(), "USD");
        for text in ["", "US", "usd", "USDT", "U$D", "ÄB"] {
            assert_eq!(Currency::parse(text), None, "{text}");
        }
    }

    #[test]
    fn minor_units_are_those_of_iso_4217() {
        for (code, digits) in [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)] {
            assert_eq!(Currency::parse(code).unwrap().minor_digits(), digits, "{code}");
        }
    }
}
