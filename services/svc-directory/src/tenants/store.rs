//! The SQL of tenants.

use core_kernel::{PartnerId, TenantId, Timestamp};
use io_postgres::{DbError, NoTenant, PartnerTx, TenantTx};
use sqlx::Connection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::tenants::{CreateTenantInput, TenantSettings, TenantStatus};

macro_rules! tenant_columns {
    () => {
        "t.tenant_id, t.partner_id, t.slug, t.name, t.environment, t.status, t.language, t.time_zone, t.branding,
         t.logo_digest, t.logo_problem, t.webauthn, t.return_urls, t.clock_offset_seconds, t.created_at"
    };
}

pub(crate) async fn find(tx: &mut TenantTx) -> Result<Option<TenantSettings>, DbError> {
    const SQL: &str = concat!("select ", tenant_columns!(), " from tenant t where t.tenant_id = $1");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_optional(tx.connection()).await?)
}

/// Makes those who change the settings wait for one another.
pub(crate) async fn lock(tx: &mut TenantTx) -> Result<Option<TenantSettings>, DbError> {
    const SQL: &str = concat!("select ", tenant_columns!(), " from tenant t where t.tenant_id = $1 for no key update");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).fetch_optional(tx.connection()).await?)
}

/// What a new tenant's clock shows: the database's, by which versions of a policy take effect.
pub(crate) async fn database_now(tx: &mut TenantTx) -> Result<Timestamp, DbError> {
    Ok(sqlx::query_scalar("select clock_timestamp()").fetch_one(tx.connection()).await?)
}

pub(crate) async fn insert(
    tx: &mut TenantTx,
    partner: Option<PartnerId>,
    input: &CreateTenantInput,
    name: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into tenant (tenant_id, partner_id, slug, name, environment, created_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant)
    .bind(partner.map(|id| id.0))
    .bind(&input.slug)
    .bind(name)
    .bind(input.environment.as_str())
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(crate) async fn update(tx: &mut TenantTx, settings: &TenantSettings) -> Result<(), DbError> {
    sqlx::query(
        "update tenant t set name = $2, language = $3, time_zone = $4, branding = $5, webauthn = $6, return_urls = $7
          where t.tenant_id = $1",
    )
    .bind(settings.tenant_id.0)
    .bind(&settings.name)
    .bind(&settings.language)
    .bind(&settings.time_zone)
    .bind(Json(&settings.branding))
    .bind(Json(&settings.webauthn))
    .bind(&settings.return_urls)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Has the logo at this address fetched, and forgets the one before; without an address there is none.
/// svc-branding does it.
pub(crate) async fn ask_for_logo(tx: &mut TenantTx, source: Option<&str>) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "with asked as (
             insert into tenant_logo as l (tenant_id, source) select $1, $2 where $2::text is not null
             on conflict (tenant_id) do update
                set source = excluded.source, tries = 0, due_at = excluded.due_at, picture = null),
              gone as (delete from tenant_logo l where l.tenant_id = $1 and $2::text is null)
         update tenant t set logo_digest = null, logo_problem = null where t.tenant_id = $1",
    )
    .bind(tenant)
    .bind(source)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes this the status; as the tables' owner.
pub(super) async fn set_status(tx: &mut TenantTx, status: TenantStatus) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant t set status = $2 where t.tenant_id = $1")
        .bind(tenant)
        .bind(status.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// All tenants' identifiers. The tables' owner does not see them, but it may become the role that does,
/// which sees nothing else of a tenant that could identify it.
pub(super) async fn list_ids_as_owner(owner: &mut NoTenant) -> Result<Vec<TenantId>, DbError> {
    let mut tx = owner.connection().begin().await?;
    sqlx::query("set local role postern_cross").execute(&mut *tx).await?;
    let ids: Vec<Uuid> = sqlx::query_scalar("select t.tenant_id from tenant t").fetch_all(&mut *tx).await?;
    tx.rollback().await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Makes those who give domains take turns, whatever the tenant.
pub(super) async fn lock_sign_in_domains(tx: &mut TenantTx) -> Result<(), DbError> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('tenant.sign_in_domains'))").execute(tx.connection()).await?;
    Ok(())
}

