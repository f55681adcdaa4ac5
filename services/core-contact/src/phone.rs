//! Telephone numbers. The country is the one that the numbering plan gives, not the one that the
//! first digits suggest: +1 is twenty-five countries, and calls to some of them cost what fraudsters
//! like. Kinds of numbers that cost extra, or that belong to no person, are refused altogether.

use std::fmt;

use core_kernel::{Refusal, RefusalCode};
use thiserror::Error;

use crate::metadata::{Plan, look_up};

/// E.164: at most 15 digits, the country's code included.
const MAX_DIGITS: usize = 15;

/// How many digits of the national number tell where it belongs.
const PREFIX_DIGITS: usize = 3;

/// Longer input is not even looked at.
const MAX_TYPED_CHARS: usize = 40;

/// Why a number cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PhoneError {
    /// Not in international form, with an extension, or with letters.
    #[error("Write the number with + and the country's code, such as +1 415 555 0132, without extension.")]
    Malformed,
    /// No such number in that country's plan.
    #[error("This number does not exist. Check its digits and the country's code.")]
    NotInPlan,
    /// Premium, shared cost, toll free, satellite, pager and the like.
    #[error("Numbers of this kind cannot receive codes. Use a mobile or a landline number.")]
    KindRefused,
    /// A country that the policy does not have.
    #[error("Numbers of this country are not supported.")]
    CountryNotSupported,
}

impl PhoneError {
    /// As a refusal that points at a dotted path of the input.
    #[must_use]
    pub fn refusal(self, path: &str) -> Refusal {
        let code = match self {
            Self::Malformed | Self::NotInPlan | Self::KindRefused => RefusalCode::Invalid,
            Self::CountryNotSupported => RefusalCode::CountryNotSupported,
        };
        Refusal::new(code, self.to_string()).at(path)
    }
}

/// What kind of line a number may be, as far as its digits tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// A mobile line.
    Mobile,
    /// A fixed line: calls only.
    FixedLine,
    /// Either; in the US and Canada the digits do not tell.
    FixedLineOrMobile,
    /// A line over the internet.
    Voip,
}

/// A valid number of a kind that may receive codes. It prints masked: a full number is never logged.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber {
    e164: String,
    /// How many characters of `e164` are `+` and the country's code.
    code_len: usize,
    region: String,
    kind: PhoneKind,
}

impl PhoneNumber {
    /// Reads a number in international form; spaces, hyphens and parentheses do not matter.
    ///
    /// # Errors
    /// When it is malformed, not in its country's plan, or of a kind that is refused.
    pub fn parse(typed: &str) -> Result<Self, PhoneError> {
        let facts = look_up(&strip(typed)?).ok_or(PhoneError::NotInPlan)?;
        let kind = match facts.plan {
            Plan::Mobile => PhoneKind::Mobile,
            Plan::FixedLine => PhoneKind::FixedLine,
            Plan::FixedLineOrMobile => PhoneKind::FixedLineOrMobile,
            Plan::Voip => PhoneKind::Voip,
            Plan::Special | Plan::NoCountry => return Err(PhoneError::KindRefused),
        };
        let region = facts.region.ok_or(PhoneError::KindRefused)?;
        let code_len = 1 + facts.calling_code.to_string().len();
        Ok(Self { e164: facts.e164, code_len, region, kind })
    }

    /// `+` and digits: how it is sealed, indexed and handed to providers.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// Its country (ISO 3166-1 alpha-2), by the numbering plan.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// `+`, the country's calling code, and the first three digits of the national number, in North America
    /// the area code: what the fraud guard counts by.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.e164[..self.e164.len().min(self.code_len + PREFIX_DIGITS)]
    }

    /// What its digits tell about the line.
    #[must_use]
    pub fn kind(&self) -> PhoneKind {
        self.kind
    }

    /// Whether texts may reach it: all but what is surely a fixed line.
    #[must_use]
    pub fn can_receive_sms(&self) -> bool {
        self.kind != PhoneKind::FixedLine
    }

    /// Checks its country against those of a policy (ISO 3166-1 alpha-2, upper case).
    ///
    /// # Errors
    /// When it is none of them; no countries allow none.
    pub fn check_country(&self, allowed: &[String]) -> Result<(), PhoneError> {
        let supported = allowed.contains(&self.region);
        if supported { Ok(()) } else { Err(PhoneError::CountryNotSupported) }
    }

    /// For display: the country's code and the last digits, e.g. `+1 ••• ••• 0132`. The bullets do
    /// not tell the length. Of short numbers fewer digits are shown.
    #[must_use]
    pub fn masked(&self) -> String {
        let (code, national) = self.e164.split_at(self.code_len);
        let shown = (national.len() / 2).min(4);
        format!("{code} ••• ••• {}", &national[national.len() - shown..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({}, {})", self.masked(), self.region)
    }
}

/// `+` and digits, without what people put between them. Letters are not translated: a vanity number
/// is a company's, and letters may hide an extension.
fn strip(typed: &str) -> Result<String, PhoneError> {
    let typed = typed.trim();
    if typed.chars().count() > MAX_TYPED_CHARS || !typed.starts_with('+') {
        return Err(PhoneError::Malformed);
    }
    let between = |c: char| matches!(c, ' ' | '-' | '(' | ')' | '\u{A0}' | '\u{202F}' | '\u{2010}' | '\u{2011}');
    let digits: String = typed[1..].chars().filter(|c| !between(*c)).collect();
    let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit());
    // One digit more than E.164 has: people write the national 0, as in +44 (0)20.
    if !well_formed || digits.is_empty() || digits.len() > MAX_DIGITS + 1 {
        return Err(PhoneError::Malformed);
    }
    Ok(format!("+{digits}"))
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
