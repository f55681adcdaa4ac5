//! A new tenant with its first administrator invited: both or neither.

use std::net::IpAddr;

use core_access::{AdminRole, PartnerPermit};
use core_contact::EmailAddress;
use core_kernel::{PartnerId, Stop, TenantId};
use io_postgres::TenantTx;
use svc_directory::{CreateTenantInput, NewTenant, TenantSettings};

use super::invite::{By, Invitee};
use crate::Admins;

/// Who makes a tenant, and whose it will be.
#[derive(Debug, Clone, Copy)]
struct Maker<'a> {
    partner: Option<PartnerId>,
    name: &'a str,
    ip: Option<IpAddr>,
}

impl Admins {
    /// Creates a tenant of the partner and invites `ownerEmail` as its OWNER.
    ///
    /// # Errors
    /// Those of [`svc_directory::Directory::create_tenant_in`].
    pub async fn create_tenant(
        &self,
        permit: &PartnerPermit,
        input: &CreateTenantInput,
    ) -> Result<TenantSettings, Stop> {
        let caller = permit.caller();
        let name = caller.audit_name();
        self.create(Maker { partner: Some(caller.partner), name: &name, ip: caller.ip }, input).await
    }

    /// The same by the operator, who makes tenants of any partner, and such as belong to none.
    ///
    /// # Errors
    /// As [`Self::create_tenant`].
    pub async fn create_tenant_as_operator(
        &self,
        partner: Option<PartnerId>,
        input: &CreateTenantInput,
    ) -> Result<TenantSettings, Stop> {
        self.create(Maker { partner, name: "operator", ip: None }, input).await
    }

    async fn create(&self, maker: Maker<'_>, input: &CreateTenantInput) -> Result<TenantSettings, Stop> {
        let tenant = self.directory.new_tenant_id();
        // An address that is none is refused below, together with all other faults of the input.
        let owner = match EmailAddress::parse(&input.owner_email) {
            Ok(email) => Some(self.prepare(email, tenant.0).await?),
            Err(_) => None,
        };
        let created = self.create_with(maker, input, tenant, owner.as_ref()).await;
        if let (Err(_), Some(owner)) = (&created, &owner) {
            self.forget(owner).await?;
        }
        created
    }

    async fn create_with(
        &self,
        maker: Maker<'_>,
        input: &CreateTenantInput,
        tenant: TenantId,
        owner: Option<&Invitee>,
    ) -> Result<TenantSettings, Stop> {
        let new = NewTenant { partner: maker.partner, created_by: maker.name, ip: maker.ip, input };
        let mut tx: TenantTx = self.tx(tenant).await?;
        let created = self.directory.create_tenant_in(&mut tx, new).await?;
        if let Some(owner) = owner {
            let key = self.platform.keys.data_key_in(&mut tx).await?;
            let by = By { name: maker.name, ip: maker.ip };
            self.invite_in(&mut tx, &key, &by, owner, AdminRole::Owner).await?;
        }
        tx.commit().await?;
        self.platform.messages_queued.notify_one();
        Ok(created.settings)
    }
}
