//! The login path's mutations. `verifyChallenge` and `startChallenge` answer with the challenge also
//! where they refuse: the user needs to know how many tries are left and when to ask again.

use async_graphql::{Context, Object, Result};
use core_access::Operation;
use core_kernel::{Redacted, Stop};
use svc_logins::VerifyInput;

use super::inputs::{EvaluateLoginInput, SkipEnrollmentInput, StartChallengeInput, VerifyChallengeInput};
use super::types::Login;
use crate::challenge::Challenge;
use crate::context::{permit, services};
use crate::errors::{answer, payload, user_errors};

payload! {
    /// The decision.
    EvaluateLoginPayload {
        /// The login, with its outcome and reasons.
        login: Login,
    }
    /// The challenge that was begun, or whose code was sent again.
    StartChallengePayload {
        /// Also with TOO_SOON: its `resendAt` tells when the code may go again.
        challenge: Challenge,
    }
    /// What became of the proof.
    VerifyChallengePayload {
        /// The login, complete; with its assertion.
        login: Login,
        /// Also with WRONG_CODE: tries left.
        challenge: Challenge,
        /// To be kept by the user's device and passed to evaluateLogin. Shown once.
        device_token: String,
    }
    /// The login, complete without enrollment.
    SkipEnrollmentPayload {
        /// The login, with its assertion.
        login: Login,
    }
}

#[derive(Default)]
pub struct LoginMutation;

#[Object]
impl LoginMutation {
    /// Decide whether a login needs a second factor, once the first factor has been accepted; or ask for a fresh proof (STEP_UP).
    async fn evaluate_login(&self, ctx: &Context<'_>, input: EvaluateLoginInput) -> Result<EvaluateLoginPayload> {
        let permit = permit(ctx, Operation::EvaluateLogin)?;
        let result = Box::pin(services(ctx)?.logins.evaluate(&permit, &input.into())).await;
        Ok(answer(result, |login| EvaluateLoginPayload { login: Some(login.into()), ..Default::default() })?)
    }

    /// Start proving a second factor, or send its code again; works for CHALLENGE, and for ENROLL with a temporary access code.
    async fn start_challenge(&self, ctx: &Context<'_>, input: StartChallengeInput) -> Result<StartChallengePayload> {
        let permit = permit(ctx, Operation::StartChallenge)?;
        let logins = &services(ctx)?.logins;
        let started = logins.start_challenge(&permit, input.login_id.as_str(), input.method_id.as_str());
        let result = Box::pin(started).await;
        Ok(answer(result, |started| StartChallengePayload {
            challenge: started.challenge.map(Challenge::from),
            user_errors: user_errors(started.refusal),
        })?)
    }

    /// Prove it. Exactly one of any number of concurrent calls with the right code succeeds.
    async fn verify_challenge(&self, ctx: &Context<'_>, input: VerifyChallengeInput) -> Result<VerifyChallengePayload> {
        let permit = permit(ctx, Operation::VerifyChallenge)?;
        let code = input.secret();
        let proof = VerifyInput {
            challenge: input.challenge_id.as_str(),
            code: code.as_ref(),
            credential: input.credential.as_ref().map(|credential| &credential.0),
            remember_device: input.remember_device,
        };
        let result = Box::pin(services(ctx)?.logins.verify_challenge(&permit, proof)).await;
        Ok(answer(result, |verified| VerifyChallengePayload {
            login: verified.login.map(Login::from),
            challenge: verified.challenge.map(Challenge::from),
            device_token: verified.device_token.map(Redacted::into_exposed),
            user_errors: user_errors(verified.refusal),
        })?)
    }

    /// Not now: allowed while enrollment is optional for this user.
    async fn skip_enrollment(&self, ctx: &Context<'_>, input: SkipEnrollmentInput) -> Result<SkipEnrollmentPayload> {
        let permit = permit(ctx, Operation::SkipEnrollment)?;
        let result: Result<_, Stop> =
            Box::pin(services(ctx)?.logins.skip_enrollment(&permit, input.login_id.as_str())).await;
        Ok(answer(result, |login| SkipEnrollmentPayload { login: Some(login.into()), ..Default::default() })?)
    }
}
