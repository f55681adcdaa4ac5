//! Amounts of money, exact.

use std::fmt;

use thiserror::Error;

use crate::Currency;

/// Millionths in a minor unit.
const MILLIONTHS: i128 = 1_000_000;
/// The decimals of a millionth.
const MILLIONTH_DIGITS: u32 = 6;

/// An amount in whole millionths of its currency's minor unit: 10⁻⁸ of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    millionths: i128,
    currency: Currency,
}

/// Why an amount cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not a plain decimal number such as 0.0079.
    #[error("this is not a decimal number")]
    NotDecimal,
    /// Finer than a millionth of the minor unit.
    #[error("this is finer than a millionth of the minor unit")]
    TooFine,
    /// Larger than can be counted.
    #[error("this is too large an amount")]
    TooLarge,
    /// Two currencies do not add up.
    #[error("these are amounts of two currencies")]
    TwoCurrencies,
}

impl Money {
    /// So many millionths of the currency's minor unit.
    #[must_use]
    pub const fn from_millionths(millionths: i128, currency: Currency) -> Self {
        Self { millionths, currency }
    }

    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::from_millionths(0, currency)
    }

    /// Reads a plain decimal number in the currency's unit, such as `0.0079`: digits, at most one
    /// point between digits, perhaps a minus before them.
    ///
    /// # Errors
    /// For anything else, and for what is finer or larger than an amount can be.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let decimals = (currency.minor_digits() + MILLIONTH_DIGITS) as usize;
        if [whole, fraction].iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(MoneyError::NotDecimal);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > decimals {
            return Err(MoneyError::TooFine);
        }
        let amount: i128 = format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| MoneyError::TooLarge)?;
        Ok(Self::from_millionths(if negative { -amount } else { amount }, currency))
    }

    /// In millionths of the minor unit.
    #[must_use]
    pub const fn millionths(self) -> i128 {
        self.millionths
    }

    /// Its currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Both together.
    ///
    /// # Errors
    /// For two currencies, or a sum that cannot be counted.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::TwoCurrencies);
        }
        let sum = self.millionths.checked_add(other.millionths).ok_or(MoneyError::TooLarge)?;
        Ok(Self::from_millionths(sum, self.currency))
    }

    /// The price of so many.
    ///
    /// # Errors
    /// For a product that cannot be counted.
    pub fn times(self, units: u64) -> Result<Self, MoneyError> {
        let product = self.millionths.checked_mul(units.into()).ok_or(MoneyError::TooLarge)?;
        Ok(Self::from_millionths(product, self.currency))
    }

    /// In minor units, as an exact decimal number: 0.79 for 0.0079 dollars.
    #[must_use]
    pub fn minor_units(self) -> String {
        let (sign, amount) = (if self.millionths < 0 { "-" } else { "" }, self.millionths.unsigned_abs());
        let digits = format!("{:0>7}", amount);
        let (whole, fraction) = digits.split_at(digits.len() - MILLIONTH_DIGITS as usize);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }

    /// Rounded half up to whole minor units: once per line of a bill, after all has been added up.
    #[must_use]
    pub const fn rounded(self) -> Self {
        let (minor, rest) = (self.millionths.div_euclid(MILLIONTHS), self.millionths.rem_euclid(MILLIONTHS));
        // What is cut off before the half is added, so that no amount is too large for it.
        let up = if rest * 2 >= MILLIONTHS { MILLIONTHS - rest } else { -rest };
        match self.millionths.checked_add(up) {
            Some(whole) => Self::from_millionths(whole, self.currency),
            None => Self::from_millionths(minor * MILLIONTHS, self.currency),
        }
    }
}

