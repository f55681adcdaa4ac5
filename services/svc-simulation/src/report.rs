//! What a completed simulation found, as it is kept.

use core_kernel::Fault;
use serde::{Deserialize, Serialize};
use svc_billing::{Currency, Money};

use crate::model::{Example, Transition};

/// The findings; JSON in the simulation's row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) transitions: Vec<Transition>,
    pub(crate) messages: Vec<MessageLine>,
    pub(crate) examples: Vec<Example>,
}

/// Messages that cost the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MessageLine {
    pub(crate) channel: String,
    pub(crate) country_group: String,
    /// Of one, in millionths of the minor unit.
    pub(crate) price: i64,
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// Messages and what they cost together.
pub(crate) struct Bill {
    pub(crate) messages: u64,
    pub(crate) cost: Money,
}

impl Report {
    /// What was sent.
    pub(crate) fn before(&self, currency: Currency) -> Result<Bill, Fault> {
        self.bill(currency, |line| line.before)
    }

    /// What would have been.
    pub(crate) fn after(&self, currency: Currency) -> Result<Bill, Fault> {
        self.bill(currency, |line| line.after)
    }

    fn bill(&self, currency: Currency, count: impl Fn(&MessageLine) -> u64) -> Result<Bill, Fault> {
        let mut cost = Money::zero(currency);
        for line in &self.messages {
            let price = Money::from_millionths(line.price.into(), currency);
            cost = price.times(count(line)).and_then(|amount| cost.plus(amount)).map_err(Fault::internal)?;
        }
        Ok(Bill { messages: self.messages.iter().map(count).sum(), cost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(price: i64, before: u64, after: u64) -> MessageLine {
        MessageLine { channel: "SMS".into(), country_group: "US_CA".into(), price, before, after }
    }

    #[test]
    fn a_bill_is_the_exact_sum_of_its_lines() {
        let report = Report { messages: vec![line(790_000, 3, 1_000_001), line(40_000, 1, 0)], ..Report::default() };
        let usd = Currency::parse("USD").unwrap();
        let (before, after) = (report.before(usd).unwrap(), report.after(usd).unwrap());
        assert_eq!((before.messages, before.cost.to_string().as_str()), (4, "0.0241"));
        assert_eq!((after.messages, after.cost.to_string().as_str()), (1_000_001, "7900.0079"));
        assert_eq!(Report::default().after(usd).unwrap().cost.to_string(), "0.00");
    }
}
