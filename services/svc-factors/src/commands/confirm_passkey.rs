//! Finishing the enrollment of a passkey with what its authenticator made. The answer is spent by being
//! compared, right or wrong: a wrong one is counted as a wrong code is, and the enrollment begins anew.

use core_kernel::{Fault, Refusal, Stop};
use core_passkey::{Passkey, PasskeyError};
use core_policy::{FactorKind, FactorStatus};
use serde_json::Value;

use crate::commands::confirm_factor::{ConfirmFactor, refused};
use crate::commands::work::Work;
use crate::model::Confirmation;
use crate::passkeys::{index, indexes, open_registration};
use crate::rules::channels::check_kind;
use crate::store::confirm::confirm_factor_code;
use crate::store::factors::{self, FactorRecord};
use crate::{contacts, refusal};

impl Work<'_> {
    pub(super) async fn confirm_passkey(
        mut self,
        factor: &FactorRecord,
        input: &ConfirmFactor,
    ) -> Result<Confirmation, Stop> {
        let given = input.credential.as_ref();
        let given = given.ok_or_else(|| Refusal::invalid("credential", "Give the passkey's credential."))?;
        if factor.status != FactorStatus::Pending {
            return Ok(refused(refusal::already_confirmed(), None));
        }
        let ground = self.authorize_kind(FactorKind::Passkey)?;
        check_kind(&self.allowed(), FactorKind::Passkey, None)?;
        self.check_room()?;
        let made = self.read(factor, given).await?;
        let count = made.as_ref().map(|passkey| i64::from(passkey.sign_count()));
        let guess = self.guess_by_step(factor, ground, count)?;
        let answer = confirm_factor_code(&mut self.tx, &guess).await?;
        if let Some(passkey) = made.filter(|_| answer.outcome == "OK") {
            self.keep(factor, &passkey).await?;
        }
        self.answer(ground, factor, None, &answer, input.remember_device).await
    }

    /// The passkey that was made; none where the answer is wrong.
    async fn read(&mut self, factor: &FactorRecord, given: &Value) -> Result<Option<Passkey>, Stop> {
        let made = match open_registration(&self.key, factor)?.finish(given) {
            Ok(made) => made,
            Err(PasskeyError::Wrong { reason, .. }) => {
                tracing::debug!(factor = %factor.id, reason, "a passkey was not made as it was asked");
                return Ok(None);
            }
            Err(PasskeyError::Unreadable) => return Err(refusal::unreadable_credential().into()),
            Err(broken @ PasskeyError::Broken(_)) => return Err(Fault::internal(broken).into()),
        };
        let indexes = indexes(&self.factors.platform.keys.ring(), self.permit.tenant(), &made);
        if factors::find_passkey(&mut self.tx, &indexes).await? {
            return Err(refusal::passkey_taken().into());
        }
        Ok(Some(made))
    }

    async fn keep(&mut self, factor: &FactorRecord, passkey: &Passkey) -> Result<(), Stop> {
        let platform = &self.factors.platform;
        let kept = serde_json::to_vec(passkey).map_err(Fault::internal)?;
        let sealed = contacts::seal(&self.key, factor.id, &kept, &*platform.entropy);
        let index = index(&platform.keys.ring(), self.permit.tenant(), passkey);
        let first = factors::keep_passkey(&mut self.tx, factor.id, &sealed, &index).await?;
        if first { Ok(()) } else { Err(refusal::passkey_taken().into()) }
    }
}
