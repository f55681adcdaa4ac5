//! Factors. Rows are never deleted here but marked REMOVED: messages name them.

use core_kernel::{AdminId, FactorId, LoginId, Timestamp, UserId};
use core_policy::{FactorKind, FactorStatus, PhoneLine};
use io_postgres::{DbError, TenantTx};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::model::PasskeyLabel;

/// A factor as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct FactorRecord {
    pub(crate) id: FactorId,
    pub(crate) user: UserId,
    pub(crate) kind: FactorKind,
    pub(crate) status: FactorStatus,
    pub(crate) suggested: bool,
    pub(crate) line: Option<PhoneLine>,
    pub(crate) secret_sealed: Option<Vec<u8>>,
    pub(crate) blind_index: Option<Vec<u8>>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) attempts: i32,
    pub(crate) last_used_at: Option<Timestamp>,
    /// Backup codes that are left.
    pub(crate) remaining: i32,
    pub(crate) passkey: Option<PasskeyLabel>,
}

impl FactorRecord {
    /// Whether it was begun too long ago to be confirmed; a suggested one never is.
    pub(crate) fn has_run_out(&self, now: Timestamp) -> bool {
        let over = self.expires_at.is_some_and(|end| end <= now);
        self.status == FactorStatus::Pending && !self.suggested && over
    }
}

impl FromRow<'_, PgRow> for FactorRecord {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let word = |column: &'static str| row.try_get::<String, _>(column);
        let unknown = |column: &'static str| sqlx::Error::ColumnDecode {
            index: column.to_owned(),
            source: "a word that this version does not know".into(),
        };
        let line: Option<String> = row.try_get("line")?;
        Ok(Self {
            id: FactorId(row.try_get("factor_id")?),
            user: UserId(row.try_get("user_id")?),
            kind: FactorKind::parse(&word("kind")?).ok_or_else(|| unknown("kind"))?,
            status: FactorStatus::parse(&word("status")?).ok_or_else(|| unknown("status"))?,
            suggested: row.try_get("suggested")?,
            line: line.map(|line| PhoneLine::parse(&line).ok_or_else(|| unknown("line"))).transpose()?,
            secret_sealed: row.try_get("secret_sealed")?,
            blind_index: row.try_get("blind_index")?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            attempts: row.try_get::<i16, _>("attempts")?.into(),
            last_used_at: row.try_get("last_used_at")?,
            remaining: row.try_get("remaining")?,
            passkey: passkey_label(row)?,
        })
    }
}

fn passkey_label(row: &PgRow) -> Result<Option<PasskeyLabel>, sqlx::Error> {
    let (name, rp_id): (Option<String>, Option<String>) = (row.try_get("name")?, row.try_get("rp_id")?);
    Ok(name.zip(rp_id).map(|(name, rp_id)| PasskeyLabel { name, rp_id }))
}

macro_rules! select_factors {
    ($where:literal) => {
        concat!(
            "select f.factor_id, f.user_id, f.kind, f.status, f.suggested, f.line, f.secret_sealed, f.blind_index,
                    f.created_at, f.expires_at, f.attempts, f.last_used_at, f.name, f.rp_id,
                    case when f.kind = 'BACKUP_CODES' then
                        (select count(*)::integer from backup_code b
                          where b.tenant_id = f.tenant_id and b.factor_id = f.factor_id and b.used_at is null)
                    else 0 end as remaining
               from factor f
              where f.tenant_id = $1 and f.status <> 'REMOVED' and ",
            $where
        )
    };
}

pub(crate) async fn list_of_user(tx: &mut TenantTx, user: UserId) -> Result<Vec<FactorRecord>, DbError> {
    const SQL: &str = select_factors!("f.user_id = $2 order by f.factor_id");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(user.0).fetch_all(tx.connection()).await?)
}

/// Of several users, as they are shown: without what ran out.
pub(crate) async fn list_of_users(tx: &mut TenantTx, users: &[Uuid]) -> Result<Vec<FactorRecord>, DbError> {
    const SQL: &str = select_factors!(
        "f.user_id = any ($2)
         and (f.status <> 'PENDING' or f.suggested or f.expires_at > tenant_now($1))
       order by f.user_id, f.factor_id"
    );
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(users).fetch_all(tx.connection()).await?)
}

pub(crate) async fn lookup(tx: &mut TenantTx, id: FactorId) -> Result<Option<FactorRecord>, DbError> {
    const SQL: &str =
        select_factors!("f.factor_id = $2 and (f.status <> 'PENDING' or f.suggested or f.expires_at > tenant_now($1))");
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).fetch_optional(tx.connection()).await?)
}

