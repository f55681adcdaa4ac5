//! A passkey, as it is kept.

use serde::{Deserialize, Serialize};
use webauthn_rs_core::proto::Credential;

/// The public half of a passkey. It proves nothing by itself, and yet is sealed where it lies: it tells
/// what its owner carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Passkey(pub(crate) Credential);

impl Passkey {
    /// Its identifier, unique among all authenticators.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.0.cred_id
    }

    /// The signature counter at its registration; 0 from authenticators that count nothing.
    #[must_use]
    pub fn sign_count(&self) -> u32 {
        self.0.counter
    }
}
