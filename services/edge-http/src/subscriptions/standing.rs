//! Whether the credential that opened a connection still stands. It is asked of the same authenticator
//! as for a request, twice a second: a key's answer is in memory, where a revocation arrives by
//! notification or within five seconds; a session is asked of the database.

use std::time::Duration;

use core_kernel::Fault;
use graphql::Authority;
use tokio::time::{Instant, timeout};

use crate::admission::admit;
use crate::credentials::Presented;
use crate::gateway::Gateway;

/// How often it is asked.
pub(super) const CHECK_EVERY: Duration = Duration::from_millis(500);
/// How long the answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long nobody may be able to tell, without the database say, before it counts as no.
const DOUBT_FOR: Duration = Duration::from_secs(4);

/// A credential that was good when the connection began.
pub(super) struct Standing {
    gateway: Gateway,
    presented: Presented,
    authority: Authority,
    confirmed: Instant,
}

impl Standing {
    /// Lets in, as a request.
    ///
    /// # Errors
    /// UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, UNAVAILABLE.
    pub(super) async fn begin(gateway: &Gateway, presented: Presented) -> Result<Self, Fault> {
        let authority = admit(gateway, presented.clone()).await?;
        Ok(Self { gateway: gateway.clone(), presented, authority, confirmed: Instant::now() })
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Asks again.
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN where it was revoked, ran out, or means something else by now;
    /// UNAVAILABLE where that could not be told for a while.
    pub(super) async fn check(&mut self) -> Result<(), Fault> {
        let asked = self.gateway.authenticator().authenticate_again(self.presented.clone());
        match timeout(ANSWER_WITHIN, asked).await {
            Ok(Ok(authority)) if is_same(&authority, &self.authority) => {
                self.confirmed = Instant::now();
                Ok(())
            }
            Ok(Ok(_)) => Err(Fault::Forbidden { reason: Some("AUTHORITY_CHANGED") }),
            Ok(Err(fault @ (Fault::Unauthenticated | Fault::Forbidden { .. }))) => Err(fault),
            Ok(Err(_)) | Err(_) if self.confirmed.elapsed() < DOUBT_FOR => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Fault::Unavailable),
        }
    }
}

/// A role that was changed, or scopes: what was subscribed to was allowed by the old ones.
fn is_same(now: &Authority, before: &Authority) -> bool {
    match (now, before) {
        (Authority::Tenant(now), Authority::Tenant(before)) => now == before,
        (Authority::Partner(now), Authority::Partner(before)) => now == before,
        _ => false,
    }
}
