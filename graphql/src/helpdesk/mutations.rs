//! The help desk's mutations.
//!
//! Commands are boxed: the roots dispatch by one future that has room for every mutation's, and builds
//! without optimisation give each of them its own place on the stack.

use async_graphql::{Context, Object, Result};
use core_access::Operation;
use core_kernel::Stop;
use svc_directory::UserRecord;

use super::inputs::{
    ApproveTemporaryAccessRequestInput, DeclineTemporaryAccessRequestInput, IssueTemporaryAccessCodeInput,
    LockUserInput, RequestTemporaryAccessInput, ResetUserInput, RevokeTemporaryAccessCodeInput, SendOneTimeLinkInput,
    UnlockUserInput,
};
use super::types::{TemporaryAccessCode, TemporaryAccessRequest};
use crate::context::{permit, services};
use crate::directory::{User, user_of};
use crate::errors::{Payload, answer, payload, user_errors};
use crate::message::{Message, message_by_id};
use crate::scalars::DateTime;

payload! {
    /// The code to read out.
    IssueTemporaryAccessCodePayload {
        /// Shown once.
        code: String,
        /// What is kept of it.
        temporary_access_code: TemporaryAccessCode,
    }
    /// The code that was taken back.
    RevokeTemporaryAccessCodePayload {
        /// As of now.
        temporary_access_code: TemporaryAccessCode,
    }
    /// The request, which the advisor has been told of.
    RequestTemporaryAccessPayload {
        /// The same one, however often it is asked for.
        request: TemporaryAccessRequest,
    }
    /// The code to read out.
    ApproveTemporaryAccessRequestPayload {
        /// Works for that login alone. Shown once.
        code: String,
        /// The request, answered.
        request: TemporaryAccessRequest,
    }
    /// The request, declined.
    DeclineTemporaryAccessRequestPayload {
        /// The request, answered.
        request: TemporaryAccessRequest,
    }
    /// The user, locked.
    LockUserPayload {
        /// As of now.
        user: User,
    }
    /// The user, no longer locked.
    UnlockUserPayload {
        /// As of now.
        user: User,
    }
    /// The user, without any factor.
    ResetUserPayload {
        /// As of now.
        user: User,
        /// To be proved at the next login before anything can be enrolled. Shown once.
        code: String,
    }
    /// The mail that is on its way.
    SendOneTimeLinkPayload {
        /// From then on the link does not work.
        expires_at: DateTime,
        /// The mail.
        message: Message,
    }
}

#[derive(Default)]
pub struct HelpDeskMutation;

#[Object]
impl HelpDeskMutation {
    /// A one-time code that an advisor reads to a user who has lost every factor. Shown once.
    async fn issue_temporary_access_code(
        &self,
        ctx: &Context<'_>,
        input: IssueTemporaryAccessCodeInput,
    ) -> Result<IssueTemporaryAccessCodePayload> {
        let permit = permit(ctx, Operation::IssueTemporaryAccessCode)?;
        let result = Box::pin(services(ctx)?.help_desk.issue_temporary_access_code(&permit, input.into())).await;
        Ok(answer(result, |issued| IssueTemporaryAccessCodePayload {
            code: Some(issued.shown.into_exposed()),
            temporary_access_code: Some(issued.code.into()),
            ..Default::default()
        })?)
    }

    /// Take a code back that has not been used.
    async fn revoke_temporary_access_code(
        &self,
        ctx: &Context<'_>,
        input: RevokeTemporaryAccessCodeInput,
    ) -> Result<RevokeTemporaryAccessCodePayload> {
        let permit = permit(ctx, Operation::RevokeTemporaryAccessCode)?;
        let result = Box::pin(services(ctx)?.help_desk.revoke_temporary_access_code(&permit, input.id.as_str())).await;
        Ok(answer(result, |code| RevokeTemporaryAccessCodePayload {
            temporary_access_code: Some(code.into()),
            ..Default::default()
        })?)
    }

    /// The user's side: ask the advisor to let this one login through (More options).
    async fn request_temporary_access(
        &self,
        ctx: &Context<'_>,
        input: RequestTemporaryAccessInput,
    ) -> Result<RequestTemporaryAccessPayload> {
        let permit = permit(ctx, Operation::RequestTemporaryAccess)?;
        let result = Box::pin(services(ctx)?.help_desk.request_temporary_access(&permit, input.into())).await;
        Ok(answer(result, |request| RequestTemporaryAccessPayload {
            request: Some(request.into()),
            ..Default::default()
        })?)
    }

