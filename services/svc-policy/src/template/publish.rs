//! Publishing a template, and applying it where that is asked for.

use chrono::SubsecRound;
use core_access::{PartnerCaller, PartnerPermit};
use core_kernel::{PolicyId, Refusal, RefusalCode, Refusals, Stop, TenantId, Timestamp, TypedId};
use core_policy::{Channel, LockedFields, Policy, PolicyDraft, PublishContext};
use io_postgres::PartnerTx;

use super::{TemplateVersion, Wave, store};
use crate::Policies;
use crate::commands::publish::acknowledgement_required;

/// What the database keeps of an instant: a template that is read must be the one that was written.
const MICROSECONDS: u16 = 6;

/// `PublishTemplatePolicyInput`.
#[derive(Debug, Clone, Default)]
pub struct PublishTemplateInput {
    /// `policy`.
    pub draft: PolicyDraft,
    /// `lockedFields`.
    pub locked_fields: Vec<String>,
    /// `applyToTenants`.
    pub apply_to_tenants: bool,
    /// `tenantIds`: the first wave; `None`: all.
    pub tenant_ids: Option<Vec<String>>,
    /// `acknowledgeWeakerChannels`.
    pub acknowledge_weaker_channels: Vec<Channel>,
    /// `expectedVersion`: the version that this one was edited from; `None`: whichever.
    pub expected_version: Option<i32>,
}

/// A template that was published.
#[derive(Debug)]
pub struct PublishedTemplate {
    /// The version that holds now.
    pub template: TemplateVersion,
    /// What became of the tenants to which it was applied.
    pub wave: Wave,
}

impl Policies {
    /// Publishes a version of the partner's template, and brings the tenants to it that are named, or
    /// all of them, or none. What says the same as the version before it makes no new one: repeating
    /// the call goes on with a wave that did not reach everybody.
    ///
    /// # Errors
    /// NOT_FOUND alone, at `tenantIds`, where one is no tenant of this partner; CONFLICT at
    /// `expectedVersion`; INVALID for every fault of the draft and at `lockedFields`;
    /// ACKNOWLEDGEMENT_REQUIRED at `acknowledgeWeakerChannels`.
    pub async fn publish_template(
        &self,
        permit: &PartnerPermit,
        input: PublishTemplateInput,
    ) -> Result<PublishedTemplate, Stop> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        let tenants = find_wave(&mut tx, &input).await?;
        store::lock_partner(&mut tx).await?;
        let latest = store::find_latest(&mut tx).await?;
        refuse_stale(latest.as_ref(), input.expected_version)?;
        let template = match latest {
            Some(latest) if repeats(&latest, &input) => latest,
            latest => {
                let draft = check(latest.as_ref(), &input, self.platform.now().trunc_subsecs(MICROSECONDS))?;
                let template = self.new_template(permit.caller(), latest.as_ref(), draft);
                store::insert(&mut tx, &template).await?;
                template
            }
        };
        tx.commit().await?;
        let wave = self.align_all(permit, tenants).await;
        Ok(PublishedTemplate { template, wave })
    }

    /// Brings tenants to the template as it is: those that are named, or all.
    ///
    /// # Errors
    /// NOT_FOUND, at `tenantIds` where one is no tenant of this partner, or where there is no template.
    pub async fn realign(
        &self,
        permit: &PartnerPermit,
        tenant_ids: Option<&[String]>,
    ) -> Result<PublishedTemplate, Stop> {
        let mut tx = PartnerTx::begin(&self.platform.database, permit.caller().partner).await?;
        let tenants = own_tenants(&mut tx, tenant_ids).await?;
        let template = store::find_latest(&mut tx).await?.ok_or_else(|| Refusal::not_found("template"))?;
        drop(tx);
        let wave = self.align_all(permit, tenants).await;
        Ok(PublishedTemplate { template, wave })
    }

    fn new_template(&self, caller: &PartnerCaller, latest: Option<&TemplateVersion>, draft: Draft) -> TemplateVersion {
        TemplateVersion {
            version: latest.map_or(0, |latest| latest.version) + 1,
            template_id: PolicyId::new(&*self.platform.entropy, self.platform.now()),
            policy: draft.policy,
            locked: draft.locked,
            acknowledged: draft.acknowledged,
            published_at: draft.now,
            published_by: caller.audit_name(),
        }
    }
}

