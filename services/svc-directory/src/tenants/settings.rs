//! Reading tenants: one's own from memory, and a partner's list.

use std::sync::Arc;

use core_access::PartnerPermit;
use core_kernel::{Fault, Page, PageRequest, PartnerId, TenantId};
use io_cache::unshare;
use io_postgres::{NoTenant, PartnerTx, TenantTx};

use crate::Directory;
use crate::checks::read_slug;
use crate::tenants::{TenantSettings, store};

impl Directory {
    /// How a tenant is set up, without I/O where it was asked for within the last seconds.
    ///
    /// # Errors
    /// UNAVAILABLE without the database; INTERNAL when there is no such tenant: whoever asks has made
    /// sure that there is.
    pub async fn settings(&self, tenant: TenantId) -> Result<Arc<TenantSettings>, Fault> {
        let load = || {
            self.platform.database.in_time(async {
                let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
                store::find(&mut tx).await?.ok_or_else(no_such_tenant)
            })
        };
        self.settings.get_with(tenant, &(), load).await.map_err(unshare)
    }

    /// Whether a tenant is the partner's; a *no* is asked for anew each time.
    ///
    /// # Errors
    /// UNAVAILABLE without the database.
    pub async fn partner_owns_tenant(&self, partner: PartnerId, tenant: TenantId) -> Result<bool, Fault> {
        let load = || {
            self.platform.database.in_time(async {
                let mut connection = NoTenant::acquire(&self.platform.database).await?;
                let owns = store::partner_owns(&mut connection, partner, tenant).await?;
                owns.then_some(()).ok_or(Fault::Forbidden { reason: None })
            })
        };
        match self.owners.get_with(tenant, &partner, load).await.map_err(unshare) {
            Ok(_) => Ok(true),
            Err(Fault::Forbidden { .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// The partner's tenants by slug, and how many there are; `search` is part of a slug or name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants_of_partner(
        &self,
        permit: &PartnerPermit,
        page: &PageRequest,
        search: Option<&str>,
    ) -> Result<(Page<TenantSettings>, i64), Fault> {
        let pattern = search.map(like_anywhere);
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        // A cursor of another list: no slug comes after a tilde.
        let after = page.after.as_deref().map(|slug| read_slug(slug).unwrap_or("~"));
        let rows = store::list_of_partner(&mut tx, pattern.as_deref(), after, page.limit()).await?;
        let count = store::count_of_partner(&mut tx, pattern.as_deref()).await?;
        Ok((Page::cut(page, rows, |tenant| tenant.slug.clone()), count))
    }

    /// Those of these tenants that are the partner's, in no particular order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants_by_id(
        &self,
        permit: &PartnerPermit,
        tenants: &[TenantId],
    ) -> Result<Vec<TenantSettings>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::find_many_of_partner(&mut tx, tenants).await?)
    }

    /// One tenant of the partner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_of_partner(
        &self,
        permit: &PartnerPermit,
        tenant: TenantId,
    ) -> Result<Option<TenantSettings>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::find_of_partner(&mut tx, tenant).await?)
    }

    /// The partner's tenant of that slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_of_partner_by_slug(
        &self,
        permit: &PartnerPermit,
        slug: &str,
    ) -> Result<Option<TenantSettings>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::find_of_partner_by_slug(&mut tx, slug).await?)
    }
}

pub(super) fn no_such_tenant() -> Fault {
    Fault::internal("there is no such tenant")
}

/// As long as the longest identifier; what is longer is cut off, and finds nothing anyway.
const MAX_SEARCH_CHARS: usize = 256;

/// A pattern of LIKE that finds `text` itself, anywhere; without NUL, which no stored text has.
pub(crate) fn like_anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.trim().chars().filter(|letter| *letter != '\0').take(MAX_SEARCH_CHARS) {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

#[cfg(test)]
mod tests {
    use super::like_anywhere;

    #[test]
    fn wildcards_are_looked_for_as_themselves() {
        assert_eq!(like_anywhere(" 50%_\\x\0 "), "%50\\%\\_\\\\x%");
    }
}
