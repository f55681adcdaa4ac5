//! Who is calling, and the proof that they may.

use std::net::IpAddr;

use core_kernel::{AccountId, AdminId, ApiKeyId, Fault, PartnerId, TenantId, TypedId, UserId};

use crate::partner::partner_admin_name;
use crate::{AdminRole, ApiScope, Operation, PartnerCaller, PartnerPrincipal, ScopeSet};

/// The credential behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An integrator's or partner's key.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// Its name, for the audit log.
        name: String,
        /// What it may be used for.
        scopes: ScopeSet,
        /// The partner, where it is a partner's key.
        partner: Option<PartnerId>,
    },
    /// A person signed in to the console.
    Admin(Actor),
    /// A person who answers for a partner, signed in to the console, within one of the partner's tenants.
    PartnerAdmin {
        /// The partner.
        partner: PartnerId,
        /// The person; the role is the one they hold with the partner.
        admin: Actor,
    },
    /// A user in their own browser, on a hosted page. May what a key with LOGIN may, of their own login
    /// alone, which the page sees to; is never given an assertion.
    User(UserId),
    /// The installation itself: seeding, jobs, the command line.
    System,
}

/// An administrator of a tenant, by session or named by a SUPPORT key, or one of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The administrator in this tenant, or with this partner.
    pub id: AdminId,
    /// The person behind it.
    pub account: AccountId,
    /// The email, for the audit log.
    pub email: String,
    /// The role there.
    pub role: AdminRole,
}

/// Who makes this request, and for which tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant this request acts for.
    pub tenant: TenantId,
    /// The credential.
    pub principal: Principal,
    /// The administrator whom a SUPPORT key names in `X-Postern-Actor`: the request has the smaller of both powers.
    pub actor: Option<Actor>,
    /// The address of the peer, for the audit log.
    pub ip: Option<IpAddr>,
}

/// Proof that a caller may perform an operation; only [`Caller::permit`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    caller: Caller,
    operation: Operation,
}

impl Caller {
    /// The installation itself, acting for a tenant.
    #[must_use]
    pub fn system(tenant: TenantId) -> Self {
        Self { tenant, principal: Principal::System, actor: None, ip: None }
    }

    /// A user in their own browser, on a hosted page.
    #[must_use]
    pub fn user(tenant: TenantId, user: UserId, ip: Option<IpAddr>) -> Self {
        Self { tenant, principal: Principal::User(user), actor: None, ip }
    }

    /// Checks the table.
    ///
    /// # Errors
    /// FORBIDDEN where neither scope nor role allows it.
    pub fn permit(&self, operation: Operation) -> Result<Permit, Fault> {
        let by_credential = match &self.principal {
            Principal::ApiKey { scopes, .. } => scopes.intersects(operation.rule().scopes),
            Principal::Admin(admin) => operation.rule().roles.contains(admin.role),
            Principal::PartnerAdmin { admin, .. } => operation.rule().partner_roles.contains(admin.role),
            Principal::User(_) => operation.rule().scopes.contains(ApiScope::Login),
            Principal::System => true,
        };
        let by_actor = self.actor.as_ref().is_none_or(|actor| operation.rule().roles.contains(actor.role));
        if by_credential && by_actor {
            Ok(Permit { caller: self.clone(), operation })
        } else {
            Err(Fault::Forbidden { reason: None })
        }
    }

    /// Whether an API key has this scope. Administrators have none: ask [`Self::acts_as_support`].
    #[must_use]
    pub fn has_scope(&self, scope: ApiScope) -> bool {
        matches!(&self.principal, Principal::ApiKey { scopes, .. } if scopes.contains(scope))
    }

    /// Whether the caller acts within a user's login: the integrator's key, or the user on a hosted page.
    #[must_use]
    pub fn acts_in_logins(&self) -> bool {
        matches!(self.principal, Principal::User(_)) || self.has_scope(ApiScope::Login)
    }

    /// Whether the caller has the help desk's powers: a key with SUPPORT, or an administrator who
    /// may help users (an ADVISOR those assigned to them; see [`Self::only_users_of`]).
    #[must_use]
    pub fn acts_as_support(&self) -> bool {
        match &self.principal {
            Principal::ApiKey { scopes, .. } => scopes.contains(ApiScope::Support),
            Principal::Admin(admin) => {
                matches!(admin.role, AdminRole::Owner | AdminRole::Admin | AdminRole::Support | AdminRole::Advisor)
            }
            Principal::PartnerAdmin { admin, .. } => {
                matches!(admin.role, AdminRole::Owner | AdminRole::Admin | AdminRole::Support)
            }
            Principal::User(_) => false,
            Principal::System => true,
        }
    }

    /// The administrator behind the request, by session or named by a key.
    #[must_use]
    pub fn administrator(&self) -> Option<&Actor> {
        match &self.principal {
            Principal::Admin(admin) | Principal::PartnerAdmin { admin, .. } => Some(admin),
            _ => self.actor.as_ref(),
        }
    }

