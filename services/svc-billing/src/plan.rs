//! Plans: what a tenant pays beside its messages.

use crate::{BilledChannel, Currency, Money};

/// A plan, as it is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// By this it is chosen.
    pub code: String,
    /// For people.
    pub name: String,
    /// The fee of a calendar month.
    pub monthly: Money,
    /// Units that the fee includes: segments of texts, calls, mails.
    pub included_units: i32,
}

/// A plan with all its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanTerms {
    /// What is offered.
    pub plan: Plan,
    /// What a unit beyond the included ones costs, by channel and country group, in the order of their
    /// names; where nothing stands here the list price holds.
    pub prices: Vec<(BilledChannel, String, Money)>,
}

/// All plans of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanList {
    pub(crate) default: String,
    pub(crate) currency: Currency,
    pub(crate) plans: Vec<PlanTerms>,
}

impl PlanList {
    /// The code of the plan of tenants that chose none.
    #[must_use]
    pub fn default_code(&self) -> &str {
        &self.default
    }

    /// The currency of all of them.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Those that are offered, in their order.
    #[must_use]
    pub fn plans(&self) -> &[PlanTerms] {
        &self.plans
    }
}
