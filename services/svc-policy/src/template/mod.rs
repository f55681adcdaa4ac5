//! A partner's template: where its tenants start from, and what holds for all of them.
//!
//! A template is published like a policy, in versions of which the last one holds. Its locked fields
//! are checked where a tenant publishes ([`crate::Policies::publish`]) and where one is made; they are
//! *not* looked up when a login is decided. What decides is a tenant's own version, always: so a
//! template that was published by mistake changes nobody's logins before it is applied, waves are
//! possible at all, and an old decision is explained by one document. The price is drift, which is
//! therefore shown, and ended by a wave.
//!
//! A wave goes through tenants one by one, each in a transaction of its own, and always brings them to
//! the template as it is *then*: of two waves at once the older cannot undo the newer. What it did not
//! reach is reported; running it again goes on, since a tenant without drift is left alone.

mod align;
mod drift;
mod model;
mod publish;
pub(crate) mod store;
mod wave;

pub use drift::TenantDrift;
pub use model::TemplateVersion;
pub use publish::{PublishTemplateInput, PublishedTemplate};
pub use wave::{Alignment, TenantAlignment, Wave};

use core_access::PartnerPermit;
use core_kernel::{Fault, PartnerId, PolicyId};
use io_postgres::{DbError, PartnerTx, TenantTx};

use crate::Policies;

impl Policies {
    /// The partner's template as it is now; `None` where none was published.
    ///
    /// # Errors
    /// When the database fails or the template cannot be read.
    pub async fn template(&self, permit: &PartnerPermit) -> Result<Option<TemplateVersion>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::find_latest(&mut tx).await?)
    }

    /// One version of the partner's template by its identifier.
    ///
    /// # Errors
    /// When the database fails or the template cannot be read.
    pub async fn lookup_template(
        &self,
        permit: &PartnerPermit,
        id: PolicyId,
    ) -> Result<Option<TemplateVersion>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::find_by_id(&mut tx, id).await?)
    }

    /// Where a new tenant of this partner starts from; within the transaction that makes it.
    ///
    /// # Errors
    /// When the database fails or the template cannot be read: a lock that cannot be read is not
    /// passed over.
    pub async fn template_for_new_tenant(
        &self,
        tx: &mut TenantTx,
        partner: PartnerId,
    ) -> Result<Option<TemplateVersion>, DbError> {
        store::find_of_partner(tx, partner).await
    }
}
