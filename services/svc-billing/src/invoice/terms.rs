//! By which a period is billed.

use std::cmp::Reverse;
use std::fmt;

use crate::{BilledChannel, Currency, InvoiceLine, Money, Plan, PlanTerms, PriceList};

/// Which terms: a plan, and the version of the price list that holds where the plan has no price.
/// Neither ever changes, so that the same code always means the same prices.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TermsCode {
    /// The plan's code.
    pub plan: String,
    /// The version of the price list.
    pub version: i32,
}

impl fmt::Display for TermsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.plan, self.version)
    }
}

/// A plan's fee, included units and prices, over those of a price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    plan: Plan,
    version: i32,
    /// The dearest first, then by name.
    prices: Vec<(InvoiceLine, Money)>,
}

impl Terms {
    /// A plan's terms over a price list.
    #[must_use]
    pub fn of(plan: &PlanTerms, list: &PriceList) -> Self {
        let own = |channel: BilledChannel, group: &str| {
            let found = plan.prices.iter().find(|(of, by, _)| *of == channel && by == group);
            found.map(|(_, _, price)| *price)
        };
        let mut prices = Vec::new();
        for group in list.groups() {
            let name = list.group_name(group);
            for channel in BilledChannel::ALL {
                let price = own(channel, name).unwrap_or_else(|| list.price(channel, group));
                prices.push((InvoiceLine::Usage(channel, name.to_owned()), price));
            }
        }
        prices.sort_by(|a, b| (Reverse(a.1.millionths()), &a.0).cmp(&(Reverse(b.1.millionths()), &b.0)));
        Self { plan: plan.plan.clone(), version: list.version(), prices }
    }

    /// Which these are.
    #[must_use]
    pub fn code(&self) -> TermsCode {
        TermsCode { plan: self.plan.code.clone(), version: self.version }
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The currency of all of it.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.plan.monthly.currency()
    }

    /// Every line that an invoice can have, with what a unit of it costs: the fee, then the dearest first.
    pub fn lines(&self) -> impl Iterator<Item = (InvoiceLine, Money)> + '_ {
        std::iter::once((InvoiceLine::Plan, self.plan.monthly)).chain(self.prices.iter().cloned())
    }

    /// What a unit of a line costs; none of a group that the price list does not have.
    #[must_use]
    pub fn price(&self, line: &InvoiceLine) -> Option<Money> {
        self.lines().find_map(|(known, price)| (known == *line).then_some(price))
    }

    /// In which order the lines of a day use up the included units.
    pub(super) fn rank(&self, line: &InvoiceLine) -> usize {
        self.prices.iter().position(|(known, _)| known == line).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::PlanList;

    /// Of the plans and prices that are shipped.
    pub(in crate::invoice) fn shipped(plan: &str) -> Terms {
        let list = PriceList::shipped().unwrap();
        let plans = PlanList::shipped(&list).unwrap();
        Terms::of(plans.plans().iter().find(|terms| terms.plan.code == plan).unwrap(), &list)
    }

    #[test]
    fn a_plans_price_goes_before_the_lists() {
        let line = |channel, group: &str| InvoiceLine::Usage(channel, group.to_owned());
        let price = |plan: &str, line: &InvoiceLine| shipped(plan).price(line).unwrap().to_string();
        let (text, call) = (line(BilledChannel::Sms, "US_CA"), line(BilledChannel::Voice, "US_CA"));
        assert_eq!((price("pay_as_you_go", &text), price("team", &text)), ("0.0079".to_owned(), "0.0075".to_owned()));
        assert_eq!((price("team", &call), price("enterprise", &call)), ("0.013".to_owned(), "0.0115".to_owned()));
        assert_eq!(price("team", &InvoiceLine::Plan), "49.00");
        assert_eq!(shipped("team").price(&line(BilledChannel::Sms, "MOON")), None);
    }

    #[test]
    fn every_line_is_there_once_the_dearest_first() {
        let terms = shipped("team");
        let lines: Vec<_> = terms.lines().collect();
        assert_eq!((lines.len(), lines[0].0.clone()), (10, InvoiceLine::Plan));
        assert!(lines[1..].windows(2).all(|pair| pair[0].1.millionths() >= pair[1].1.millionths()), "{lines:?}");
        assert_eq!(lines[1].0, InvoiceLine::Usage(BilledChannel::Voice, "REST".to_owned()));
        assert_eq!(terms.code().to_string(), "team@1");
    }
}
