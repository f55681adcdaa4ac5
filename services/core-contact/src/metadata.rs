//! The only module that knows the library with libphonenumber's metadata: it has one author, so it
//! must be possible to replace it here.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

/// What the numbering plan says a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Mobile,
    FixedLine,
    FixedLineOrMobile,
    Voip,
    /// Premium, shared cost, toll free, personal, pager, company-wide, voicemail, or unknown.
    Special,
    /// Not of a country: satellites, international freephone and networks (+800, +87x, +88x, +979).
    NoCountry,
}

/// What the metadata knows of a number.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) e164: String,
    pub(crate) calling_code: i32,
    pub(crate) region: Option<String>,
    pub(crate) plan: Plan,
}

/// Looks up a number given as `+` and digits; `None` unless it is valid in its country's plan.
pub(crate) fn look_up(international: &str) -> Option<Facts> {
    let number = PHONE_NUMBER_UTIL.parse(international, None).ok()?;
    if !PHONE_NUMBER_UTIL.is_valid_number(&number) {
        return None;
    }
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&number).filter(|region| *region != Region::World);
    let plan = match region {
        None => Plan::NoCountry,
        Some(_) => plan(PHONE_NUMBER_UTIL.get_number_type(&number)),
    };
    Some(Facts {
        e164: PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned(),
        calling_code: number.country_code,
        region: region.map(|region| region.to_string()),
        plan,
    })
}

fn plan(kind: PhoneNumberType) -> Plan {
    match kind {
        PhoneNumberType::Mobile => Plan::Mobile,
        PhoneNumberType::FixedLine => Plan::FixedLine,
        PhoneNumberType::FixedLineOrMobile => Plan::FixedLineOrMobile,
        PhoneNumberType::VoIP => Plan::Voip,
        PhoneNumberType::TollFree
        | PhoneNumberType::PremiumRate
        | PhoneNumberType::SharedCost
        | PhoneNumberType::PersonalNumber
        | PhoneNumberType::Pager
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Unknown => Plan::Special,
    }
}