/// To whom it is applied.
async fn find_wave(tx: &mut PartnerTx, input: &PublishTemplateInput) -> Result<Vec<TenantId>, Stop> {
    let named = input.tenant_ids.as_deref();
    if input.apply_to_tenants || named.is_some() {
        let tenants = own_tenants(tx, named).await?;
        if input.apply_to_tenants {
            return Ok(tenants);
        }
        let message = "Tenants are named for a first wave: it takes applyToTenants, or nothing would reach them.";
        return Err(Refusal::invalid("tenantIds", message).into());
    }
    Ok(Vec::new())
}

/// The partner's tenants that are named, or all, in the order of their slugs.
async fn own_tenants(tx: &mut PartnerTx, named: Option<&[String]>) -> Result<Vec<TenantId>, Stop> {
    let all = store::list_tenants(tx).await?;
    let Some(named) = named else { return Ok(all) };
    let wanted: Vec<_> = named.iter().map(|id| TenantId::from_text(id).filter(|id| all.contains(id))).collect();
    if let Some(place) = wanted.iter().position(Option::is_none) {
        return Err(Refusal::not_found("tenant").at(&format!("tenantIds.{place}")).into());
    }
    Ok(all.into_iter().filter(|tenant| wanted.contains(&Some(*tenant))).collect())
}

/// An input that may be published.
struct Draft {
    policy: Policy,
    locked: LockedFields,
    acknowledged: Vec<Channel>,
    now: Timestamp,
}

fn refuse_stale(latest: Option<&TemplateVersion>, expected: Option<i32>) -> Result<(), Refusal> {
    let version = latest.map_or(0, |latest| latest.version);
    match expected {
        Some(expected) if expected != version => Err(conflict(version)),
        _ => Ok(()),
    }
}

/// Whether the same was said before. *At once*, in a repetition, is when it was said first.
fn repeats(latest: &TemplateVersion, input: &PublishTemplateInput) -> bool {
    check(Some(latest), input, latest.published_at)
        .is_ok_and(|draft| draft.policy == latest.policy && draft.locked == latest.locked)
}

fn check(latest: Option<&TemplateVersion>, input: &PublishTemplateInput, now: Timestamp) -> Result<Draft, Refusals> {
    let mut refusals = Vec::new();
    // LIVE tenants follow it too, so nothing is in it that only a sandbox may.
    let context = PublishContext { now, effective_at: None, sandbox: false };
    let policy = input.draft.validate(&context).map_err(|more| refusals.extend(more)).ok();
    let locked = LockedFields::parse(&input.locked_fields).map_err(|places| refusals.extend(unknown(&places))).ok();
    let Some((policy, locked)) = policy.zip(locked).filter(|_| refusals.is_empty()) else { return Err(refusals) };
    let acknowledged = acknowledge(latest, input, &policy)?;
    Ok(Draft { policy, locked, acknowledged, now })
}

/// The weaker channels accepted so far, this version's among them.
fn acknowledge(
    latest: Option<&TemplateVersion>,
    input: &PublishTemplateInput,
    policy: &Policy,
) -> Result<Vec<Channel>, Refusals> {
    let before = latest.map(|latest| latest.acknowledged.clone()).unwrap_or_default();
    let named = &input.acknowledge_weaker_channels;
    let accepted = [before.clone(), named.clone()].concat();
    acknowledgement_required(&accepted, policy).map_err(|refusal| vec![refusal])?;
    let new = policy.weaker_channels().into_iter().filter(|channel| !before.contains(channel));
    Ok(before.iter().copied().chain(new).collect())
}

fn unknown(places: &[usize]) -> Refusals {
    let message = "This is no path into PolicyInput, such as external.mandatoryFrom, or it was named before.";
    places.iter().map(|place| Refusal::invalid(&format!("lockedFields.{place}"), message)).collect()
}

fn conflict(version: i32) -> Refusal {
    let message =
        format!("Another version was published since: {version} is the latest. Look at it, then publish again.");
    Refusal::new(RefusalCode::Conflict, message).at("expectedVersion")
}
