//! The ways to complete a login by a proof, and the channels on which one may enroll.
//!
//! After a mailed link neither offers mail: the same mailbox twice is one factor.

use crate::{
    AudiencePolicy, Channel, FactorFacts, FactorKind, FactorStatus, FirstFactor, LoginOutcome, MethodChannel,
    PhoneLine, Policy, UserFacts,
};

/// One way to complete a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodSpec {
    /// Index into [`UserFacts::factors`]; `None` for a temporary access code, and for backup codes
    /// that are not listed among the factors.
    pub factor: Option<usize>,
    /// By what.
    pub channel: MethodChannel,
    /// The first of the list, and no other.
    pub preferred: bool,
}

impl MethodSpec {
    const fn of(factor: Option<usize>, channel: MethodChannel) -> Self {
        Self { factor, channel, preferred: false }
    }
}

/// The channels on which one may enroll, the preferred first.
#[must_use]
pub fn enrollment_channels(audience: &AudiencePolicy, first_factor: FirstFactor) -> Vec<Channel> {
    let offered = |channel: &Channel| !(first_factor == FirstFactor::OneTimeLink && *channel == Channel::Email);
    audience.allowed_channels.iter().copied().filter(offered).collect()
}

/// Every way in which this user can prove a second factor, the preferred first: by the policy's order
/// of channels, the primary phone before the recovery phone, then backup codes, then a temporary
/// access code. Empty: there is none.
#[must_use]
pub fn usable_channels(policy: &Policy, user: &UserFacts, first_factor: FirstFactor) -> Vec<MethodSpec> {
    let channels = enrollment_channels(policy.audience(user.kind), first_factor);
    let by_factor = channels.into_iter().flat_map(|channel| on_channel(user, channel));
    prefer_first(by_factor.chain(backup_code(user)).chain(temporary_access_code(user)).collect())
}

/// `Login.methods`: a CHALLENGE offers all of [`usable_channels`], an ENROLL a temporary access code
/// if there is one, anything else nothing.
#[must_use]
pub fn login_methods(
    policy: &Policy,
    user: &UserFacts,
    first_factor: FirstFactor,
    outcome: LoginOutcome,
) -> Vec<MethodSpec> {
    match outcome {
        LoginOutcome::Challenge => usable_channels(policy, user, first_factor),
        LoginOutcome::Enroll => prefer_first(temporary_access_code(user).into_iter().collect()),
        LoginOutcome::Allow | LoginOutcome::Deny => Vec::new(),
    }
}

fn prefer_first(mut methods: Vec<MethodSpec>) -> Vec<MethodSpec> {
    if let Some(first) = methods.first_mut() {
        first.preferred = true;
    }
    methods
}

fn on_channel(user: &UserFacts, channel: Channel) -> Vec<MethodSpec> {
    let mut indices: Vec<usize> = (0..user.factors.len()).filter(|at| serves(&user.factors[*at], channel)).collect();
    indices.sort_by_key(|at| user.factors[*at].kind == FactorKind::PhoneRecovery);
    indices.into_iter().map(|at| MethodSpec::of(Some(at), channel.into())).collect()
}

fn serves(factor: &FactorFacts, channel: Channel) -> bool {
    let fits = match factor.kind {
        FactorKind::PhonePrimary | FactorKind::PhoneRecovery => match channel {
            Channel::Sms => factor.line == Some(PhoneLine::Mobile),
            Channel::Voice => true,
            _ => false,
        },
        FactorKind::Email => channel == Channel::Email,
        FactorKind::Totp => channel == Channel::Totp,
        FactorKind::Passkey => channel == Channel::Passkey,
        FactorKind::BackupCodes => false,
    };
    fits && factor.status == FactorStatus::Active
}

/// Backup codes, unless too many wrong ones DISABLED them.
fn backup_code(user: &UserFacts) -> Option<MethodSpec> {
    let index = user.factors.iter().position(|factor| factor.kind == FactorKind::BackupCodes);
    let barred = index.is_some_and(|at| user.factors[at].status != FactorStatus::Active);
    (user.backup_codes_remaining && !barred).then(|| MethodSpec::of(index, MethodChannel::BackupCode))
}

fn temporary_access_code(user: &UserFacts) -> Option<MethodSpec> {
    user.temporary_access_outstanding.then(|| MethodSpec::of(None, MethodChannel::TemporaryAccessCode))
}
