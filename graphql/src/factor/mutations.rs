//! Changes to factors and settings. Where a code is refused the payload still carries the challenge:
//! the user needs to know how many tries are left and when the code may go again.

use async_graphql::{Context, Object, Result};
use core_access::Operation;
use core_kernel::{Fault, LoginId, Redacted};
use svc_factors::{Confirmation, Enrollment};

use super::inputs::{
    ChooseSecurityLevelInput, ConfirmFactorInput, EnrollEmailInput, EnrollPhoneInput, EnrollTotpInput,
    GenerateBackupCodesInput, OptInInput, OptOutInput, RemoveFactorInput, SendFactorCodeInput,
};
use super::types::{EmailFactor, Factor, PhoneFactor, TotpFactor};
use crate::challenge::Challenge;
use crate::context::{permit, services};
use crate::directory::{User, user_or_errors};
use crate::errors::{answer, payload, user_errors};
use crate::login::Login;

payload! {
    /// A phone that waits for its code.
    EnrollPhonePayload {
        /// PENDING until confirmFactor.
        factor: PhoneFactor,
        /// Also with TOO_SOON: its `resendAt` tells when a code may go to this destination again.
        challenge: Challenge,
    }
    /// A mailbox that waits for its code.
    EnrollEmailPayload {
        /// PENDING until confirmFactor.
        factor: EmailFactor,
        /// Also with TOO_SOON: its `resendAt` tells when a code may go to this destination again.
        challenge: Challenge,
    }
    /// An app that waits for its first code.
    EnrollTotpPayload {
        /// PENDING until confirmFactor.
        factor: TotpFactor,
        /// otpauth:// URI, shown once.
        otpauth_uri: String,
        /// The same as a QR code, an SVG document.
        qr_code_svg: String,
    }
    /// The code is on its way.
    SendFactorCodePayload {
        /// Still PENDING.
        factor: Factor,
        /// Also with TOO_SOON: its `resendAt` tells when the code may go again.
        challenge: Challenge,
    }
    /// What became of the code.
    ConfirmFactorPayload {
        /// ACTIVE.
        factor: Factor,
        /// The login that was named; with its assertion where this call completed it.
        login: Login,
        /// With a WRONG_CODE too: tries left, when to send again.
        challenge: Challenge,
        /// To be kept by the user's device and passed to evaluateLogin. Shown once.
        device_token: String,
    }
    /// The factor is gone.
    RemoveFactorPayload {
        /// Whose it was.
        user: User,
    }
    /// New backup codes.
    GenerateBackupCodesPayload {
        /// Ten codes, shown once; they replace all earlier ones.
        codes: Vec<String>,
    }
    /// The level was chosen.
    ChooseSecurityLevelPayload {
        /// Whose.
        user: User,
    }
    /// Two-factor authentication is off.
    OptOutPayload {
        /// Whose.
        user: User,
    }
    /// Two-factor authentication is on.
    OptInPayload {
        /// Whose.
        user: User,
    }
}

#[derive(Default)]
pub struct FactorMutation;

#[Object]
impl FactorMutation {
    /// Enroll a phone: PENDING until the code that goes to it comes back to confirmFactor.
    async fn enroll_phone(&self, ctx: &Context<'_>, input: EnrollPhoneInput) -> Result<EnrollPhonePayload> {
        let permit = permit(ctx, Operation::EnrollFactor)?;
        let result = Box::pin(services(ctx)?.factors.enroll_phone(&permit, input.into())).await;
        Ok(answer(result, |enrolled| EnrollPhonePayload {
            factor: enrolled.factor.map(PhoneFactor::from),
            challenge: Some(enrolled.challenge.into()),
            user_errors: user_errors(enrolled.refusal),
        })?)
    }

    /// Enroll a mailbox, where the policy allows EMAIL.
    async fn enroll_email(&self, ctx: &Context<'_>, input: EnrollEmailInput) -> Result<EnrollEmailPayload> {
        let permit = permit(ctx, Operation::EnrollFactor)?;
        let result = Box::pin(services(ctx)?.factors.enroll_email(&permit, input.into())).await;
        Ok(answer(result, |enrolled| EnrollEmailPayload {
            factor: enrolled.factor.map(EmailFactor::from),
            challenge: Some(enrolled.challenge.into()),
            user_errors: user_errors(enrolled.refusal),
        })?)
    }

    /// Enroll an authenticator app: PENDING until a code that it shows comes to confirmFactor.
    async fn enroll_totp(&self, ctx: &Context<'_>, input: EnrollTotpInput) -> Result<EnrollTotpPayload> {
        let permit = permit(ctx, Operation::EnrollFactor)?;
        let result = Box::pin(services(ctx)?.factors.enroll_totp(&permit, input.into())).await;
        Ok(answer(result, |enrolled| EnrollTotpPayload {
            factor: Some(enrolled.factor.into()),
            otpauth_uri: Some(enrolled.otpauth_uri.into_exposed()),
            qr_code_svg: Some(enrolled.qr_code_svg.into_exposed()),
            user_errors: Vec::new(),
        })?)
    }

