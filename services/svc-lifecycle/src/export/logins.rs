//! Logins, oldest first.

use chrono::NaiveDate;
use core_kernel::{Fault, LoginId, Timestamp, TypedId, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

use super::cell::Row;
use super::{PAGE, Pages};

const COLUMNS: [&str; 17] = [
    "id",
    "created_at",
    "user_id",
    "external_id",
    "purpose",
    "first_factor",
    "outcome",
    "reasons",
    "level",
    "risk_score",
    "ip_address",
    "user_agent",
    "country",
    "city",
    "attempts",
    "completed_at",
    "completed_with",
];

#[derive(Default)]
pub(super) struct Logins {
    after: Option<(NaiveDate, Uuid)>,
}

#[derive(sqlx::FromRow)]
struct LoginRow {
    month: NaiveDate,
    login_id: Uuid,
    created_at: Timestamp,
    user_id: Uuid,
    external_id: Option<String>,
    purpose: String,
    first_factor: String,
    outcome: String,
    reasons: Vec<String>,
    level: String,
    risk_score: i16,
    ip_address: String,
    user_agent: Option<String>,
    country: Option<String>,
    city: Option<String>,
    attempts: i16,
    completed_at: Option<Timestamp>,
    completed_with: Option<String>,
}

impl Pages for Logins {
    fn columns(&self) -> &'static [&'static str] {
        &COLUMNS
    }

    async fn next(&mut self, tx: &mut TenantTx) -> Result<Vec<Row>, Fault> {
        let logins = list(tx, self.after).await?;
        self.after = logins.last().map(|login| (login.month, login.login_id)).or(self.after);
        Ok(logins.into_iter().map(row).collect())
    }
}

fn row(login: LoginRow) -> Row {
    vec![
        LoginId(login.login_id).to_text().into(),
        login.created_at.into(),
        UserId(login.user_id).to_text().into(),
        login.external_id.into(),
        login.purpose.into(),
        login.first_factor.into(),
        login.outcome.into(),
        login.reasons.into(),
        login.level.into(),
        login.risk_score.into(),
        login.ip_address.into(),
        login.user_agent.into(),
        login.country.into(),
        login.city.into(),
        login.attempts.into(),
        login.completed_at.into(),
        login.completed_with.into(),
    ]
}

async fn list(tx: &mut TenantTx, after: Option<(NaiveDate, Uuid)>) -> Result<Vec<LoginRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select l.month, l.login_id, l.created_at, l.user_id, u.external_id, l.purpose, l.first_factor, l.outcome, l.reasons,
                l.level, l.risk_score, host(l.ip_address) as ip_address, l.user_agent, l.country, l.city, l.attempts,
                l.completed_at, l.completed_with
           from login l
           left join tenant_user u on u.tenant_id = l.tenant_id and u.user_id = l.user_id
          where l.tenant_id = $1 and ($2::date is null or (l.month, l.login_id) > ($2, $3)) and ($2 is null or l.month >= $2)
          order by l.month, l.login_id limit $4",
    )
    .bind(tenant)
    .bind(after.map(|(month, _)| month))
    .bind(after.map(|(_, id)| id))
    .bind(PAGE)
    .fetch_all(tx.connection())
    .await?)
}
