//! From whom a provider names to somebody with a role in the tenant.
//!
//! By the provider's own name for the person, once it is linked; the first time by an address. Every time the
//! provider must vouch for an address of a domain that the tenant allows: a domain that was taken off the list
//! ends it for everybody there. Whoever also has a role elsewhere must have accepted the provider themselves.

use core_contact::EmailAddress;
use core_kernel::{Fault, TenantId, TypedId};
use core_oidc::Identity;
use io_postgres::TenantTx;
use serde_json::json;
use svc_admins::Client;

use super::finish::ACTOR;
use crate::model::Candidate;
use crate::store::links;
use crate::{ProviderView, SingleSignOn, rules};

/// Why a person whom the provider named is nobody here; words for a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotLed {
    Unverified,
    Domain,
    NoRole,
    LinkedToAnother,
    NotAccepted,
}

impl std::fmt::Display for NotLed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unverified => "the provider vouches for no mail address of the person (email, email_verified)",
            Self::Domain => "the person's mail address is of a domain that is not allowed",
            Self::NoRole => "nobody of this mail address has a role here",
            Self::LinkedToAnother => "the role of this mail address belongs to another of the provider's people",
            Self::NotAccepted => "the person also has a role elsewhere and has not accepted this provider",
        })
    }
}

/// The address, if the provider vouches for it and may.
pub(super) fn vouched_for(provider: &ProviderView, identity: &Identity) -> Result<EmailAddress, NotLed> {
    let email =
        identity.verified_email().and_then(|email| EmailAddress::parse(email).ok()).ok_or(NotLed::Unverified)?;
    if rules::is_of(&email, &provider.domains) { Ok(email) } else { Err(NotLed::Domain) }
}

impl SingleSignOn {
    /// Who it is here.
    pub(super) async fn lead(
        &self,
        tenant: TenantId,
        provider: &ProviderView,
        identity: &Identity,
        client: &Client,
    ) -> Result<Result<Candidate, NotLed>, Fault> {
        let email = match vouched_for(provider, identity) {
            Ok(email) => email,
            Err(why) => return Ok(Err(why)),
        };
        let mut tx = self.tx(tenant).await?;
        let known = links::find(&mut tx, &provider.issuer, &identity.subject).await?;
        let is_new = known.is_none();
        let candidate = match known {
            Some(known) => known,
            None => match links::find_by_email(&mut tx, &email).await? {
                None => return Ok(Err(NotLed::NoRole)),
                Some(found) if found.linked => return Ok(Err(NotLed::LinkedToAnother)),
                Some(found) => found,
            },
        };
        if !candidate.accepted && self.admins.has_role_elsewhere(candidate.account, tenant).await? {
            return Ok(Err(NotLed::NotAccepted));
        }
        if is_new && !self.link(&mut tx, provider, identity, &candidate, client).await? {
            return Ok(Err(NotLed::LinkedToAnother));
        }
        links::touch(&mut tx, &provider.issuer, &identity.subject, self.platform.now()).await?;
        tx.commit().await?;
        Ok(Ok(candidate))
    }

    async fn link(
        &self,
        tx: &mut TenantTx,
        provider: &ProviderView,
        identity: &Identity,
        candidate: &Candidate,
        client: &Client,
    ) -> Result<bool, Fault> {
        let (issuer, subject) = (&provider.issuer, &identity.subject);
        if !links::insert(tx, issuer, subject, candidate.admin, self.platform.now()).await? {
            return Ok(false);
        }
        let detail = json!({ "issuer": issuer, "subject": subject, "email": candidate.email });
        let target = candidate.admin.to_text();
        svc_audit::record_as(tx, ACTOR, "identity_provider.linked", Some(&target), detail, client.ip).await?;
        Ok(true)
    }
}
