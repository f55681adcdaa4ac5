//! Sending a pending factor's code again, or for the first time where the tenant suggested it.

use core_access::Permit;
use core_kernel::{Refusal, Stop};
use core_policy::{Channel, FactorKind, FactorStatus, PhoneLine};

use crate::commands::work::{Work, at_factor};
use crate::contacts::open_contact;
use crate::model::{Enrollment, PhoneChannel};
use crate::rules::channels::{check_kind, phone_channel};
use crate::store::factors::FactorRecord;
use crate::{Factors, refusal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct SendFactorCode {
    /// The pending factor.
    pub factor_id: String,
    /// A text or a call, for a mobile.
    pub channel: Option<PhoneChannel>,
    /// The login on whose ground it is asked.
    pub login_id: Option<String>,
}

impl Factors {
    /// Sends the code of a pending factor.
    ///
    /// # Errors
    /// As [`Factors::enroll_phone`]; ALREADY_COMPLETED for a factor that is confirmed, INVALID for an app.
    pub async fn send_factor_code(&self, permit: &Permit, input: SendFactorCode) -> Result<Enrollment, Stop> {
        let (work, factor) = self.open_by_factor(permit, &input.factor_id, input.login_id.as_deref()).await?;
        if factor.status != FactorStatus::Pending {
            return Err(refusal::already_confirmed().into());
        }
        if factor.has_run_out(work.subject.now) {
            return Err(refusal::enrollment_expired().into());
        }
        let ground = work.authorize_kind(factor.kind)?;
        let contact = open_contact(&work.key, &factor)?;
        let contact = contact.ok_or_else(|| Refusal::invalid("factorId", "No code is sent to this kind of factor."))?;
        let channel = channel(&work, &factor, input.channel)?;
        work.check_contact(ground, factor.kind, &contact).map_err(at_factor)?;
        work.check_budget(factor.attempts)?;
        work.send(factor.id, channel, &contact, factor.attempts).await
    }
}

fn channel(work: &Work<'_>, factor: &FactorRecord, asked: Option<PhoneChannel>) -> Result<Channel, Refusal> {
    let allowed = work.allowed();
    if factor.kind == FactorKind::Email {
        check_kind(&allowed, factor.kind, None)?;
        return Ok(Channel::Email);
    }
    // A phone whose line is unknown is only called.
    phone_channel(&allowed, factor.line.unwrap_or(PhoneLine::Landline), asked)
}
