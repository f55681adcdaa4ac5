//! Corrections of the ledger.

use core_kernel::MessageId;
use io_postgres::{DbError, TenantTx};

/// Brings what a message was charged to so many units, by a further entry at the price of the first;
/// to 0 where it turned out that no provider ever took it. False where nothing was charged, or it
/// stands there already.
///
/// # Errors
/// When the database fails.
pub async fn correct_charge(tx: &mut TenantTx, message: MessageId, units: u16) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select correct_charge($1, $2, $3, $4)")
        .bind(tenant)
        .bind(message.month())
        .bind(message.0)
        .bind(i32::from(units))
        .fetch_one(tx.connection())
        .await?)
}
