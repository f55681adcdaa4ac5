//! Where providers report what became of a message. Built from configuration, never from what a
//! request says; whose message it is, and which attempt, stands in it sealed.

use std::sync::Arc;

use core_crypto::{CallbackTicket, KeyRing};
use core_kernel::{MessageId, TypedId as _};
use svc_platform::Platform;

use crate::providers::{Carrier, Outgoing};

/// Makes and reads the URLs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct CallbackUrls {
    public_url: Arc<str>,
    /// The keys as they are now: they change while a process runs.
    ring: Arc<dyn Fn() -> KeyRing + Send + Sync>,
}

/// What a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Addressed {
    pub(crate) message: MessageId,
    pub(crate) ticket: CallbackTicket,
}

impl CallbackUrls {
    pub(crate) fn new(platform: &Platform) -> Self {
        let keys = platform.keys.clone();
        Self { public_url: platform.public_url.clone(), ring: Arc::new(move || keys.ring()) }
    }

    /// For an attempt at a message.
    pub(crate) fn of(&self, carrier: Carrier, message: &Outgoing) -> String {
        let ticket = CallbackTicket { tenant: message.tenant, attempt: message.attempt, units: message.units };
        let ticket = ticket.seal(&(self.ring)(), carrier.as_str(), message.id);
        self.spell(carrier, &message.id.to_text(), &ticket)
    }

    /// As it was given out, from its parts.
    pub(crate) fn spell(&self, carrier: Carrier, message: &str, ticket: &str) -> String {
        format!("{}/callbacks/{}/{message}/{ticket}", self.public_url, carrier.as_str())
    }

    /// Where Twilio posts what people write to a sender: a tenant's own, or the installation's.
    pub(crate) fn inbound(&self, tenant: Option<&str>) -> String {
        let tenant = tenant.map_or_else(String::new, |tenant| format!("/{tenant}"));
        format!("{}/callbacks/twilio/inbound{tenant}", self.public_url)
    }

    /// What the parts name; nothing where we did not write them.
    pub(crate) fn read(&self, carrier: Carrier, message: &str, ticket: &str) -> Option<Addressed> {
        let message = MessageId::from_text(message)?;
        let ticket = CallbackTicket::open(&(self.ring)(), carrier.as_str(), message, ticket)?;
        Some(Addressed { message, ticket })
    }
}

#[cfg(test)]
impl CallbackUrls {
    pub(crate) fn example() -> Self {
        let ring = KeyRing::generate(&core_kernel::SeededEntropy::new(1));
        Self { public_url: "https://2fa.example.com".into(), ring: Arc::new(move || ring.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MessageChannel;

    #[test]
    fn a_url_names_one_attempt_at_one_message_by_one_provider() {
        let urls = CallbackUrls::example();
        let message = Outgoing::example(MessageChannel::Sms);
        let url = urls.of(Carrier::Twilio, &message);
        let parts: Vec<&str> =
            url.strip_prefix("https://2fa.example.com/callbacks/twilio/").unwrap().split('/').collect();
        let read = urls.read(Carrier::Twilio, parts[0], parts[1]).unwrap();
        assert_eq!(read.message, message.id);
        assert_eq!(read.ticket, CallbackTicket { tenant: message.tenant, attempt: message.attempt, units: 1 });
        assert_eq!(urls.spell(Carrier::Twilio, parts[0], parts[1]), url);
        assert_eq!(urls.read(Carrier::Http, parts[0], parts[1]), None);
        assert_eq!(urls.read(Carrier::Twilio, "message_x", parts[1]), None);
    }
}
