//! Publishing a version.

use core_access::{Caller, Permit};
use core_kernel::{PolicyId, Refusal, RefusalCode, Refusals, Stop, Timestamp, TypedId};
use core_policy::{Channel, Policy, PolicyDraft, PublishContext, channels_needing_acknowledgement, parse_timestamp};
use io_postgres::TenantTx;
use serde_json::json;
use svc_audit::EventKind;

use crate::model::{PolicyVersion, PolicyView, publisher};
use crate::store::Head;
use crate::template::store::find_of_tenant;
use crate::{Policies, store};

const MAX_COMMENT_CHARS: usize = 1_000;

/// `PublishPolicyInput`.
#[derive(Debug, Clone, Default)]
pub struct PublishPolicyInput {
    /// `policy`.
    pub draft: PolicyDraft,
    /// `effectiveAt`, RFC 3339, by the tenant's clock; `None`: now.
    pub effective_at: Option<String>,
    /// `expectedVersion`: the version that this one was edited from.
    pub expected_version: i32,
    /// `comment`.
    pub comment: Option<String>,
    /// `acknowledgeWeakerChannels`.
    pub acknowledge_weaker_channels: Vec<Channel>,
}

impl Policies {
    /// Publishes a version, now or at its date. A version that was scheduled before is cancelled by
    /// one that is scheduled now: its editor knew of it by `expected_version`.
    ///
    /// # Errors
    /// CONFLICT at `expectedVersion` if another was published since; INVALID for every fault of the
    /// draft; LOCKED_BY_PARTNER for every field that the partner's template locks and this would change;
    /// ACKNOWLEDGEMENT_REQUIRED at `acknowledgeWeakerChannels`.
    pub async fn publish(&self, permit: &Permit, input: PublishPolicyInput) -> Result<PolicyView, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::lock_tenant(&mut tx).await?;
        let head = store::load_head(&mut tx).await?;
        let checked = check(&head, &input)?;
        refuse_locked(&mut tx, &checked.policy).await?;
        let acknowledged = acknowledge(&head, &input, &checked.policy)?;
        let version = self.new_version(permit.caller(), &head, checked, acknowledged);
        let canceled = match version.effective_at > head.now {
            true => store::cancel_scheduled(&mut tx, head.now, None).await?,
            false => Vec::new(),
        };
        self.write_version(&mut tx, permit.caller(), &version, &Written { canceled, template: None }).await?;
        let view = store::find_by_id(&mut tx, version.policy_id).await?;
        tx.commit().await?;
        self.announce(permit.tenant()).await;
        view.ok_or_else(|| core_kernel::Fault::internal("the version just written is gone").into())
    }

    fn new_version(&self, caller: &Caller, head: &Head, checked: Checked, acknowledged: Vec<Channel>) -> PolicyVersion {
        PolicyVersion {
            version: head.highest + 1,
            policy_id: PolicyId::new(&*self.platform.entropy, self.platform.now()),
            policy: checked.policy,
            effective_at: checked.effective_at,
            published_at: head.now,
            published_by: Some(publisher(caller)),
            comment: checked.comment,
            acknowledged,
            canceled_at: None,
        }
    }

    /// Stores a version, with its line in the audit log and its event; under the tenant's lock.
    pub(crate) async fn write_version(
        &self,
        tx: &mut TenantTx,
        caller: &Caller,
        version: &PolicyVersion,
        written: &Written,
    ) -> Result<(), Stop> {
        store::insert(tx, version).await?;
        let mut detail = json!({
            "version": version.version,
            "effective_at": version.effective_at,
            "comment": version.comment,
            "acknowledged": version.acknowledged,
            "canceled_versions": written.canceled,
        });
        if let Some((template, fields)) = &written.template {
            detail["template_version"] = json!(template);
            detail["fields"] = json!(fields);
        }
        let id = version.policy_id.to_text();
        svc_audit::record(tx, caller, "policy.published", &id, detail).await?;
        let event = json!({
            "policy_id": id, "version": version.version, "effective_at": version.effective_at,
        });
        Ok(svc_audit::emit(tx, EventKind::PolicyPublished, &event).await?)
    }
}

