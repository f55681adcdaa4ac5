//! A key as its owner sees it.

use core_access::{ApiScope, ScopeSet};
use core_kernel::{ApiKeyId, Redacted, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// The key.
    pub api_key_id: ApiKeyId,
    /// What its maker called it.
    pub name: String,
    /// The first characters, enough to recognise it by.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: ScopeSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// At most a year later.
    pub expires_at: Timestamp,
    /// From then on it opens nothing.
    pub revoked_at: Option<Timestamp>,
    /// About when it was last presented, to within a minute or two.
    pub last_used_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub struct CreatedApiKey {
    /// The whole key, shown once.
    pub secret: Redacted<String>,
    /// The rest of it.
    pub key: ApiKeyRecord,
}

/// Scopes as they are stored. A name that is none any more gives nothing.
pub(super) fn read_scopes(names: &[String]) -> ScopeSet {
    names.iter().filter_map(|name| ApiScope::parse(name)).collect()
}

pub(super) fn write_scopes(scopes: ScopeSet) -> Vec<&'static str> {
    scopes.iter().map(ApiScope::as_str).collect()
}

impl FromRow<'_, PgRow> for ApiKeyRecord {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            api_key_id: ApiKeyId(row.try_get("api_key_id")?),
            name: row.try_get("name")?,
            prefix: row.try_get("prefix")?,
            scopes: read_scopes(&row.try_get::<Vec<String>, _>("scopes")?),
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            revoked_at: row.try_get("revoked_at")?,
            last_used_at: row.try_get("last_used_at")?,
        })
    }
}