/// The same for whoever may see its user: everybody, or the advisor alone.
pub(crate) async fn lookup_visible(
    tx: &mut TenantTx,
    id: FactorId,
    only_advisor: Option<AdminId>,
) -> Result<Option<FactorRecord>, DbError> {
    const SQL: &str = select_factors!(
        "f.factor_id = $2 and (f.status <> 'PENDING' or f.suggested or f.expires_at > tenant_now($1))
         and exists (select from tenant_user u
                      where u.tenant_id = $1 and u.user_id = f.user_id and u.erased_at is null
                        and ($3::uuid is null or u.advisor_id = $3))"
    );
    let tenant = tx.tenant().0;
    let advisor = only_advisor.map(|advisor| advisor.0);
    Ok(sqlx::query_as(SQL).bind(tenant).bind(id.0).bind(advisor).fetch_optional(tx.connection()).await?)
}

/// What is written of a factor that is begun.
pub(crate) struct NewFactor {
    pub(crate) id: FactorId,
    pub(crate) user: UserId,
    pub(crate) kind: FactorKind,
    pub(crate) line: Option<PhoneLine>,
    pub(crate) country: Option<String>,
    /// Of a phone.
    pub(crate) phone_prefix: Option<String>,
    pub(crate) secret_sealed: Vec<u8>,
    pub(crate) blind_index: Option<Vec<u8>>,
    pub(crate) login: Option<LoginId>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) passkey: Option<PasskeyLabel>,
}

/// Begins a factor in the place of the pending one of its kind; what the tenant suggested stays.
pub(crate) async fn insert_pending(tx: &mut TenantTx, new: &NewFactor) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update factor set status = 'REMOVED', removed_at = $4
          where tenant_id = $1 and user_id = $2 and kind = $3 and status = 'PENDING' and not suggested",
    )
    .bind(tenant)
    .bind(new.user.0)
    .bind(new.kind.as_str())
    .bind(new.created_at)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index,
                             login_id, created_at, expires_at, phone_prefix, name, rp_id)
         values ($1, $2, $3, $4, 'PENDING', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(tenant)
    .bind(new.id.0)
    .bind(new.user.0)
    .bind(new.kind.as_str())
    .bind(new.line.map(PhoneLine::as_str))
    .bind(&new.country)
    .bind(&new.secret_sealed)
    .bind(&new.blind_index)
    .bind(new.login.map(|login| login.0))
    .bind(new.created_at)
    .bind(new.expires_at)
    .bind(&new.phone_prefix)
    .bind(new.passkey.as_ref().map(|label| &label.name))
    .bind(new.passkey.as_ref().map(|label| &label.rp_id))
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &mut TenantTx, id: FactorId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update factor set status = 'REMOVED', removed_at = $3 where tenant_id = $1 and factor_id = $2")
        .bind(tenant)
        .bind(id.0)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Whether one of these credentials is anybody's passkey, besides the one that is being confirmed.
pub(crate) async fn find_passkey(tx: &mut TenantTx, indexes: &[Vec<u8>]) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar(
        "select exists (select from factor
                         where tenant_id = $1 and blind_index = any ($2) and kind = 'PASSKEY' and status in ('ACTIVE', 'DISABLED'))",
    )
    .bind(tenant)
    .bind(indexes)
    .fetch_one(tx.connection())
    .await?)
}

/// Keeps a confirmed passkey in the place of what was asked. False where somebody else has just
/// confirmed the same one: then the transaction is lost.
pub(crate) async fn keep_passkey(
    tx: &mut TenantTx,
    id: FactorId,
    sealed: &[u8],
    index: &[u8],
) -> Result<bool, DbError> {
    let tenant = tx.tenant().0;
    let kept =
        sqlx::query("update factor set secret_sealed = $3, blind_index = $4 where tenant_id = $1 and factor_id = $2")
            .bind(tenant)
            .bind(id.0)
            .bind(sealed)
            .bind(index)
            .execute(tx.connection())
            .await
            .map_err(DbError::from);
    match kept {
        Ok(_) => Ok(true),
        Err(error) if error.constraint() == Some("factor_passkey") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Ends what a user began and did not confirm; what the tenant suggested stays.
pub(crate) async fn remove_pending(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update factor set status = 'REMOVED', removed_at = $3
          where tenant_id = $1 and user_id = $2 and status = 'PENDING' and not suggested",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}
