//! Making a row of a file of tenants so: a new tenant with its owner invited, an old one brought up to
//! date, and a twin to try things in, where it is asked for.

use core_access::{Actor, AdminRole, ApiScope, Operation, PartnerCaller, PartnerPrincipal, ScopeSet};
use core_contact::EmailAddress;
use core_kernel::{AccountId, AdminId, ApiKeyId, Fault, PartnerId, Refusal, RefusalCode, Stop, TenantId};
use io_postgres::TenantTx;
use svc_admins::{Admins, InviteAdmin};
use svc_directory::users::list_advisors;
use svc_directory::{CreateTenantInput, Directory, Environment, NewTenant, TenantSettings, UpdateTenantInput};
use svc_platform::Platform;
use uuid::Uuid;

use super::TenantRow;
use crate::model::RowFault;
use crate::store::Claim;

const TWIN: &str = "-sandbox";

/// What a row did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    Created,
    Updated,
    Unchanged,
}

/// In whose name rows are made so.
pub(crate) struct Applier<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) directory: &'a Directory,
    pub(crate) admins: &'a Admins,
    caller: PartnerCaller,
    dry_run: bool,
    twins: bool,
}

impl<'a> Applier<'a> {
    /// The powers are those of `importTenants`, whatever else the sender could do, or could not.
    pub(crate) fn new(
        platform: &'a Platform,
        directory: &'a Directory,
        admins: &'a Admins,
        claim: &Claim,
        partner: PartnerId,
    ) -> Self {
        let caller = PartnerCaller { partner, principal: sender(claim), ip: claim.created_from };
        Self { platform, directory, admins, caller, dry_run: claim.dry_run, twins: claim.sandbox_twins }
    }

    /// Makes a row so.
    ///
    /// # Errors
    /// Refusals with the fields of `CreateTenantInput`: see [`faults`].
    pub(crate) async fn apply(&self, row: &TenantRow) -> Result<Applied, Stop> {
        let applied = self.one(row).await?;
        if !self.twins || row.environment.unwrap_or(Environment::Live) != Environment::Live {
            return Ok(applied);
        }
        let twin = TenantRow {
            slug: format!("{}{TWIN}", row.slug),
            name: format!("{} (sandbox)", row.name),
            environment: Some(Environment::Sandbox),
            ..row.clone()
        };
        Ok(match (applied, self.one(&twin).await?) {
            (Applied::Unchanged, Applied::Created | Applied::Updated) => Applied::Updated,
            _ => applied,
        })
    }

    async fn one(&self, row: &TenantRow) -> Result<Applied, Stop> {
        let permit = self.caller.permit(Operation::CreateTenant)?;
        match self.directory.tenant_of_partner_by_slug(&permit, &row.slug).await? {
            Some(settings) => self.update(row, &settings).await,
            None => self.create(row).await,
        }
    }

    async fn create(&self, row: &TenantRow) -> Result<Applied, Stop> {
        let input = CreateTenantInput {
            slug: row.slug.clone(),
            name: row.name.clone(),
            environment: row.environment.unwrap_or(Environment::Live),
            owner_email: row.owner_email.clone(),
            policy: None,
        };
        if self.dry_run {
            self.rehearse(&input).await?;
        } else {
            self.admins.create_tenant(&self.caller.permit(Operation::CreateTenant)?, &input).await?;
        }
        Ok(Applied::Created)
    }

    /// All of it but the commit.
    async fn rehearse(&self, input: &CreateTenantInput) -> Result<(), Stop> {
        let created_by = self.caller.audit_name();
        let new = NewTenant { partner: Some(self.caller.partner), created_by: &created_by, ip: self.caller.ip, input };
        let mut tx = TenantTx::begin(&self.platform.database, self.directory.new_tenant_id()).await?;
        self.directory.create_tenant_in(&mut tx, new).await?;
        Ok(tx.rollback().await?)
    }

    async fn update(&self, row: &TenantRow, settings: &TenantSettings) -> Result<Applied, Stop> {
        if row.environment.is_some_and(|environment| environment != settings.environment) {
            let message = format!("This tenant is {}, for good.", settings.environment.as_str());
            return Err(Refusal::invalid("environment", message).into());
        }
        let owner = EmailAddress::parse(&row.owner_email).map_err(|error| error.refusal("ownerEmail"))?;
        let renames = row.name.trim() != settings.name;
        let invites = !self.is_admin(settings.tenant_id, &owner).await?;
        if renames {
            self.rename(settings.tenant_id, &row.name).await?;
        }
        if invites {
            self.invite(settings.tenant_id, &owner).await?;
        }
        Ok(if renames || invites { Applied::Updated } else { Applied::Unchanged })
    }

    async fn is_admin(&self, tenant: TenantId, email: &EmailAddress) -> Result<bool, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let found = list_advisors(&mut tx, &[email.normalized().to_owned()]).await?;
        Ok(!found.is_empty())
    }

    async fn rename(&self, tenant: TenantId, name: &str) -> Result<(), Stop> {
        svc_directory::read_name(name).map_err(|message| Refusal::invalid("name", message))?;
        if !self.dry_run {
            let permit = self.caller.in_tenant(tenant, None).permit(Operation::UpdateTenant)?;
            let input = UpdateTenantInput { name: Some(name.to_owned()), ..UpdateTenantInput::default() };
            self.directory.update_tenant(&permit, input).await?;
        }
        Ok(())
    }

    async fn invite(&self, tenant: TenantId, owner: &EmailAddress) -> Result<(), Stop> {
        if self.dry_run {
            return Ok(());
        }
        let permit = self.caller.in_tenant(tenant, None).permit(Operation::InviteAdmin)?;
        let input = InviteAdmin { email: owner.address().to_owned(), role: AdminRole::Owner };
        match self.admins.invite_admin(&permit, &input).await {
            // In another role: a file does not change it.
            Err(stop) if stop.refusal_code() == Some(RefusalCode::AlreadyExists) => Ok(()),
            invited => invited.map(|_| ()),
        }
    }
}

/// Whose file it is, with the powers that its rows take.
fn sender(claim: &Claim) -> PartnerPrincipal {
    if let Some(email) = claim.created_by.strip_prefix("partner:") {
        let (id, account) = (AdminId(Uuid::nil()), AccountId(Uuid::nil()));
        return PartnerPrincipal::Admin(Actor { id, account, email: email.to_owned(), role: AdminRole::Owner });
    }
    let name = claim.created_by.strip_prefix("key:").unwrap_or(&claim.created_by).to_owned();
    let id = claim.api_key.unwrap_or(ApiKeyId(Uuid::nil()));
    PartnerPrincipal::ApiKey { id, name, scopes: ScopeSet::of(&[ApiScope::Tenants, ApiScope::Policy]) }
}

/// Refusals as faults of a row.
pub(crate) fn faults(refusals: Vec<Refusal>) -> Vec<RowFault> {
    let column = |refusal: &Refusal| match refusal.field.first()?.as_str() {
        "ownerEmail" => Some("owner_email".to_owned()),
        "policy" => None,
        field => Some(field.to_owned()),
    };
    refusals.into_iter().map(|refusal| RowFault { column: column(&refusal), message: refusal.message }).collect()
}
