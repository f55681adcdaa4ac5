//! Asking for a simulation. A worker does the rest.

use chrono::{DateTime, TimeDelta};
use core_access::Permit;
use core_kernel::{PolicySimulationId, Stop, TypedId};
use core_policy::{AudienceDraft, AudiencePolicy, Given, Policy, PolicyDraft, PublishContext};
use io_limits::limit;
use io_postgres::TenantTx;
use serde_json::json;

use crate::Simulations;
use crate::model::Simulation;
use crate::refusals::{another_is_running, days_out_of_range};
use crate::store::{self, Head, NewSimulation};

/// `SimulatePolicyInput`.
#[derive(Debug, Clone)]
pub struct SimulatePolicyInput {
    /// `policy`.
    pub draft: PolicyDraft,
    /// `days`, 1 to 90.
    pub days: i32,
}

impl Simulations {
    /// Queues a rehearsal of a draft on the logins of the last days.
    ///
    /// # Errors
    /// INVALID for whatever publishing would refuse of the draft, and for `days`; CONFLICT while
    /// another simulation of the tenant is under way; RATE_LIMITED.
    pub async fn start(&self, permit: &Permit, input: &SimulatePolicyInput) -> Result<Simulation, Stop> {
        self.limits.check(limit::TENANT_SIMULATE_POLICY, permit.tenant()).await?;
        let prices = svc_billing::current_price_list(&self.platform.database).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let head = store::load_head(&mut tx).await?;
        let policy = check(&head, input)?;
        let new = NewSimulation {
            id: PolicySimulationId::new(&*self.platform.entropy, self.platform.now()),
            policy,
            days: input.days,
            since: head.now - TimeDelta::days(input.days.into()),
            until: head.now,
            prices: (prices.version(), prices.currency()),
            created_by: permit.caller().audit_name(),
        };
        if !store::insert(&mut tx, &new).await? {
            return Err(another_is_running(store::find_unfinished(&mut tx).await?).into());
        }
        let row = store::lookup(&mut tx, new.id).await?;
        let detail = json!({ "days": input.days });
        svc_audit::record(&mut tx, permit.caller(), "policy.simulated", &new.id.to_text(), detail).await?;
        tx.commit().await?;
        let row = row.ok_or_else(|| core_kernel::Fault::internal("the simulation just written is gone"))?;
        Ok(row.into_view()?)
    }
}

/// The draft as a policy, with *at once* since ever.
fn check(head: &Head, input: &SimulatePolicyInput) -> Result<Policy, Stop> {
    let context = PublishContext { now: head.now, effective_at: None, sandbox: head.sandbox };
    let mut refusals = Vec::new();
    if !(1..=90).contains(&input.days) {
        refusals.push(days_out_of_range());
    }
    match input.draft.validate(&context) {
        Ok(mut policy) if refusals.is_empty() => {
            since_ever(&mut policy.internal, &input.draft.internal);
            since_ever(&mut policy.external, &input.draft.external);
            Ok(policy)
        }
        Ok(_) => Err(refusals.into()),
        Err(more) => Err([refusals, more].concat().into()),
    }
}

fn since_ever(audience: &mut AudiencePolicy, draft: &AudienceDraft) {
    if draft.mandatory_from == Given::LeftOut {
        audience.mandatory_from = Some(DateTime::UNIX_EPOCH);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::{Refusals, Timestamp};
    use core_policy::Channel;

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn draft(mandatory_from: Given<String>) -> PolicyDraft {
        let audience =
            AudienceDraft { allowed_channels: vec![Channel::Totp], mandatory_from, ..AudienceDraft::default() };
        PolicyDraft { internal: audience.clone(), external: audience, ..PolicyDraft::default() }
    }

    fn checked(draft: PolicyDraft, days: i32) -> Result<Policy, Refusals> {
        let head = Head { now: now(), sandbox: false };
        check(&head, &SimulatePolicyInput { draft, days }).map_err(|stop| match stop {
            Stop::Refused(refusals) => refusals,
            Stop::Fault(fault) => panic!("{fault:?}"),
        })
    }

    #[test]
    fn at_once_is_since_ever_and_dates_stay() {
        let at = |mandatory_from| checked(draft(mandatory_from), 30).unwrap().external.mandatory_from;
        assert_eq!(at(Given::LeftOut), Some(DateTime::UNIX_EPOCH));
        assert_eq!(at(Given::Null), None);
        assert_eq!(at(Given::Value("2020-01-01T00:00:00Z".into())).unwrap().to_rfc3339(), "2020-01-01T00:00:00+00:00");
    }

    #[test]
    fn a_draft_that_could_be_published_now_can_be_rehearsed() {
        let mut opened = draft(Given::LeftOut);
        opened.external.enrollment_opens_at = Some("2020-01-01T00:00:00Z".into());
        assert!(checked(opened.clone(), 1).is_ok(), "it opened long ago, and is mandatory from now on");
        opened.external.enrollment_opens_at = Some("2100-01-01T00:00:00Z".into());
        assert_eq!(checked(opened, 1).unwrap_err()[0].field, ["policy", "external", "mandatoryFrom"]);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let mut bad = draft(Given::LeftOut);
        bad.internal.allowed_channels.clear();
        bad.codes.digits = Some(5);
        let fields: Vec<_> = checked(bad, 91).unwrap_err().into_iter().map(|one| one.field.join(".")).collect();
        assert_eq!(fields, ["days", "policy.internal.allowedChannels", "policy.codes.digits"]);
        for days in [i32::MIN, 0, 91] {
            assert_eq!(checked(draft(Given::LeftOut), days).unwrap_err().len(), 1, "{days}");
        }
    }
}
