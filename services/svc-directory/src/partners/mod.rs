//! Partners: firms that own tenants.

mod admins;
mod store;

pub use admins::{NewPartnerAdmin, PartnerAdmin};

use core_access::PartnerPermit;
use core_kernel::{Fault, PartnerId, Refusal, Stop, Timestamp};
use io_postgres::PartnerTx;
use sqlx::FromRow;
use sqlx::postgres::PgRow;

use crate::Directory;
use crate::api_keys::{CreatedApiKey, PartnerKeyInput};
use crate::checks::read_name;

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerRecord {
    /// The partner.
    pub partner_id: PartnerId,
    /// For people to read.
    pub name: String,
    /// When it was made, by the wall clock.
    pub created_at: Timestamp,
}

impl FromRow<'_, PgRow> for PartnerRecord {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        use sqlx::Row;
        Ok(Self {
            partner_id: PartnerId(row.try_get("partner_id")?),
            name: row.try_get("name")?,
            created_at: row.try_get("created_at")?,
        })
    }
}

/// A partner that was just made, and its first key.
#[derive(Debug, Clone)]
pub struct FoundedPartner {
    /// The partner.
    pub partner_id: PartnerId,
    /// The key with which it makes its tenants.
    pub key: CreatedApiKey,
}

impl Directory {
    /// Makes a partner without a key; for seeding, never by a request.
    ///
    /// # Errors
    /// INVALID at `name`.
    pub async fn create_partner(&self, name: &str) -> Result<PartnerId, Stop> {
        let tx = self.begin_partner(name).await?;
        let partner = tx.partner();
        tx.commit().await?;
        Ok(partner)
    }

    /// Makes a partner and its first key, both or none; by the command line, never by a request.
    ///
    /// # Errors
    /// INVALID at `name` or, of the key, at `name` or `scopes`.
    pub async fn found_partner(&self, name: &str, key: &PartnerKeyInput) -> Result<FoundedPartner, Stop> {
        let mut tx = self.begin_partner(name).await?;
        let key = self.create_partner_api_key_in(&mut tx, key).await?;
        let partner_id = tx.partner();
        tx.commit().await?;
        Ok(FoundedPartner { partner_id, key })
    }

    /// A transaction of a new partner, with its row.
    async fn begin_partner(&self, name: &str) -> Result<PartnerTx, Stop> {
        let name = read_name(name).map_err(|message| Refusal::invalid("name", message))?;
        let now = self.platform.now();
        let partner = PartnerId::new(&*self.platform.entropy, now);
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        store::insert(&mut tx, &name, now).await?;
        Ok(tx)
    }

    /// The partner of this identifier, where there is one; by the command line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_partner(&self, partner: PartnerId) -> Result<Option<PartnerRecord>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        Ok(store::find(&mut tx).await?)
    }

    /// The partner itself.
    ///
    /// # Errors
    /// INTERNAL when it is gone.
    pub async fn partner(&self, permit: &PartnerPermit) -> Result<PartnerRecord, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        store::find(&mut tx).await?.ok_or_else(|| Fault::internal("there is no such partner"))
    }
}
