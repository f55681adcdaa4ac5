//! Reminding.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use core_access::Operation;
use core_kernel::{Refusal, RefusalCode};
use svc_delivery::ReminderText;
use svc_rollout::{ReminderRun, Reminders, RunEnding, SendRemindersInput};

use super::types::{EnrollmentReminderRun, int};
use crate::context::{permit, services};
use crate::errors::{UserError, answer, payload};

/// Reminders to send.
#[derive(InputObject)]
pub struct SendEnrollmentRemindersInput {
    /// Subject and body with {{display_name}}, {{deadline}}, {{tenant_name}}; a default text where left out.
    pub subject: Option<String>,
    /// Paragraphs are divided by empty lines; at most 5,000 characters.
    pub body: Option<String>,
    /// Only to those who read this language, `en` or `es`, and the preview in it; left out: to all, each in their own.
    pub language: Option<String>,
    /// Count and show, and send nothing.
    #[graphql(default)]
    pub dry_run: bool,
}

impl From<SendEnrollmentRemindersInput> for SendRemindersInput {
    fn from(input: SendEnrollmentRemindersInput) -> Self {
        let text = ReminderText { subject: input.subject, body: input.body };
        Self { text, language: input.language, dry_run: input.dry_run }
    }
}

/// How a mail looks, to a reader whose name is not known.
#[derive(SimpleObject)]
pub struct MailPreview {
    /// Its subject.
    pub subject: String,
    /// Its plain part.
    pub text: String,
    /// Its other part.
    pub html: String,
}

payload! {
    /// What became of it. With SPENDING_CAP_REACHED the rest is not null: it tells how far it came.
    SendEnrollmentRemindersPayload {
        /// How many are reminded: users who have not enrolled, did not opt out, are not disabled, have an address and were not
        /// reminded today.
        recipients: i32,
        /// How the mail looks.
        preview: MailPreview,
        /// Where it can be followed; null of a rehearsal, and where there was nobody to remind.
        run: EnrollmentReminderRun,
    }
}

#[derive(Default)]
pub struct RolloutMutation;

#[Object]
impl RolloutMutation {
    /// Send the rollout announcement to users who have not enrolled, each at most once a day of the tenant's time zone. Codes go
    /// before it; who enrolls before it is sent is not written to; it stops at the spending cap.
    async fn send_enrollment_reminders(
        &self,
        ctx: &Context<'_>,
        input: SendEnrollmentRemindersInput,
    ) -> Result<SendEnrollmentRemindersPayload> {
        let permit = permit(ctx, Operation::SendReminders)?;
        let result = Box::pin(services(ctx)?.rollout.send_reminders(&permit, input.into())).await;
        Ok(answer(result, sent)?)
    }
}

fn sent(reminders: Reminders) -> SendEnrollmentRemindersPayload {
    let preview = reminders.preview;
    SendEnrollmentRemindersPayload {
        recipients: Some(int(reminders.recipients)),
        preview: Some(MailPreview { subject: preview.subject, text: preview.text, html: preview.html }),
        user_errors: reminders.run.iter().filter_map(stopped).collect(),
        run: reminders.run.map(EnrollmentReminderRun::from),
    }
}

/// That the cap stopped it is not the caller's success.
fn stopped(run: &ReminderRun) -> Option<UserError> {
    let message = format!(
        "The spending cap of this period is reached: {} reminders were queued, {} were not. Nothing more is mailed until \
         the period ends or the cap is raised.",
        run.queued, run.not_sent
    );
    let refusal = Refusal::new(RefusalCode::SpendingCapReached, message);
    (run.ending == Some(RunEnding::SpendingCap)).then(|| refusal.into())
}
