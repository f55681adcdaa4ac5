//! The people who answer for a partner, as the operator names them. They are listed with the partner, so
//! that its tenants' auditors and the operator know whom to ask; what they may do, for the partner and in
//! its tenants, follows from their role by the table of `core_access`. How they sign in is svc-admins'.

use core_access::{AdminRole, PartnerPermit, PartnerPrincipal};
use core_contact::EmailAddress;
use core_kernel::{AccountId, AdminId, Fault, PartnerId, Refusal, RefusalCode, Stop, Timestamp};
use io_postgres::PartnerTx;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::store;
use crate::Directory;

/// A person who answers for a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerAdmin {
    /// Their identifier, of this partner alone.
    pub admin_id: AdminId,
    /// Where mail reaches them, and the name to sign in with.
    pub email: String,
    /// As the person chose it; `None` until they signed in.
    pub display_name: Option<String>,
    /// What they may do.
    pub role: AdminRole,
    /// When they were named.
    pub created_at: Timestamp,
    /// The last sign-in since then.
    pub last_signed_in_at: Option<Timestamp>,
}

impl FromRow<'_, PgRow> for PartnerAdmin {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let role: String = row.try_get("role")?;
        let unknown = || sqlx::Error::ColumnDecode { index: "role".to_owned(), source: "unknown role".into() };
        Ok(Self {
            admin_id: AdminId(row.try_get("admin_id")?),
            email: row.try_get("email")?,
            display_name: row.try_get("display_name")?,
            role: AdminRole::parse(&role).ok_or_else(unknown)?,
            created_at: row.try_get("created_at")?,
            last_signed_in_at: row.try_get("last_signed_in_at")?,
        })
    }
}

/// Somebody to be named.
#[derive(Debug, Clone)]
pub struct NewPartnerAdmin {
    /// Where mail reaches them.
    pub email: EmailAddress,
    /// What they may do.
    pub role: AdminRole,
    /// The account with which they sign in.
    pub account: AccountId,
}

impl Directory {
    /// Names a person who answers for a partner; by the command line, never by a request. Whoever was named
    /// when there was no account to sign in with gets theirs by being named again.
    ///
    /// # Errors
    /// ALREADY_EXISTS at `email` in any spelling; NOT_FOUND where there is no such partner.
    pub async fn add_partner_admin(&self, partner: PartnerId, new: &NewPartnerAdmin) -> Result<PartnerAdmin, Stop> {
        let now = self.platform.now();
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        store::find(&mut tx).await?.ok_or_else(|| Refusal::not_found("partner"))?;
        let id = AdminId::new(&*self.platform.entropy, now);
        let added = store::insert_admin(&mut tx, id, new, now).await?.ok_or_else(|| {
            let message = "This person answers for the partner already.";
            Refusal::new(RefusalCode::AlreadyExists, message).at("email")
        })?;
        tx.commit().await?;
        Ok(added)
    }

    /// Whether the person answered for the partner until now; by the command line, never by a request.
    ///
    /// # Errors
    /// INVALID at `email`; when the database fails.
    pub async fn remove_partner_admin(&self, partner: PartnerId, email: &str) -> Result<bool, Stop> {
        let email = EmailAddress::parse(email).map_err(|error| Refusal::invalid("email", error.to_string()))?;
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        let removed = store::remove_admin(&mut tx, &email, self.platform.now()).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Those who answer for the partner, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn partner_admins(&self, permit: &PartnerPermit) -> Result<Vec<PartnerAdmin>, Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::list_admins(&mut tx).await?)
    }

    /// Whoever is asking, where it is one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_partner_admin(&self, permit: &PartnerPermit) -> Result<Option<PartnerAdmin>, Fault> {
        let PartnerPrincipal::Admin(own) = &permit.caller().principal else { return Ok(None) };
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        Ok(store::find_admin(&mut tx, own.id).await?)
    }

    /// Writes down that one of them signed in, and what they are called.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_partner_sign_in(
        &self,
        partner: PartnerId,
        admin: AdminId,
        display_name: Option<&str>,
    ) -> Result<(), Fault> {
        let mut tx = PartnerTx::begin(&self.platform.database, partner).await?;
        store::update_admin_signed_in(&mut tx, admin, display_name, self.platform.now()).await?;
        Ok(tx.commit().await?)
    }
}
