//! Money, as clients see it.

use async_graphql::SimpleObject;

use crate::scalars::{CurrencyCode, Decimal};

/// An amount of money.
#[derive(SimpleObject)]
pub struct Money {
    /// In the currency's unit, exact: what a text costs is less than a cent.
    pub amount: Decimal,
    /// Of which currency.
    pub currency: CurrencyCode,
}

impl From<svc_billing::Money> for Money {
    fn from(money: svc_billing::Money) -> Self {
        Self { amount: Decimal(money.to_string()), currency: CurrencyCode(money.currency().code().to_owned()) }
    }
}
