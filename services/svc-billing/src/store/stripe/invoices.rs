//! Invoices, as Stripe shows them.

use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};
use io_stripe::Invoice;

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct InvoiceRow {
    pub(crate) number: Option<String>,
    pub(crate) status: String,
    pub(crate) currency: String,
    pub(crate) total: i64,
    pub(crate) period_start: Timestamp,
    pub(crate) period_end: Timestamp,
    pub(crate) hosted_url: Option<String>,
}

/// The newest first, as many as a year or so has.
pub(crate) async fn list_invoices(tx: &mut TenantTx) -> Result<Vec<InvoiceRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select number, status, currency, total, period_start, period_end, hosted_url from stripe_invoice
          where tenant_id = $1 order by created_at desc, invoice_id limit 36",
    )
    .bind(tenant)
    .fetch_all(tx.connection())
    .await?)
}

/// Takes over what Stripe shows. Drafts that it shows no longer were deleted there.
pub(crate) async fn replace_invoices(tx: &mut TenantTx, shown: &[Invoice]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    for invoice in shown {
        insert(tx, invoice).await?;
    }
    let ids: Vec<&str> = shown.iter().map(|invoice| invoice.id.as_str()).collect();
    sqlx::query("delete from stripe_invoice where tenant_id = $1 and status = 'draft' and not invoice_id = any ($2)")
        .bind(tenant)
        .bind(ids)
        .execute(tx.connection())
        .await?;
    Ok(())
}

async fn insert(tx: &mut TenantTx, invoice: &Invoice) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into stripe_invoice (tenant_id, invoice_id, number, status, currency, total, period_start, period_end,
                                     hosted_url, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (tenant_id, invoice_id) do update
            set number = excluded.number, status = excluded.status, total = excluded.total,
                period_start = excluded.period_start, period_end = excluded.period_end, hosted_url = excluded.hosted_url",
    )
    .bind(tenant)
    .bind(&invoice.id)
    .bind(&invoice.number)
    .bind(invoice.status.as_deref().unwrap_or("draft"))
    .bind(invoice.currency.to_uppercase())
    .bind(invoice.total)
    .bind(invoice.period_start)
    .bind(invoice.period_end)
    .bind(&invoice.hosted_invoice_url)
    .bind(invoice.created)
    .execute(tx.connection())
    .await?;
    Ok(())
}