    /// Send the code of a factor that is still PENDING, or send it again, by text or call.
    async fn send_factor_code(&self, ctx: &Context<'_>, input: SendFactorCodeInput) -> Result<SendFactorCodePayload> {
        let permit = permit(ctx, Operation::SendFactorCode)?;
        match Box::pin(services(ctx)?.factors.send_factor_code(&permit, input.into())).await {
            Ok(enrollment) => Ok(sent(enrollment)?),
            Err(stop) => Ok(answer(Err(stop), |()| SendFactorCodePayload::default())?),
        }
    }

    /// Finish an enrollment with the code that was sent, the app's code, or the passkey's credential.
    async fn confirm_factor(&self, ctx: &Context<'_>, input: ConfirmFactorInput) -> Result<ConfirmFactorPayload> {
        let permit = permit(ctx, Operation::ConfirmFactor)?;
        match Box::pin(services(ctx)?.factors.confirm_factor(&permit, input.into())).await {
            Ok(confirmation) => Box::pin(confirmed(ctx, confirmation)).await,
            Err(stop) => Ok(answer(Err(stop), |()| ConfirmFactorPayload::default())?),
        }
    }

    /// Remove a factor; not the last usable one once a factor is mandatory.
    async fn remove_factor(&self, ctx: &Context<'_>, input: RemoveFactorInput) -> Result<RemoveFactorPayload> {
        let permit = permit(ctx, Operation::RemoveFactor)?;
        let result = Box::pin(services(ctx)?.factors.remove_factor(&permit, input.into())).await;
        let (user, user_errors) = Box::pin(user_or_errors(ctx, result)).await?;
        Ok(RemoveFactorPayload { user, user_errors })
    }

    /// Make ten backup codes in the place of all earlier ones.
    async fn generate_backup_codes(
        &self,
        ctx: &Context<'_>,
        input: GenerateBackupCodesInput,
    ) -> Result<GenerateBackupCodesPayload> {
        let permit = permit(ctx, Operation::GenerateBackupCodes)?;
        let result = Box::pin(services(ctx)?.factors.generate_backup_codes(&permit, input.into())).await;
        Ok(answer(result, |codes| GenerateBackupCodesPayload {
            codes: Some(codes.into_iter().map(Redacted::into_exposed).collect()),
            user_errors: Vec::new(),
        })?)
    }
}

#[derive(Default)]
pub struct SettingMutation;

#[Object]
impl SettingMutation {
    /// Choose STANDARD or HIGH within what the policy allows: an API key sets the user's own choice, an administrator the advisor's.
    async fn choose_security_level(
        &self,
        ctx: &Context<'_>,
        input: ChooseSecurityLevelInput,
    ) -> Result<ChooseSecurityLevelPayload> {
        let permit = permit(ctx, Operation::ChooseSecurityLevel)?;
        let result = Box::pin(services(ctx)?.factors.choose_security_level(&permit, input.into())).await;
        let (user, user_errors) = Box::pin(user_or_errors(ctx, result)).await?;
        Ok(ChooseSecurityLevelPayload { user, user_errors })
    }

    /// Turn two-factor authentication off for a user; possible only while it is optional. Factors stay, devices go.
    async fn opt_out(&self, ctx: &Context<'_>, input: OptOutInput) -> Result<OptOutPayload> {
        let permit = permit(ctx, Operation::OptOut)?;
        let result = Box::pin(services(ctx)?.factors.opt_out(&permit, input.into())).await;
        let (user, user_errors) = Box::pin(user_or_errors(ctx, result)).await?;
        Ok(OptOutPayload { user, user_errors })
    }

    /// Turn it on again.
    async fn opt_in(&self, ctx: &Context<'_>, input: OptInInput) -> Result<OptInPayload> {
        let permit = permit(ctx, Operation::OptIn)?;
        let result = Box::pin(services(ctx)?.factors.opt_in(&permit, &input.user.into())).await;
        let (user, user_errors) = Box::pin(user_or_errors(ctx, result)).await?;
        Ok(OptInPayload { user, user_errors })
    }
}

fn sent(sent: Enrollment) -> Result<SendFactorCodePayload, Fault> {
    Ok(SendFactorCodePayload {
        factor: sent.factor.map(Factor::try_from).transpose()?,
        challenge: Some(sent.challenge.into()),
        user_errors: user_errors(sent.refusal),
    })
}

async fn confirmed(ctx: &Context<'_>, confirmation: Confirmation) -> Result<ConfirmFactorPayload> {
    Ok(ConfirmFactorPayload {
        factor: confirmation.factor.map(Factor::try_from).transpose()?,
        login: login(ctx, confirmation.login, confirmation.completed_login).await?,
        challenge: confirmation.challenge.map(Challenge::from),
        device_token: confirmation.device_token.map(Redacted::into_exposed),
        user_errors: user_errors(confirmation.refusal),
    })
}

/// The login that was named: only the call that completed it gets its assertion.
async fn login(ctx: &Context<'_>, named: Option<LoginId>, completed: Option<LoginId>) -> Result<Option<Login>> {
    let Some(id) = named else { return Ok(None) };
    let permit = permit(ctx, Operation::ReadLogin)?;
    let logins = &services(ctx)?.logins;
    if completed.is_some() {
        return Ok(Some(logins.completed_view(&permit, id).await?.into()));
    }
    Ok(logins.lookup_login(&permit, id).await?.map(Login::from))
}
