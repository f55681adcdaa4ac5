//! Administrators, roles and sessions as others see them.

use std::net::IpAddr;

use core_access::{Actor, AdminRole};
use core_kernel::{AccountId, AdminId, PartnerId, TenantId, Timestamp, UserId};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row as _};

/// A person's role in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminView {
    /// The role's identifier, of this tenant alone.
    pub admin_id: AdminId,
    /// The person.
    pub account_id: AccountId,
    /// Where mail reaches the person, and the name to sign in with.
    pub email: String,
    /// As the person chose it; `None` until they signed in.
    pub display_name: Option<String>,
    /// What the person may do.
    pub role: AdminRole,
    /// When the person was invited.
    pub created_at: Timestamp,
    /// The last sign-in since then.
    pub last_signed_in_at: Option<Timestamp>,
}

impl AdminView {
    /// As who acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { id: self.admin_id, account: self.account_id, email: self.email.clone(), role: self.role }
    }
}

impl FromRow<'_, PgRow> for AdminView {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            admin_id: AdminId(row.try_get("admin_id")?),
            account_id: AccountId(row.try_get("account_id")?),
            email: row.try_get("email")?,
            display_name: row.try_get("display_name")?,
            role: role_of(row)?,
            created_at: row.try_get("created_at")?,
            last_signed_in_at: row.try_get("last_signed_in_at")?,
        })
    }
}

/// One of an account's roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// Where.
    pub tenant: TenantId,
    /// The role's identifier.
    pub admin: AdminId,
    /// Which.
    pub role: AdminRole,
}

impl FromRow<'_, PgRow> for Role {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let (tenant, admin) = (TenantId(row.try_get("tenant_id")?), AdminId(row.try_get("admin_id")?));
        Ok(Self { tenant, admin, role: role_of(row)? })
    }
}

/// For which partner a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerRole {
    /// For whom.
    pub partner: PartnerId,
    /// The role's identifier.
    pub admin: AdminId,
    /// Which.
    pub role: AdminRole,
}

impl FromRow<'_, PgRow> for PartnerRole {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let (partner, admin) = (PartnerId(row.try_get("partner_id")?), AdminId(row.try_get("admin_id")?));
        Ok(Self { partner, admin, role: role_of(row)? })
    }
}

/// A word that this version does not know is an error, never a guess at somebody's powers.
fn role_of(row: &PgRow) -> Result<AdminRole, sqlx::Error> {
    let word: String = row.try_get("role")?;
    AdminRole::parse(&word).ok_or_else(|| sqlx::Error::ColumnDecode {
        index: "role".to_owned(),
        source: format!("unknown role {word:?}").into(),
    })
}

/// A session that holds, with the roles as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The person.
    pub account: AccountId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub display_name: Option<String>,
    /// In the order of the tenants' age.
    pub roles: Vec<Role>,
    /// In the order of the partners' age.
    pub partners: Vec<PartnerRole>,
    /// When the session ends, however much it is used; by the wall clock.
    pub expires_at: Timestamp,
}

impl Session {
    /// As who this session acts by one of its roles.
    pub(crate) fn actor(&self, id: AdminId, role: AdminRole) -> Actor {
        Actor { id, account: self.account, email: self.email.clone(), role }
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What it calls itself.
    pub user_agent: Option<String>,
}

/// A person with an account, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    /// The platform tenant's user, who holds the second factors.
    pub(crate) user: UserId,
    pub(crate) email: String,
    pub(crate) display_name: Option<String>,
    pub(crate) password_phc: Option<String>,
    /// A second factor was proved once: the person signs in, and accepts no more invitations.
    pub(crate) enrolled: bool,
}

impl Account {
    pub(crate) fn audit_name(&self) -> String {
        format!("admin:{}", self.email)
    }
}

impl FromRow<'_, PgRow> for Account {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: AccountId(row.try_get("account_id")?),
            user: UserId(row.try_get("user_id")?),
            email: row.try_get("email")?,
            display_name: row.try_get("display_name")?,
            password_phc: row.try_get("password_phc")?,
            enrolled: row.try_get("enrolled")?,
        })
    }
}
