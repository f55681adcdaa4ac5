//! The API's closed sets of words.
//!
//! Most mirror an enum of a lower layer (`remote`), so that a value added there does not compile
//! until it has a description here. The database spells them as the API does
//! ([`from_word`]).

use async_graphql::EnumType;

/// The value of that spelling.
pub fn from_word<E: EnumType>(word: &str) -> Option<E> {
    E::items().iter().find(|item| item.name == word).map(|item| item.value)
}

macro_rules! enums {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $value:ident,)* })*) => {$(
        #[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $(#[$meta])*
        pub enum $name { $($(#[$doc])* $value,)* }
    )*};
}

mod billing;
mod challenge;
mod directory;
mod factor;
mod job;
mod login;
mod message;
mod policy;
mod webhook;

pub use billing::*;
pub use challenge::*;
pub use directory::*;
pub use factor::*;
pub use job::*;
pub use login::*;
pub use message::*;
pub use policy::*;
pub use webhook::*;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_lower_layers() {
        for reason in core_policy::DecisionReason::ALL {
            assert_eq!(from_word(reason.as_str()), Some(DecisionReason::from(*reason)));
        }
        for role in core_access::AdminRole::ALL {
            assert_eq!(from_word(role.as_str()), Some(AdminRole::from(role)));
        }
        assert_eq!(from_word::<AdminRole>("owner"), None);
        for kind in svc_audit::EventKind::ALL {
            assert_eq!(from_word(kind.as_str()), Some(WebhookEvent::from(*kind)));
        }
        for status in svc_webhooks::DeliveryStatus::ALL {
            assert_eq!(from_word(status.as_str()), Some(WebhookDeliveryStatus::from(status)));
        }
    }
}
