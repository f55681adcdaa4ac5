//! Who is let in and how much they may ask, for every edge alike; and that what was begun is finished.
//! [`crate::router`]'s own routes use it, and those of other crates that are merged into it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use bytes::Bytes;
use core_access::Caller;
use core_kernel::{ApiKeyId, Fault, TenantId};
use graphql::{Authority, Urgency};
use io_limits::{Charge, limit};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument as _;

use crate::body;
use crate::credentials::{Credential, Presented};
use crate::envelope::ClientAddress;
use crate::gateway::Gateway;
use crate::refusal::Refused;
use crate::shedding::Turn;

/// An API key's request within one tenant, and its place among the requests at work.
#[derive(Debug)]
pub struct Admitted {
    /// For whom it acts.
    pub caller: Arc<Caller>,
    held: (OwnedSemaphorePermit, Turn),
}

impl Gateway {
    /// Lets in whoever presents an API key for exactly one tenant and may send another request now.
    /// The console's session is nobody here: what a browser sends by itself opens no machine's door.
    /// What a machine brings by itself can wait as a message can.
    ///
    /// # Errors
    /// UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, UNAVAILABLE.
    pub async fn admit_key(&self, parts: &Parts) -> Result<Admitted, Fault> {
        let place = self.begin()?;
        let presented = Presented::read(&parts.headers, address(parts))?;
        if !matches!(presented.credential, Credential::ApiKey(_)) {
            return Err(Fault::Unauthenticated);
        }
        match admit(self, presented).await? {
            Authority::Tenant(caller) => Ok(Admitted { caller, held: (place, self.enter(Urgency::Send)?) }),
            Authority::Partner(_) => Err(Fault::Forbidden { reason: Some("TENANT_REQUIRED") }),
        }
    }

    /// Spends the key's budget of complexity.
    ///
    /// # Errors
    /// RATE_LIMITED where nothing is left of it.
    pub async fn charge(&self, caller: &Caller, complexity: u32) -> Result<(), Fault> {
        let charge = caller.api_key().map(|key| Charge::of(limit::API_KEY_COMPLEXITY, key, complexity));
        self.limits().spend(charge.as_slice()).await
    }

    /// Reads a whole body.
    ///
    /// # Errors
    /// 413 where it is too long, 408 where it does not come in time, 400 where it breaks off.
    pub async fn read_body(&self, body: Body) -> Result<Bytes, Refused> {
        body::read(body, self.options().time_limit).await
    }

    /// Does an admitted request's work in a task of its own: dropping this future, as a disconnecting
    /// client does, or losing patience, leaves the task to finish what it began.
    ///
    /// # Errors
    /// UNAVAILABLE when it takes too long, INTERNAL when it panics.
    pub async fn finish<T: Send + 'static>(
        &self,
        admitted: Admitted,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Fault> {
        finish(admitted.held, self.options().time_limit, work).await
    }
}

/// Who it is, and whether they may send another request now.
pub(crate) async fn admit(gateway: &Gateway, presented: Presented) -> Result<Authority, Fault> {
    let authority = gateway.authenticator().authenticate(presented).await?;
    check_rates(gateway, &authority).await?;
    Ok(authority)
}

/// Who it is, where the request itself is still to be read; what it may ask is for [`spend`] to say, once it is known
/// what it costs. Whoever was refused a moment ago is not read at all.
pub(crate) async fn recognise(gateway: &Gateway, presented: Presented) -> Result<Authority, Fault> {
    let authority = gateway.authenticator().authenticate(presented).await?;
    gateway.limits().refuse_known(&rates(&authority))?;
    Ok(authority)
}

/// Whether key and tenant may ask for something more now, and for something as dear as this.
pub(crate) async fn spend(gateway: &Gateway, authority: &Authority, complexity: u32) -> Result<(), Fault> {
    let mut charges = rates(authority);
    charges.extend(complexity_of(authority, complexity));
    gateway.limits().spend(&charges).await
}

/// Whether key and tenant may ask for something more now.
pub(crate) async fn check_rates(gateway: &Gateway, authority: &Authority) -> Result<(), Fault> {
    gateway.limits().spend(&rates(authority)).await
}

fn rates(authority: &Authority) -> Vec<Charge> {
    let key = key_of(authority).map(|key| Charge::one(limit::API_KEY, key));
    let tenant = tenant_of(authority).map(|tenant| Charge::one(limit::TENANT, tenant));
    key.into_iter().chain(tenant).collect()
}

pub(crate) fn complexity_of(authority: &Authority, complexity: u32) -> Option<Charge> {
    key_of(authority).map(|key| Charge::of(limit::API_KEY_COMPLEXITY, key, complexity))
}

/// Runs `work` in a task that nobody cancels; `held` is given back when it ends, not when the client leaves.
pub(crate) async fn finish<T: Send + 'static>(
    held: impl Send + 'static,
    patience: Duration,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fault> {
    let task = async move {
        let done = work.await;
        drop(held);
        done
    };
    match tokio::time::timeout(patience, tokio::spawn(task.in_current_span())).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panicked)) => Err(Fault::internal(panicked)),
        Err(_elapsed) => {
            tracing::warn!("a request took longer than its time limit");
            Err(Fault::Unavailable)
        }
    }
}

pub(crate) fn key_of(authority: &Authority) -> Option<ApiKeyId> {
    match authority {
        Authority::Tenant(caller) => caller.api_key(),
        Authority::Partner(caller) => caller.api_key(),
    }
}

pub(crate) fn tenant_of(authority: &Authority) -> Option<TenantId> {
    match authority {
        Authority::Tenant(caller) => Some(caller.tenant),
        Authority::Partner(_) => None,
    }
}

/// The client's address, as the envelope found it.
pub(crate) fn address(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ClientAddress>().and_then(|address| address.0)
}
