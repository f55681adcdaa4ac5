//! Passkeys (WebAuthn Level 3): what is asked of an authenticator, and whether its answer is right.
//!
//! The library that reads and verifies what authenticators say stands behind this crate alone
//! (docs/adr/0010). It is used below its convenient half, which demands user verification always: here
//! the caller says so, by the user's level. What that half would have seen to is seen to here: nothing
//! but the origins that were named, no other port, no subdomain, no page within another site's, and a
//! user handle that is the user's own.
//!
//! What it promises is held by services/testkit/tests/passkeys.rs, beside the authenticator that lies there:
//! no core crate's test needs more than the core.
//!
//! Values only. What is begun is a value that its caller seals, stores, and spends once; a passkey is a
//! value that its caller keeps. The signature counter is not judged here: whether it went backwards is
//! known only under the lock of whoever stores it.

mod assertion;
mod party;
mod passkey;
mod registration;

pub use assertion::{Assertion, Proved};
pub use party::RelyingParty;
pub use passkey::Passkey;
pub use registration::{Person, Registration};

use serde_json::Value;

/// Whether the authenticator must know its user, by a PIN or a finger; else it is only asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Where it can.
    Preferred,
    /// Or the answer is not right.
    Required,
}

impl Verification {
    fn policy(self) -> webauthn_rs_core::proto::UserVerificationPolicy {
        use webauthn_rs_core::proto::UserVerificationPolicy as Policy;
        match self {
            Self::Preferred => Policy::Preferred,
            Self::Required => Policy::Required,
        }
    }
}

/// Why an answer is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// It is no credential at all, so that nothing was compared.
    #[error("this is not a credential as a browser gives it")]
    Unreadable,
    /// It is one, and not right.
    #[error("the credential does not answer what was asked: {reason}")]
    Wrong {
        /// Which passkey it says it is.
        credential_id: Vec<u8>,
        /// For the log; it holds nothing of the credential.
        reason: String,
    },
    /// What was to be begun cannot be.
    #[error("cannot begin: {0}")]
    Broken(String),
}

impl PasskeyError {
    fn wrong(credential_id: &[u8], reason: impl ToString) -> Self {
        Self::Wrong { credential_id: credential_id.to_vec(), reason: reason.to_string() }
    }
}

/// Reads what a browser gave; both ceremonies say which kind of credential it is (§5.1, `[[type]]`).
fn read<T: serde::de::DeserializeOwned>(credential: &Value) -> Result<T, PasskeyError> {
    if credential["type"] != "public-key" {
        return Err(PasskeyError::Unreadable);
    }
    serde_json::from_value(credential.clone()).map_err(|_| PasskeyError::Unreadable)
}
