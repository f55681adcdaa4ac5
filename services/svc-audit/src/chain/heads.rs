//! What whoever proves an export elsewhere needs beside it.

use core_access::Permit;
use core_crypto::Jwks;
use core_kernel::Fault;
use io_postgres::{Database, NoTenant, TenantTx};
use svc_platform::Platform;

use super::store;

/// The signed heads of a tenant's chain, oldest first: to be kept where the database's owner does not reach.
///
/// # Errors
/// When the database fails.
pub async fn list_heads(platform: &Platform, permit: &Permit) -> Result<Vec<String>, Fault> {
    let mut tx = TenantTx::begin(&platform.database, permit.tenant()).await?;
    let tokens = store::list_head_tokens(&mut tx).await?;
    tokens.into_iter().map(|token| String::from_utf8(token).map_err(Fault::internal)).collect()
}

/// Every key that ever signed. Unlike the set under `/.well-known/jwks.json`, which says whose assertions
/// are to be believed today, it holds the withdrawn ones too.
///
/// # Errors
/// When the database fails.
pub async fn published_keys(database: &Database) -> Result<Jwks, Fault> {
    let mut connection = NoTenant::acquire(database).await?;
    Ok(Jwks { keys: store::list_public_keys(&mut connection).await? })
}
