//! How machines of other houses sign what they send by HTTP: Standard Webhooks
//! (github.com/standard-webhooks/standard-webhooks, "v1" symmetric), and HMAC-SHA-1, which Twilio uses.

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use core_kernel::{Entropy, Timestamp};
use data_encoding::{BASE64, BASE64_NOPAD};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::mac::constant_time_eq;

/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// The lengths of a secret that the specification allows.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// By how much a message's time may differ from ours.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// HMAC-SHA-1 in base64, for protocols that ask for it; nothing of ours does.
#[must_use]
pub fn hmac_sha1_base64(key: &[u8], data: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    BASE64.encode(hmac::sign(&key, data).as_ref())
}

/// Not a secret of Standard Webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a secret is whsec_ and 24 to 64 random bytes in base64")]
pub struct WebhookSecretError;

/// A secret that two machines share. It does not print.
#[derive(Clone)]
pub struct WebhookSecret(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}

/// The headers that say who sent a message and when.
#[derive(Debug, Clone, Copy)]
pub struct WebhookHeaders<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: one or more, separated by spaces.
    pub signature: &'a str,
}

impl WebhookSecret {
    /// A new secret of 32 bytes.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut secret = Zeroizing::new(vec![0; 32]);
        entropy.fill(&mut secret);
        Self(secret)
    }

    /// Reads a secret's text.
    ///
    /// # Errors
    /// For anything but `whsec_` and base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, WebhookSecretError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(WebhookSecretError)?.trim_end_matches('=');
        let secret = BASE64_NOPAD.decode(encoded.as_bytes()).map_err(|_| WebhookSecretError)?;
        if SECRET_BYTES.contains(&secret.len()) { Ok(Self(Zeroizing::new(secret))) } else { Err(WebhookSecretError) }
    }

    /// The text to hand out.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", BASE64.encode(&self.0))
    }

    /// The signature of a message, as it stands in `webhook-signature`.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        format!("v1,{}", self.tag(id, &at.timestamp().to_string(), body))
    }

    /// Whether one of the signatures is this secret's and the message is not older, or newer, than
    /// five minutes.
    #[must_use]
    pub fn verify(&self, headers: WebhookHeaders<'_>, body: &[u8], now: Timestamp) -> bool {
        let sent = headers.timestamp.parse().ok().and_then(|seconds| Timestamp::from_timestamp(seconds, 0));
        let in_time = sent.is_some_and(|sent| (now - sent).abs() <= TOLERANCE);
        let right = self.tag(headers.id, headers.timestamp, body);
        let given = headers.signature.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
        in_time && given.fold(false, |any, tag| constant_time_eq(tag.as_bytes(), right.as_bytes()) | any)
    }

    fn tag(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        BASE64.encode(hmac::sign(&key, &signed).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use core_kernel::SeededEntropy;

    use super::*;

    /// The example of the specification.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn headers<'a>(timestamp: &'a str, signature: &'a str) -> WebhookHeaders<'a> {
        WebhookHeaders { id: ID, timestamp, signature }
    }

    #[test]
    fn the_specifications_example_is_signed_and_verified() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        assert_eq!(secret.sign(ID, at(1_614_265_330), BODY), SIGNATURE);
        assert!(secret.verify(headers("1614265330", SIGNATURE), BODY, at(1_614_265_330)));
        let several = format!("v1a,x v1,AAAA {SIGNATURE}");
        assert!(secret.verify(headers("1614265330", &several), BODY, at(1_614_265_330)));
    }

    #[test]
    fn another_byte_time_or_secret_is_refused() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let now = at(1_614_265_330);
        let ok = |timestamp: &str, signature: &str, body: &[u8], now| {
            secret.verify(headers(timestamp, signature), body, now)
        };
        assert!(!ok("1614265330", SIGNATURE, br#"{"test": 2432232315}"#, now));
        assert!(!ok("1614265331", SIGNATURE, BODY, now));
        assert!(!ok("1614265330", &SIGNATURE.replace("g0hM", "g0hN"), BODY, now));
        assert!(!ok("1614265330", &SIGNATURE.replace("v1,", "v2,"), BODY, now));
        for bad in ["", "x", "1e9", " 1614265330"] {
            assert!(!ok(bad, SIGNATURE, BODY, now), "{bad}");
        }
        let other = WebhookSecret::generate(&SeededEntropy::new(1));
        assert!(!other.verify(headers("1614265330", SIGNATURE), BODY, now));
    }

    #[test]
    fn a_message_holds_for_five_minutes_either_way() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        for (seconds, holds) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let now = at(1_614_265_330 + seconds);
            assert_eq!(secret.verify(headers("1614265330", SIGNATURE), BODY, now), holds, "{seconds}");
        }
    }

    #[test]
    fn secrets_read_back_and_do_not_print() {
        let secret = WebhookSecret::generate(&SeededEntropy::new(1));
        assert_eq!(WebhookSecret::parse(&secret.expose()).unwrap().0, secret.0);
        assert_eq!(format!("{secret:?}"), "WebhookSecret([redacted])");
        for bad in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ", "whsec_!!!!", &format!("{SECRET}é")]
        {
            assert_eq!(WebhookSecret::parse(bad).err(), Some(WebhookSecretError), "{bad}");
        }
    }

    /// RFC 2202, test case 2.
    #[test]
    fn hmac_sha1_is_hmac_sha1() {
        let tag = hmac_sha1_base64(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            tag,
            BASE64.encode(&data_encoding::HEXLOWER.decode(b"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79").unwrap())
        );
    }
}
