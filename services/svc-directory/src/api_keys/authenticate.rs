//! From a presented key to whoever presents it.
//!
//! The key is never compared: its HMAC is looked up, so the time that takes tells nothing about
//! stored keys. What does not hold is answered alike, malformed, unknown, revoked and expired, and is
//! never remembered: a stranger could fill the cache with absences.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use core_access::{Actor, Caller, PartnerCaller, PartnerPrincipal, Principal, ScopeSet};
use core_crypto::{ApiKeySecret, api_key_digests};
use core_kernel::{ApiKeyId, Fault, PartnerId, TenantId, Timestamp};
use io_cache::unshare;
use io_postgres::NoTenant;

use super::model::read_scopes;
use super::store;
use super::uses::Use;
use crate::Directory;

/// Whose key was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authenticated {
    /// A tenant's own.
    Tenant(TenantKey),
    /// A partner's, which may name one of the partner's tenants.
    Partner(PartnerKey),
}

/// A tenant's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// The key.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// What it may be used for.
    pub scopes: ScopeSet,
}

impl TenantKey {
    /// The caller it stands for; `actor` is the administrator that a SUPPORT key names.
    #[must_use]
    pub fn caller(&self, actor: Option<Actor>, ip: Option<IpAddr>) -> Caller {
        let principal = Principal::ApiKey { id: self.id, name: self.name.clone(), scopes: self.scopes, partner: None };
        Caller { tenant: self.tenant, principal, actor, ip }
    }
}

/// A partner's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerKey {
    /// Whose it is.
    pub partner: PartnerId,
    /// The key.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// What it may be used for.
    pub scopes: ScopeSet,
}

impl PartnerKey {
    /// The caller it stands for, before it names a tenant.
    #[must_use]
    pub fn caller(&self, ip: Option<IpAddr>) -> PartnerCaller {
        let principal = PartnerPrincipal::ApiKey { id: self.id, name: self.name.clone(), scopes: self.scopes };
        PartnerCaller { partner: self.partner, principal, ip }
    }
}

/// A key that held when it was looked up.
pub(crate) struct KnownKey {
    who: Authenticated,
    expires_at: Timestamp,
    /// Its use was noted since it was looked up.
    noted: AtomicBool,
}

impl Directory {
    /// Whose key `presented` is, without I/O where it was presented within the last seconds.
    ///
    /// # Errors
    /// UNAUTHENTICATED where it does not hold, whatever the cause; UNAVAILABLE without the database.
    pub async fn authenticate(&self, presented: &str) -> Result<Authenticated, Fault> {
        let secret = ApiKeySecret::parse(presented).ok_or(Fault::Unauthenticated)?;
        let digests = api_key_digests(&self.platform.keys.ring(), &secret);
        let (pepper, current) = digests.first().ok_or(Fault::Unauthenticated)?;
        let load = || {
            let digests = digests.iter().map(|(_, digest)| digest.to_vec()).collect();
            self.platform.database.in_time(self.look_up(digests))
        };
        let known = self.known_keys.get_with(current, load).await.map_err(unshare)?;
        let now = self.platform.now();
        if known.expires_at <= now {
            return Err(Fault::Unauthenticated);
        }
        self.note_use(&known, Use { at: now, pepper: *pepper, digest: *current });
        Ok(known.who.clone())
    }

    async fn look_up(&self, digests: Vec<Vec<u8>>) -> Result<KnownKey, Fault> {
        let mut connection = NoTenant::acquire(&self.platform.database).await?;
        let found = store::find_by_digest(&mut connection, &digests).await?.ok_or(Fault::Unauthenticated)?;
        if found.revoked_at.is_some() {
            return Err(Fault::Unauthenticated);
        }
        let (id, scopes, name) = (ApiKeyId(found.api_key_id), read_scopes(&found.scopes), found.name);
        let who = match (found.tenant_id, found.partner_id) {
            (Some(tenant), None) => Authenticated::Tenant(TenantKey { tenant: TenantId(tenant), id, name, scopes }),
            (None, Some(partner)) => {
                Authenticated::Partner(PartnerKey { partner: PartnerId(partner), id, name, scopes })
            }
            _ => return Err(Fault::internal("a key of nobody, or of two")),
        };
        Ok(KnownKey { who, expires_at: found.expires_at, noted: AtomicBool::new(false) })
    }

    fn note_use(&self, known: &Arc<KnownKey>, used: Use) {
        if !known.noted.swap(true, Ordering::Relaxed) {
            self.key_uses.note(&known.who, used);
        }
    }
}
