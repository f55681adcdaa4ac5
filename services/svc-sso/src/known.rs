//! What issuers said of themselves a while ago, so that a sign-in need not ask again. Kept by tenant: what one
//! tenant had us fetch is never what another is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use core_kernel::{TenantId, Timestamp};
use core_oidc::{IssuerKeys, Metadata};

use crate::rules::{KEYS_AGAIN, KNOWN_FOR};

/// More are forgotten all at once: an installation with so many signs in somebody every moment.
const MOST: usize = 10_000;

/// An issuer, as it was.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) metadata: Metadata,
    pub(crate) keys: IssuerKeys,
    pub(crate) asked_at: Timestamp,
}

impl Issuer {
    /// Whether it may be believed that nothing has changed.
    fn is_recent(&self, now: Timestamp) -> bool {
        now < self.asked_at + KNOWN_FOR
    }

    /// Whether its keys may be asked for anew: not for every token that names an unknown one.
    pub(crate) fn may_be_asked_again(&self, now: Timestamp) -> bool {
        now >= self.asked_at + KEYS_AGAIN
    }
}

/// The issuers that are known.
#[derive(Debug, Default)]
pub(crate) struct KnownIssuers(Mutex<HashMap<(TenantId, String), Arc<Issuer>>>);

impl KnownIssuers {
    /// An issuer that was asked lately.
    pub(crate) fn get(&self, tenant: TenantId, issuer: &str, now: Timestamp) -> Option<Arc<Issuer>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(tenant, issuer.to_owned())).filter(|issuer| issuer.is_recent(now)).cloned()
    }

    /// Keeps one.
    pub(crate) fn put(&self, tenant: TenantId, issuer: Issuer) -> Arc<Issuer> {
        let issuer = Arc::new(issuer);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert((tenant, issuer.metadata.issuer.clone()), issuer.clone());
        issuer
    }
}
