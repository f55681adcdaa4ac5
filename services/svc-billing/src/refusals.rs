//! Expected noes, in words for the person who meets them.

use core_kernel::Refusal;

use crate::MoneyError;

pub(crate) fn no_such_plan() -> Refusal {
    Refusal::not_found("plan").at("planCode")
}

pub(crate) fn unreadable_cap(error: MoneyError) -> Refusal {
    let sentence = match error {
        MoneyError::TooFine => "The cap has more decimals than money is counted with.",
        MoneyError::TooLarge => "The cap is too large; leave it out to have none.",
        MoneyError::NotDecimal | MoneyError::TwoCurrencies => "Write the cap as a decimal number such as 250.00.",
    };
    Refusal::invalid("cap", sentence)
}

pub(crate) fn cap_below_zero() -> Refusal {
    Refusal::invalid("cap", "The cap cannot be below zero; leave it out to have none.")
}
