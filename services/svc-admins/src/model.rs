//! Administrators, roles and sessions as others see them.

use std::net::IpAddr;

use core_access::{Actor, AdminRole};
use core_kernel::{AccountId, AdminId, ConsoleSessionId, LoginId, PartnerId, TenantId, Timestamp, UserId};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row as _};

use crate::rules::FRESH;

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
    /// When password and second factor are to be set up anew, where an OWNER asked for that.
    pub reset_at: Option<Timestamp>,
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
            reset_at: row.try_get("reset_at")?,
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
    /// Sessions that began before this have no part in it: an OWNER ended them.
    pub sessions_from: Option<Timestamp>,
    /// The tenant wants its own identity provider to be signed in by, and no password; but of OWNERs, who must
    /// get in when that is away.
    pub provider_only: bool,
}

impl Role {
    /// Whether a session that began `since`, by the provider of `only` or by a password, has a part in it.
    pub(crate) fn is_part_of(&self, since: Timestamp, only: Option<TenantId>) -> bool {
        let standing = self.sessions_from.is_none_or(|from| from < since);
        standing && only.map_or_else(|| self.allows_password(), |only| only == self.tenant)
    }

    pub(crate) fn allows_password(&self) -> bool {
        !self.provider_only || self.role == AdminRole::Owner
    }
}

impl FromRow<'_, PgRow> for Role {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let (tenant, admin) = (TenantId(row.try_get("tenant_id")?), AdminId(row.try_get("admin_id")?));
        let (sessions_from, provider_only) = (row.try_get("sessions_from")?, row.try_get("provider_only")?);
        Ok(Self { tenant, admin, role: role_of(row)?, sessions_from, provider_only })
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
    /// For its person to name it by; no secret.
    pub id: ConsoleSessionId,
    /// When both factors were proved, by the wall clock.
    pub since: Timestamp,
    /// The platform tenant's login that was completed then: for a quarter of an hour it vouches for changes
    /// of the person's factors.
    pub login: Option<LoginId>,
    /// The platform tenant's user, who holds the factors.
    pub user: UserId,
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
    /// The tenant whose identity provider opened it: it acts there and nowhere else, and the account is not
    /// its to change.
    pub only: Option<TenantId>,
}

impl Session {
    /// Whether both factors were proved just now.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.since + FRESH
    }

    /// As who this session acts by one of its roles.
    pub(crate) fn actor(&self, id: AdminId, role: AdminRole) -> Actor {
        Actor { id, account: self.account, email: self.email.clone(), role }
    }
}

/// A session as its person sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// To end it by.
    pub id: ConsoleSessionId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// The last use, give or take half a minute.
    pub last_seen_at: Timestamp,
    /// When it ends, however much it is used.
    pub expires_at: Timestamp,
    /// From where the person signed in.
    pub ip: Option<IpAddr>,
    /// Where that address is, as far as it is known.
    pub place: Option<Place>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// Where an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// In English.
    pub city: Option<String>,
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

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;

    fn role(role: AdminRole, provider_only: bool) -> Role {
        let (tenant, admin) = (TenantId(Uuid::from_u128(1)), AdminId(Uuid::from_u128(2)));
        Role { tenant, admin, role, sessions_from: None, provider_only }
    }

    #[test]
    fn a_providers_session_has_a_part_in_its_tenant_alone() {
        let (now, other) = (DateTime::from_timestamp(1_790_000_000, 0).unwrap(), TenantId(Uuid::from_u128(3)));
        for provider_only in [true, false] {
            let role = role(AdminRole::Admin, provider_only);
            assert!(role.is_part_of(now, Some(role.tenant)) && !role.is_part_of(now, Some(other)));
        }
        let ended = Role { sessions_from: Some(now), ..role(AdminRole::Admin, false) };
        assert!(!ended.is_part_of(now, None) && !ended.is_part_of(now, Some(ended.tenant)));
        assert!(ended.is_part_of(now + TimeDelta::seconds(1), None));
    }

    #[test]
    fn where_passwords_are_off_an_owner_still_gets_in() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        for (who, provider_only, gets_in) in [
            (AdminRole::Owner, true, true),
            (AdminRole::Admin, true, false),
            (AdminRole::Auditor, true, false),
            (AdminRole::Admin, false, true),
        ] {
            assert_eq!(role(who, provider_only).is_part_of(now, None), gets_in, "{who:?} {provider_only}");
        }
    }
}
