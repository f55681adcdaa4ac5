//! Room under the spending cap, for mails that are charged.

use core_kernel::{MessageId, UserId};
use io_postgres::{DbError, TenantTx};
use sqlx::types::chrono::NaiveDate;

use crate::model::MessagePurpose;

/// What was set aside for a message: nothing where there is no cap.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub(crate) struct Reserved {
    /// There is no room.
    pub(crate) refused: bool,
    #[sqlx(rename = "reserved")]
    pub(crate) millionths: Option<i64>,
    pub(crate) period: Option<NaiveDate>,
}

pub(crate) async fn reserve_mail(tx: &mut TenantTx) -> Result<Reserved, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as("select refused, reserved, period from reserve_spending($1, 'EMAIL', null)")
        .bind(tenant)
        .fetch_one(tx.connection())
        .await?)
}

/// Keeps on record a mail for which there was no room, and tells who answers for the bill.
pub(crate) async fn cancel_over_cap(
    tx: &mut TenantTx,
    id: MessageId,
    user: Option<UserId>,
    purpose: MessagePurpose,
    template: &str,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select cancel_over_cap($1, $2, null, 'EMAIL', null, $3, $4, $5, $6)")
        .bind(tenant)
        .bind(user.map(|user| user.0))
        .bind(purpose.as_str())
        .bind(template)
        .bind(id.0)
        .bind(id.month())
        .execute(tx.connection())
        .await?;
    Ok(())
}
