//! Channels that an administrator must accept on record before a policy allows them.

use crate::{Channel, Policy};

/// Weaker than the rest: whoever holds the mailbox can often reset the password as well.
pub const WEAKER_CHANNELS: &[Channel] = &[Channel::Email];

impl Policy {
    /// Whether either audience may use `channel`.
    #[must_use]
    pub fn allows(&self, channel: Channel) -> bool {
        [&self.internal, &self.external].iter().any(|audience| audience.allowed_channels.contains(&channel))
    }

    /// The weaker channels that either audience may use.
    #[must_use]
    pub fn weaker_channels(&self) -> Vec<Channel> {
        WEAKER_CHANNELS.iter().copied().filter(|channel| self.allows(*channel)).collect()
    }
}

/// The weaker channels that `next` allows and that nobody has accepted yet.
///
/// `accepted` is what earlier versions of this tenant's policy allowed ([`Policy::weaker_channels`]
/// of each) or what an administrator has just named.
#[must_use]
pub fn channels_needing_acknowledgement(accepted: &[Channel], next: &Policy) -> Vec<Channel> {
    next.weaker_channels().into_iter().filter(|channel| !accepted.contains(channel)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_email(internal: bool, external: bool) -> Policy {
        let mut policy = Policy::default();
        if internal {
            policy.internal.allowed_channels.push(Channel::Email);
        }
        if external {
            policy.external.allowed_channels.push(Channel::Email);
        }
        policy
    }

    #[test]
    fn a_new_tenants_policy_needs_no_acknowledgement() {
        assert!(channels_needing_acknowledgement(&[], &Policy::default()).is_empty());
    }

    #[test]
    fn email_is_acknowledged_once_whichever_audience_gets_it() {
        for next in [with_email(true, false), with_email(false, true), with_email(true, true)] {
            assert_eq!(channels_needing_acknowledgement(&[], &next), [Channel::Email]);
            assert_eq!(channels_needing_acknowledgement(&[Channel::Sms], &next), [Channel::Email]);
            assert!(channels_needing_acknowledgement(&[Channel::Email], &next).is_empty());
            assert!(channels_needing_acknowledgement(&next.weaker_channels(), &next).is_empty());
        }
    }
}
