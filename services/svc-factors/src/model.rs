//! What commands and queries answer with. Destinations are masked here already: no full one leaves
//! this crate.

use core_kernel::{DeviceId, FactorId, LoginId, Redacted, Refusal, Timestamp, UserId};
use core_policy::{Channel, FactorKind, FactorStatus, PhoneLine};
use svc_platform::ChallengeView;

/// A factor as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorView {
    /// The factor.
    pub factor_id: FactorId,
    /// Whose.
    pub user_id: UserId,
    /// What it is; a phone's role is part of it.
    pub kind: FactorKind,
    /// Where it stands.
    pub status: FactorStatus,
    /// A contact that the tenant supplied and the user has not confirmed.
    pub suggested: bool,
    /// A phone's line.
    pub line: Option<PhoneLine>,
    /// A phone or address, masked.
    pub destination: Option<String>,
    /// When it was enrolled, by the tenant's clock.
    pub created_at: Timestamp,
    /// When it was last proved, its confirmation included.
    pub last_used_at: Option<Timestamp>,
    /// Backup codes that are left; 0 for every other kind.
    pub remaining: i32,
    /// A passkey's name and relying party.
    pub passkey: Option<PasskeyLabel>,
}

/// What tells a user's passkeys apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyLabel {
    /// As its owner called it.
    pub name: String,
    /// The domain that it is good for.
    pub rp_id: String,
}

/// A trusted device as it is shown; its token is shown once, to the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// The device.
    pub device_id: DeviceId,
    /// Whose.
    pub user_id: UserId,
    /// What its browser called itself.
    pub user_agent: Option<String>,
    /// When a factor was proved on it, by the tenant's clock.
    pub created_at: Timestamp,
    /// When it was last used, to about an hour.
    pub last_seen_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// How a code reaches a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneChannel {
    /// A text.
    Sms,
    /// A call.
    Voice,
}

impl From<PhoneChannel> for Channel {
    fn from(channel: PhoneChannel) -> Self {
        match channel {
            PhoneChannel::Sms => Self::Sms,
            PhoneChannel::Voice => Self::Voice,
        }
    }
}

/// What enrolling a phone or mailbox, or sending its code again, came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    /// The pending factor; `None` with TOO_SOON.
    pub factor: Option<FactorView>,
    /// The challenge of its code. With TOO_SOON it tells `resend_at`.
    pub challenge: ChallengeView,
    /// TOO_SOON, and nothing else: the code went out a moment ago, and nothing was changed.
    pub refusal: Option<Refusal>,
}

/// What enrolling an authenticator app came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpEnrollment {
    /// The pending factor.
    pub factor: FactorView,
    /// The `otpauth://` URI, shown once.
    pub otpauth_uri: Redacted<String>,
    /// The same as a QR code, an SVG document.
    pub qr_code_svg: Redacted<String>,
}

/// What enrolling a passkey came to.
#[derive(Debug, Clone, PartialEq)]
pub struct PasskeyEnrollment {
    /// The pending factor.
    pub factor: FactorView,
    /// `PublicKeyCredentialCreationOptions` as JSON (WebAuthn §5.1.9), good for five minutes and one answer.
    pub creation_options: serde_json::Value,
}

/// What a code or credential that confirms a factor came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The factor, ACTIVE; `None` when the code was refused.
    pub factor: Option<FactorView>,
    /// The challenge, where a code was sent: with a wrong one, how many tries are left.
    pub challenge: Option<ChallengeView>,
    /// The login that was named; `None` when the code was refused.
    pub login: Option<LoginId>,
    /// The same, where this very call completed it: then, and only then, an assertion goes with it.
    pub completed_login: Option<LoginId>,
    /// The token by which the device is trusted from now on, shown once.
    pub device_token: Option<Redacted<String>>,
    /// WRONG_CODE, TOO_MANY_ATTEMPTS, EXPIRED, USER_LOCKED or ALREADY_COMPLETED.
    pub refusal: Option<Refusal>,
}
