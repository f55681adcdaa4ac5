//! Mail domains by which people name a tenant when they sign in by its identity provider: the operator's to
//! give. A firm that named another's would be shown that firm's people, on a page of its own.

use core_contact::EmailAddress;
use core_kernel::{Refusal, RefusalCode, Stop, TenantId, TypedId};
use io_postgres::{Database, NoTenant, TenantTx};
use serde_json::json;

use crate::tenants::status::OPERATOR;
use crate::tenants::store;

/// Gives a domain to a tenant; whether it had it not before.
///
/// # Errors
/// INVALID for what is no mail domain; ALREADY_EXISTS where another tenant has it; NOT_FOUND; when the database
/// fails.
pub async fn give_sign_in_domain(owner: &Database, tenant: TenantId, domain: &str) -> Result<bool, Stop> {
    let domain = read(domain)?;
    let mut tx = TenantTx::begin(owner, tenant).await?;
    // Of two who give the same one to different tenants, one waits.
    store::lock_sign_in_domains(&mut tx).await?;
    let own = store::sign_in_domains(&mut tx).await?.ok_or_else(|| Refusal::not_found("tenant"))?;
    if own.contains(&domain) {
        return Ok(false);
    }
    for other in store::list_ids_as_owner(&mut NoTenant::acquire(owner).await?).await? {
        let theirs = store::sign_in_domains(&mut TenantTx::begin(owner, other).await?).await?;
        if theirs.is_some_and(|theirs| theirs.contains(&domain)) {
            return Err(Refusal::new(RefusalCode::AlreadyExists, "Another tenant has this domain.").into());
        }
    }
    let domains: Vec<String> = own.into_iter().chain([domain.clone()]).collect();
    store::set_sign_in_domains(&mut tx, &domains).await?;
    record(&mut tx, "tenant.sign_in_domain_given", &domain).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes a domain back; whether the tenant had it.
///
/// # Errors
/// INVALID for what is no mail domain; NOT_FOUND; when the database fails.
pub async fn take_sign_in_domain(owner: &Database, tenant: TenantId, domain: &str) -> Result<bool, Stop> {
    let domain = read(domain)?;
    let mut tx = TenantTx::begin(owner, tenant).await?;
    let mut own = store::sign_in_domains(&mut tx).await?.ok_or_else(|| Refusal::not_found("tenant"))?;
    let before = own.len();
    own.retain(|other| *other != domain);
    if own.len() == before {
        return Ok(false);
    }
    store::set_sign_in_domains(&mut tx, &own).await?;
    record(&mut tx, "tenant.sign_in_domain_taken", &domain).await?;
    tx.commit().await?;
    Ok(true)
}

async fn record(tx: &mut TenantTx, action: &'static str, domain: &str) -> Result<(), io_postgres::DbError> {
    let target = tx.tenant().to_text();
    svc_audit::record_as(tx, OPERATOR, action, Some(&target), json!({ "domain": domain }), None).await
}

fn read(domain: &str) -> Result<String, Refusal> {
    let address = EmailAddress::parse(&format!("x@{}", domain.trim()));
    Ok(address
        .map_err(|_| Refusal::invalid("domain", "Write a mail domain, such as example.com."))?
        .domain()
        .to_owned())
}
