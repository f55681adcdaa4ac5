//! When keys were last used: kept in memory and written by a job, so that no request waits for it
//! and a busy key costs one small write a minute. A crash loses a minute of it, which is no loss.
//!
//! A key that is used is at hand, as it is at no other time: where its digest was made with a pepper that has
//! been replaced, it is made anew.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use core_kernel::{ApiKeyId, Fault, PartnerId, TenantId, Timestamp};
use io_postgres::{PartnerTx, TenantTx};

use super::{Authenticated, store};
use crate::Directory;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Tenant(TenantId),
    Partner(PartnerId),
}

/// A use of a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    pub(super) at: Timestamp,
    /// The pepper that makes digests.
    pub(super) pepper: i16,
    /// The key's digest with it.
    pub(super) digest: [u8; 32],
}

/// Uses that are not written yet: the last one of each key.
#[derive(Debug, Default)]
pub(crate) struct KeyUses(Mutex<HashMap<(Owner, ApiKeyId), Use>>);

impl KeyUses {
    pub(super) fn note(&self, who: &Authenticated, used: Use) {
        let key = match who {
            Authenticated::Tenant(key) => (Owner::Tenant(key.tenant), key.id),
            Authenticated::Partner(key) => (Owner::Partner(key.partner), key.id),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, used);
    }

    fn take(&self) -> HashMap<Owner, Vec<(ApiKeyId, Use)>> {
        let uses = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_owner = HashMap::<_, Vec<_>>::new();
        for ((owner, key), used) in uses {
            by_owner.entry(owner).or_default().push((key, used));
        }
        by_owner
    }
}

impl Directory {
    /// Writes when keys were last used, each at most once a minute; a job calls this about as often.
    ///
    /// # Errors
    /// When the database fails; uses that were not written are forgotten.
    pub async fn touch_api_keys(&self) -> Result<(), Fault> {
        for (owner, uses) in self.key_uses.take() {
            match owner {
                Owner::Tenant(tenant) => {
                    let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
                    store::touch(&mut tx, &uses).await?;
                    tx.commit().await?;
                }
                Owner::Partner(partner) => {
                    let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
                    store::touch_of_partner(&mut tx, &uses).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }
}
