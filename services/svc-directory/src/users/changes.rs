//! What a change of a user is on record for: the things that bear on who gets in. An ordinary update is
//! no event.

use core_kernel::{AdminId, TypedId};
use core_policy::UserKind;
use serde_json::{Map, Value, json};

/// What of a user became something else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// The external identifier: what the user is now known by.
    pub(super) external_id: Option<String>,
    /// Whose people.
    pub(super) kind: Option<UserKind>,
    /// Switched off, or on again.
    pub(super) disabled: Option<bool>,
    /// Who looks after the user.
    pub(super) advisor: Option<AdminId>,
    /// The address on record.
    pub(super) address: Option<Address>,
    /// The contacts that are suggested.
    pub(super) contacts: bool,
}

/// What became of the address on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// There is one, perhaps another one.
    Set,
    /// There is none any more.
    Removed,
}

impl Changes {
    /// As the audit log keeps it; `None` where there is nothing to keep. Addresses and numbers are not in it.
    pub(super) fn detail(&self) -> Option<Value> {
        let address = self.address.map(|address| match address {
            Address::Set => json!("set"),
            Address::Removed => json!("removed"),
        });
        let entries = [
            ("externalId", self.external_id.as_ref().map(|name| json!(name))),
            ("kind", self.kind.map(|kind| json!(kind))),
            ("disabled", self.disabled.map(|disabled| json!(disabled))),
            ("advisor", self.advisor.map(|advisor| json!(advisor.to_text()))),
            ("email", address),
            ("suggestedContacts", self.contacts.then(|| json!("changed"))),
        ];
        let changed: Map<String, Value> =
            entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        (!changed.is_empty()).then_some(Value::Object(changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_event() {
        assert_eq!(Changes::default().detail(), None);
    }

    #[test]
    fn what_bears_on_who_gets_in_is_kept_without_addresses() {
        let changes = Changes {
            external_id: Some("ann".into()),
            kind: Some(UserKind::Internal),
            disabled: Some(true),
            address: Some(Address::Removed),
            contacts: true,
            ..Changes::default()
        };
        let expected = json!({
            "externalId": "ann", "kind": "INTERNAL", "disabled": true, "email": "removed", "suggestedContacts": "changed",
        });
        assert_eq!(changes.detail(), Some(expected));
    }
}
