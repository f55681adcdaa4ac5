//! Codes, requests and pages as commands and queries give them.

use core_kernel::{LoginId, Redacted, TemporaryAccessCodeId, TemporaryAccessRequestId, Timestamp, UserId};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use svc_directory::UserRecord;

/// A temporary access code, without the code. Times are by the tenant's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryAccessCode {
    /// Its identifier.
    pub code_id: TemporaryAccessCodeId,
    /// Whom it lets in.
    pub user_id: UserId,
    /// Where it answers a request, the one login that it serves.
    pub login_id: Option<LoginId>,
    /// Who issued it, as in the audit log.
    pub issued_by: String,
    /// Why.
    pub reason: String,
    /// Whether the login it completes counts as verified.
    pub may_change_factors: bool,
    /// When it was issued.
    pub created_at: Timestamp,
    /// From then on it proves nothing.
    pub expires_at: Timestamp,
    /// When it was proved.
    pub used_at: Option<Timestamp>,
    /// When it was taken back, or a newer one took its place.
    pub revoked_at: Option<Timestamp>,
}

/// A code that was just issued: the only time that it can be seen.
#[derive(Debug, Clone)]
pub struct IssuedCode {
    /// What the advisor reads out: `XXXXX-XXXXX`.
    pub shown: Redacted<String>,
    /// What is kept of it.
    pub code: TemporaryAccessCode,
}

/// A user who was reset, with the code by which enrolling begins anew.
#[derive(Debug, Clone)]
pub struct ResetUser {
    /// The user, as of now.
    pub user: UserRecord,
    /// The code to read out.
    pub issued: IssuedCode,
}

/// Where a request stands; the names are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestStatus {
    /// Nobody has answered yet.
    Open,
    /// Answered with a code.
    Approved,
    /// Turned down.
    Declined,
    /// Nobody answered in time.
    Expired,
}

impl RequestStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Approved, Self::Declined, Self::Expired];

    /// The API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
            Self::Expired => "EXPIRED",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A user's plea to the advisor. Times are by the tenant's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryAccessRequest {
    /// Its identifier.
    pub request_id: TemporaryAccessRequestId,
    /// The login that it is about.
    pub login_id: LoginId,
    /// Who asks.
    pub user_id: UserId,
    /// What the user wrote.
    pub note: Option<String>,
    /// Where it stood when it was read.
    pub status: RequestStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// By whom, as in the audit log.
    pub answered_by: Option<String>,
    /// How identity was checked, or why it was declined.
    pub reason: Option<String>,
}

/// What a link's page shows. Looking at it consumes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkPage {
    /// A button that consumes the link.
    Ready {
        /// The firm that sent it.
        tenant_name: String,
        /// BCP 47: the user's language, or else the tenant's.
        language: String,
    },
    /// Unknown, expired, used or revoked: one page for all, that tells nothing.
    Over,
}

impl FromRow<'_, PgRow> for TemporaryAccessCode {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            code_id: TemporaryAccessCodeId(row.try_get("code_id")?),
            user_id: UserId(row.try_get("user_id")?),
            login_id: row.try_get::<Option<_>, _>("login_id")?.map(LoginId),
            issued_by: row.try_get("issued_by")?,
            reason: row.try_get("reason")?,
            may_change_factors: row.try_get("may_change_factors")?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            used_at: row.try_get("used_at")?,
            revoked_at: row.try_get("revoked_at")?,
        })
    }
}

impl FromRow<'_, PgRow> for TemporaryAccessRequest {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let status: String = row.try_get("status")?;
        Ok(Self {
            request_id: TemporaryAccessRequestId(row.try_get("request_id")?),
            login_id: LoginId(row.try_get("login_id")?),
            user_id: UserId(row.try_get("user_id")?),
            note: row.try_get("note")?,
            status: RequestStatus::parse(&status).ok_or_else(|| sqlx::Error::ColumnDecode {
                index: "status".to_owned(),
                source: format!("unknown word {status:?}").into(),
            })?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
            answered_at: row.try_get("answered_at")?,
            answered_by: row.try_get("answered_by")?,
            reason: row.try_get("reason")?,
        })
    }
}
