//! Bringing one tenant to its partner's template.

use core_access::Caller;
use core_kernel::{Fault, PolicyId, Stop};
use core_policy::{Policy, PolicyField, channels_needing_acknowledgement};
use io_postgres::TenantTx;

use super::{Alignment, TemplateVersion};
use crate::commands::publish::Written;
use crate::model::{PolicyVersion, PolicyView, publisher};
use crate::store::Head;
use crate::{Policies, PolicyStatus, store};

impl Policies {
    /// In one transaction, under the lock that publishers of this tenant wait for: a version for the
    /// one in force, and one in the place of each scheduled one, which would undo it at its date.
    pub(super) async fn align(&self, caller: &Caller) -> Result<Alignment, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, caller.tenant).await?;
        store::lock_tenant(&mut tx).await?;
        let template = super::store::find_of_tenant(&mut tx).await?;
        let template = template.ok_or_else(|| Fault::internal("the tenant's partner has no template"))?;
        let mut alignment = Align { policies: self, caller, template, head: store::load_head(&mut tx).await? };
        let mut changed = Vec::new();
        for view in store::list_standing(&mut tx).await? {
            changed.extend(alignment.bring(&mut tx, view).await?);
        }
        if changed.is_empty() {
            return Ok(Alignment::Unchanged);
        }
        tx.commit().await?;
        self.announce(caller.tenant).await;
        Ok(Alignment::Changed { version: alignment.head.highest, fields: in_order(&changed) })
    }
}

struct Align<'a> {
    policies: &'a Policies,
    caller: &'a Caller,
    template: TemplateVersion,
    head: Head,
}

impl Align<'_> {
    /// What was changed of this version, by another one in its place.
    async fn bring(&mut self, tx: &mut TenantTx, view: PolicyView) -> Result<Vec<PolicyField>, Stop> {
        let (old, template) = (view.version, &self.template);
        if template.locked.drift(&old.policy, &template.policy).is_empty() {
            return Ok(Vec::new());
        }
        let aligned = template.locked.align(&old.policy, &template.policy);
        let scheduled = view.status == PolicyStatus::Scheduled;
        let canceled = match scheduled {
            true => store::cancel_scheduled(tx, self.head.now, Some(old.version)).await?,
            false => Vec::new(),
        };
        // Not before the one in force, which may have taken effect a moment ago.
        let effective_at = old.effective_at.max(self.head.now);
        let version = self.version(aligned.policy, effective_at);
        let fields: Vec<_> = aligned.changed.iter().map(|field| field.path()).collect();
        let written = Written { canceled, template: Some((template.version, fields)) };
        self.policies.write_version(tx, self.caller, &version, &written).await?;
        self.head.highest = version.version;
        Ok(aligned.changed)
    }

    fn version(&self, policy: Policy, effective_at: core_kernel::Timestamp) -> PolicyVersion {
        let platform = &self.policies.platform;
        PolicyVersion {
            version: self.head.highest + 1,
            policy_id: PolicyId::new(&*platform.entropy, platform.now()),
            // Accepted by the partner, when it published the template.
            acknowledged: channels_needing_acknowledgement(&self.head.accepted(), &policy),
            policy,
            effective_at,
            published_at: self.head.now,
            published_by: Some(publisher(self.caller)),
            comment: Some(format!("Brought to version {} of the partner's template.", self.template.version)),
            canceled_at: None,
        }
    }
}

/// Each path once, in the order of `PolicyInput`.
fn in_order(changed: &[PolicyField]) -> Vec<&'static str> {
    core_policy::POLICY_FIELDS.iter().filter(|field| changed.contains(field)).map(|field| field.path()).collect()
}
