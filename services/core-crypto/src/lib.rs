//! Every secret of the house: codes, authenticator apps, backup codes, passwords, tokens, sealing at
//! rest, and the assertions that integrators verify.
//!
//! Three kinds of keys, each of which can be replaced without an interruption:
//!
//! - a [`MasterKey`], from a file outside the database, seals
//! - a [`DataKey`] per tenant (destroying it makes the tenant's secrets unreadable), the [`KeyRing`]'s
//!   secrets, from which codes, blind indexes and digests are made, and
//! - the [`SigningKey`]s of assertions.
//!
//! Nothing here does I/O, knows the time or draws randomness by itself. aws-lc-rs is the only provider
//! of primitives, but for Argon2id, which it lacks, and the HMAC-SHA-1 inside `totp-rs`.

mod assertion;
mod backup;
mod base32;
mod blind;
mod callback;
mod claims;
mod codes;
mod download;
mod guessable;
mod keyring;
mod keys;
mod mac;
mod password;
mod seal;
mod signing;
mod statement;
mod temporary;
mod tenant_token;
mod tokens;
mod totp;
mod webhook;

pub use assertion::{AssertionError, VERIFY_LEEWAY_SECONDS, verify_assertion};
pub use backup::{BACKUP_CODE_COUNT, BackupCode};
pub use blind::{BlindIndex, BlindKind, blind_index, blind_indexes};
pub use callback::CallbackTicket;
pub use claims::{ASSERTION_LIFETIME_SECONDS, Acr, AssertionClaims, FirstFactorProof, Proof};
pub use codes::{CodePurpose, CodeSubject, MatchingKeys, derive_code, matching_keys, normalize_code};
pub use download::DownloadTicket;
pub use keyring::{KeyPurpose, KeyRing, KeyRingError, PurposeKey, PurposeSecret, generate_purpose_secret};
pub use keys::{DataKey, KeyFileError, MasterKey, OpenAlarm};
pub use mac::{constant_time_eq, digest_parts};
pub use password::{
    MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, check_password_strength, dummy_phc, hash_password, is_guessable,
    verify_password,
};
pub use seal::{OpenError, SealContext, sealed_key_id};
pub use signing::{Jwk, Jwks, SigningKey, SigningKeyError};
pub use statement::verify_statement;
pub use temporary::{TemporaryCode, temporary_code_digests};
pub use tenant_token::TenantToken;
pub use tokens::{ApiKeyKind, ApiKeySecret, DEVICE_TOKEN_PREFIX, SecretToken, api_key_digests, digest_token};
pub use totp::{QrCodeError, TOTP_STEP_SECONDS, TotpSecret, qr_svg};
pub use webhook::{WebhookHeaders, WebhookSecret, WebhookSecretError, hmac_sha1_base64};
