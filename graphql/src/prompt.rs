//! Hosted prompts: sending a browser to one, and exchanging what it comes back with.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use core_access::Operation;
use svc_prompt::CreatePromptInput;

use crate::context::{permit, services};
use crate::errors::{answer, payload};
use crate::login::Login;

/// What a hosted prompt is for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "svc_prompt::PromptPurpose")]
pub enum PromptPurpose {
    /// Enroll or prove a factor, and be let in.
    Login,
    /// Manage factors, devices and the level; needs a completed login.
    Settings,
}

/// Where a browser is to be sent, and where it comes back to.
#[derive(InputObject)]
pub struct CreatePromptSessionInput {
    /// The login.
    pub login_id: ID,
    /// What for.
    #[graphql(default_with = "PromptPurpose::Login")]
    pub purpose: PromptPurpose,
    /// Must match one of the tenant's registered return URLs.
    pub return_url: String,
    /// Comes back unchanged, at most 512 characters; tie it to the browser's session.
    pub state: Option<String>,
}

/// What a hosted prompt came back with.
#[derive(InputObject)]
pub struct RedeemPromptResultInput {
    /// The parameter `result`.
    pub result: String,
}

payload! {
    /// The address of a hosted prompt.
    CreatePromptSessionPayload {
        /// Where to send the browser within 10 minutes; it opens once and then lives in that browser's cookie, so that reloading is safe.
        url: String,
    }
    /// The login that a hosted prompt was about.
    RedeemPromptResultPayload {
        /// With its assertion.
        login: Login,
        /// As given to createPromptSession.
        state: String,
    }
}

#[derive(Default)]
pub struct PromptMutation;

#[Object]
impl PromptMutation {
    /// A hosted page on which the user enrolls, proves a factor or changes settings. It returns to
    /// `returnUrl?result=…&state=…`, also when denied or given up; no assertion travels in a URL.
    async fn create_prompt_session(
        &self,
        ctx: &Context<'_>,
        input: CreatePromptSessionInput,
    ) -> Result<CreatePromptSessionPayload> {
        let permit = permit(ctx, Operation::CreatePromptSession)?;
        let prompt = CreatePromptInput {
            login: input.login_id.as_str(),
            purpose: input.purpose.into(),
            return_url: &input.return_url,
            state: input.state.as_deref(),
        };
        let result = Box::pin(services(ctx)?.prompts.create(&permit, prompt)).await;
        Ok(answer(result, |url| CreatePromptSessionPayload { url: Some(url), ..Default::default() })?)
    }

    /// Exchange that result for the login and its assertion: single use, 60 s.
    async fn redeem_prompt_result(
        &self,
        ctx: &Context<'_>,
        input: RedeemPromptResultInput,
    ) -> Result<RedeemPromptResultPayload> {
        let permit = permit(ctx, Operation::RedeemPromptResult)?;
        let result = Box::pin(services(ctx)?.prompts.redeem(&permit, &input.result)).await;
        Ok(answer(result, |redeemed| RedeemPromptResultPayload {
            login: Some(redeemed.login.into()),
            state: redeemed.state,
            ..Default::default()
        })?)
    }
}
