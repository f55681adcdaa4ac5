//! What a reconciliation found.

use std::fmt;

use core_kernel::{TenantId, TypedId as _};

/// Numbers that should agree and do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Whose.
    pub tenant: TenantId,
    /// Of the period that begins on this day.
    pub period: chrono::NaiveDate,
    /// What is counted: a line, by day perhaps, or an invoice's total.
    pub of: String,
    /// What one place says …
    pub left: (&'static str, String),
    /// … and another.
    pub right: (&'static str, String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, period, of, left, right } = self;
        let tenant = tenant.to_text();
        write!(f, "{tenant}, period of {period}, {of}: {} {}, {} {}", left.0, left.1, right.0, right.1)
    }
}

/// What was compared, and what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Tenants that were compared.
    pub tenants: usize,
    /// Numbers that were compared.
    pub compared: usize,
    /// Those that do not agree.
    pub differences: Vec<Difference>,
    /// Tenants of which nothing can be said, and why.
    pub unknown: Vec<(TenantId, String)>,
}

impl Report {
    /// Whether all that could be compared agrees, and all could be.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differences.is_empty() && self.unknown.is_empty()
    }
}

impl Report {
    /// Writes it into the log: a line for each difference, and one for all of it.
    pub fn log(&self) {
        for difference in &self.differences {
            tracing::error!(tenant_id = %difference.tenant, %difference, "the books do not agree with Stripe's");
        }
        let (tenants, compared) = (self.tenants, self.compared);
        let (differences, unknown) = (self.differences.len(), self.unknown.len());
        tracing::info!(tenants, compared, differences, unknown, "reconciled with Stripe");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "- {difference}")?;
        }
        for (tenant, why) in &self.unknown {
            writeln!(f, "- {} could not be compared: {why}", tenant.to_text())?;
        }
        let (tenants, compared) = (self.tenants, self.compared);
        write!(f, "{compared} numbers of {tenants} tenants compared, {} differ", self.differences.len())
    }
}
