//! A tenant's account.

use async_graphql::{Context, Object, Result, SimpleObject};
use core_access::{Caller, Operation};
use svc_billing::{Account, InvoiceRecord};

use super::upcoming::UpcomingInvoice;
use crate::context::services;
use crate::enums::{InvoiceStatus, PaymentStatus};
use crate::money::Money;
use crate::scalars::DateTime;

/// What a tenant owes, and how far it lets it go.
pub struct BillingAccount(Account);

impl From<Account> for BillingAccount {
    fn from(account: Account) -> Self {
        Self(account)
    }
}

#[Object]
impl BillingAccount {
    /// The plan in force.
    async fn plan(&self) -> Plan {
        self.0.plan.clone().into()
    }

    /// The plans that `changePlan` may choose.
    async fn offered_plans(&self) -> Vec<Plan> {
        self.0.offered.iter().cloned().map(Plan::from).collect()
    }

    /// The first instant of the billing period that runs: a calendar month in UTC.
    async fn period_start(&self) -> DateTime {
        self.0.period.start().into()
    }

    /// The next period's first instant.
    async fn period_end(&self) -> DateTime {
        self.0.period.end().into()
    }

    /// This period so far, at list price.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// What the whole period will cost if it goes on as it went until now.
    async fn projected(&self) -> Money {
        self.0.projected.into()
    }

    /// The invoice of this period as it stands by the ledger, included units deducted.
    async fn upcoming_invoice(&self) -> UpcomingInvoice {
        self.0.upcoming.clone().into()
    }

    /// A period, at list price: beyond it nothing is sent that costs. Null: none.
    async fn spending_cap(&self) -> Option<Money> {
        self.0.spending_cap.map(Money::from)
    }

    /// Whether it is paid.
    async fn payment_status(&self) -> PaymentStatus {
        self.0.payment.into()
    }

    /// Newest first; none where nothing is collected.
    async fn invoices(&self) -> Vec<Invoice> {
        self.0.invoices.iter().cloned().map(Invoice::from).collect()
    }
}

/// What a tenant pays beside its messages.
#[derive(SimpleObject)]
pub struct Plan {
    /// By this it is chosen.
    pub code: String,
    /// For people.
    pub name: String,
    /// The fee of a calendar month.
    pub monthly: Money,
    /// Units that the fee includes.
    pub included_units: i32,
}

impl From<svc_billing::Plan> for Plan {
    fn from(plan: svc_billing::Plan) -> Self {
        Self { code: plan.code, name: plan.name, monthly: plan.monthly.into(), included_units: plan.included_units }
    }
}

/// What is to be paid for a period.
#[derive(SimpleObject)]
pub struct Invoice {
    /// As it is printed on it; of a draft, which has none yet, the word `draft`.
    pub number: String,
    /// What is to be paid.
    pub amount: Money,
    /// How far it is.
    pub status: InvoiceStatus,
    /// The period's first instant.
    pub period_start: DateTime,
    /// The next period's first instant.
    pub period_end: DateTime,
    /// Where it can be read and paid.
    pub hosted_url: Option<String>,
}

impl From<InvoiceRecord> for Invoice {
    fn from(invoice: InvoiceRecord) -> Self {
        Self {
            number: invoice.number,
            amount: invoice.amount.into(),
            status: invoice.status.into(),
            period_start: invoice.period_start.into(),
            period_end: invoice.period_end.into(),
            hosted_url: invoice.hosted_url,
        }
    }
}

/// `Tenant.billing`.
///
/// # Errors
/// FORBIDDEN.
pub(crate) async fn tenant_billing(ctx: &Context<'_>, caller: &Caller) -> Result<BillingAccount> {
    let permit = caller.permit(Operation::ReadBilling)?;
    Ok(Box::pin(services(ctx)?.billing.account(&permit)).await?.into())
}
