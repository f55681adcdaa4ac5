//! What an invoice has a line for.

use crate::BilledChannel;

/// A line: the plan's fee, or what was used by a channel in a group of countries.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InvoiceLine {
    /// A month of the plan.
    Plan,
    /// Segments of texts, calls or mails.
    Usage(BilledChannel, String),
}

/// How the plan's line is stored.
const PLAN: &str = "PLAN";

impl InvoiceLine {
    /// As it is stored: what stands in the place of a channel, and of a country group.
    #[must_use]
    pub fn as_stored(&self) -> (&str, &str) {
        match self {
            Self::Plan => (PLAN, ""),
            Self::Usage(channel, group) => (channel.as_str(), group),
        }
    }

    /// Reads what [`Self::as_stored`] writes.
    #[must_use]
    pub fn parse(channel: &str, group: &str) -> Option<Self> {
        match channel {
            PLAN => group.is_empty().then_some(Self::Plan),
            _ => Some(Self::Usage(BilledChannel::parse(channel)?, group.to_owned())),
        }
    }

    /// In small letters, for names at Stripe: `sms_us_ca`.
    #[must_use]
    pub fn slug(&self) -> String {
        match self {
            Self::Plan => "plan".to_owned(),
            Self::Usage(channel, group) => format!("{}_{group}", channel.as_str()).to_lowercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_it_is_stored() {
        for line in [InvoiceLine::Plan, InvoiceLine::Usage(BilledChannel::Sms, "US_CA".to_owned())] {
            let (channel, group) = line.as_stored();
            assert_eq!(InvoiceLine::parse(channel, group), Some(line));
        }
        assert_eq!(InvoiceLine::parse("FAX", "US_CA"), None);
        assert_eq!(InvoiceLine::parse("PLAN", "US_CA"), None);
        assert_eq!(InvoiceLine::Usage(BilledChannel::Voice, "EUROPE".to_owned()).slug(), "voice_europe");
    }
}
