//! The open connections of this process, counted.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use core_access::{PartnerPrincipal, Principal};
use core_kernel::{AccountId, ApiKeyId, Fault, TenantId};
use graphql::Authority;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::SubscriptionOptions;
use crate::admission::tenant_of;

/// When whoever finds no place should come back.
const RETRY_AFTER_SECONDS: u64 = 10;

/// The connections of one process.
pub(crate) struct Lines {
    pub(super) options: SubscriptionOptions,
    free: Arc<Semaphore>,
    seats: Arc<Mutex<Seats>>,
    /// Cancelled when the process is told to stop.
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

#[derive(Default)]
struct Seats {
    by_tenant: HashMap<TenantId, usize>,
    by_holder: HashMap<Holder, usize>,
}

/// Whose connection it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Key(ApiKeyId),
    Admin(AccountId),
    Nobody,
}

/// A connection among those of its tenant and credential, until it is dropped.
pub(super) struct Seat {
    seats: Arc<Mutex<Seats>>,
    tenant: Option<TenantId>,
    holder: Holder,
}

impl Lines {
    pub(crate) fn new(options: SubscriptionOptions) -> Self {
        let free = Arc::new(Semaphore::new(options.per_process));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        Self { options, free, seats: Arc::default(), stop, tasks }
    }

    /// A place in the process, before it is known whose it is.
    ///
    /// # Errors
    /// UNAVAILABLE where there is none, or the process is about to stop.
    pub(super) fn arrive(&self) -> Result<OwnedSemaphorePermit, Fault> {
        if self.stop.is_cancelled() {
            return Err(Fault::Unavailable);
        }
        self.free.clone().try_acquire_owned().map_err(|_| Fault::Unavailable)
    }

    /// A place among those of the tenant and of the credential.
    ///
    /// # Errors
    /// RATE_LIMITED where they have as many as they may.
    pub(super) fn seat(&self, authority: &Authority) -> Result<Seat, Fault> {
        let (tenant, holder) = (tenant_of(authority), holder_of(authority));
        let mut seats = self.lock();
        let taken = tenant.is_some_and(|tenant| is_full(&seats.by_tenant, tenant, self.options.per_tenant))
            || is_full(&seats.by_holder, holder, self.options.per_credential);
        if taken {
            return Err(Fault::RateLimited { retry_after_seconds: RETRY_AFTER_SECONDS });
        }
        if let Some(tenant) = tenant {
            *seats.by_tenant.entry(tenant).or_default() += 1;
        }
        *seats.by_holder.entry(holder).or_default() += 1;
        Ok(Seat { seats: self.seats.clone(), tenant, holder })
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.options.per_process.saturating_sub(self.free.available_permits())
    }

    /// Ends all connections, and waits until they have.
    pub(crate) async fn end(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = self.tenant {
            leave(&mut seats.by_tenant, tenant);
        }
        leave(&mut seats.by_holder, self.holder);
    }
}

fn is_full<K: Eq + Hash>(counts: &HashMap<K, usize>, key: K, most: usize) -> bool {
    counts.get(&key).is_some_and(|count| *count >= most)
}

fn leave<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

fn holder_of(authority: &Authority) -> Holder {
    match authority {
        Authority::Partner(caller) => match &caller.principal {
            PartnerPrincipal::ApiKey { id, .. } => Holder::Key(*id),
            PartnerPrincipal::Admin(admin) => Holder::Admin(admin.account),
        },
        Authority::Tenant(caller) => match &caller.principal {
            Principal::ApiKey { id, .. } => Holder::Key(*id),
            Principal::Admin(admin) | Principal::PartnerAdmin { admin, .. } => Holder::Admin(admin.account),
            Principal::User(_) | Principal::System => Holder::Nobody,
        },
    }
}

#[cfg(test)]
mod tests {
    use core_access::{Caller, ScopeSet};
    use core_kernel::{Clock, Entropy, SystemClock, SystemEntropy, TypedId};

    use super::*;

    fn id<T: TypedId>() -> T {
        T::from(SystemEntropy.uuid_v7(SystemClock.now()))
    }

    fn key(tenant: TenantId, id: ApiKeyId) -> Authority {
        let principal = Principal::ApiKey { id, name: String::new(), scopes: ScopeSet::of(&[]), partner: None };
        Authority::Tenant(Arc::new(Caller { tenant, principal, actor: None, ip: None }))
    }

    fn lines(per_process: usize, per_tenant: usize, per_credential: usize) -> Lines {
        Lines::new(SubscriptionOptions { per_process, per_tenant, per_credential, ..SubscriptionOptions::default() })
    }

    #[test]
    fn a_credential_has_its_share_and_gives_it_back() {
        let lines = lines(9, 9, 2);
        let authority = key(id(), id());
        let held = [lines.seat(&authority), lines.seat(&authority)];
        assert!(matches!(lines.seat(&authority), Err(Fault::RateLimited { .. })));
        drop(held);
        assert!(lines.seat(&authority).is_ok());
        let seats = lines.lock();
        assert!(seats.by_holder.is_empty() && seats.by_tenant.is_empty());
    }

    #[test]
    fn a_tenants_keys_share_its_places_and_nobody_elses() {
        let lines = lines(9, 2, 9);
        let tenant: TenantId = id();
        let _held = [lines.seat(&key(tenant, id())), lines.seat(&key(tenant, id()))];
        assert!(lines.seat(&key(tenant, id())).is_err());
        assert!(lines.seat(&key(id(), id())).is_ok());
    }

    #[tokio::test]
    async fn a_process_has_its_bound_and_takes_nobody_once_it_stops() {
        let lines = lines(1, 9, 9);
        let held = lines.arrive().unwrap();
        assert!(matches!(lines.arrive(), Err(Fault::Unavailable)));
        drop(held);
        assert!(lines.arrive().is_ok());
        lines.end().await;
        assert!(matches!(lines.arrive(), Err(Fault::Unavailable)));
    }
}