    /// Some where only the users assigned to this advisor may be seen or touched; all others are NOT_FOUND.
    #[must_use]
    pub fn only_users_of(&self) -> Option<AdminId> {
        self.administrator().filter(|admin| admin.role == AdminRole::Advisor).map(|admin| admin.id)
    }

    /// Who did it, for the audit log.
    #[must_use]
    pub fn audit_name(&self) -> String {
        match (&self.principal, &self.actor) {
            (Principal::ApiKey { name, .. }, Some(actor)) => format!("admin:{} via key:{name}", actor.email),
            (Principal::ApiKey { name, .. }, None) => format!("key:{name}"),
            (Principal::Admin(admin), _) => format!("admin:{}", admin.email),
            (Principal::PartnerAdmin { admin, .. }, _) => partner_admin_name(admin),
            (Principal::User(user), _) => user.to_text(),
            (Principal::System, _) => "system".to_owned(),
        }
    }

    /// The partner on whose behalf this is, by key or by session, where it is one.
    #[must_use]
    pub fn partner(&self) -> Option<PartnerCaller> {
        let (partner, principal) = match &self.principal {
            Principal::ApiKey { id, name, scopes, partner: Some(partner) } => {
                (*partner, PartnerPrincipal::ApiKey { id: *id, name: name.clone(), scopes: *scopes })
            }
            Principal::PartnerAdmin { partner, admin } => (*partner, PartnerPrincipal::Admin(admin.clone())),
            _ => return None,
        };
        Some(PartnerCaller { partner, principal, ip: self.ip })
    }

    /// The API key, where it is one.
    #[must_use]
    pub fn api_key(&self) -> Option<ApiKeyId> {
        match &self.principal {
            Principal::ApiKey { id, .. } => Some(*id),
            _ => None,
        }
    }
}

impl Permit {
    /// Who may.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The tenant it holds for.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.caller.tenant
    }

    /// What it allows.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn key(scopes: &[ApiScope]) -> Caller {
        let principal = Principal::ApiKey {
            id: ApiKeyId(Uuid::from_u128(1)),
            name: "k".into(),
            scopes: ScopeSet::of(scopes),
            partner: None,
        };
        Caller { tenant: TenantId(Uuid::from_u128(2)), principal, actor: None, ip: None }
    }

    fn admin(role: AdminRole) -> Actor {
        Actor {
            id: AdminId(Uuid::from_u128(3)),
            account: AccountId(Uuid::from_u128(4)),
            email: "a@b.example".into(),
            role,
        }
    }

    #[test]
    fn a_key_may_what_its_scopes_allow_and_no_more() {
        assert!(key(&[ApiScope::Login]).permit(Operation::EvaluateLogin).is_ok());
        assert!(key(&[ApiScope::Login]).permit(Operation::PublishPolicy).is_err());
        assert!(key(&[]).permit(Operation::Viewer).is_err());
    }

    #[test]
    fn a_named_actor_leaves_the_smaller_of_both_powers() {
        let mut caller = key(&[ApiScope::Support, ApiScope::Policy]);
        assert!(caller.permit(Operation::PublishPolicy).is_ok());
        caller.actor = Some(admin(AdminRole::Advisor));
        assert!(caller.permit(Operation::PublishPolicy).is_err(), "an advisor publishes nothing");
        assert!(caller.permit(Operation::IssueTemporaryAccessCode).is_ok());
        assert_eq!(caller.only_users_of(), Some(AdminId(Uuid::from_u128(3))));
        caller.actor = Some(admin(AdminRole::Owner));
        assert!(caller.permit(Operation::ManageAdmins).is_err(), "the key is smaller than the owner");
    }

    #[test]
    fn a_user_on_a_hosted_page_may_what_logs_in_and_helps_nobody() {
        let caller = Caller::user(TenantId(Uuid::from_u128(2)), UserId(Uuid::from_u128(5)), None);
        for rule in crate::OPERATIONS {
            let by_key = key(&[ApiScope::Login]).permit(rule.operation).is_ok();
            assert_eq!(caller.permit(rule.operation).is_ok(), by_key, "{:?}", rule.operation);
        }
        assert!(caller.acts_in_logins() && !caller.acts_as_support());
        assert!(!caller.has_scope(ApiScope::Login), "no assertion is given to a browser");
    }

    #[test]
    fn an_auditor_changes_nothing() {
        let caller = Caller { principal: Principal::Admin(admin(AdminRole::Auditor)), ..key(&[]) };
        for rule in crate::OPERATIONS {
            let name = format!("{:?}", rule.operation);
            let reads = rule.operation == Operation::Viewer || name.starts_with("Read") || name.starts_with("Watch");
            assert_eq!(
                caller.permit(rule.operation).is_ok(),
                // Of new requests is told who may answer them.
                reads && !matches!(rule.operation, Operation::ReadPartner | Operation::WatchTemporaryAccess),
                "{:?}",
                rule.operation
            );
        }
    }
}
