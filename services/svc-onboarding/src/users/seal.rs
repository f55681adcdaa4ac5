//! From what is wanted to what is written: identifiers are drawn, contacts sealed. It takes a processor and
//! nothing else, and is done on a thread that may be kept busy.

use core_crypto::{BlindKind, DataKey, KeyRing, blind_index};
use core_kernel::{Entropy, FactorId, Timestamp, TypedId, UserId};
use serde_json::Value;
use svc_directory::users::{UserWrite, email_place};
use svc_factors::supplied::{Sealing, SuppliedPhone, Supply};

use super::decide::{Plan, Wanted};

/// What is written of a batch.
#[derive(Default)]
pub(crate) struct Writes {
    pub(crate) inserts: Vec<UserWrite>,
    pub(crate) updates: Vec<UserWrite>,
    pub(crate) phones: Vec<SuppliedPhone>,
    /// Suggestions that others take the place of.
    pub(crate) ended: Vec<FactorId>,
    /// Suggestions that become ACTIVE.
    pub(crate) confirmed: Vec<FactorId>,
    /// Users who were there and are given a first factor.
    pub(crate) enrolled: Vec<UserId>,
    pub(crate) audited: Vec<(String, Value)>,
}

/// Seals a plan. Everything is in the order of the users' identifiers.
pub(crate) fn seal(plan: &Plan, ring: &KeyRing, key: &DataKey, entropy: &dyn Entropy, now: Timestamp) -> Writes {
    let mut writes = Writes::default();
    let sealing = Sealing { ring, key, entropy, now };
    for wanted in &plan.created {
        let user = UserId::new(entropy, now);
        writes.inserts.push(user_write(&sealing, user, wanted));
        writes.add_phones(&sealing, user, wanted);
    }
    for wanted in &plan.updated {
        let Some(user) = wanted.user else { continue };
        if wanted.writes_user {
            writes.updates.push(user_write(&sealing, user, wanted));
        }
        if wanted.enrolls() {
            writes.enrolled.push(user);
        }
        writes.audited.extend(wanted.audited.clone().map(|changes| (user.to_text(), changes)));
        writes.add_phones(&sealing, user, wanted);
    }
    writes.updates.sort_unstable_by_key(|write| write.user_id);
    writes.inserts.sort_unstable_by_key(|write| write.user_id);
    writes.enrolled.sort_unstable();
    writes
}

impl Writes {
    fn add_phones(&mut self, sealing: &Sealing<'_>, user: UserId, wanted: &Wanted) {
        for (kind, number, supply) in &wanted.phones {
            match supply {
                Supply::Keep => {}
                Supply::Confirm(suggestion) => self.confirmed.push(*suggestion),
                Supply::Suggest { instead_of } | Supply::Activate { instead_of } => {
                    let active = matches!(supply, Supply::Activate { .. });
                    self.ended.extend(*instead_of);
                    self.phones.push(sealing.phone(user, *kind, number, active));
                }
            }
        }
    }
}

fn user_write(sealing: &Sealing<'_>, user: UserId, wanted: &Wanted) -> UserWrite {
    let row = &wanted.row;
    let tenant = sealing.key.tenant();
    let email = row.email.as_ref().filter(|_| wanted.writes_email).map(|email| {
        let sealed = sealing.key.seal(&email_place(tenant, user), email.value.address().as_bytes(), sealing.entropy);
        let (_, index) = blind_index(sealing.ring, tenant, BlindKind::Email, email.value.normalized());
        (sealed, index.to_vec())
    });
    UserWrite {
        user_id: user,
        external_id: row.external_id.clone(),
        folded: row.folded.clone(),
        kind: row.kind,
        display_name: row.display_name.clone(),
        email,
        language: row.language.clone(),
        advisor: wanted.advisor,
    }
}
