//! The SQL of asking for a passkey.

use core_kernel::{LoginId, UserId};
use io_postgres::{DbError, TenantTx};
use sqlx::types::Json;
use svc_directory::WebauthnSettings;
use uuid::Uuid;

/// For whom is asked, and how strictly.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Asking {
    /// Whether the login's level is HIGH.
    pub(crate) is_high: bool,
    pub(crate) tenant_name: String,
    pub(crate) webauthn: Json<WebauthnSettings>,
}

pub(crate) async fn find_asking(tx: &mut TenantTx, login: LoginId, user: UserId) -> Result<Option<Asking>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select l.level = 'HIGH' as is_high, t.name as tenant_name, t.webauthn
           from login l join tenant t on t.tenant_id = l.tenant_id
          where l.tenant_id = $1 and l.month = $2 and l.login_id = $3 and l.user_id = $4",
    )
    .bind(tenant)
    .bind(login.month())
    .bind(login.0)
    .bind(user.0)
    .fetch_optional(tx.connection())
    .await?)
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct PasskeyRow {
    pub(crate) factor_id: Uuid,
    pub(crate) secret_sealed: Vec<u8>,
}

/// The passkeys of one relying party that can be proved, the oldest first.
pub(crate) async fn list_passkeys(tx: &mut TenantTx, user: UserId, rp_id: &str) -> Result<Vec<PasskeyRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select factor_id, secret_sealed from factor
          where tenant_id = $1 and user_id = $2 and kind = 'PASSKEY' and rp_id = $3 and status = 'ACTIVE'
            and secret_sealed is not null
          order by factor_id",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(rp_id)
    .fetch_all(tx.connection())
    .await?)
}
