//! Making a passkey (§7.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs_core::proto::{RegisterPublicKeyCredential, RegistrationState, ResidentKeyRequirement};

use crate::{Passkey, PasskeyError, RelyingParty, Verification, read};

/// For whom a passkey is made.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The user handle (§5.4.3): opaque, and the same for all passkeys of one user.
    pub handle: &'a [u8],
    /// What the authenticator shows: what the user would recognise.
    pub name: &'a str,
}

/// What was asked, to be stored and spent once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registration {
    party: RelyingParty,
    state: RegistrationState,
}

impl Registration {
    /// Begins: what `navigator.credentials.create()` is given, and what its answer is compared with. An
    /// authenticator that has one of the passkeys `known` makes no second one.
    ///
    /// # Errors
    /// [`PasskeyError::Broken`] without a handle or name.
    pub fn begin(
        party: RelyingParty,
        person: Person<'_>,
        known: &[Passkey],
        verification: Verification,
    ) -> Result<(Value, Self), PasskeyError> {
        let broken = |error: &dyn ToString| PasskeyError::Broken(error.to_string());
        let checks = party.checks();
        let known = known.iter().map(|passkey| passkey.0.cred_id.clone()).collect();
        let builder = checks
            .new_challenge_register_builder(person.handle, person.name, person.name)
            .map_err(|error| broken(&error))?
            .user_verification_policy(verification.policy())
            .exclude_credentials(Some(known));
        let (mut options, state) = checks.generate_challenge_register(builder).map_err(|error| broken(&error))?;
        // Where the authenticator has room, so that phones keep it as they keep all passkeys.
        if let Some(selection) = options.public_key.authenticator_selection.as_mut() {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        let options = serde_json::to_value(options.public_key).map_err(|error| broken(&error))?;
        Ok((options, Self { party, state }))
    }

    /// The party it is for.
    #[must_use]
    pub fn party(&self) -> &RelyingParty {
        &self.party
    }

    /// The passkey that was made.
    ///
    /// # Errors
    /// [`PasskeyError::Unreadable`], or [`PasskeyError::Wrong`] where any of the checks of §7.1 fails.
    pub fn finish(&self, credential: &Value) -> Result<Passkey, PasskeyError> {
        let given: RegisterPublicKeyCredential = read(credential)?;
        let made = self.party.checks().register_credential(&given, &self.state, None);
        let mut made = made.map_err(|error| PasskeyError::wrong(&given.raw_id, error))?;
        if made.cred_id != given.raw_id {
            return Err(PasskeyError::wrong(&given.raw_id, "the identifier is not the one that was attested"));
        }
        // A hint for the browser, by which it finds the authenticator again.
        made.transports = given.response.transports;
        Ok(Passkey(made))
    }
}