/// The exact decimal number in the currency's unit, with at least the decimals of its minor unit.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minor = self.currency.minor_digits() as usize;
        let decimals = minor + MILLIONTH_DIGITS as usize;
        let sign = if self.millionths < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.millionths.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let kept = fraction.trim_end_matches('0').len().max(minor);
        let point = if kept > 0 { "." } else { "" };
        write!(f, "{sign}{whole}{point}{}", &fraction[..kept])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn dollars(text: &str) -> Money {
        Money::parse(text, currency("USD")).unwrap()
    }

    #[test]
    fn an_amount_is_written_as_it_is_and_no_shorter_than_its_minor_unit() {
        for (text, millionths, shown) in [
            ("0.0079", 790_000, "0.0079"),
            ("0.00790000", 790_000, "0.0079"),
            ("12", 1_200_000_000, "12.00"),
            ("12.3", 1_230_000_000, "12.30"),
            ("-0.5", -50_000_000, "-0.50"),
            ("0.00000001", 1, "0.00000001"),
            ("-0", 0, "0.00"),
        ] {
            assert_eq!((dollars(text).millionths(), dollars(text).to_string().as_str()), (millionths, shown), "{text}");
        }
        let of = |text, code| Money::parse(text, currency(code)).unwrap().to_string();
        assert_eq!((of("7", "JPY"), of("7.25", "JPY"), of("7", "KWD")), ("7".into(), "7.25".into(), "7.000".into()));
    }

    #[test]
    fn minor_units_are_exact() {
        for (amount, minor) in
            [("0.0079", "0.79"), ("49.00", "4900"), ("0.00000001", "0.000001"), ("-1.5", "-150"), ("0", "0")]
        {
            assert_eq!(dollars(amount).minor_units(), minor, "{amount}");
        }
    }

    #[test]
    fn what_is_no_exact_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "1e2", "+1", "1,5", "0x1", " 1", "--1", "1.2.3", "٣"] {
            assert_eq!(Money::parse(text, currency("USD")), Err(MoneyError::NotDecimal), "{text}");
        }
        assert_eq!(Money::parse("0.000000001", currency("USD")), Err(MoneyError::TooFine));
        assert_eq!(Money::parse("0.0000001", currency("JPY")), Err(MoneyError::TooFine));
        assert_eq!(Money::parse(&"9".repeat(40), currency("USD")), Err(MoneyError::TooLarge));
    }

    #[test]
    fn halves_go_up() {
        for (exact, rounded) in [
            ("0.00499999", "0.00"),
            ("0.005", "0.01"),
            ("0.015", "0.02"),
            ("2.675", "2.68"),
            ("-0.005", "0.00"),
            ("-0.00500001", "-0.01"),
            ("1.00", "1.00"),
        ] {
            assert_eq!(dollars(exact).rounded().to_string(), rounded, "{exact}");
        }
    }

    #[test]
    fn two_currencies_do_not_add_up_and_nothing_overflows_in_silence() {
        let euro = Money::parse("1", currency("EUR")).unwrap();
        assert_eq!(dollars("1").plus(euro), Err(MoneyError::TwoCurrencies));
        let most = Money::from_millionths(i128::MAX, currency("USD"));
        assert_eq!(most.plus(dollars("1")), Err(MoneyError::TooLarge));
        assert_eq!(most.times(2), Err(MoneyError::TooLarge));
        assert_eq!(most.rounded().millionths(), i128::MAX - i128::MAX % MILLIONTHS, "the last whole one below");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(millionths in any::<i64>(), code in "USD|JPY|KWD|CLF") {
            let amount = Money::from_millionths(millionths.into(), currency(&code));
            prop_assert_eq!(Money::parse(&amount.to_string(), currency(&code)), Ok(amount));
        }

        #[test]
        fn rounding_is_to_the_nearest_minor_unit(millionths in any::<i64>()) {
            let amount = Money::from_millionths(millionths.into(), currency("USD"));
            let off = amount.rounded().millionths() - amount.millionths();
            prop_assert_eq!(amount.rounded().millionths() % MILLIONTHS, 0);
            prop_assert!(off > -MILLIONTHS / 2 && off <= MILLIONTHS / 2, "off by {off}");
            prop_assert_eq!(amount.rounded().rounded(), amount.rounded());
        }

        #[test]
        fn many_are_as_dear_as_one_after_another(price in 0..10_000_000_i128, units in 0..200_u64) {
            let price = Money::from_millionths(price, currency("USD"));
            let one_by_one = (0..units).try_fold(Money::zero(currency("USD")), |sum, _| sum.plus(price));
            prop_assert_eq!(price.times(units), one_by_one);
        }
    }
}
