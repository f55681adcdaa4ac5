//! Making a tenant, all of it or nothing: its row, its data key and version 1 of its policy.

use std::net::IpAddr;

use core_access::PartnerPermit;
use core_contact::EmailAddress;
use core_kernel::{PartnerId, Refusal, RefusalCode, Refusals, Stop, TenantId, Timestamp, TypedId};
use core_policy::{Policy, PolicyDraft, PublishContext, channels_needing_acknowledgement};
use io_postgres::TenantTx;
use serde_json::json;
use svc_policy::TemplateVersion;

use crate::Directory;
use crate::checks::{Checks, read_name, read_slug};
use crate::tenants::{Environment, TenantSettings, store};

/// `CreateTenantInput`.
#[derive(Debug, Clone)]
pub struct CreateTenantInput {
    /// `slug`.
    pub slug: String,
    /// `name`.
    pub name: String,
    /// `environment`.
    pub environment: Environment,
    /// `ownerEmail`.
    pub owner_email: String,
    /// `policy`; `None`: the partner's template or, without one, the policy of a new tenant.
    pub policy: Option<PolicyDraft>,
}

/// A tenant to be made, and in whose name.
#[derive(Debug, Clone, Copy)]
pub struct NewTenant<'a> {
    /// Whose it will be; `None`: nobody's.
    pub partner: Option<PartnerId>,
    /// Who makes it, for the audit log.
    pub created_by: &'a str,
    /// From which address, for the audit log.
    pub ip: Option<IpAddr>,
    /// What was asked for.
    pub input: &'a CreateTenantInput,
}

/// A tenant that was made, in a transaction that is still open.
#[derive(Debug)]
pub struct CreatedTenant {
    /// The tenant.
    pub settings: TenantSettings,
    /// Who is to be invited as its OWNER.
    pub owner: EmailAddress,
}

struct Checked {
    name: String,
    owner: EmailAddress,
    policy: Policy,
}

impl Directory {
    /// An identifier for a tenant that is about to be made: its transaction begins with it.
    #[must_use]
    pub fn new_tenant_id(&self) -> TenantId {
        TenantId::new(&*self.platform.entropy, self.platform.now())
    }

    /// Makes a tenant within `tx`, which was begun for [`Self::new_tenant_id`]. The caller invites the
    /// owner in the same transaction and commits.
    ///
    /// # Errors
    /// INVALID for every fault of the input; LOCKED_BY_PARTNER for every field of `policy` that the
    /// partner's template locks; ALREADY_EXISTS at `slug`; ACKNOWLEDGEMENT_REQUIRED at `policy` where it
    /// allows a weaker channel that the template does not, which only a person can accept, later.
    pub async fn create_tenant_in(&self, tx: &mut TenantTx, new: NewTenant<'_>) -> Result<CreatedTenant, Stop> {
        let now = store::database_now(tx).await?;
        let template = match new.partner {
            Some(partner) => self.policies.template_for_new_tenant(tx, partner).await?,
            None => None,
        };
        let checked = check(new.input, template.as_ref(), now)?;
        store::insert(tx, new.partner, new.input, &checked.name, now).await.map_err(|error| {
            match error.constraint() {
                Some("tenant_slug_key") => slug_taken().into(),
                _ => Stop::from(error),
            }
        })?;
        self.platform.keys.create_data_key(tx, &*self.platform.entropy).await?;
        self.policies.insert_first_version(tx, checked.policy, new.created_by, now).await?;
        let detail = json!({ "slug": new.input.slug, "environment": new.input.environment.as_str() });
        let target = tx.tenant().to_text();
        svc_audit::record_as(tx, new.created_by, "tenant.created", Some(&target), detail, new.ip).await?;
        let settings = store::find(tx).await?.ok_or_else(super::settings::no_such_tenant)?;
        Ok(CreatedTenant { settings, owner: checked.owner })
    }

    /// Makes a tenant of the partner without inviting anybody: for seeding.
    ///
    /// # Errors
    /// As [`Self::create_tenant_in`].
    pub async fn create_tenant(
        &self,
        permit: &PartnerPermit,
        input: &CreateTenantInput,
    ) -> Result<CreatedTenant, Stop> {
        let caller = permit.caller();
        let created_by = caller.audit_name();
        let new = NewTenant { partner: Some(caller.partner), created_by: &created_by, ip: caller.ip, input };
        let mut tx = TenantTx::begin(&self.platform.database, self.new_tenant_id()).await?;
        let created = self.create_tenant_in(&mut tx, new).await?;
        tx.commit().await?;
        Ok(created)
    }
}

fn check(input: &CreateTenantInput, template: Option<&TemplateVersion>, now: Timestamp) -> Result<Checked, Refusals> {
    let mut checks = Checks::default();
    checks.take("slug", read_slug(&input.slug));
    let name = checks.take("name", read_name(&input.name));
    let owner = checks.take("ownerEmail", EmailAddress::parse(&input.owner_email).map_err(|error| error.to_string()));
    let policy = match first_policy(input, template, now) {
        Ok(policy) => Some(policy),
        Err(refusals) => {
            checks.refuse_all(refusals);
            None
        }
    };
    let parts = name.zip(owner).zip(policy);
    checks.done()?;
    parts.map(|((name, owner), policy)| Checked { name, owner, policy }).ok_or_else(Vec::new)
}

/// What the tenant starts from. The partner's template has been accepted whole, weaker channels
/// included, when it was published; a policy of the tenant's own must fit it.
fn first_policy(
    input: &CreateTenantInput,
    template: Option<&TemplateVersion>,
    now: Timestamp,
) -> Result<Policy, Refusals> {
    let Some(draft) = &input.policy else {
        return Ok(template.map_or_else(|| Policy::new_tenant(now), |template| template.policy.clone()));
    };
    let sandbox = input.environment == Environment::Sandbox;
    let policy = draft.validate(&PublishContext { now, effective_at: None, sandbox })?;
    let mut refusals = template.map(|template| template.refuse_breaches(&policy, None)).unwrap_or_default();
    let accepted = template.map(|template| template.policy.weaker_channels()).unwrap_or_default();
    if !channels_needing_acknowledgement(&accepted, &policy).is_empty() {
        refusals.push(weaker_channel());
    }
    if refusals.is_empty() { Ok(policy) } else { Err(refusals) }
}

fn slug_taken() -> Refusal {
    Refusal::new(RefusalCode::AlreadyExists, "Another tenant has this slug.").at("slug")
}

fn weaker_channel() -> Refusal {
    let message = "A new tenant cannot begin with EMAIL, which is weaker than the rest: its administrator turns it on \
                   with publishPolicy, accepting the risk on record.";
    Refusal::new(RefusalCode::AcknowledgementRequired, message).at("policy")
}
