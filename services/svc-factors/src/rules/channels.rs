//! Which factor may be enrolled on which channel.

use core_kernel::Refusal;
use core_policy::{Channel, FactorKind, PhoneLine};

use crate::model::PhoneChannel;
use crate::refusal;

/// How the confirming code of a phone goes out: a landline is always called; a mobile gets what was
/// asked for, else a text, else a call, if the policy allows it.
///
/// # Errors
/// NOT_ALLOWED_BY_POLICY, at `channel` where one was asked for.
pub(crate) fn phone_channel(
    allowed: &[Channel],
    line: PhoneLine,
    asked: Option<PhoneChannel>,
) -> Result<Channel, Refusal> {
    let candidates = match (line, asked) {
        (PhoneLine::Landline, _) => vec![Channel::Voice],
        (PhoneLine::Mobile, Some(asked)) => vec![asked.into()],
        (PhoneLine::Mobile, None) => vec![Channel::Sms, Channel::Voice],
    };
    let chosen = candidates.iter().find(|channel| allowed.contains(channel));
    chosen.copied().ok_or_else(|| match (line, asked) {
        (PhoneLine::Mobile, Some(asked)) => refusal::channel_not_allowed(asked.into()).at("channel"),
        (PhoneLine::Landline, _) => refusal::channel_not_allowed(Channel::Voice),
        (PhoneLine::Mobile, None) => refusal::phones_not_allowed(),
    })
}

/// Whether a factor of this kind may be enrolled at all.
///
/// # Errors
/// NOT_ALLOWED_BY_POLICY.
pub(crate) fn check_kind(allowed: &[Channel], kind: FactorKind, line: Option<PhoneLine>) -> Result<(), Refusal> {
    let needs = |channel| {
        if allowed.contains(&channel) { Ok(()) } else { Err(refusal::channel_not_allowed(channel)) }
    };
    match kind {
        FactorKind::PhonePrimary | FactorKind::PhoneRecovery => {
            phone_channel(allowed, line.unwrap_or(PhoneLine::Landline), None).map(|_| ())
        }
        FactorKind::Email => needs(Channel::Email),
        FactorKind::Totp => needs(Channel::Totp),
        FactorKind::Passkey => needs(Channel::Passkey),
        FactorKind::BackupCodes => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Channel::{Email, Sms, Totp, Voice};
    use PhoneLine::{Landline, Mobile};
    use core_kernel::RefusalCode;

    #[test]
    fn a_mobile_is_texted_or_called() {
        assert_eq!(phone_channel(&[Voice, Sms], Mobile, None), Ok(Sms));
        assert_eq!(phone_channel(&[Voice], Mobile, None), Ok(Voice));
        assert_eq!(phone_channel(&[Voice, Sms], Mobile, Some(PhoneChannel::Voice)), Ok(Voice));
        let refused = phone_channel(&[Voice], Mobile, Some(PhoneChannel::Sms)).unwrap_err();
        assert_eq!((refused.code, refused.field), (RefusalCode::NotAllowedByPolicy, vec!["channel".to_owned()]));
        assert!(phone_channel(&[Totp, Email], Mobile, None).is_err());
    }

    #[test]
    fn a_landline_is_only_called() {
        assert_eq!(phone_channel(&[Sms, Voice], Landline, Some(PhoneChannel::Sms)), Ok(Voice));
        assert!(phone_channel(&[Sms], Landline, None).is_err());
    }

    #[test]
    fn every_kind_needs_its_channel() {
        assert!(check_kind(&[Sms], FactorKind::PhonePrimary, Some(Mobile)).is_ok());
        assert!(check_kind(&[Sms], FactorKind::PhonePrimary, Some(Landline)).is_err());
        assert!(check_kind(&[Sms], FactorKind::PhoneRecovery, None).is_err(), "an unknown line is only called");
        for (kind, channel) in [(FactorKind::Email, Email), (FactorKind::Totp, Totp)] {
            assert!(check_kind(&[channel], kind, None).is_ok());
            assert!(check_kind(&[Sms, Voice], kind, None).is_err());
        }
    }
}
