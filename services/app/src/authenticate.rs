//! From what a request presents to who it is: a tenant's key, a partner's key within one of its
//! tenants, a session of the console in a tenant or for a partner.

use std::sync::Arc;

use core_access::{Actor, ApiScope, Caller, PartnerCaller, ScopeSet};
use core_kernel::{Fault, TenantId, TypedId};
use edge_http::{Authenticator, Credential, Presented};
use futures::future::{BoxFuture, FutureExt as _};
use graphql::Authority;
use svc_admins::{Acting, Admins, Named};
use svc_directory::{Authenticated, Directory};

const FORBIDDEN: Fault = Fault::Forbidden { reason: None };

/// Why a credential is looked at.
#[derive(Clone, Copy)]
enum Asked {
    ByRequest,
    WhileOpen,
}

/// Credentials of every kind.
pub(crate) struct Credentials {
    pub directory: Directory,
    pub admins: Admins,
}

impl Authenticator for Credentials {
    fn authenticate(&self, presented: Presented) -> BoxFuture<'_, Result<Authority, Fault>> {
        self.find(presented, Asked::ByRequest).boxed()
    }

    fn authenticate_again(&self, presented: Presented) -> BoxFuture<'_, Result<Authority, Fault>> {
        self.find(presented, Asked::WhileOpen).boxed()
    }
}

impl Credentials {
    /// Nearly every request presents a tenant's key alone. What serves the others is boxed, so that this
    /// future, which is made for each request, does not carry it about.
    async fn find(&self, presented: Presented, asked: Asked) -> Result<Authority, Fault> {
        let Presented { credential, tenant, partner, actor, ip } = presented;
        match credential {
            Credential::ApiKey(key) => match self.directory.authenticate(key.expose()).await? {
                Authenticated::Tenant(_) if partner.is_some() => Err(FORBIDDEN),
                Authenticated::Tenant(key) => {
                    only_itself(key.tenant, tenant.as_deref())?;
                    let actor = match actor {
                        Some(email) => Some(Box::pin(self.actor(key.tenant, key.scopes, email)).await?),
                        None => None,
                    };
                    Ok(within(key.caller(actor, ip)))
                }
                Authenticated::Partner(key) => {
                    only_itself(key.partner, partner.as_deref())?;
                    Box::pin(self.partner(key.caller(ip), key.scopes, tenant, actor)).await
                }
            },
            // A person acts in their own name.
            Credential::Session(_) if actor.is_some() => Err(Fault::Forbidden { reason: Some("ACTOR_NOT_ALLOWED") }),
            Credential::Session(token) => {
                let named = Named { tenant: tenant.as_deref(), partner: partner.as_deref() };
                let acting = match asked {
                    Asked::ByRequest => Box::pin(self.admins.acting_by_session(&token, named, ip)).await?,
                    Asked::WhileOpen => Box::pin(self.admins.acting_by_open_session(&token, named, ip)).await?,
                };
                Ok(match acting {
                    Acting::InTenant(caller) => within(caller),
                    Acting::ForPartner(caller) => Authority::Partner(Arc::new(caller)),
                })
            }
        }
    }

    /// A partner's key acts for itself, or for a tenant of the partner that it names. A tenant of
    /// somebody else is answered as one that does not exist.
    async fn partner(
        &self,
        caller: PartnerCaller,
        scopes: ScopeSet,
        tenant: Option<String>,
        actor: Option<String>,
    ) -> Result<Authority, Fault> {
        let Some(named) = tenant else {
            return Ok(Authority::Partner(Arc::new(caller)));
        };
        let tenant = TenantId::from_text(&named).ok_or(FORBIDDEN)?;
        if !self.directory.partner_owns_tenant(caller.partner, tenant).await? {
            return Err(FORBIDDEN);
        }
        let actor = match actor {
            Some(email) => Some(self.actor(tenant, scopes, email).await?),
            None => None,
        };
        Ok(within(caller.in_tenant(tenant, actor)))
    }

    /// The administrator whom a SUPPORT key names by email.
    async fn actor(&self, tenant: TenantId, scopes: ScopeSet, email: String) -> Result<Actor, Fault> {
        if !scopes.contains(ApiScope::Support) {
            return Err(Fault::Forbidden { reason: Some("ACTOR_NOT_ALLOWED") });
        }
        let actor = self.admins.resolve_actor(tenant, &email).await?;
        actor.ok_or(Fault::Forbidden { reason: Some("ACTOR_UNKNOWN") })
    }
}

/// A key may name whose it is, and nobody else.
fn only_itself<T: TypedId + PartialEq>(own: T, named: Option<&str>) -> Result<(), Fault> {
    if named.is_none_or(|named| T::from_text(named) == Some(own)) { Ok(()) } else { Err(FORBIDDEN) }
}

fn within(caller: Caller) -> Authority {
    Authority::Tenant(Arc::new(caller))
}
