//! `X-Postern-Actor`: the administrator in whose name a SUPPORT key acts.

use core_access::Actor;
use core_contact::EmailAddress;
use core_kernel::{Fault, TenantId};
use io_cache::unshare;

use crate::Admins;
use crate::store::admins;

const UNKNOWN: Fault = Fault::Forbidden { reason: Some("ACTOR_UNKNOWN") };

impl Admins {
    /// The administrator of this address in this tenant, without I/O where they were named within the
    /// last seconds; `None` where there is none, which is asked for anew each time.
    ///
    /// # Errors
    /// UNAVAILABLE without the database.
    pub async fn resolve_actor(&self, tenant: TenantId, email: &str) -> Result<Option<Actor>, Fault> {
        let Ok(email) = EmailAddress::parse(email) else { return Ok(None) };
        let load = || {
            self.platform.database.in_time(async {
                let mut tx = self.tx(tenant).await?;
                let found = admins::find_by_email(&mut tx, &email).await?;
                found.map(|admin| admin.actor()).ok_or(UNKNOWN)
            })
        };
        match self.actors.get_with(tenant, &email.normalized().to_owned(), load).await.map_err(unshare) {
            Ok(actor) => Ok(Some(Actor::clone(&actor))),
            Err(Fault::Forbidden { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}
