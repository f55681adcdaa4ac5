//! Authenticator apps: RFC 6238 with the parameters every app supports (SHA-1, 30 s, 6 digits).
//!
//! Other hashes and lengths can be written into the URI, but several apps ignore them and then show
//! wrong codes. [`TotpSecret::matching_step`] tells *which* step matched; storing it, and accepting
//! none at or below it again, is the caller's part (RFC 6238 §5.2).

use std::fmt;

use core_kernel::{Entropy, Timestamp};
use data_encoding::BASE32_NOPAD;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use thiserror::Error;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::codes::normalize_code;

/// How long one code holds, in seconds.
pub const TOTP_STEP_SECONDS: i64 = 30;

/// 160 bits, the length of the hash (RFC 4226 §4, R6).
const SECRET_LEN: usize = 20;

/// How much of a name goes into the URI; apps show one line, and a QR code has its limits.
const MAX_LABEL_CHARS: usize = 64;

/// The seed that app and server share.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Zeroizing<[u8; SECRET_LEN]>);

impl TotpSecret {
    /// A new seed.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut secret = Zeroizing::new([0; SECRET_LEN]);
        entropy.fill(&mut *secret);
        Self(secret)
    }

    /// A seed as it was sealed; `None` unless it has 20 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|secret| Self(Zeroizing::new(secret)))
    }

    /// The seed, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    /// The seed as an app takes it when it is typed: base32 (RFC 4648).
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&*self.0))
    }

    /// The URI that an app reads, with the names of the firm and of the account that it will show.
    /// Colons, which separate the two, become spaces; long names are cut.
    #[must_use]
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let builder = self.builder().with_issuer(Some(label(issuer))).with_account_name(label(account));
        let uri = builder.build().and_then(|totp| totp.to_url());
        Zeroizing::new(uri.expect("labels are not empty and have no colon"))
    }

    /// The step for which `code` is right: of the current one and its two neighbours, at 30 s each
    /// since 1970. Spaces and full-width digits in `code` do not matter.
    #[must_use]
    pub fn matching_step(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.timestamp()).ok()?;
        let step = self.totp().check(&normalize_code(code), seconds)?;
        i64::try_from(step).ok()
    }

    /// The code that an app shows at `now`, for tests and for the demo.
    #[must_use]
    pub fn code_at(&self, now: Timestamp) -> Zeroizing<String> {
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Zeroizing::new(self.totp().generate(seconds).to_string())
    }

    fn builder(&self) -> Builder {
        Builder::new().with_secret(*self.0).with_step_duration(TOTP_STEP_SECONDS.unsigned_abs())
    }

    fn totp(&self) -> Totp {
        self.builder().build().expect("160 bits, 6 digits and 30 s conform to the RFC")
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret([redacted])")
    }
}

fn label(name: &str) -> String {
    let clean = |c: char| if c == ':' || c.is_control() { ' ' } else { c };
    let label: String = name.chars().map(clean).take(MAX_LABEL_CHARS).collect();
    let label = label.trim();
    if label.is_empty() { "-".to_owned() } else { label.to_owned() }
}

/// A text that no QR code can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the text is too long for a QR code")]
pub struct QrCodeError;

/// A text as a QR code, an SVG document without scripts or links.
///
/// # Errors
/// When the text is longer than 2,953 bytes; no URI of [`TotpSecret::otpauth_uri`] is.
pub fn qr_svg(text: &str) -> Result<String, QrCodeError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| QrCodeError)?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
}

#[cfg(test)]
#[path = "totp_tests.rs"]
mod tests;
