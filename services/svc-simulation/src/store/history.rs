//! Logins of the past and the codes that were sent for them: read, never written.

use chrono::NaiveDate;
use core_kernel::Timestamp;
use io_postgres::{DbError, TenantTx};
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::replay::past_login_columns;

/// Promises that this transaction reads; PostgreSQL holds it to that.
pub(crate) async fn read_only(tx: &mut TenantTx) -> Result<(), DbError> {
    sqlx::query("set transaction read only").execute(tx.connection()).await?;
    Ok(())
}

/// Which logins are wanted next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageOfLogins {
    /// One partition at a time, so that the others are not even opened.
    pub(crate) month: NaiveDate,
    /// Those before this one.
    pub(crate) before: Uuid,
    /// Those from this one on.
    pub(crate) from: Uuid,
    /// By the tenant's clock.
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) limit: i64,
}

/// A page of the tenant's logins, newest first. Whoever reads a row does so with `PastLogin::read`.
pub(crate) async fn list_logins(tx: &mut TenantTx, page: &PageOfLogins) -> Result<Vec<PgRow>, DbError> {
    const SQL: &str = concat!(
        "select ",
        past_login_columns!(),
        " from login l
          where l.tenant_id = $1 and l.month = $2 and l.login_id < $3 and l.login_id >= $4
            and l.created_at > $5 and l.created_at <= $6
          order by l.login_id desc limit $7"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query(SQL)
        .bind(tenant)
        .bind(page.month)
        .bind(page.before)
        .bind(page.from)
        .bind(page.since)
        .bind(page.until)
        .bind(page.limit)
        .fetch_all(tx.connection())
        .await?)
}

/// The codes that were sent for one challenge.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct SentCodes {
    pub(crate) login_id: Uuid,
    /// They confirmed a new factor.
    pub(crate) enrolling: bool,
    pub(crate) sms: i16,
    pub(crate) voice: i16,
    pub(crate) email: i16,
    /// The phone's.
    pub(crate) country: Option<String>,
}

/// What was sent for the logins of a page, which lie between these two in one month; in the page's order.
pub(crate) async fn list_sent_codes(
    tx: &mut TenantTx,
    month: NaiveDate,
    (first, last): (Uuid, Uuid),
) -> Result<Vec<SentCodes>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select c.login_id, c.purpose = 'ENROLL' as enrolling, c.sms_sends as sms, c.voice_sends as voice,
                c.email_sends as email, f.country
           from challenge c
           left join factor f on f.tenant_id = c.tenant_id and f.factor_id = c.factor_id
          where c.tenant_id = $1 and c.login_id between $2 and $3
            -- A login of the last minutes of a month is proved in the next.
            and c.month between $4 and ($4 + interval '1 month')::date
            and c.sms_sends + c.voice_sends + c.email_sends > 0
          order by c.login_id desc",
    )
    .bind(tenant)
    .bind(first)
    .bind(last)
    .bind(month)
    .fetch_all(tx.connection())
    .await?)
}

/// Whose phone, which, and in which country.
pub(crate) async fn list_phones(
    tx: &mut TenantTx,
    users: &[Uuid],
) -> Result<Vec<(Uuid, String, Option<String>)>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select f.user_id, f.kind, f.country from factor f
          where f.tenant_id = $1 and f.user_id = any ($2) and f.kind in ('PHONE_PRIMARY', 'PHONE_RECOVERY')
            and f.status in ('ACTIVE', 'DISABLED')",
    )
    .bind(tenant)
    .bind(users)
    .fetch_all(tx.connection())
    .await?)
}