    /// The advisor's side: approve, and read the code to the user.
    async fn approve_temporary_access_request(
        &self,
        ctx: &Context<'_>,
        input: ApproveTemporaryAccessRequestInput,
    ) -> Result<ApproveTemporaryAccessRequestPayload> {
        let permit = permit(ctx, Operation::AnswerTemporaryAccess)?;
        let result = Box::pin(services(ctx)?.help_desk.approve_temporary_access_request(&permit, input.into())).await;
        Ok(answer(result, |(issued, request)| ApproveTemporaryAccessRequestPayload {
            code: Some(issued.shown.into_exposed()),
            request: Some(request.into()),
            ..Default::default()
        })?)
    }

    /// The advisor's side: no.
    async fn decline_temporary_access_request(
        &self,
        ctx: &Context<'_>,
        input: DeclineTemporaryAccessRequestInput,
    ) -> Result<DeclineTemporaryAccessRequestPayload> {
        let permit = permit(ctx, Operation::AnswerTemporaryAccess)?;
        let result = Box::pin(services(ctx)?.help_desk.decline_temporary_access_request(&permit, input.into())).await;
        Ok(answer(result, |request| DeclineTemporaryAccessRequestPayload {
            request: Some(request.into()),
            ..Default::default()
        })?)
    }

    /// Keep a user out until somebody unlocks; codes, links and unconfirmed factors end.
    async fn lock_user(&self, ctx: &Context<'_>, input: LockUserInput) -> Result<LockUserPayload> {
        let permit = permit(ctx, Operation::LockUser)?;
        let result = Box::pin(services(ctx)?.help_desk.lock_user(&permit, input.into())).await;
        let result = Box::pin(shown(ctx, result)).await?;
        Ok(answer(result, |user| LockUserPayload { user: Some(user), ..Default::default() })?)
    }

    /// End a lock, whoever or whatever caused it, and the counts of wrong codes.
    async fn unlock_user(&self, ctx: &Context<'_>, input: UnlockUserInput) -> Result<UnlockUserPayload> {
        let permit = permit(ctx, Operation::UnlockUser)?;
        let result = Box::pin(services(ctx)?.help_desk.unlock_user(&permit, input.into())).await;
        let result = Box::pin(shown(ctx, result)).await?;
        Ok(answer(result, |user| UnlockUserPayload { user: Some(user), ..Default::default() })?)
    }

    /// Remove every factor, device, link and open login of a user, who enrolls again after proving the code that this returns.
    async fn reset_user(&self, ctx: &Context<'_>, input: ResetUserInput) -> Result<ResetUserPayload> {
        let permit = permit(ctx, Operation::ResetUser)?;
        let reset = match Box::pin(services(ctx)?.help_desk.reset_user(&permit, input.into())).await {
            Ok(reset) => reset,
            Err(Stop::Refused(refusals)) => return Ok(ResetUserPayload::refused(user_errors(refusals))),
            Err(Stop::Fault(fault)) => return Err(fault.into()),
        };
        // The code is shown once: whatever goes wrong with reading the user again must not lose it.
        let user = Box::pin(user_of(ctx, reset.user.user_id)).await.ok();
        Ok(ResetUserPayload { user, code: Some(reset.issued.shown.into_exposed()), ..Default::default() })
    }

    /// Mail an external party a single-use link that stands in for the password; a second factor follows.
    async fn send_one_time_link(
        &self,
        ctx: &Context<'_>,
        input: SendOneTimeLinkInput,
    ) -> Result<SendOneTimeLinkPayload> {
        let permit = permit(ctx, Operation::SendOneTimeLink)?;
        let sent = match Box::pin(services(ctx)?.help_desk.send_one_time_link(&permit, input.into())).await {
            Ok(sent) => sent,
            Err(Stop::Refused(refusals)) => return Ok(SendOneTimeLinkPayload::refused(user_errors(refusals))),
            Err(Stop::Fault(fault)) => return Err(fault.into()),
        };
        let message = Box::pin(message_by_id(ctx, &permit, sent.message_id)).await?;
        Ok(SendOneTimeLinkPayload { expires_at: Some(sent.expires_at.into()), message, ..Default::default() })
    }
}

/// A command's user as the API shows it.
async fn shown(ctx: &Context<'_>, result: Result<UserRecord, Stop>) -> Result<Result<User, Stop>> {
    Ok(match result {
        Ok(record) => Ok(Box::pin(user_of(ctx, record.user_id)).await?),
        Err(stop) => Err(stop),
    })
}
