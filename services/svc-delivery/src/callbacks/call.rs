//! What a call says while it is being made. The code is put into words when a key was pressed, and
//! only while its challenge is alive; nothing of it is stored.

use core_kernel::{Fault, MessageId, TenantId};
use io_postgres::TenantTx;

use super::{Addressed, Callbacks, SignedCallback, Verified};
use crate::preparation::{Prepared, Unsent};
use crate::providers::twilio::speech;
use crate::providers::{Carrier, Report};
use crate::store;
use crate::texts::Call;

/// How far a call got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStep {
    /// Somebody, or something, picked up.
    PickedUp,
    /// A key was pressed.
    KeyPressed,
}

impl CallStep {
    /// What follows the ticket in the URL.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::PickedUp => "/voice",
            Self::KeyPressed => "/voice/key",
        }
    }
}

impl Callbacks {
    /// What the call says next, as TwiML.
    ///
    /// # Errors
    /// When the database fails: Twilio hangs up then.
    pub async fn twilio_call(&self, step: CallStep, callback: &SignedCallback) -> Result<Verified<String>, Fault> {
        let Some(addressed) = self.verify_twilio(callback).await? else { return Ok(Verified::No) };
        let Some(prepared) = self.spoken(addressed).await? else { return Ok(Verified::Yes(speech::hang_up())) };
        let Some(call) = prepared.outgoing.text.call.clone() else { return Ok(Verified::Yes(speech::hang_up())) };
        let pressed = callback.params.iter().any(|(name, value)| name == "Digits" && !value.is_empty());
        let url = self.carriers.urls().spell(Carrier::Twilio, &callback.message, &callback.ticket);
        match script(step, pressed, &prepared) {
            Script::Ask => Ok(Verified::Yes(speech::ask_for_key(&call, &(url + CallStep::KeyPressed.path())))),
            Script::Say => self.say(addressed, callback, &prepared, &call).await.map(Verified::Yes),
            Script::NoKey => Ok(Verified::Yes(speech::say_only(&call, &call.no_key))),
            Script::Over => Ok(Verified::Yes(speech::say_only(&call, &call.over))),
        }
    }

    /// From here on somebody hears it: that is what arriving means.
    async fn say(
        &self,
        addressed: Addressed,
        callback: &SignedCallback,
        prepared: &Prepared,
        call: &Call,
    ) -> Result<String, Fault> {
        let sid = callback.params.iter().find(|(name, _)| name == "CallSid").map(|(_, sid)| sid.clone());
        self.note(Carrier::Twilio, addressed, sid, Report::Delivered).await?;
        Ok(speech::say_only(call, prepared.outgoing.text.text.expose()))
    }

    async fn spoken(&self, addressed: Addressed) -> Result<Option<Prepared>, Fault> {
        let load = self.load_spoken(addressed.ticket.tenant, addressed.message);
        let Some(row) = self.platform.database.in_time(load).await? else { return Ok(None) };
        match self.preparation.prepare(&row).await {
            Ok(prepared) => Ok(Some(prepared)),
            Err(Unsent::Never(_)) => Ok(None),
            Err(Unsent::NotNow(fault)) => Err(fault),
        }
    }

    async fn load_spoken(&self, tenant: TenantId, message: MessageId) -> Result<Option<store::ClaimedRow>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let row = store::lookup_spoken(&mut tx, message).await?;
        tx.rollback().await?;
        Ok(row)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Script {
    Ask,
    Say,
    NoKey,
    Over,
}

/// Notices are said at once: they hold nothing that a voicemail must not keep.
fn script(step: CallStep, pressed: bool, prepared: &Prepared) -> Script {
    let outgoing = &prepared.outgoing;
    match step {
        _ if outgoing.seconds_left.is_some_and(|left| left <= 0) => Script::Over,
        CallStep::PickedUp if outgoing.is_code => Script::Ask,
        CallStep::KeyPressed if outgoing.is_code && !pressed => Script::NoKey,
        CallStep::PickedUp | CallStep::KeyPressed => Script::Say,
    }
}
