//! Proving a passkey (§7.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs_core::proto::{AuthenticationState, CollectedClientData, Credential, PublicKeyCredential};

use crate::{Passkey, PasskeyError, RelyingParty, Verification, read};

/// What was asked, to be stored and spent once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assertion {
    party: RelyingParty,
    handle: Vec<u8>,
    state: AuthenticationState,
    options: Value,
}

/// A right answer, but for the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Which passkey it was.
    pub credential_id: Vec<u8>,
    /// The signature counter. Unless this and what is stored are both 0, it must be above what is stored
    /// (§7.2, step 22): else somebody has a copy of the key.
    pub sign_count: u32,
    /// Whether the authenticator knew its user.
    pub user_verified: bool,
}

impl Assertion {
    /// Begins, for any of these passkeys of one user.
    ///
    /// # Errors
    /// [`PasskeyError::Broken`] without any.
    pub fn begin(
        party: RelyingParty,
        handle: &[u8],
        passkeys: &[Passkey],
        verification: Verification,
    ) -> Result<Self, PasskeyError> {
        let broken = |error: &dyn ToString| PasskeyError::Broken(error.to_string());
        if passkeys.is_empty() {
            return Err(PasskeyError::Broken("no passkey to ask for".to_owned()));
        }
        // Counters are compared where they are stored; the copies here would be old by then.
        let credentials = passkeys.iter().map(|passkey| Credential { counter: 0, ..passkey.0.clone() }).collect();
        let checks = party.checks();
        let builder = checks
            .new_challenge_authenticate_builder(credentials, Some(verification.policy()))
            .map_err(|error| broken(&error))?;
        let (options, state) = checks.generate_challenge_authenticate(builder).map_err(|error| broken(&error))?;
        let options = serde_json::to_value(options.public_key).map_err(|error| broken(&error))?;
        Ok(Self { party, handle: handle.to_vec(), state, options })
    }

    /// What `navigator.credentials.get()` is given.
    #[must_use]
    pub fn options(&self) -> &Value {
        &self.options
    }

    /// Compares an answer.
    ///
    /// # Errors
    /// [`PasskeyError::Unreadable`], or [`PasskeyError::Wrong`] where any of the checks of §7.2 fails.
    pub fn check(&self, credential: &Value) -> Result<Proved, PasskeyError> {
        let given: PublicKeyCredential = read(credential)?;
        let wrong = |reason: &str| PasskeyError::wrong(&given.raw_id, reason);
        if given.get_user_unique_id().is_some_and(|handle| handle != self.handle) {
            return Err(wrong("another user's handle"));
        }
        if is_within_another_page(&given)? {
            return Err(wrong("asked for from within another site's page"));
        }
        let result = self.party.checks().authenticate_credential(&given, &self.state);
        let result = result.map_err(|error| wrong(&error.to_string()))?;
        Ok(Proved {
            credential_id: given.raw_id.clone(),
            sign_count: result.counter(),
            user_verified: result.user_verified(),
        })
    }
}

/// Whether the page that asked stood within another origin's (§5.8.1, `crossOrigin`).
fn is_within_another_page(given: &PublicKeyCredential) -> Result<bool, PasskeyError> {
    let data: CollectedClientData =
        serde_json::from_slice(&given.response.client_data_json).map_err(|_| PasskeyError::Unreadable)?;
    Ok(data.cross_origin.unwrap_or(false) || data.unknown_keys.contains_key("topOrigin"))
}
