//! Sending the code that confirms a pending factor.

use chrono::TimeDelta;
use core_crypto::KeyPurpose;
use core_kernel::{ChallengeId, FactorId, Fault, MessageId, Stop};
use core_policy::{Channel, FactorKind, PhoneLine};
use io_postgres::TenantTx;
use svc_platform::{ChallengeStatus, ChallengeView};

use crate::commands::work::Work;
use crate::contacts::{self, Contact};
use crate::model::Enrollment;
use crate::refusal;
use crate::rules::step_up::Ground;
use crate::store::challenges::{CodeSent, SendCode, cancel_over_cap, send_code};
use crate::store::factors::{self, NewFactor};

/// A phone or mailbox that passed every check.
pub(super) struct NewContact {
    pub(super) kind: FactorKind,
    pub(super) line: Option<PhoneLine>,
    pub(super) contact: Contact,
    pub(super) channel: Channel,
}

impl Work<'_> {
    /// Begins a factor and sends its code.
    pub(super) async fn enroll(mut self, ground: Ground, new: NewContact) -> Result<Enrollment, Stop> {
        self.check_budget(0)?;
        let platform = &self.factors.platform;
        let id = FactorId::new(&*platform.entropy, platform.now());
        let country = new.contact.country().map(str::to_owned);
        let row = NewFactor {
            id,
            user: self.subject.user.user_id,
            kind: new.kind,
            line: new.line,
            country,
            phone_prefix: new.contact.phone_prefix().map(str::to_owned),
            secret_sealed: contacts::seal(&self.key, id, new.contact.text().as_bytes(), &*platform.entropy),
            blind_index: Some(new.contact.index(&platform.keys.ring(), self.permit.tenant())),
            login: self.login_id(),
            created_at: self.subject.now,
            expires_at: self.pending_until(),
            passkey: None,
        };
        factors::insert_pending(&mut self.tx, &row).await?;
        let detail = serde_json::json!({ "kind": new.kind.as_str(), "destination": new.contact.masked() });
        self.audit(ground, "factor.enrolled", &self.subject.user.user_id.to_string(), detail).await?;
        self.send(id, new.channel, &new.contact, 0).await
    }

    /// Sends a pending factor's code, the same again where one is still good. With TOO_SOON nothing
    /// is changed: not even the pending factor that a new one would have replaced.
    pub(super) async fn send(
        mut self,
        factor: FactorId,
        channel: Channel,
        contact: &Contact,
        used: i32,
    ) -> Result<Enrollment, Stop> {
        let order = self.order(factor, channel)?;
        let sent = send_code(&mut self.tx, &order).await?;
        if sent.outcome == "SPENDING_CAP_REACHED" {
            return Err(self.over_the_cap(&order, contact).await?);
        }
        if sent.outcome == "DESTINATION_BLOCKED" {
            return Err(refusal::destination_blocked().into());
        }
        let ok = sent.outcome == "OK";
        let challenge = self.challenge_view(&order, &sent, contact, used, ok);
        if !ok {
            self.tx.rollback().await?;
            return Ok(Enrollment { factor: None, challenge, refusal: Some(refusal::too_soon()) });
        }
        let record = factors::lookup(&mut self.tx, factor).await?;
        let record = record.ok_or_else(|| Fault::internal("the factor that was just begun is gone"))?;
        let view = contacts::view(&self.key, &record)?;
        self.commit_touching(Some(challenge.challenge_id)).await?;
        Ok(Enrollment { factor: Some(view), challenge, refusal: None })
    }

    /// Gives up all that was begun, and keeps on record the message that was not sent.
    async fn over_the_cap(self, order: &SendCode, contact: &Contact) -> Result<Stop, Stop> {
        let (tenant, platform) = (self.tx.tenant(), &self.factors.platform);
        self.tx.rollback().await?;
        let mut tx = TenantTx::begin(&platform.database, tenant).await?;
        cancel_over_cap(&mut tx, order, contact.country()).await?;
        tx.commit().await?;
        platform.messages_queued.notify_one();
        Ok(refusal::spending_cap_reached().into())
    }

    fn order(&self, factor: FactorId, channel: Channel) -> Result<SendCode, Fault> {
        let platform = &self.factors.platform;
        let codes = &self.policy.codes;
        Ok(SendCode {
            now: self.subject.now,
            user: self.subject.user.user_id,
            login: self.login_id(),
            factor,
            channel,
            challenge: ChallengeId::new(&*platform.entropy, platform.now()),
            message: MessageId::new(&*platform.entropy, platform.now()),
            code_key: platform.keys.ring().current(KeyPurpose::Code).id(),
            digits: i16::try_from(codes.digits).map_err(Fault::internal)?,
            ttl_seconds: i32::try_from(codes.ttl_seconds).map_err(Fault::internal)?,
            resend_after_seconds: i32::try_from(codes.resend_after_seconds).map_err(Fault::internal)?,
        })
    }

    /// Where the destination itself must rest no challenge has begun; the view then tells of the one
    /// that would have, for the sake of its `resend_at`.
    fn challenge_view(
        &self,
        order: &SendCode,
        sent: &CodeSent,
        contact: &Contact,
        used: i32,
        ok: bool,
    ) -> ChallengeView {
        let ends = order.now + TimeDelta::seconds(order.ttl_seconds.into());
        ChallengeView {
            challenge_id: sent.challenge_id.map_or(order.challenge, ChallengeId),
            channel: order.channel.into(),
            destination: Some(contact.masked()),
            status: ChallengeStatus::Pending,
            attempts_remaining: self.attempts_remaining(used),
            expires_at: sent.expires_at.unwrap_or(ends),
            resend_at: sent.resend_at,
            message_id: ok.then_some(order.message),
        }
    }
}
