//! How old keys are, for whoever is to rotate them once a year.

use core_kernel::Timestamp;
use io_postgres::DbError;
use sqlx::PgConnection;

/// A key that makes something today.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyAge {
    /// `CODE`, `INDEX`, `PEPPER`, or `SIGNING`.
    pub purpose: String,
    /// Since when it does.
    pub since: Timestamp,
}

/// The newest key of each purpose that is in use at `now`. All of them are read by every role.
///
/// # Errors
/// When the database fails.
pub async fn key_ages(connection: &mut PgConnection, now: Timestamp) -> Result<Vec<KeyAge>, DbError> {
    let ages = sqlx::query_as(
        "select purpose, max(greatest(created_at, makes_from)) as since from crypto_key
          where retired_at is null and makes_from <= $1 group by purpose
          union all
         select 'SIGNING', max(signs_from) from signing_key
          where withdrawn_at is null and signs_from <= $1 having count(*) > 0
          order by 1",
    );
    Ok(ages.bind(now).fetch_all(connection).await?)
}
