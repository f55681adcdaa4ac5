//! The one call that checks, counts and confirms.

use chrono::NaiveDate;
use core_kernel::{FactorId, LoginId, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// What `confirm_factor_code` is given.
pub(crate) struct Guess {
    pub(crate) user: UserId,
    pub(crate) factor: FactorId,
    pub(crate) login: Option<LoginId>,
    pub(crate) challenge: Option<(Uuid, NaiveDate)>,
    /// The keys for which the code is right, and its digits.
    pub(crate) matching_keys: Vec<i16>,
    pub(crate) digits: i16,
    /// The step for which an app's code is right, or the counter of a right passkey.
    pub(crate) step: Option<i64>,
    /// The budget outside a login.
    pub(crate) max_attempts: i16,
    pub(crate) completes_login: bool,
    pub(crate) by_support: bool,
}

/// What it answers.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Answer {
    pub(crate) outcome: String,
    pub(crate) attempts_remaining: Option<i32>,
    pub(crate) login_completed: bool,
}

/// Checks the guess; it is counted when this transaction commits, and answered only then.
pub(crate) async fn confirm_factor_code(tx: &mut TenantTx, guess: &Guess) -> Result<Answer, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select outcome, attempts_remaining, login_completed
           from confirm_factor_code($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(tenant)
    .bind(guess.user.0)
    .bind(guess.factor.0)
    .bind(guess.login.map(|login| login.0))
    .bind(guess.login.map(LoginId::month))
    .bind(guess.challenge.map(|(id, _)| id))
    .bind(guess.challenge.map(|(_, month)| month))
    .bind(&guess.matching_keys)
    .bind(guess.digits)
    .bind(guess.step)
    .bind(guess.max_attempts)
    .bind(guess.completes_login)
    .bind(guess.by_support)
    .fetch_one(tx.connection())
    .await?)
}
