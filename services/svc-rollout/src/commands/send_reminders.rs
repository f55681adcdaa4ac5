//! `sendEnrollmentReminders`.

use core_access::Permit;
use core_kernel::{Fault, Refusal, RefusalCode, Refusals, ReminderRunId, Stop, Timestamp, TypedId};
use core_policy::{Policy, UserKind};
use io_postgres::TenantTx;
use serde_json::json;
use svc_delivery::{MailPreview, ReminderSample, ReminderText, preview_reminder};
use svc_directory::{TenantSettings, TenantStatus};

use crate::model::{ReminderRun, Reminders};
use crate::rollout::Rollout;
use crate::store::{self, InsertRun};

/// The languages that reminders are written in.
const LANGUAGES: [&str; 2] = ["en", "es"];
/// Users to a batch.
pub(crate) const BATCH: i32 = 500;
/// Batches while the caller waits: as many as a small tenant has users.
const BATCHES_AT_ONCE: usize = 4;

/// `SendEnrollmentRemindersInput`.
#[derive(Debug, Clone, Default)]
pub struct SendRemindersInput {
    /// `subject` and `body`.
    pub text: ReminderText,
    /// `language`: to those who read it, and no others; also the preview's. `None`: to all.
    pub language: Option<String>,
    /// `dryRun`.
    pub dry_run: bool,
}

/// An input that may be sent.
struct Checked {
    text: ReminderText,
    language: Option<&'static str>,
}

impl Rollout {
    /// Reminds everybody who has not enrolled, at most once a day: one mail each, in the reader's
    /// language, after everything that somebody waits for.
    ///
    /// # Errors
    /// INVALID at `subject`, `body` and `language`, and at whichever speaks of a deadline where there is
    /// none; NOT_ALLOWED_BY_POLICY for a tenant that is suspended. Where the spending cap stops it that
    /// is no error: the run says how it ended.
    pub async fn send_reminders(&self, permit: &Permit, input: SendRemindersInput) -> Result<Reminders, Stop> {
        let dry_run = input.dry_run;
        let checked = check(input)?;
        let settings = self.directory.settings(permit.tenant()).await?;
        if settings.status != TenantStatus::Active {
            let message = "The tenant is suspended: nobody can log in, and nobody is reminded to.";
            return Err(Refusal::new(RefusalCode::NotAllowedByPolicy, message).into());
        }
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let now = tx.tenant_now().await?;
        let policy = self.coming_policy(permit).await?;
        let counts = store::count_recipients(&mut tx, checked.language).await?;
        refuse_missing_deadline(&checked.text, &policy, &counts)?;
        let preview = self.preview(&checked, &settings, &policy, now)?;
        let recipients = counts.iter().map(|(_, count)| count).sum();
        if dry_run || recipients == 0 {
            return Ok(Reminders { recipients, preview, run: None });
        }
        let run_id = self.begin_run(tx, permit, &checked, recipients, now).await?;
        let run = self.first_batches(permit, run_id, &deadlines(&policy)).await?;
        let recipients = if run.ended_at.is_some() { run.queued } else { recipients };
        Ok(Reminders { recipients, preview, run: Some(run) })
    }

    async fn begin_run(
        &self,
        mut tx: TenantTx,
        permit: &Permit,
        checked: &Checked,
        recipients: i64,
        now: Timestamp,
    ) -> Result<ReminderRunId, Stop> {
        let run_id = ReminderRunId::new(&*self.platform.entropy, self.platform.now());
        let created_by = permit.caller().audit_name();
        let run = InsertRun {
            run_id,
            created_at: now,
            created_by: &created_by,
            text: &checked.text,
            language: checked.language,
            recipients,
        };
        store::insert_run(&mut tx, &run).await?;
        let own = checked.text != ReminderText::default();
        let detail = json!({ "recipients": recipients, "own_text": own, "language": checked.language });
        svc_audit::record(&mut tx, permit.caller(), "reminders.sent", &run_id.to_text(), detail).await?;
        tx.commit().await?;
        Ok(run_id)
    }

    /// Each batch by itself: what is queued stays queued, whatever becomes of the rest.
    async fn first_batches(
        &self,
        permit: &Permit,
        run: ReminderRunId,
        deadlines: &serde_json::Value,
    ) -> Result<ReminderRun, Fault> {
        for _ in 0..BATCHES_AT_ONCE {
            let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
            let worked = store::queue_batch(&mut tx, run, BATCH, deadlines).await?;
            tx.commit().await?;
            self.platform.messages_queued.notify_one();
            if !worked {
                break;
            }
        }
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        store::find_run(&mut tx, run).await?.ok_or_else(|| Fault::internal("the run just begun is gone"))
    }

    async fn coming_policy(&self, permit: &Permit) -> Result<Policy, Fault> {
        let snapshot = self.policies.snapshot(permit.tenant()).await?;
        let version = snapshot.coming().ok_or_else(|| Fault::internal("the tenant has no policy"))?;
        Ok(version.policy.clone())
    }

    fn preview(
        &self,
        checked: &Checked,
        settings: &TenantSettings,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<MailPreview, Fault> {
        let sample = ReminderSample {
            language: checked.language.unwrap_or(&settings.language).to_owned(),
            tenant_name: settings.name.clone(),
            branding: serde_json::to_value(&settings.branding).map_err(Fault::internal)?,
            time_zone: settings.time_zone.clone(),
            now,
            // Most of those who read it are clients.
            deadline: policy.external.mandatory_from.or(policy.internal.mandatory_from),
        };
        preview_reminder(&self.platform, &checked.text, &sample)
    }
}

/// From when enrollment is required, by audience, as reminders tell it.
pub(crate) fn deadlines(policy: &Policy) -> serde_json::Value {
    json!({
        UserKind::Internal.as_str(): policy.internal.mandatory_from,
        UserKind::External.as_str(): policy.external.mandatory_from,
    })
}

fn check(input: SendRemindersInput) -> Result<Checked, Refusals> {
    let language = input.language.as_deref().map(read_language).transpose();
    match (input.text.check(), language) {
        (Ok(text), Ok(language)) => Ok(Checked { text, language }),
        (text, language) => Err(text.err().into_iter().flatten().chain(language.err()).collect()),
    }
}

fn read_language(given: &str) -> Result<&'static str, Refusal> {
    let primary = given.split('-').next().unwrap_or_default().to_ascii_lowercase();
    LANGUAGES
        .into_iter()
        .find(|known| *known == primary)
        .ok_or_else(|| Refusal::invalid("language", "Reminders are written in English (en) and Spanish (es)."))
}

/// A mail that announces a date which its reader does not have would be wrong.
fn refuse_missing_deadline(text: &ReminderText, policy: &Policy, counts: &[(UserKind, i64)]) -> Result<(), Refusal> {
    let Some(field) = text.names_deadline() else { return Ok(()) };
    let without = counts.iter().find(|(kind, _)| policy.audience(*kind).mandatory_from.is_none());
    let Some((kind, _)) = without else { return Ok(()) };
    let message =
        format!("{kind} users have no deadline: publish a policy with mandatoryFrom, or leave {{{{deadline}}}} out.");
    Err(Refusal::invalid(field, message))
}
