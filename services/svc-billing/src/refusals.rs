//! Expected noes, in words for the person who meets them.

use core_kernel::{Refusal, RefusalCode};

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

pub(crate) fn nothing_collected() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "There is no account with a payment provider for this tenant, or not yet.")
}

pub(crate) fn unreadable_return() -> Refusal {
    Refusal::invalid("returnUrl", "Write the address to return to in full, such as https://app.example.com/billing.")
}

pub(crate) fn foreign_return() -> Refusal {
    Refusal::invalid("returnUrl", "Return to this console, or to an address that the tenant's `returnUrls` allow.")
}
