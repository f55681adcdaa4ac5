//! Inputs of factors and settings.

use async_graphql::{ID, InputObject};

use crate::directory::UserRef;
use crate::enums::{PhoneChannel, PhoneLine, PhoneRole, SecurityLevel};
use crate::scalars::{Json, PhoneNumber};

/// Changes to the factors of a user who has any need a *verified* login: one of that user, completed in the last 15 minutes by
/// proving or confirming a factor (`completedWith` neither null nor SKIPPED, nor TEMPORARY_ACCESS_CODE unless that code allows it;
/// one completed by EMAIL may add, not replace or remove). Otherwise VERIFICATION_REQUIRED. SUPPORT is exempt only without
/// `loginId`; then no login is completed and the user is told on every channel. The rule is checked again at confirmFactor. A
/// second factor of the same role replaces the PENDING one at once, and the ACTIVE one when it is confirmed.
#[derive(InputObject)]
pub struct EnrollPhoneInput {
    /// Whose.
    pub user: UserRef,
    /// The number; only of the countries that the policy names.
    pub number: PhoneNumber,
    /// Which of the user's phones.
    #[graphql(default_with = "PhoneRole::Primary")]
    pub role: PhoneRole,
    /// What kind of line.
    #[graphql(default_with = "PhoneLine::Mobile")]
    pub line: PhoneLine,
    /// For the confirming code; a landline always gets VOICE.
    pub channel: Option<PhoneChannel>,
    /// The login on whose ground it is asked.
    pub login_id: Option<ID>,
}

/// Have the code of a PENDING factor sent, or sent again.
#[derive(InputObject)]
pub struct SendFactorCodeInput {
    /// The factor.
    pub factor_id: ID,
    /// By text or call, for a mobile.
    pub channel: Option<PhoneChannel>,
    /// The login on whose ground it is asked.
    pub login_id: Option<ID>,
}

/// Enroll a mailbox, where the policy allows EMAIL.
#[derive(InputObject)]
pub struct EnrollEmailInput {
    /// Whose.
    pub user: UserRef,
    /// Left out: the user's address on record. Any other needs a verified login or SUPPORT, even for a first factor.
    pub address: Option<String>,
    /// The login on whose ground it is asked.
    pub login_id: Option<ID>,
}

/// Enroll an authenticator app.
#[derive(InputObject)]
pub struct EnrollTotpInput {
    /// Whose.
    pub user: UserRef,
    /// The login on whose ground it is asked.
    pub login_id: Option<ID>,
}

/// Finish an enrollment.
#[derive(InputObject)]
pub struct ConfirmFactorInput {
    /// The factor.
    pub factor_id: ID,
    /// The code that was sent, or that the app shows; spaces and hyphens do not matter.
    pub code: Option<String>,
    /// A passkey's credential.
    pub credential: Option<Json>,
    /// The login that asked for enrollment: completed by the confirmation if its outcome is ENROLL; an already verified login is
    /// accepted and stays as it is.
    pub login_id: Option<ID>,
    /// Ask for a deviceToken, where the policy trusts devices.
    #[graphql(default)]
    pub remember_device: bool,
}

/// Remove a factor.
#[derive(InputObject)]
pub struct RemoveFactorInput {
    /// The factor.
    pub factor_id: ID,
    /// The login on whose ground it is asked.
    pub login_id: Option<ID>,
}

/// Make new backup codes.
#[derive(InputObject)]
pub struct GenerateBackupCodesInput {
    /// Whose.
    pub user: UserRef,
    /// The login on whose ground it is asked.
    pub login_id: Option<ID>,
}

/// Choose a level.
#[derive(InputObject)]
pub struct ChooseSecurityLevelInput {
    /// Whose.
    pub user: UserRef,
    /// The level.
    pub level: SecurityLevel,
    /// Needed, verified, when a user who has factors lowers the level.
    pub login_id: Option<ID>,
}

/// Refused while the policy's minimum or the advisor's level is HIGH.
#[derive(InputObject)]
pub struct OptOutInput {
    /// Whose.
    pub user: UserRef,
    /// Needed, verified, when the user has factors; SUPPORT is exempt as for factors.
    pub login_id: Option<ID>,
}

/// Turn it on again.
#[derive(InputObject)]
pub struct OptInInput {
    /// Whose.
    pub user: UserRef,
}

fn text(id: Option<ID>) -> Option<String> {
    id.map(|id| id.0)
}

impl From<PhoneChannel> for svc_factors::PhoneChannel {
    fn from(channel: PhoneChannel) -> Self {
        match channel {
            PhoneChannel::Sms => Self::Sms,
            PhoneChannel::Voice => Self::Voice,
        }
    }
}

impl From<EnrollPhoneInput> for svc_factors::EnrollPhone {
    fn from(input: EnrollPhoneInput) -> Self {
        Self {
            user: input.user.into(),
            number: input.number.0,
            role: input.role.into(),
            line: input.line.into(),
            channel: input.channel.map(Into::into),
            login_id: text(input.login_id),
        }
    }
}

impl From<SendFactorCodeInput> for svc_factors::SendFactorCode {
    fn from(input: SendFactorCodeInput) -> Self {
        Self { factor_id: input.factor_id.0, channel: input.channel.map(Into::into), login_id: text(input.login_id) }
    }
}

impl From<EnrollEmailInput> for svc_factors::EnrollEmail {
    fn from(input: EnrollEmailInput) -> Self {
        Self { user: input.user.into(), address: input.address, login_id: text(input.login_id) }
    }
}

impl From<EnrollTotpInput> for svc_factors::EnrollTotp {
    fn from(input: EnrollTotpInput) -> Self {
        Self { user: input.user.into(), login_id: text(input.login_id) }
    }
}

impl From<ConfirmFactorInput> for svc_factors::ConfirmFactor {
    fn from(input: ConfirmFactorInput) -> Self {
        Self {
            factor_id: input.factor_id.0,
            code: input.code,
            credential: input.credential.map(|credential| credential.0),
            login_id: text(input.login_id),
            remember_device: input.remember_device,
        }
    }
}

impl From<RemoveFactorInput> for svc_factors::RemoveFactor {
    fn from(input: RemoveFactorInput) -> Self {
        Self { factor_id: input.factor_id.0, login_id: text(input.login_id) }
    }
}

impl From<GenerateBackupCodesInput> for svc_factors::GenerateBackupCodes {
    fn from(input: GenerateBackupCodesInput) -> Self {
        Self { user: input.user.into(), login_id: text(input.login_id) }
    }
}

impl From<ChooseSecurityLevelInput> for svc_factors::ChooseSecurityLevel {
    fn from(input: ChooseSecurityLevelInput) -> Self {
        Self { user: input.user.into(), level: input.level.into(), login_id: text(input.login_id) }
    }
}

impl From<OptOutInput> for svc_factors::OptOut {
    fn from(input: OptOutInput) -> Self {
        Self { user: input.user.into(), login_id: text(input.login_id) }
    }
}
