//! Months whose time is over.

use chrono::{NaiveDate, TimeDelta};
use core_kernel::Fault;
use io_postgres::{DbError, NoTenant};
use svc_audit::chain::set_checkpoint;
use svc_platform::tenants_after;

use crate::store::partitions::{has_month_before, retire};
use crate::{Caretaker, KeptDays, Retention};

type Term = fn(&Retention) -> KeptDays;

/// What lies in partitions by month, and its term. A table that is missing here is kept for ever, which
/// a test does not let happen by oversight.
const TERMS: [(&str, Term); 7] = [
    ("login", |kept| kept.logins),
    ("challenge", |kept| kept.logins),
    ("message", |kept| kept.messages),
    (AUDIT, |kept| kept.audit),
    ("usage_ledger", |kept| kept.ledger),
    ("outbox_event", |kept| kept.events),
    ("webhook_delivery", |kept| kept.events),
];

/// The log, whose months do not go before its chain is signed.
const AUDIT: &str = "audit_entry";

impl Caretaker {
    /// Drops the months whose time is over; the partitions that went. A table that is busy at the moment
    /// is left for the next call.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retire_partitions(&self) -> Result<Vec<String>, Fault> {
        let today = self.platform.now().date_naive();
        let mut retired = Vec::new();
        for (table, term) in TERMS {
            let before = today - TimeDelta::days(term(&self.retention).get().into());
            if table == AUDIT {
                self.let_go_of_the_log(before).await?;
            }
            loop {
                match self.retire_one(table, before).await {
                    Ok(Some(partition)) => {
                        tracing::info!(partition, "dropped a month whose time is over");
                        retired.push(partition);
                    }
                    Ok(None) => break,
                    Err(error) if error.is_unavailable() => {
                        tracing::info!(table, error = %error, "a month whose time is over stays for now");
                        break;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(retired)
    }

    /// Each by itself: a month that went stays gone, whatever becomes of the next.
    async fn retire_one(&self, table: &str, before: NaiveDate) -> Result<Option<String>, DbError> {
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let retired = retire(&mut connection, table, before).await?;
        connection.commit().await?;
        Ok(retired)
    }

    /// Before months of the log go, every tenant's chain is signed where they end.
    async fn let_go_of_the_log(&self, before: NaiveDate) -> Result<(), Fault> {
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        if !has_month_before(&mut connection, AUDIT, before).await? {
            return Ok(());
        }
        drop(connection);
        let mut after = None;
        loop {
            let tenants = tenants_after(&self.platform.database, after).await?;
            let Some(last) = tenants.last().copied() else { return Ok(()) };
            for tenant in tenants {
                set_checkpoint(&self.platform, tenant, before).await?;
            }
            after = Some(last);
        }
    }

    /// The tables that have a term, for the test that compares them with those that there are.
    #[must_use]
    pub fn tables_with_a_term() -> Vec<&'static str> {
        TERMS.iter().map(|(table, _)| *table).collect()
    }
}
