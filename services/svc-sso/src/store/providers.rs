//! The SQL of tenants' providers.

use core_kernel::{TenantId, Timestamp};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

use crate::ProviderView;
use crate::model::Provider;

/// Which tenant with a provider somebody means who names a slug or a domain; asked across tenants by the one
/// function that may.
pub(crate) async fn tenant_to_sign_in(tx: &mut TenantTx, name: &str) -> Result<Option<TenantId>, DbError> {
    let found: Option<Uuid> =
        sqlx::query_scalar("select postern_cross.tenant_to_sign_in($1)").bind(name).fetch_one(tx.connection()).await?;
    Ok(found.map(TenantId))
}

pub(crate) async fn find(tx: &mut TenantTx) -> Result<Option<Provider>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select issuer, client_id, client_secret_sealed, domains, second_factor, acr_values, password_allowed, tested_at,
                updated_at
           from identity_provider where tenant_id = $1",
    )
    .bind(tenant)
    .fetch_optional(tx.connection())
    .await?)
}

/// Makes those who change a tenant's provider take turns.
pub(crate) async fn lock(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select from tenant where tenant_id = $1 for no key update")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(crate) async fn upsert(tx: &mut TenantTx, view: &ProviderView, sealed: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into identity_provider (tenant_id, names, issuer, client_id, client_secret_sealed, domains, second_factor,
                                        acr_values, password_allowed, tested_at, updated_at)
         select $1, t.slug || t.sign_in_domains, $2, $3, $4, $5, $6, $7, $8, $9, $10 from tenant t where t.tenant_id = $1
             on conflict (tenant_id) do update
            set names = excluded.names, issuer = excluded.issuer, client_id = excluded.client_id,
                client_secret_sealed = excluded.client_secret_sealed, domains = excluded.domains,
                second_factor = excluded.second_factor, acr_values = excluded.acr_values,
                password_allowed = excluded.password_allowed, tested_at = excluded.tested_at,
                updated_at = excluded.updated_at",
    )
    .bind(tenant)
    .bind(&view.issuer)
    .bind(&view.client_id)
    .bind(sealed)
    .bind(&view.domains)
    .bind(view.second_factor.as_str())
    .bind(&view.acr_values)
    .bind(view.password_allowed)
    .bind(view.tested_at)
    .bind(view.updated_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes a test, unless the provider was changed since it began.
pub(crate) async fn update_tested(
    tx: &mut TenantTx,
    changed_at: Timestamp,
    tested_at: Timestamp,
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let updated = sqlx::query("update identity_provider set tested_at = $3 where tenant_id = $1 and updated_at = $2")
        .bind(tenant)
        .bind(changed_at)
        .bind(tested_at)
        .execute(tx.connection())
        .await?;
    Ok(updated.rows_affected() > 0)
}

pub(crate) async fn delete(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let deleted =
        sqlx::query("delete from identity_provider where tenant_id = $1").bind(tenant).execute(tx.connection()).await?;
    Ok(deleted.rows_affected() > 0)
}