/// What else was done with a version.
pub(crate) struct Written {
    /// The scheduled versions that it replaced.
    pub(crate) canceled: Vec<i32>,
    /// The version of the partner's template that it follows, and what was changed for it.
    pub(crate) template: Option<(i32, Vec<&'static str>)>,
}

/// Whoever publishes: the partner's key in a tenant's name changes locked fields no more than the
/// tenant does. It publishes the template.
async fn refuse_locked(tx: &mut TenantTx, next: &Policy) -> Result<(), Stop> {
    let Some(template) = find_of_tenant(tx).await? else { return Ok(()) };
    if template.locked.is_empty() {
        return Ok(());
    }
    let active = store::find_active(tx).await?;
    let refusals = template.refuse_breaches(next, active.as_ref().map(|view| &view.version.policy));
    if refusals.is_empty() { Ok(()) } else { Err(refusals.into()) }
}

/// An input that may be published.
struct Checked {
    policy: Policy,
    effective_at: Timestamp,
    comment: Option<String>,
}

fn check(head: &Head, input: &PublishPolicyInput) -> Result<Checked, Stop> {
    if ![head.highest_kept, head.highest].contains(&input.expected_version) {
        return Err(conflict(head).into());
    }
    let mut refusals = Vec::new();
    let effective_at = effective_at(input.effective_at.as_deref(), &mut refusals);
    let comment = comment(input.comment.as_deref(), &mut refusals);
    let context = PublishContext { now: head.now, effective_at, sandbox: head.sandbox };
    let validated = input.draft.validate(&context).map_err(|more| refusals.extend(more)).ok();
    let Some(policy) = validated.filter(|_| refusals.is_empty()) else { return Err(refusals.into()) };
    Ok(Checked { policy, effective_at: context.takes_effect_at(), comment })
}

fn conflict(head: &Head) -> Refusal {
    let message = format!(
        "Another version was published since: {} is the latest. Look at it, then publish again from it.",
        head.highest_kept
    );
    Refusal::new(RefusalCode::Conflict, message).at("expectedVersion")
}

fn effective_at(given: Option<&str>, refusals: &mut Refusals) -> Option<Timestamp> {
    let parsed = parse_timestamp(given?);
    if parsed.is_none() {
        let message = "This is not a date-time of RFC 3339, such as 2026-03-01T00:00:00Z.";
        refusals.push(Refusal::invalid("effectiveAt", message));
    }
    parsed
}

fn comment(given: Option<&str>, refusals: &mut Refusals) -> Option<String> {
    let trimmed = given?.trim();
    let control = trimmed.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t');
    if control || trimmed.chars().count() > MAX_COMMENT_CHARS {
        let message = format!("A comment has at most {MAX_COMMENT_CHARS} characters and no control characters.");
        refusals.push(Refusal::invalid("comment", message));
    }
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// The weaker channels that this version puts on record as accepted.
fn acknowledge(head: &Head, input: &PublishPolicyInput, policy: &Policy) -> Result<Vec<Channel>, Refusal> {
    let named = &input.acknowledge_weaker_channels;
    acknowledgement_required(&[head.accepted(), named.clone()].concat(), policy)?;
    Ok(policy.weaker_channels().into_iter().filter(|channel| named.contains(channel)).collect())
}

/// Refuses a policy that allows a weaker channel which nobody has accepted.
pub(crate) fn acknowledgement_required(accepted: &[Channel], policy: &Policy) -> Result<(), Refusal> {
    let missing = channels_needing_acknowledgement(accepted, policy);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|channel| channel.as_str()).collect();
    let message = format!(
        "This policy allows {}, which is weaker than the rest: whoever holds the mailbox can often reset the password \
         as well. Name it here to accept that risk on record.",
        names.join(", ")
    );
    Err(Refusal::new(RefusalCode::AcknowledgementRequired, message).at("acknowledgeWeakerChannels"))
}
