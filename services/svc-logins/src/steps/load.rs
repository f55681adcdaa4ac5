//! `evaluateLogin`, first round trip: all that `decide` is given.

use core_kernel::{ApiKeyId, LoginId, TenantId, Timestamp};
use io_postgres::DbError;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::combiner::Step;

/// Whose facts are wanted.
#[derive(Debug, Clone)]
pub(crate) struct LoadItem {
    pub(crate) tenant: TenantId,
    pub(crate) user: Option<Uuid>,
    pub(crate) external_id_folded: Option<String>,
    pub(crate) api_key: Option<ApiKeyId>,
    pub(crate) idempotency_key: Option<String>,
    /// A login that is under way; a temporary access code may serve it alone.
    pub(crate) login: Option<LoginId>,
    /// Of the device's token.
    pub(crate) device_digest: Option<Vec<u8>>,
}

/// The user with factors; `user_id` is none where there is no such user.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Loaded {
    item: i32,
    pub(crate) now: Option<Timestamp>,
    pub(crate) tenant_status: Option<String>,
    pub(crate) time_zone: Option<String>,
    /// Whether somebody wants to hear of the tenant's logins.
    pub(crate) webhook_logins: Option<bool>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) external_id: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) disabled: Option<bool>,
    pub(crate) locked_forever: Option<bool>,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) opted_out: Option<bool>,
    pub(crate) first_login_at: Option<Timestamp>,
    pub(crate) skips_used: Option<i32>,
    pub(crate) chosen_level: Option<String>,
    pub(crate) advisor_level: Option<String>,
    pub(crate) advisor_id: Option<Uuid>,
    pub(crate) factor_ids: Option<Vec<Uuid>>,
    pub(crate) factor_kinds: Option<Vec<String>>,
    pub(crate) factor_statuses: Option<Vec<String>>,
    pub(crate) factor_lines: Option<Vec<Option<String>>>,
    pub(crate) factor_secrets: Option<Vec<Option<Vec<u8>>>>,
    /// When each was confirmed, and from where.
    pub(crate) factor_times: Option<Vec<Option<Timestamp>>>,
    pub(crate) factor_origins: Option<Vec<Option<String>>>,
    pub(crate) backup_codes: Option<i32>,
    pub(crate) temporary_code: Option<Uuid>,
    /// The trusted device, if the token is one of this user's and has not run out.
    pub(crate) device_id: Option<Uuid>,
    pub(crate) seen: Option<Vec<i64>>,
    pub(crate) login_hours: Option<Vec<u8>>,
    pub(crate) last_accuracy_km: Option<f32>,
    pub(crate) last_latitude: Option<f32>,
    pub(crate) last_longitude: Option<f32>,
    pub(crate) last_position_at: Option<Timestamp>,
    pub(crate) last_completed_at: Option<Timestamp>,
    pub(crate) wrong_code_times: Option<Vec<Timestamp>>,
    pub(crate) idempotent_login: Option<Uuid>,
    pub(crate) idempotent_digest: Option<Vec<u8>>,
    /// Of passkeys.
    pub(crate) factor_rp_ids: Option<Vec<Option<String>>>,
    /// The relying party that the firm registered.
    pub(crate) own_rp_id: Option<String>,
}

pub(crate) struct Load;

impl Step for Load {
    const NAME: &str = "load";
    const FUNCTION: &str = "hot_load_batch";

    type Item = LoadItem;
    type Answer = Loaded;
    type Order = ();

    fn order(_: &LoadItem) {}

    async fn run(connection: &mut PgConnection, items: &[LoadItem]) -> Result<Vec<Loaded>, DbError> {
        let mut rows: Vec<Loaded> = sqlx::query_as("select * from hot_load_batch($1, $2, $3, $4, $5, $6, $7)")
            .bind(items.iter().map(|item| item.tenant.0).collect::<Vec<_>>())
            .bind(items.iter().map(|item| item.user).collect::<Vec<_>>())
            .bind(items.iter().map(|item| item.external_id_folded.clone()).collect::<Vec<_>>())
            .bind(items.iter().map(|item| item.api_key.map(|key| key.0)).collect::<Vec<_>>())
            .bind(items.iter().map(|item| item.idempotency_key.clone()).collect::<Vec<_>>())
            .bind(items.iter().map(|item| item.login.map(|login| login.0)).collect::<Vec<_>>())
            .bind(items.iter().map(|item| item.device_digest.clone()).collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
        rows.sort_by_key(|row| row.item);
        Ok(rows)
    }
}
