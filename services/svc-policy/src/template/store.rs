//! The SQL of templates.

use core_kernel::{PartnerId, PolicyId, TenantId};
use core_policy::{LockedFields, Policy};
use io_postgres::{DbError, PartnerTx, TenantTx};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use super::TemplateVersion;
use crate::store::{channels, names};

macro_rules! columns {
    () => {
        "t.version, t.template_id, t.document, t.locked_fields, t.acknowledged, t.published_at, t.published_by"
    };
}

impl FromRow<'_, PgRow> for TemplateVersion {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let Json(policy) = row.try_get::<Json<Policy>, _>("document")?;
        let locked: Vec<String> = row.try_get("locked_fields")?;
        let locked = LockedFields::parse(&locked).map_err(|_| sqlx::Error::ColumnDecode {
            index: "locked_fields".to_owned(),
            source: format!("unknown fields among {locked:?}").into(),
        })?;
        Ok(Self {
            version: row.try_get("version")?,
            template_id: PolicyId(row.try_get("template_id")?),
            policy,
            locked,
            acknowledged: channels(&row.try_get::<Vec<String>, _>("acknowledged")?),
            published_at: row.try_get("published_at")?,
            published_by: row.try_get("published_by")?,
        })
    }
}

/// The version that holds.
pub(super) async fn find_latest(tx: &mut PartnerTx) -> Result<Option<TemplateVersion>, DbError> {
    const SQL: &str = concat!(
        "select ",
        columns!(),
        " from partner_template t where t.partner_id = $1 order by t.version desc limit 1"
    );
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).fetch_optional(tx.connection()).await?)
}

pub(super) async fn find_by_id(tx: &mut PartnerTx, id: PolicyId) -> Result<Option<TemplateVersion>, DbError> {
    const SQL: &str =
        concat!("select ", columns!(), " from partner_template t where t.partner_id = $1 and t.template_id = $2");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(id.0).fetch_optional(tx.connection()).await?)
}

/// The template that holds for this transaction's tenant; `None` for one without partner or template.
pub(crate) async fn find_of_tenant(tx: &mut TenantTx) -> Result<Option<TemplateVersion>, DbError> {
    const SQL: &str = concat!(
        "select ",
        columns!(),
        " from tenant o cross join lateral postern_cross.template_of(o.partner_id) t where o.tenant_id = $1"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_optional(tx.connection()).await?)
}

pub(super) async fn find_of_partner(tx: &mut TenantTx, partner: PartnerId) -> Result<Option<TemplateVersion>, DbError> {
    const SQL: &str = concat!("select ", columns!(), " from postern_cross.template_of($1) t");
    Ok(sqlx::query_as(SQL).bind(partner.0).fetch_optional(tx.connection()).await?)
}

/// Makes those who publish wait for one another.
pub(super) async fn lock_partner(tx: &mut PartnerTx) -> Result<(), DbError> {
    let partner = tx.partner().0;
    sqlx::query("select from partner p where p.partner_id = $1 for no key update")
        .bind(partner)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn insert(tx: &mut PartnerTx, template: &TemplateVersion) -> Result<(), DbError> {
    let partner = tx.partner().0;
    sqlx::query(
        "insert into partner_template (partner_id, version, template_id, document, locked_fields, acknowledged,
                                       published_at, published_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(partner)
    .bind(template.version)
    .bind(template.template_id.0)
    .bind(Json(&template.policy))
    .bind(template.locked.names())
    .bind(names(&template.acknowledged))
    .bind(template.published_at)
    .bind(&template.published_by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The partner's tenants in the order of their slugs, without those that were deleted.
pub(super) async fn list_tenants(tx: &mut PartnerTx) -> Result<Vec<TenantId>, DbError> {
    let partner = tx.partner().0;
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select t.tenant_id from tenant t
              where t.partner_id = $1 and postern_cross.partner_owns_tenant($1, t.tenant_id)
              order by t.slug collate \"C\"",
    )
    .bind(partner)
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// A version in force, or scheduled, of a tenant whose policy is not the template itself.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) tenant: TenantId,
    pub(super) slug: String,
    pub(super) policy: Policy,
}

impl FromRow<'_, PgRow> for Standing {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let Json(policy) = row.try_get::<Json<Policy>, _>("document")?;
        Ok(Self { tenant: TenantId(row.try_get("tenant_id")?), slug: row.try_get("slug")?, policy })
    }
}

/// Those of all tenants of the partner, by slug.
pub(super) async fn list_standings(tx: &mut PartnerTx, template: &Policy) -> Result<Vec<Standing>, DbError> {
    Ok(sqlx::query_as("select s.tenant_id, s.slug, s.document from policies_of_partner($1) s")
        .bind(Json(template))
        .fetch_all(tx.connection())
        .await?)
}