/// The mail domains by which people name the tenant when they sign in; none where there is no such tenant.
pub(super) async fn sign_in_domains(tx: &mut TenantTx) -> Result<Option<Vec<String>>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select sign_in_domains from tenant where tenant_id = $1")
        .bind(tenant)
        .fetch_optional(tx.connection())
        .await?)
}

/// Sets them, also where they are looked for, which is the provider's own row.
pub(super) async fn set_sign_in_domains(tx: &mut TenantTx, domains: &[String]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "with known as (update tenant set sign_in_domains = $2 where tenant_id = $1 returning slug)
         update identity_provider p set names = k.slug || $2 from known k where p.tenant_id = $1",
    )
    .bind(tenant)
    .bind(domains)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Moves the clock.
pub(crate) async fn advance_clock(tx: &mut TenantTx, seconds: i64) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update tenant t set clock_offset_seconds = t.clock_offset_seconds + $2 where t.tenant_id = $1")
        .bind(tenant)
        .bind(seconds)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The partner's tenants in the order of their slugs; `pattern` is one of LIKE.
pub(crate) async fn list_of_partner(
    tx: &mut PartnerTx,
    pattern: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<TenantSettings>, DbError> {
    const SQL: &str = concat!(
        "select ",
        tenant_columns!(),
        " from tenant t
          where t.partner_id = $1 and ($2::text is null or t.slug ilike $2 or t.name ilike $2)
            and ($3::text is null or t.slug collate \"C\" > $3)
          order by t.slug collate \"C\" limit $4"
    );
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(pattern).bind(after).bind(limit).fetch_all(tx.connection()).await?)
}

pub(crate) async fn count_of_partner(tx: &mut PartnerTx, pattern: Option<&str>) -> Result<i64, DbError> {
    let partner = tx.partner().0;
    Ok(sqlx::query_scalar(
        "select count(*) from tenant t
          where t.partner_id = $1 and ($2::text is null or t.slug ilike $2 or t.name ilike $2)",
    )
    .bind(partner)
    .bind(pattern)
    .fetch_one(tx.connection())
    .await?)
}

pub(crate) async fn find_of_partner(tx: &mut PartnerTx, tenant: TenantId) -> Result<Option<TenantSettings>, DbError> {
    const SQL: &str =
        concat!("select ", tenant_columns!(), " from tenant t where t.partner_id = $1 and t.tenant_id = $2");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(tenant.0).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn find_many_of_partner(
    tx: &mut PartnerTx,
    tenants: &[TenantId],
) -> Result<Vec<TenantSettings>, DbError> {
    const SQL: &str =
        concat!("select ", tenant_columns!(), " from tenant t where t.partner_id = $1 and t.tenant_id = any ($2)");
    let partner = tx.partner().0;
    let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.0).collect();
    Ok(sqlx::query_as(SQL).bind(partner).bind(ids).fetch_all(tx.connection()).await?)
}

pub(crate) async fn find_of_partner_by_slug(tx: &mut PartnerTx, slug: &str) -> Result<Option<TenantSettings>, DbError> {
    const SQL: &str = concat!("select ", tenant_columns!(), " from tenant t where t.partner_id = $1 and t.slug = $2");
    let partner = tx.partner().0;
    Ok(sqlx::query_as(SQL).bind(partner).bind(slug).fetch_optional(tx.connection()).await?)
}

pub(crate) async fn partner_owns(
    connection: &mut NoTenant,
    partner: PartnerId,
    tenant: TenantId,
) -> Result<bool, DbError> {
    Ok(sqlx::query_scalar("select postern_cross.partner_owns_tenant($1, $2)")
        .bind(partner.0)
        .bind(tenant.0)
        .fetch_one(connection.connection())
        .await?)
}
