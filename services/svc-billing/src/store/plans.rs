//! The SQL of plans. They are the installation's, the same for all tenants.

use sqlx::{Connection, PgConnection};

use super::{SeedError, currency};
use crate::{BilledChannel, Money, Plan, PlanList, PlanTerms};

/// A plan, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPlan {
    pub(crate) plan: Plan,
    pub(crate) offered: bool,
    pub(crate) is_default: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    code: String,
    name: String,
    currency: String,
    monthly: i64,
    included_units: i32,
    offered: bool,
    is_default: bool,
}

/// Writes the plans, by the tables' owner: new ones are added, names and order taken over, and those
/// that are not in the list offered no more. Safe to repeat, also at the same time from several
/// processes.
///
/// # Errors
/// When a plan is there with other terms, or the database fails.
pub async fn ensure_plans(owner: &mut PgConnection, list: &PlanList) -> Result<(), SeedError> {
    let mut transaction = owner.begin().await?;
    sqlx::query("lock table plan in share row exclusive mode").execute(&mut *transaction).await?;
    sqlx::query("update plan set place = null, is_default = false").execute(&mut *transaction).await?;
    for (place, terms) in (0_i16..).zip(list.plans()) {
        if !insert_plan(&mut transaction, terms).await? && !has_terms(&mut transaction, terms).await? {
            return Err(SeedError::PlanChanged(terms.plan.code.clone()));
        }
        sqlx::query("update plan set name = $2, place = $3, is_default = code = $4 where code = $1")
            .bind(&terms.plan.code)
            .bind(&terms.plan.name)
            .bind(place)
            .bind(list.default_code())
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}

async fn insert_plan(owner: &mut PgConnection, terms: &PlanTerms) -> Result<bool, SeedError> {
    let plan = &terms.plan;
    let done = sqlx::query(
        "insert into plan (code, name, currency, monthly, included_units, is_default)
         values ($1, $2, $3, $4, $5, false) on conflict do nothing",
    )
    .bind(&plan.code)
    .bind(&plan.name)
    .bind(plan.monthly.currency().code())
    .bind(stored(plan.monthly)?)
    .bind(plan.included_units)
    .execute(&mut *owner)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    for (channel, group, price) in &terms.prices {
        sqlx::query("insert into plan_price (plan_code, channel, country_group, amount) values ($1, $2, $3, $4)")
            .bind(&plan.code)
            .bind(channel.as_str())
            .bind(group)
            .bind(stored(*price)?)
            .execute(&mut *owner)
            .await?;
    }
    Ok(true)
}

/// Whether the plan that is stored under this code is this one, whatever it is called.
async fn has_terms(owner: &mut PgConnection, terms: &PlanTerms) -> Result<bool, SeedError> {
    let plan = &terms.plan;
    let (currency, monthly, included): (String, i64, i32) =
        sqlx::query_as("select currency, monthly, included_units from plan where code = $1")
            .bind(&plan.code)
            .fetch_one(&mut *owner)
            .await?;
    let prices: Vec<(String, String, i64)> = sqlx::query_as(
        "select channel, country_group, amount from plan_price where plan_code = $1
          order by channel collate \"C\", country_group collate \"C\"",
    )
    .bind(&plan.code)
    .fetch_all(owner)
    .await?;
    let as_stored = |(channel, group, price): &(BilledChannel, String, Money)| {
        Ok::<_, SeedError>((channel.as_str().to_owned(), group.clone(), stored(*price)?))
    };
    let wanted: Vec<_> = terms.prices.iter().map(as_stored).collect::<Result<_, _>>()?;
    let head = (plan.monthly.currency().to_string(), stored(plan.monthly)?, plan.included_units);
    Ok((currency, monthly, included) == head && prices == wanted)
}

/// All plans, those that are offered first, in their order; a sentence where a stored word is unknown.
pub(crate) async fn list_plans(connection: &mut PgConnection) -> Result<Result<Vec<StoredPlan>, String>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select code, name, currency, monthly, included_units, place is not null as offered, is_default
           from plan order by place, code",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(read).collect())
}

fn read(row: Row) -> Result<StoredPlan, String> {
    let monthly = Money::from_millionths(row.monthly.into(), currency(&row.currency)?);
    let plan = Plan { code: row.code, name: row.name, monthly, included_units: row.included_units };
    Ok(StoredPlan { plan, offered: row.offered, is_default: row.is_default })
}

/// The prices of a plan beyond its included units, in the order of [`PlanTerms::prices`].
pub(crate) async fn list_plan_prices(
    connection: &mut PgConnection,
    plan: &Plan,
) -> Result<Result<Vec<(BilledChannel, String, Money)>, String>, sqlx::Error> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "select channel, country_group, amount from plan_price where plan_code = $1
          order by channel collate \"C\", country_group collate \"C\"",
    )
    .bind(&plan.code)
    .fetch_all(connection)
    .await?;
    let read = |(channel, group, amount): (String, String, i64)| {
        let known = BilledChannel::parse(&channel).ok_or_else(|| format!("{channel} is no channel"))?;
        Ok((known, group, Money::from_millionths(amount.into(), plan.monthly.currency())))
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The file's reader has seen that it fits.
fn stored(money: Money) -> Result<i64, SeedError> {
    i64::try_from(money.millionths()).map_err(|error| sqlx::Error::Encode(error.into()).into())
}
