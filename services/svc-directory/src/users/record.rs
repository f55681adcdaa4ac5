//! A user as it is stored.

use core_contact::EmailAddress;
use core_crypto::{DataKey, SealContext};
use core_kernel::{AdminId, Fault, TenantId, Timestamp, UserId};
use core_policy::{Lock, SecurityLevel, UserKind};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use svc_platform::place;
use uuid::Uuid;

/// The table of users, as it stands in the place of a sealed value.
pub const USER_TABLE: &str = "tenant_user";
/// The column of the address on record: [`EmailAddress::address`], sealed under the tenant's data key.
pub const EMAIL_COLUMN: &str = "email_sealed";

/// Where a user's address on record is sealed.
#[must_use]
pub fn email_place(tenant: TenantId, user: UserId) -> SealContext {
    place(tenant, USER_TABLE, user.0, EMAIL_COLUMN)
}

/// A user as it is stored. What depends on time or policy is worked out from it, never kept.
#[derive(Debug, Clone)]
pub struct UserRecord {
    /// Our identifier.
    pub user_id: UserId,
    /// The tenant's own, trimmed and otherwise as given.
    pub external_id: String,
    /// Whose people.
    pub kind: UserKind,
    /// A name for persons to read.
    pub display_name: Option<String>,
    /// The address on record, sealed; see [`UserRecord::email`].
    pub email_sealed: Option<Vec<u8>>,
    /// BCP 47; `None`: the tenant's.
    pub language: Option<String>,
    /// The administrator who looks after the user.
    pub advisor_id: Option<AdminId>,
    /// Switched off by the tenant.
    pub disabled: bool,
    /// Locked, perhaps not any more: ask [`Lock::holds`] by the tenant's clock.
    pub lock: Option<Lock>,
    /// When the user turned two-factor authentication off.
    pub opted_out_at: Option<Timestamp>,
    /// The first login that was asked about, by the tenant's clock.
    pub first_login_at: Option<Timestamp>,
    /// How often enrollment was skipped.
    pub skips_used: u32,
    /// After a reset nothing is enrolled before the code that SUPPORT read out is proved.
    pub reset_pending: bool,
    /// Until then, by the tenant's clock, only SUPPORT changes factors.
    pub factors_frozen_until: Option<Timestamp>,
    /// The user's own choice.
    pub chosen_level: Option<SecurityLevel>,
    /// The advisor's choice.
    pub advisor_level: Option<SecurityLevel>,
    /// When Postern first heard of the user, by the tenant's clock.
    pub created_at: Timestamp,
}

impl UserRecord {
    /// The address on record; `key` is the tenant's data key.
    ///
    /// # Errors
    /// When the sealed value does not open: it was changed or moved.
    pub fn email(&self, key: &DataKey) -> Result<Option<EmailAddress>, Fault> {
        let Some(sealed) = &self.email_sealed else { return Ok(None) };
        let opened = key.open(&email_place(key.tenant(), self.user_id), sealed).map_err(Fault::internal)?;
        let text = std::str::from_utf8(&opened).map_err(Fault::internal)?;
        EmailAddress::parse(text).map(Some).map_err(Fault::internal)
    }
}

// The driver cannot read 'infinity', by which a person's lock is stored: the columns below keep it apart.
macro_rules! user_columns {
    () => {
        "u.user_id, u.external_id, u.kind, u.display_name, u.email_sealed, u.language, u.advisor_id, u.disabled,
         case when isfinite(u.locked_until) then u.locked_until end as locked_until,
         u.locked_until is not null and not isfinite(u.locked_until) as locked_forever,
         u.opted_out_at, u.first_login_at, u.skips_used, u.reset_pending, u.factors_frozen_until,
         u.chosen_level, u.advisor_level, u.created_at"
    };
}
pub(crate) use user_columns;

impl FromRow<'_, PgRow> for UserRecord {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let locked_until: Option<Timestamp> = row.try_get("locked_until")?;
        let locked_forever: bool = row.try_get("locked_forever")?;
        Ok(Self {
            user_id: UserId(row.try_get("user_id")?),
            external_id: row.try_get("external_id")?,
            kind: word(row, "kind", UserKind::parse)?,
            display_name: row.try_get("display_name")?,
            email_sealed: row.try_get("email_sealed")?,
            language: row.try_get("language")?,
            advisor_id: row.try_get::<Option<Uuid>, _>("advisor_id")?.map(AdminId),
            disabled: row.try_get("disabled")?,
            lock: if locked_forever { Some(Lock::Indefinite) } else { locked_until.map(Lock::Until) },
            opted_out_at: row.try_get("opted_out_at")?,
            first_login_at: row.try_get("first_login_at")?,
            skips_used: u32::try_from(row.try_get::<i32, _>("skips_used")?).unwrap_or(0),
            reset_pending: row.try_get("reset_pending")?,
            factors_frozen_until: row.try_get("factors_frozen_until")?,
            chosen_level: optional_word(row, "chosen_level", SecurityLevel::parse)?,
            advisor_level: optional_word(row, "advisor_level", SecurityLevel::parse)?,
            created_at: row.try_get("created_at")?,
        })
    }
}

fn word<T>(row: &PgRow, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, sqlx::Error> {
    let text: String = row.try_get(column)?;
    parse(&text).ok_or_else(|| unknown_word(column, &text))
}

fn optional_word<T>(row: &PgRow, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, sqlx::Error> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| parse(&text).ok_or_else(|| unknown_word(column, &text))).transpose()
}

fn unknown_word(column: &'static str, text: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: format!("unknown word {text:?}").into() }
}
