//! The SQL of partners.

use core_kernel::Timestamp;
use io_postgres::{DbError, PartnerTx};

use crate::partners::PartnerRecord;

pub(super) async fn insert(tx: &mut PartnerTx, name: &str, now: Timestamp) -> Result<(), DbError> {
    let partner = tx.partner().0;
    sqlx::query("insert into partner (partner_id, name, created_at) values ($1, $2, $3)")
        .bind(partner)
        .bind(name)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn find(tx: &mut PartnerTx) -> Result<Option<PartnerRecord>, DbError> {
    let partner = tx.partner().0;
    Ok(sqlx::query_as("select partner_id, name, created_at from partner where partner_id = $1")
        .bind(partner)
        .fetch_optional(tx.connection())
        .await?)
}
