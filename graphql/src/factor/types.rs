//! A factor, by kind.

use async_graphql::{ID, Interface, Object};
use core_kernel::Fault;
use core_policy::FactorKind;
use svc_factors::FactorView;

use super::passkey::PasskeyFactor;
use crate::enums::{FactorStatus, PhoneLine, PhoneRole};
use crate::ids::id;
use crate::roots::Node;
use crate::scalars::DateTime;

/// Something that a user can prove.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Opaque, unique and never reused."),
    field(name = "status", ty = "FactorStatus", desc = "Where it stands."),
    field(name = "created_at", ty = "DateTime", desc = "When it was enrolled."),
    field(
        name = "last_used_at",
        ty = "Option<DateTime>",
        desc = "When it was last proved, its confirmation included."
    )
)]
pub enum Factor {
    /// A phone.
    Phone(PhoneFactor),
    /// A mailbox.
    Email(EmailFactor),
    /// An authenticator app.
    Totp(TotpFactor),
    /// A passkey.
    Passkey(PasskeyFactor),
    /// Backup codes.
    BackupCodes(BackupCodesFactor),
}

/// A phone: mobile or landline, the usual one or a fallback.
pub struct PhoneFactor(FactorView);
/// A mailbox.
pub struct EmailFactor(FactorView);
/// An authenticator app, RFC 6238.
pub struct TotpFactor(FactorView);
/// A set of codes that the user wrote down.
pub struct BackupCodesFactor(FactorView);

impl Factor {
    /// As an answer of `node`.
    pub(crate) fn into_node(self) -> Node {
        match self {
            Self::Phone(phone) => Node::PhoneFactor(phone),
            Self::Email(email) => Node::EmailFactor(email),
            Self::Totp(app) => Node::TotpFactor(app),
            Self::Passkey(passkey) => Node::PasskeyFactor(passkey),
            Self::BackupCodes(codes) => Node::BackupCodesFactor(codes),
        }
    }
}

impl TryFrom<FactorView> for Factor {
    type Error = Fault;

    fn try_from(view: FactorView) -> Result<Self, Fault> {
        match view.kind {
            FactorKind::PhonePrimary | FactorKind::PhoneRecovery => Ok(Self::Phone(PhoneFactor(view))),
            FactorKind::Email => Ok(Self::Email(EmailFactor(view))),
            FactorKind::Totp => Ok(Self::Totp(TotpFactor(view))),
            FactorKind::BackupCodes => Ok(Self::BackupCodes(BackupCodesFactor(view))),
            FactorKind::Passkey => Ok(Self::Passkey(view.into())),
        }
    }
}

impl From<FactorView> for PhoneFactor {
    fn from(view: FactorView) -> Self {
        Self(view)
    }
}

impl From<FactorView> for EmailFactor {
    fn from(view: FactorView) -> Self {
        Self(view)
    }
}

impl From<FactorView> for TotpFactor {
    fn from(view: FactorView) -> Self {
        Self(view)
    }
}

#[Object]
impl PhoneFactor {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.factor_id)
    }

    /// Where it stands.
    pub async fn status(&self) -> FactorStatus {
        self.0.status.into()
    }

    /// When it was enrolled.
    pub async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last proved, its confirmation included.
    pub async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }

    /// Which of the user's phones.
    pub async fn role(&self) -> PhoneRole {
        self.0.kind.phone_role().map_or(PhoneRole::Primary, PhoneRole::from)
    }

    /// What kind of line. A landline is reached by voice call only.
    pub async fn line(&self) -> PhoneLine {
        self.0.line.map_or(PhoneLine::Landline, PhoneLine::from)
    }

    /// Masked, e.g. `+1 ••• ••• 0123`.
    pub async fn destination(&self) -> &str {
        self.0.destination.as_deref().unwrap_or_default()
    }
}

#[Object]
impl EmailFactor {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.factor_id)
    }

    /// Where it stands.
    pub async fn status(&self) -> FactorStatus {
        self.0.status.into()
    }

    /// When it was enrolled.
    pub async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last proved, its confirmation included.
    pub async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }

    /// Masked, e.g. `a•••@example.com`.
    pub async fn destination(&self) -> &str {
        self.0.destination.as_deref().unwrap_or_default()
    }
}

#[Object]
impl TotpFactor {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.factor_id)
    }

    /// Where it stands.
    pub async fn status(&self) -> FactorStatus {
        self.0.status.into()
    }

    /// When it was enrolled.
    pub async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last proved, its confirmation included.
    pub async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }
}

#[Object]
impl BackupCodesFactor {
    /// Opaque, unique and never reused.
    pub async fn id(&self) -> ID {
        id(self.0.factor_id)
    }

    /// Where it stands.
    pub async fn status(&self) -> FactorStatus {
        self.0.status.into()
    }

    /// When the set was made.
    pub async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When one of them was last used.
    pub async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }

    /// How many are left, of ten.
    pub async fn remaining(&self) -> i32 {
        self.0.remaining
    }
}
