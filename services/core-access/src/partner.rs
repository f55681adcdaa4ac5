//! Who acts for a partner itself, before or without naming one of its tenants.

use std::net::IpAddr;

use core_kernel::{ApiKeyId, Fault, PartnerId, TenantId};

use crate::{Actor, Caller, Operation, Principal, ScopeSet};

/// By what somebody acts for a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartnerPrincipal {
    /// One of the partner's keys.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// Its name, for the audit log.
        name: String,
        /// What it may be used for.
        scopes: ScopeSet,
    },
    /// A person who answers for the partner, signed in to the console.
    Admin(Actor),
}

/// Who acts for a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerCaller {
    /// The partner.
    pub partner: PartnerId,
    /// The credential.
    pub principal: PartnerPrincipal,
    /// The address of the peer, for the audit log.
    pub ip: Option<IpAddr>,
}

/// Proof that somebody may perform an operation of the partner itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerPermit(PartnerCaller);

impl PartnerCaller {
    /// Checks the table.
    ///
    /// # Errors
    /// FORBIDDEN where neither scope nor role allows it.
    pub fn permit(&self, operation: Operation) -> Result<PartnerPermit, Fault> {
        let allowed = match &self.principal {
            PartnerPrincipal::ApiKey { scopes, .. } => scopes.intersects(operation.rule().scopes),
            PartnerPrincipal::Admin(admin) => operation.rule().partner_roles.contains(admin.role),
        };
        if allowed { Ok(PartnerPermit(self.clone())) } else { Err(Fault::Forbidden { reason: None }) }
    }

    /// The same within one of the partner's tenants; the caller has made sure that it is.
    #[must_use]
    pub fn in_tenant(&self, tenant: TenantId, actor: Option<Actor>) -> Caller {
        let principal = match &self.principal {
            PartnerPrincipal::ApiKey { id, name, scopes } => {
                Principal::ApiKey { id: *id, name: name.clone(), scopes: *scopes, partner: Some(self.partner) }
            }
            PartnerPrincipal::Admin(admin) => Principal::PartnerAdmin { partner: self.partner, admin: admin.clone() },
        };
        Caller { tenant, principal, actor, ip: self.ip }
    }

    /// Who did it, for the audit log.
    #[must_use]
    pub fn audit_name(&self) -> String {
        match &self.principal {
            PartnerPrincipal::ApiKey { name, .. } => format!("key:{name}"),
            PartnerPrincipal::Admin(admin) => partner_admin_name(admin),
        }
    }

    /// The API key, where it is one.
    #[must_use]
    pub fn api_key(&self) -> Option<ApiKeyId> {
        match &self.principal {
            PartnerPrincipal::ApiKey { id, .. } => Some(*id),
            PartnerPrincipal::Admin(_) => None,
        }
    }
}

impl PartnerPermit {
    /// Who may.
    #[must_use]
    pub fn caller(&self) -> &PartnerCaller {
        &self.0
    }
}

/// A tenant's auditor tells them from the tenant's own administrators.
pub(crate) fn partner_admin_name(admin: &Actor) -> String {
    format!("partner:{}", admin.email)
}

#[cfg(test)]
mod tests {
    use core_kernel::{AccountId, AdminId};
    use uuid::Uuid;

    use super::*;
    use crate::{AdminRole, ApiScope, OPERATIONS};

    fn partner(principal: PartnerPrincipal) -> PartnerCaller {
        PartnerCaller { partner: PartnerId(Uuid::from_u128(1)), principal, ip: None }
    }

    fn person(role: AdminRole) -> PartnerCaller {
        partner(PartnerPrincipal::Admin(Actor {
            id: AdminId(Uuid::from_u128(2)),
            account: AccountId(Uuid::from_u128(3)),
            email: "olga@firm.example".to_owned(),
            role,
        }))
    }

    fn key(scopes: &[ApiScope]) -> PartnerCaller {
        let id = ApiKeyId(Uuid::from_u128(4));
        partner(PartnerPrincipal::ApiKey { id, name: "first".to_owned(), scopes: ScopeSet::of(scopes) })
    }

    const TENANT: TenantId = TenantId(Uuid::from_u128(5));

    #[test]
    fn who_makes_tenants_and_templates() {
        for operation in [Operation::CreateTenant, Operation::ImportTenants, Operation::PublishTemplatePolicy] {
            let may = |role| person(role).permit(operation).is_ok();
            let those: Vec<_> = AdminRole::ALL.into_iter().filter(|role| may(*role)).collect();
            assert_eq!(those, [AdminRole::Owner, AdminRole::Admin], "{operation:?}");
            assert!(key(&[ApiScope::Tenants]).permit(operation).is_ok());
            assert!(key(&[ApiScope::Read, ApiScope::Policy]).permit(operation).is_err());
        }
    }

    #[test]
    fn a_person_may_no_more_in_a_tenant_than_the_partners_own_key() {
        let all = key(&ApiScope::ALL).in_tenant(TENANT, None);
        for rule in OPERATIONS {
            for role in AdminRole::ALL {
                let by_person = person(role).in_tenant(TENANT, None).permit(rule.operation).is_ok();
                assert!(!by_person || all.permit(rule.operation).is_ok(), "{role:?} {:?}", rule.operation);
            }
        }
        let owner = person(AdminRole::Owner).in_tenant(TENANT, None);
        assert!(owner.permit(Operation::ManageAdmins).is_err(), "a tenant's team is the tenant's");
        assert!(owner.permit(Operation::EvaluateLogin).is_err(), "logins are evaluated by machines");
    }

    #[test]
    fn roles_are_respected_in_the_tenants() {
        let within = |role| person(role).in_tenant(TENANT, None);
        let support = within(AdminRole::Support);
        assert!(support.acts_as_support() && support.permit(Operation::IssueTemporaryAccessCode).is_ok());
        assert!(support.permit(Operation::PublishPolicy).is_err());
        for role in [AdminRole::Auditor, AdminRole::Billing, AdminRole::Advisor] {
            assert!(!within(role).acts_as_support(), "{role:?}");
        }
        let auditor = OPERATIONS.iter().filter(|rule| within(AdminRole::Auditor).permit(rule.operation).is_ok());
        let names: Vec<_> = auditor.map(|rule| format!("{:?}", rule.operation)).collect();
        assert!(names.iter().all(|name| name == "Viewer" || name.starts_with("Read") || name.starts_with("Watch")));
        assert!(within(AdminRole::Advisor).permit(Operation::ReadUsers).is_err(), "nobody is assigned to them");
    }

    #[test]
    fn the_log_tells_them_from_the_tenants_own() {
        let caller = person(AdminRole::Owner);
        assert_eq!(caller.audit_name(), "partner:olga@firm.example");
        assert_eq!(caller.in_tenant(TENANT, None).audit_name(), caller.audit_name());
        assert_eq!(caller.in_tenant(TENANT, None).partner(), Some(caller));
        assert_eq!(key(&[]).in_tenant(TENANT, None).partner(), Some(key(&[])));
        assert_eq!(Caller::system(TENANT).partner(), None);
    }
}
