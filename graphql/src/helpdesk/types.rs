//! A temporary access code, without the code, and a request for one.

use async_graphql::{Context, ID, Object, Result};
use core_kernel::Fault;

use crate::connection::connection;
use crate::directory::{User, user_of};
use crate::enums::TemporaryAccessRequestStatus;
use crate::ids::id;
use crate::login::{Login, login_of};
use crate::scalars::DateTime;

connection! {
    /// A page of requests for temporary access.
    TemporaryAccessRequestConnection, TemporaryAccessRequestEdge of TemporaryAccessRequest;
}

/// A code that an advisor reads to a user; it stands in for the second factor once.
pub struct TemporaryAccessCode(svc_helpdesk::TemporaryAccessCode);

impl From<svc_helpdesk::TemporaryAccessCode> for TemporaryAccessCode {
    fn from(code: svc_helpdesk::TemporaryAccessCode) -> Self {
        Self(code)
    }
}

#[Object]
impl TemporaryAccessCode {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.code_id)
    }

    /// Who issued it, as in the audit log.
    async fn issued_by(&self) -> &str {
        &self.0.issued_by
    }

    /// Why, and how identity was checked.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Whether the login that it completes counts as verified, so that factors can be changed.
    async fn may_change_factors(&self) -> bool {
        self.0.may_change_factors
    }

    /// When it was issued.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// From then on it proves nothing.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it was proved.
    async fn used_at(&self) -> Option<DateTime> {
        self.0.used_at.map(DateTime::from)
    }

    /// When it was taken back, or a newer one took its place.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime::from)
    }
}

/// A user's plea to the advisor, tied to one login.
pub struct TemporaryAccessRequest(svc_helpdesk::TemporaryAccessRequest);

impl From<svc_helpdesk::TemporaryAccessRequest> for TemporaryAccessRequest {
    fn from(request: svc_helpdesk::TemporaryAccessRequest) -> Self {
        Self(request)
    }
}

#[Object]
impl TemporaryAccessRequest {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.request_id)
    }

    /// The login that an approval lets through: it tells from where the user asks.
    async fn login(&self, ctx: &Context<'_>) -> Result<Login> {
        let login = login_of(ctx, self.0.login_id).await?;
        Ok(login.ok_or(Fault::Forbidden { reason: None })?)
    }

    /// Who asks.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        user_of(ctx, self.0.user_id).await
    }

    /// What the user wrote.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> TemporaryAccessRequestStatus {
        self.0.status.into()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Until when it can be answered.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it was answered.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(DateTime::from)
    }

    /// Who answered it, as in the audit log.
    async fn answered_by(&self) -> Option<&str> {
        self.0.answered_by.as_deref()
    }
}
