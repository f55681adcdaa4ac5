//! As who a request of a session acts: by a role in a tenant, or for a partner.

use std::net::IpAddr;

use core_access::{Caller, PartnerCaller, PartnerPrincipal, Principal};
use core_kernel::{Fault, PartnerId, Redacted, TenantId, TypedId};

use super::session::Use;
use crate::model::PartnerRole;
use crate::{Admins, Session};

const FORBIDDEN: Fault = Fault::Forbidden { reason: None };

/// What a request names in its headers, as it was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    /// `X-Postern-Tenant`.
    pub tenant: Option<&'a str>,
    /// `X-Postern-Partner`.
    pub partner: Option<&'a str>,
}

/// As who a session acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acting {
    /// Within a tenant: by a role of its own, or by one with the tenant's partner.
    InTenant(Caller),
    /// For a partner itself.
    ForPartner(PartnerCaller),
}

impl Admins {
    /// As who a request with this session acts. Where it names nothing: by the oldest of the person's
    /// roles in tenants, else for the oldest of their partners. A tenant that is named is reached by a role
    /// in it, or else by one with its partner; with a partner named too, by that one alone.
    ///
    /// # Errors
    /// As [`Self::session`]; FORBIDDEN where no role reaches what is named, or it is nothing.
    pub async fn acting_by_session(
        &self,
        token: &Redacted<String>,
        named: Named<'_>,
        ip: Option<IpAddr>,
    ) -> Result<Acting, Fault> {
        let session = self.find_session(token, Use::Request).await?;
        self.acting(&session, named, ip).await
    }

    /// The same for a connection that stays open, asked again and again: it does not count as a use, or
    /// a window that was left open would keep the session alive.
    ///
    /// # Errors
    /// As [`Self::acting_by_session`].
    pub async fn acting_by_open_session(
        &self,
        token: &Redacted<String>,
        named: Named<'_>,
        ip: Option<IpAddr>,
    ) -> Result<Acting, Fault> {
        let session = self.find_session(token, Use::OpenConnection).await?;
        self.acting(&session, named, ip).await
    }

    async fn acting(&self, session: &Session, named: Named<'_>, ip: Option<IpAddr>) -> Result<Acting, Fault> {
        let tenant: Option<TenantId> = read(named.tenant)?;
        if let Some(partner) = read::<PartnerId>(named.partner)? {
            let role = session.partners.iter().find(|role| role.partner == partner).ok_or(FORBIDDEN)?;
            return self.for_partner(session, role, tenant, ip).await;
        }
        let own = session.roles.iter().find(|role| tenant.is_none_or(|tenant| role.tenant == tenant));
        if let Some(role) = own {
            let principal = Principal::Admin(session.actor(role.admin, role.role));
            return Ok(Acting::InTenant(Caller { tenant: role.tenant, principal, actor: None, ip }));
        }
        for role in &session.partners {
            match self.for_partner(session, role, tenant, ip).await {
                // A tenant has one partner, and the person may answer for several.
                Err(Fault::Forbidden { .. }) => {}
                found => return found,
            }
        }
        Err(FORBIDDEN)
    }

    async fn for_partner(
        &self,
        session: &Session,
        role: &PartnerRole,
        tenant: Option<TenantId>,
        ip: Option<IpAddr>,
    ) -> Result<Acting, Fault> {
        let principal = PartnerPrincipal::Admin(session.actor(role.admin, role.role));
        let caller = PartnerCaller { partner: role.partner, principal, ip };
        match tenant {
            None => Ok(Acting::ForPartner(caller)),
            Some(tenant) if self.directory.partner_owns_tenant(role.partner, tenant).await? => {
                Ok(Acting::InTenant(caller.in_tenant(tenant, None)))
            }
            Some(_) => Err(FORBIDDEN),
        }
    }
}

fn read<T: TypedId>(named: Option<&str>) -> Result<Option<T>, Fault> {
    named.map(|text| T::from_text(text).ok_or(FORBIDDEN)).transpose()
}
