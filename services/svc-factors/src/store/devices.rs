//! Trusted devices. Their end with a change of factors is `end_devices` of migrations/hot_path, which
//! the functions of the login path call too.

use core_crypto::SecretToken;
use core_kernel::{AdminId, DeviceId, LoginId, Timestamp, UserId};
use io_postgres::{DbError, TenantTx};
use uuid::Uuid;

/// A device as it is stored; one that has run out is not read at all.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct DeviceRow {
    pub(crate) device_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) user_agent: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn list_of_users(tx: &mut TenantTx, users: &[Uuid]) -> Result<Vec<DeviceRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select d.device_id, d.user_id, d.user_agent, d.created_at, d.last_seen_at, d.expires_at
           from trusted_device d
          where d.tenant_id = $1 and d.user_id = any ($2) and d.expires_at > tenant_now($1)
          order by d.user_id, d.device_id desc",
    )
    .bind(tenant)
    .bind(users)
    .fetch_all(tx.connection())
    .await?)
}

/// One device, for whoever may see its user: everybody, or the advisor alone.
pub(crate) async fn lookup_visible(
    tx: &mut TenantTx,
    id: DeviceId,
    only_advisor: Option<AdminId>,
) -> Result<Option<DeviceRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select d.device_id, d.user_id, d.user_agent, d.created_at, d.last_seen_at, d.expires_at
           from trusted_device d
           join tenant_user u on u.tenant_id = d.tenant_id and u.user_id = d.user_id
          where d.tenant_id = $1 and d.device_id = $2 and d.expires_at > tenant_now($1)
            and ($3::uuid is null or u.advisor_id = $3)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(only_advisor.map(|advisor| advisor.0))
    .fetch_optional(tx.connection())
    .await?)
}

/// Forgets all of a user's devices, as a change of factors does.
pub(crate) async fn end_all(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("select end_devices($1, $2)").bind(tenant).bind(user.0).execute(tx.connection()).await?;
    Ok(())
}

/// Forgets some of a user's devices; how many of them there were.
pub(crate) async fn delete(tx: &mut TenantTx, user: UserId, devices: &[Uuid]) -> Result<u64, DbError> {
    let tenant = tx.tenant().0;
    let deleted =
        sqlx::query("delete from trusted_device where tenant_id = $1 and user_id = $2 and device_id = any ($3)")
            .bind(tenant)
            .bind(user.0)
            .bind(devices)
            .execute(tx.connection())
            .await?;
    Ok(deleted.rows_affected())
}

/// Trusts the device on which a factor was just confirmed under a login.
pub(crate) async fn trust(
    tx: &mut TenantTx,
    user: UserId,
    login: LoginId,
    device: DeviceId,
    token: &SecretToken,
    seconds: i32,
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "select trust_device($1, $2, $3, $4, l.user_agent, tenant_now($1), $7)
           from login l where l.tenant_id = $1 and l.month = $5 and l.login_id = $6",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(device.0)
    .bind(token.digest().to_vec())
    .bind(login.month())
    .bind(login.0)
    .bind(seconds)
    .execute(tx.connection())
    .await?;
    Ok(())
}
