//! A challenge: one proof asked of one factor. Logins and enrollments answer with the same type.

use async_graphql::{Context, ID, Object, Result};
use core_access::Operation;
use core_kernel::{ChallengeId, MessageId};
use svc_logins::ChallengeRecord;
use svc_platform::ChallengeView;

use crate::context::{permit, services};
use crate::enums::{ChallengeStatus, MethodChannel, from_word};
use crate::ids::id;
use crate::message::{Message, messages_of_challenge};
use crate::scalars::{DateTime, Json};

/// One proof asked of one factor within a login or an enrollment.
pub struct Challenge {
    source: Source,
}

/// The login path leaves the destination sealed until it is asked for; enrollments have it at hand.
enum Source {
    Login(ChallengeRecord),
    Enrollment(ChallengeView),
}

impl From<ChallengeRecord> for Challenge {
    fn from(record: ChallengeRecord) -> Self {
        Self { source: Source::Login(record) }
    }
}

impl From<ChallengeView> for Challenge {
    fn from(view: ChallengeView) -> Self {
        Self { source: Source::Enrollment(view) }
    }
}

impl Challenge {
    fn challenge_id(&self) -> ChallengeId {
        match &self.source {
            Source::Login(record) => record.challenge_id,
            Source::Enrollment(view) => view.challenge_id,
        }
    }

    fn message_id(&self) -> Option<MessageId> {
        match &self.source {
            Source::Login(record) => record.message_id,
            Source::Enrollment(view) => view.message_id,
        }
    }

    /// Who may see the challenge may see its messages.
    async fn its_messages(&self, ctx: &Context<'_>) -> Result<Vec<Message>> {
        let permit = permit(ctx, Operation::ReadLogin)?;
        messages_of_challenge(ctx, permit, self.challenge_id()).await
    }
}

#[Object]
impl Challenge {
    /// Opaque, unique and never reused.
    pub(crate) async fn id(&self) -> ID {
        id(self.challenge_id())
    }

    /// How it is proved; of a code that is sent, the way it went out last.
    async fn channel(&self) -> MethodChannel {
        match &self.source {
            Source::Login(record) => record.channel.into(),
            Source::Enrollment(view) => view.channel.into(),
        }
    }

    /// Where the code went, masked; null for what is not sent.
    async fn destination(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.source {
            Source::Enrollment(view) => Ok(view.destination.clone()),
            Source::Login(record) => {
                let tenant = crate::context::caller(ctx)?.tenant;
                Ok(services(ctx)?.logins.destination(tenant, record).await?)
            }
        }
    }

    /// Where it stands.
    async fn status(&self) -> ChallengeStatus {
        let word = match &self.source {
            Source::Login(record) => record.status,
            Source::Enrollment(view) => view.status.as_str(),
        };
        from_word(word).unwrap_or(ChallengeStatus::Pending)
    }

    /// Wrong codes that would still be compared: the login's budget, whatever the number of challenges.
    async fn attempts_remaining(&self) -> i32 {
        match &self.source {
            Source::Login(record) => record.attempts_remaining,
            Source::Enrollment(view) => view.attempts_remaining,
        }
    }

    /// When the code stops working. Sending it again does not move this.
    async fn expires_at(&self) -> DateTime {
        match &self.source {
            Source::Login(record) => record.expires_at.into(),
            Source::Enrollment(view) => view.expires_at.into(),
        }
    }

    /// The earliest time at which startChallenge sends the same code again by this channel.
    async fn resend_at(&self) -> Option<DateTime> {
        match &self.source {
            Source::Login(record) => record.resend_at.map(DateTime::from),
            Source::Enrollment(view) => view.resend_at.map(DateTime::from),
        }
    }

    /// The latest message that carries the code, where there is one.
    async fn message(&self, ctx: &Context<'_>) -> Result<Option<Message>> {
        let latest = self.its_messages(ctx).await?.pop();
        debug_assert!(self.message_id().is_none() || latest.is_some());
        Ok(latest)
    }

    /// All messages that carry the code, oldest first.
    async fn messages(&self, ctx: &Context<'_>) -> Result<Vec<Message>> {
        self.its_messages(ctx).await
    }

    /// `PublicKeyCredentialRequestOptions`, for PASSKEY.
    async fn request_options(&self, ctx: &Context<'_>) -> Result<Option<Json>> {
        let Source::Login(record) = &self.source else { return Ok(None) };
        let tenant = crate::context::caller(ctx)?.tenant;
        Ok(services(ctx)?.logins.request_options(tenant, record).await?.map(Json))
    }
}
