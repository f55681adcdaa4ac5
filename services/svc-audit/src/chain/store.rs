//! The chain's SQL.

use chrono::NaiveDate;
use core_audit::{Entry, Hash, SALT_LEN, Seal};
use core_crypto::Jwk;
use core_kernel::{Fault, TenantId, Timestamp};
use io_postgres::{DbError, NoTenant, TenantTx};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

/// The most entries that one transaction seals.
pub(super) const AT_ONCE: i64 = 500;

/// How far a tenant's chain has come.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ChainRow {
    pub(super) sequence: i64,
    /// Empty before the first entry.
    pub(super) hash: Vec<u8>,
    pub(super) signed_sequence: i64,
    /// Whether it is time to sign again.
    pub(super) is_due: bool,
    pub(super) checkpoint_sequence: i64,
    pub(super) checkpoint: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    pub(super) month: NaiveDate,
    entry_id: Uuid,
    at: Timestamp,
    actor: String,
    action: String,
    target: Option<String>,
    detail: Value,
    ip_address: Option<String>,
}

impl EntryRow {
    pub(super) fn entry(self) -> Entry {
        Entry {
            id: self.entry_id,
            at: self.at,
            actor: self.actor,
            action: self.action,
            target: self.target,
            ip_address: self.ip_address,
            detail: self.detail,
        }
    }
}

/// An entry with its seal, and the signed head that ends in it.
#[derive(sqlx::FromRow)]
pub struct SealedEntry {
    #[sqlx(flatten)]
    row: EntryRow,
    sequence: i64,
    salt: Option<Vec<u8>>,
    commitment: Vec<u8>,
    hash: Vec<u8>,
    head: Option<Vec<u8>>,
}

impl SealedEntry {
    /// The entry, its seal and the head, if any.
    ///
    /// # Errors
    /// When the row is none that a sealer writes.
    pub fn read(self) -> Result<(Entry, Seal, Option<String>), Fault> {
        let seal = Seal {
            sequence: u64::try_from(self.sequence).map_err(Fault::internal)?,
            salt: self.salt.map(|salt| fixed::<SALT_LEN>(&salt)).transpose()?,
            commitment: fixed(&self.commitment)?,
            hash: fixed(&self.hash)?,
        };
        let head = self.head.map(String::from_utf8).transpose().map_err(Fault::internal)?;
        Ok((self.row.entry(), seal, head))
    }
}

pub(super) fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes.try_into().map_err(Fault::internal)
}

/// The tenant's chain, locked until the transaction is over; begun where there is none.
pub(super) async fn lock_chain(tx: &mut TenantTx, signed_before: Timestamp) -> Result<ChainRow, DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("insert into audit_chain (tenant_id) values ($1) on conflict do nothing")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    Ok(sqlx::query_as(
        "select sequence, hash, signed_sequence, signed_at < $2 as is_due, checkpoint_sequence, checkpoint
           from audit_chain where tenant_id = $1 for update",
    )
    .bind(tenant)
    .bind(signed_before)
    .fetch_one(tx.connection())
    .await?)
}

/// Entries that are not sealed, in their order. In the first minute of a month those of the month before
/// may still be on their way: the new month's wait for them, so that months are dropped in the chain's order.
pub(super) async fn list_unsealed(tx: &mut TenantTx, wait: bool) -> Result<Vec<EntryRow>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select month, entry_id, at, actor, action, target, detail, host(ip_address) as ip_address
           from audit_entry
          where tenant_id = $1 and hash is null
            and (not $2 or clock_timestamp() at time zone 'UTC' >= month + interval '1 minute')
          order by month, entry_id limit $3",
    )
    .bind(tenant)
    .bind(wait)
    .bind(AT_ONCE)
    .fetch_all(tx.connection())
    .await?)
}

/// When the oldest entry that is not sealed was written.
pub(super) async fn find_oldest_unsealed(tx: &mut TenantTx) -> Result<Option<Timestamp>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select min(at) from audit_entry where tenant_id = $1 and hash is null")
        .bind(tenant)
        .fetch_one(tx.connection())
        .await?)
}

