//! The SQL of policy versions.

use core_kernel::{PolicyId, Timestamp};
use core_policy::{Channel, Policy};
use io_postgres::{DbError, TenantTx};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, Row};

use crate::model::{PolicyStatus, PolicyVersion, PolicyView};

macro_rules! columns {
    () => {
        "p.version, p.policy_id, p.document, p.effective_at, p.published_at, p.published_by, p.comment,
         p.acknowledged, p.canceled_at"
    };
}

// Where each version stands, by one reading of the tenant's clock.
macro_rules! views {
    ($condition:literal) => {
        concat!(
            "with clock as materialized (select tenant_now($1) as now),
                  active as (select a.version from policy_version a, clock
                              where a.tenant_id = $1 and a.canceled_at is null and a.effective_at <= clock.now
                              order by a.effective_at desc, a.version desc limit 1)
             select ",
            columns!(),
            ", case when p.canceled_at is not null then 'CANCELED'
                    when p.effective_at > clock.now then 'SCHEDULED'
                    when p.version = (select active.version from active) then 'ACTIVE'
                    else 'SUPERSEDED' end as status
               from policy_version p, clock where p.tenant_id = $1 and ",
            $condition
        )
    };
}

impl FromRow<'_, PgRow> for PolicyVersion {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let Json(policy) = row.try_get::<Json<Policy>, _>("document")?;
        Ok(Self {
            version: row.try_get("version")?,
            policy_id: PolicyId(row.try_get("policy_id")?),
            policy,
            effective_at: row.try_get("effective_at")?,
            published_at: row.try_get("published_at")?,
            published_by: row.try_get("published_by")?,
            comment: row.try_get("comment")?,
            acknowledged: channels(&row.try_get::<Vec<String>, _>("acknowledged")?),
            canceled_at: row.try_get("canceled_at")?,
        })
    }
}

impl FromRow<'_, PgRow> for PolicyView {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let status: String = row.try_get("status")?;
        let status = PolicyStatus::parse(&status).ok_or_else(|| sqlx::Error::ColumnNotFound("status".to_owned()))?;
        Ok(Self { version: PolicyVersion::from_row(row)?, status })
    }
}

pub(crate) fn channels(names: &[String]) -> Vec<Channel> {
    names.iter().filter_map(|name| Channel::parse(name)).collect()
}

pub(crate) fn names(channels: &[Channel]) -> Vec<&'static str> {
    channels.iter().map(|channel| channel.as_str()).collect()
}

/// The versions of a [`crate::PolicySnapshot`].
pub(crate) async fn list_deciding(tx: &mut TenantTx) -> Result<Vec<PolicyVersion>, DbError> {
    const SQL: &str = concat!(
        "with since as (
             select max(b.effective_at) as at from policy_version b
              where b.tenant_id = $1 and b.canceled_at is null
                and b.effective_at <= (select tenant_now($1)) - interval '1 hour')
         select ",
        columns!(),
        " from policy_version p, since
          where p.tenant_id = $1 and p.canceled_at is null and (since.at is null or p.effective_at >= since.at)"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_all(tx.connection()).await?)
}

/// Versions below `before`, newest first.
pub(crate) async fn list(tx: &mut TenantTx, before: Option<i32>, limit: i64) -> Result<Vec<PolicyView>, DbError> {
    const SQL: &str = views!("($2::integer is null or p.version < $2) order by p.version desc limit $3");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(before).bind(limit).fetch_all(tx.connection()).await?)
}

pub(crate) async fn find_active(tx: &mut TenantTx) -> Result<Option<PolicyView>, DbError> {
    const SQL: &str = views!("p.version = (select active.version from active)");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_optional(tx.connection()).await?)
}

/// The version in force, then those that are scheduled.
pub(crate) async fn list_standing(tx: &mut TenantTx) -> Result<Vec<PolicyView>, DbError> {
    const SQL: &str = views!(
        "p.canceled_at is null and (p.version = (select active.version from active) or p.effective_at > clock.now)
          order by p.effective_at, p.version"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_all(tx.connection()).await?)
}

pub(crate) async fn find_by_id(tx: &mut TenantTx, id: PolicyId) -> Result<Option<PolicyView>, DbError> {
    const SQL: &str = views!("p.policy_id = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn find_by_version(tx: &mut TenantTx, version: i32) -> Result<Option<PolicyView>, DbError> {
    const SQL: &str = views!("p.version = $2");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(version).fetch_optional(tx.connection()).await?)
}

/// What publishing starts from.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Head {
    pub(crate) now: Timestamp,
    pub(crate) sandbox: bool,
    /// The highest number given out.
    pub(crate) highest: i32,
    /// The highest that is not cancelled.
    pub(crate) highest_kept: i32,
    /// Every channel whose risk was ever accepted.
    pub(crate) acknowledged: Vec<String>,
}

impl Head {
    pub(crate) fn accepted(&self) -> Vec<Channel> {
        channels(&self.acknowledged)
    }
}

/// Makes publishers of one tenant wait for one another. Not FOR UPDATE: that would also hold up
/// whatever else refers to the tenant.
pub(crate) async fn lock_tenant(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select from tenant t where t.tenant_id = $1 for no key update")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Read after [`lock_tenant`], in a statement of its own: it must see what the one before has committed.
pub(crate) async fn load_head(tx: &mut TenantTx) -> Result<Head, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select tenant_now($1) as now, t.environment = 'SANDBOX' as sandbox,
                coalesce((select max(p.version) from policy_version p where p.tenant_id = $1), 0) as highest,
                coalesce((select max(p.version) from policy_version p
                           where p.tenant_id = $1 and p.canceled_at is null), 0) as highest_kept,
                array(select distinct unnest(p.acknowledged) from policy_version p
                       where p.tenant_id = $1) as acknowledged
           from tenant t where t.tenant_id = $1",
    )
    .bind(tenant)
    .fetch_one(tx.connection())
    .await?)
}

pub(crate) async fn insert(tx: &mut TenantTx, version: &PolicyVersion) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into policy_version (tenant_id, version, policy_id, document, effective_at, published_at,
                                     published_by, comment, acknowledged)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant)
    .bind(version.version)
    .bind(version.policy_id.0)
    .bind(Json(&version.policy))
    .bind(version.effective_at)
    .bind(version.published_at)
    .bind(&version.published_by)
    .bind(&version.comment)
    .bind(names(&version.acknowledged))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Cancels every version that has not taken effect at `now`, or only the given one; their numbers.
pub(crate) async fn cancel_scheduled(
    tx: &mut TenantTx,
    now: Timestamp,
    only: Option<i32>,
) -> Result<Vec<i32>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "update policy_version p set canceled_at = $2
          where p.tenant_id = $1 and p.canceled_at is null and p.effective_at > $2
            and ($3::integer is null or p.version = $3)
          returning p.version",
    )
    .bind(tenant)
    .bind(now)
    .bind(only)
    .fetch_all(tx.connection())
    .await?)
}
