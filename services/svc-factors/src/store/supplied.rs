//! Supplied phones, a batch of users at a time.

use core_kernel::{FactorId, UserId};
use core_policy::{FactorKind, FactorStatus};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

use crate::supplied::{Standing, SuppliedPhone};

#[derive(sqlx::FromRow)]
struct StandingRow {
    factor_id: Uuid,
    user_id: Uuid,
    kind: String,
    status: String,
    suggested: bool,
    blind_index: Option<Vec<u8>>,
}

impl StandingRow {
    fn read(self) -> Result<Standing, DbError> {
        let unknown = |word: &str| DbError(sqlx::Error::Decode(format!("a factor has the unknown word {word}").into()));
        Ok(Standing {
            id: FactorId(self.factor_id),
            user: UserId(self.user_id),
            kind: FactorKind::parse(&self.kind).ok_or_else(|| unknown(&self.kind))?,
            status: FactorStatus::parse(&self.status).ok_or_else(|| unknown(&self.status))?,
            suggested: self.suggested,
            index: self.blind_index,
        })
    }
}

/// What these users have.
///
/// # Errors
/// When the database fails, or a factor has a word that this version does not know.
pub async fn list_standing(tx: &mut TenantTx, users: &[UserId]) -> Result<Vec<Standing>, DbError> {
    let tenant = tx.tenant().0;
    let rows: Vec<StandingRow> = sqlx::query_as(
        "select f.factor_id, f.user_id, f.kind, f.status, f.suggested, f.blind_index
           from unnest($2::uuid[]) as u (id),
                lateral (select * from factor x
                          where x.tenant_id = $1 and x.user_id = u.id and x.status <> 'REMOVED' offset 0) f",
    )
    .bind(tenant)
    .bind(ids(users))
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(StandingRow::read).collect()
}

/// Stores phones; the suggestions in whose place they come have been ended.
///
/// # Errors
/// When the database fails; a unique constraint is violated where somebody enrolled one meanwhile.
pub async fn insert_supplied(tx: &mut TenantTx, phones: &[SuppliedPhone]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let sealed: Vec<&[u8]> = phones.iter().map(|phone| &phone.sealed[..]).collect();
    let indexes: Vec<&[u8]> = phones.iter().map(|phone| &phone.index[..]).collect();
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, suggested, line, country, secret_sealed,
                             blind_index, created_at, confirmed_at)
         select $1, x.factor_id, x.user_id, x.kind, case when x.active then 'ACTIVE' else 'PENDING' end, not x.active,
                x.line, x.country, x.sealed, x.index, n.now, case when x.active then n.now end
           from (select tenant_now($1) as now offset 0) n,
                unnest($2::uuid[], $3::uuid[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::bytea[], $9::bytea[])
                as x (factor_id, user_id, kind, active, line, country, sealed, index)",
    )
    .bind(tenant)
    .bind(phones.iter().map(|phone| phone.id.0).collect::<Vec<_>>())
    .bind(phones.iter().map(|phone| phone.user.0).collect::<Vec<_>>())
    .bind(phones.iter().map(|phone| phone.kind.as_str()).collect::<Vec<_>>())
    .bind(phones.iter().map(|phone| phone.active).collect::<Vec<_>>())
    .bind(phones.iter().map(|phone| phone.line.as_str()).collect::<Vec<_>>())
    .bind(phones.iter().map(|phone| phone.country.as_str()).collect::<Vec<_>>())
    .bind(sealed)
    .bind(indexes)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends suggestions that others take the place of.
///
/// # Errors
/// When the database fails.
pub async fn end_suggestions(tx: &mut TenantTx, factors: &[FactorId]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update factor f set status = 'REMOVED', removed_at = tenant_now($1)
          where f.tenant_id = $1 and f.factor_id = any ($2) and f.status = 'PENDING' and f.suggested",
    )
    .bind(tenant)
    .bind(factors.iter().map(|factor| factor.0).collect::<Vec<_>>())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes suggestions ACTIVE.
///
/// # Errors
/// When the database fails; a unique constraint is violated where somebody enrolled one meanwhile.
pub async fn activate_suggestions(tx: &mut TenantTx, factors: &[FactorId]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update factor f set status = 'ACTIVE', suggested = false, confirmed_at = tenant_now($1), attempts = 0
          where f.tenant_id = $1 and f.factor_id = any ($2) and f.status = 'PENDING' and f.suggested",
    )
    .bind(tenant)
    .bind(factors.iter().map(|factor| factor.0).collect::<Vec<_>>())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What a first factor brings with it, whoever makes it ACTIVE, before it is: enrollments begun elsewhere end,
/// earlier logins proved nothing, and the user is told.
///
/// # Errors
/// When the database fails.
pub async fn begin_first_factors(tx: &mut TenantTx, users: &[UserId]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update factor f set status = 'REMOVED', removed_at = tenant_now($1)
          where f.tenant_id = $1 and f.user_id = any ($2) and f.status = 'PENDING' and not f.suggested",
    )
    .bind(tenant)
    .bind(ids(users))
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "select end_devices($1, u.id), forget_history($1, u.id),
                enqueue_notices($1, u.id, null, 'factor_added', '{\"kind\": \"PHONE_PRIMARY\", \"by_support\": false}')
           from unnest($2::uuid[]) as u (id)",
    )
    .bind(tenant)
    .bind(ids(users))
    .execute(tx.connection())
    .await?;
    Ok(())
}

fn ids(users: &[UserId]) -> Vec<Uuid> {
    users.iter().map(|user| user.0).collect()
}