pub(super) async fn update_sealed(
    tx: &mut TenantTx,
    sealed: &[(NaiveDate, Uuid, Seal, [u8; SALT_LEN])],
) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update audit_entry a set sequence = x.sequence, salt = x.salt, commitment = x.commitment, hash = x.hash
           from unnest($2::date[], $3::uuid[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[])
                as x (month, entry_id, sequence, salt, commitment, hash)
          where a.tenant_id = $1 and a.month = x.month and a.entry_id = x.entry_id",
    )
    .bind(tenant)
    .bind(sealed.iter().map(|(month, ..)| *month).collect::<Vec<_>>())
    .bind(sealed.iter().map(|(_, id, ..)| *id).collect::<Vec<_>>())
    .bind(sealed.iter().map(|(_, _, seal, _)| seal.sequence.cast_signed()).collect::<Vec<_>>())
    .bind(sealed.iter().map(|(.., salt)| salt.to_vec()).collect::<Vec<_>>())
    .bind(sealed.iter().map(|(_, _, seal, _)| seal.commitment.to_vec()).collect::<Vec<_>>())
    .bind(sealed.iter().map(|(_, _, seal, _)| seal.hash.to_vec()).collect::<Vec<_>>())
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn update_chain(tx: &mut TenantTx, sequence: i64, hash: &Hash) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query("update audit_chain set sequence = $2, hash = $3 where tenant_id = $1")
        .bind(tenant)
        .bind(sequence)
        .bind(&hash[..])
        .execute(tx.connection())
        .await?;
    Ok(())
}

pub(super) async fn insert_head(tx: &mut TenantTx, sequence: i64, at: Timestamp, token: &str) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "with h as (insert into audit_head (tenant_id, sequence, signed_at, token) values ($1, $2, $3, $4))
         update audit_chain set signed_sequence = $2, signed_at = $3 where tenant_id = $1",
    )
    .bind(tenant)
    .bind(sequence)
    .bind(at)
    .bind(token.as_bytes())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Entries after the first number up to the second, in the chain's order.
///
/// # Errors
/// When the database fails.
pub async fn list_sealed(tx: &mut TenantTx, after: i64, to: i64, limit: i64) -> Result<Vec<SealedEntry>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select a.month, a.entry_id, a.at, a.actor, a.action, a.target, a.detail, host(a.ip_address) as ip_address,
                a.sequence, a.salt, a.commitment, a.hash, h.token as head
           from audit_entry a
           left join audit_head h on h.tenant_id = a.tenant_id and h.sequence = a.sequence
          where a.tenant_id = $1 and a.sequence > $2 and a.sequence <= $3
          order by a.sequence limit $4",
    )
    .bind(tenant)
    .bind(after)
    .bind(to)
    .bind(limit)
    .fetch_all(tx.connection())
    .await?)
}

/// The last sealed entry of the months that were over by `before`: its number and its hash.
pub(super) async fn find_last_before(tx: &mut TenantTx, before: NaiveDate) -> Result<Option<(i64, Vec<u8>)>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_as(
        "select sequence, hash from audit_entry
          where tenant_id = $1 and month + interval '1 month' <= $2 and sequence is not null
          order by sequence desc limit 1",
    )
    .bind(tenant)
    .bind(before)
    .fetch_optional(tx.connection())
    .await?)
}

pub(super) async fn update_checkpoint(tx: &mut TenantTx, sequence: i64, token: &str) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "with h as (delete from audit_head where tenant_id = $1 and sequence <= $2)
         update audit_chain set checkpoint_sequence = $2, checkpoint = $3 where tenant_id = $1",
    )
    .bind(tenant)
    .bind(sequence)
    .bind(token.as_bytes())
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn list_head_tokens(tx: &mut TenantTx) -> Result<Vec<Vec<u8>>, DbError> {
    let tenant = tx.tenant().0;
    Ok(sqlx::query_scalar("select token from audit_head where tenant_id = $1 order by sequence")
        .bind(tenant)
        .fetch_all(tx.connection())
        .await?)
}

/// Every key that ever signed, the withdrawn ones included: what they signed of the log still holds.
pub(super) async fn list_public_keys(connection: &mut NoTenant) -> Result<Vec<Jwk>, DbError> {
    let keys: Vec<Json<Jwk>> = sqlx::query_scalar("select public_jwk from signing_key order by signs_from, kid")
        .fetch_all(connection.connection())
        .await?;
    Ok(keys.into_iter().map(|key| key.0).collect())
}

pub(super) async fn tenants_to_seal(
    connection: &mut NoTenant,
    signed_before: Timestamp,
    limit: i32,
) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = sqlx::query_scalar("select postern_cross.tenants_to_seal($1, $2)")
        .bind(signed_before)
        .bind(limit)
        .fetch_all(connection.connection())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}
