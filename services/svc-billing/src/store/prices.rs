//! The SQL of price lists. They are the installation's, the same for all tenants.

use core_kernel::Fault;
use io_postgres::{Database, DbError, NoTenant};
use sqlx::{Connection, PgConnection};
use thiserror::Error;

use crate::price_list::Entries;
use crate::{BilledChannel, Currency, Money, PriceFileError, PriceList};

/// Why a price list could not be written.
#[derive(Debug, Error)]
pub enum SeedError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The file is none.
    #[error(transparent)]
    File(#[from] PriceFileError),
    /// Messages may have been priced by the version as it was.
    #[error("version {0} of the price list is written already, with other prices: count the version up")]
    Changed(i32),
    /// What is stored is no list.
    #[error("version {0} of the price list, as it is stored, cannot be read: {1}")]
    Stored(i32, String),
    /// Somebody may be on the plan as it was.
    #[error("the plan {0} is written already, with other terms: give these another code")]
    PlanChanged(String),
}

/// Writes a list, by the tables' owner, unless its version is there. The first holds at once, others
/// from the next billing period on, so that a period has one. Safe to repeat, also at the same time
/// from several processes.
///
/// # Errors
/// When the version is there with other prices, or the database fails.
pub async fn ensure_price_list(owner: &mut PgConnection, list: &PriceList) -> Result<(), SeedError> {
    let mut transaction = owner.begin().await?;
    let entries = list.entries();
    if insert_list(&mut transaction, &entries).await? {
        insert_countries(&mut transaction, &entries).await?;
        insert_prices(&mut transaction, &entries).await?;
        return Ok(transaction.commit().await?);
    }
    let stored = find_list(&mut transaction, Some(list.version())).await?;
    match stored.map(|stored| PriceList::assemble(&stored?)) {
        Some(Ok(stored)) if stored == *list => Ok(()),
        Some(Err(why)) => Err(SeedError::Stored(list.version(), why)),
        _ => Err(SeedError::Changed(list.version())),
    }
}

/// The list by which messages are priced now: the latest that is in force.
///
/// # Errors
/// UNAVAILABLE without the database; INTERNAL where there is no list.
pub async fn current_price_list(database: &Database) -> Result<PriceList, Fault> {
    load(database, None).await
}

/// The list of that version.
///
/// # Errors
/// As [`current_price_list`].
pub async fn price_list(database: &Database, version: i32) -> Result<PriceList, Fault> {
    load(database, Some(version)).await
}

async fn load(database: &Database, version: Option<i32>) -> Result<PriceList, Fault> {
    load_price_list(NoTenant::acquire(database).await?.connection(), version).await
}

/// The list of a version, or the one in force.
pub(crate) async fn load_price_list(connection: &mut PgConnection, version: Option<i32>) -> Result<PriceList, Fault> {
    let found = find_list(connection, version).await.map_err(DbError::from)?;
    let entries = found.ok_or_else(|| Fault::internal("there is no price list; `postern migrate` writes it"))?;
    entries.and_then(|entries| PriceList::assemble(&entries)).map_err(Fault::internal)
}

async fn insert_list(owner: &mut PgConnection, list: &Entries) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "insert into price_list (version, currency, default_group, in_force_from)
         values ($1, $2, $3, case when exists (select from price_list)
                                  then (date_trunc('month', now() at time zone 'UTC') + interval '1 month')::date
                                  else '-infinity' end)
             on conflict do nothing",
    )
    .bind(list.version)
    .bind(list.currency.code())
    .bind(&list.default_group)
    .execute(owner)
    .await?;
    Ok(done.rows_affected() > 0)
}

async fn insert_countries(owner: &mut PgConnection, list: &Entries) -> Result<(), sqlx::Error> {
    let (countries, groups): (Vec<_>, Vec<_>) = list.countries.iter().cloned().unzip();
    sqlx::query(
        "insert into price_country (version, country, country_group)
         select $1, c.country, c.country_group from unnest($2::text[], $3::text[]) c (country, country_group)",
    )
    .bind(list.version)
    .bind(countries)
    .bind(groups)
    .execute(owner)
    .await?;
    Ok(())
}

async fn insert_prices(owner: &mut PgConnection, list: &Entries) -> Result<(), sqlx::Error> {
    for (group, channel, price) in &list.prices {
        // No price of one message is near the limit.
        let amount = i64::try_from(price.millionths()).map_err(|error| sqlx::Error::Encode(error.into()))?;
        sqlx::query("insert into price (version, channel, country_group, amount) values ($1, $2, $3, $4)")
            .bind(list.version)
            .bind(channel.as_str())
            .bind(group)
            .bind(amount)
            .execute(&mut *owner)
            .await?;
    }
    Ok(())
}

/// The latest in force, or that of a version; a sentence where the stored words are unknown.
async fn find_list(
    connection: &mut PgConnection,
    version: Option<i32>,
) -> Result<Option<Result<Entries, String>>, sqlx::Error> {
    let head: Option<(i32, String, String)> = sqlx::query_as(
        "select version, currency, default_group from price_list
          where case when $1::integer is null then in_force_from <= (now() at time zone 'UTC')::date else version = $1 end
          order by version desc limit 1",
    )
    .bind(version)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((version, currency, default_group)) = head else { return Ok(None) };
    let countries = sqlx::query_as("select country, country_group from price_country where version = $1")
        .bind(version)
        .fetch_all(&mut *connection)
        .await?;
    let prices: Vec<(String, String, i64)> =
        sqlx::query_as("select country_group, channel, amount from price where version = $1")
            .bind(version)
            .fetch_all(connection)
            .await?;
    let words = Currency::parse(&currency).ok_or_else(|| format!("{currency} is no currency"));
    Ok(Some(words.and_then(|currency| {
        Ok(Entries { version, currency, default_group, countries, prices: read_prices(prices, currency)? })
    })))
}

fn read_prices(
    rows: Vec<(String, String, i64)>,
    currency: Currency,
) -> Result<Vec<(String, BilledChannel, Money)>, String> {
    let read = |(group, channel, amount): (String, String, i64)| {
        let known = BilledChannel::parse(&channel).ok_or_else(|| format!("{channel} is no channel"))?;
        Ok((group, known, Money::from_millionths(amount.into(), currency)))
    };
    rows.into_iter().map(read).collect()
}
