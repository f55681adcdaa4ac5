//! Stripe's signature on webhooks: HMAC-SHA-256 over the time and the body, as its libraries check it.

use aws_lc_rs::hmac;
use core_kernel::{Redacted, Timestamp};
use data_encoding::HEXLOWER_PERMISSIVE;

/// How far the signature's time may be from ours, either way, in seconds.
const TOLERANCE: i64 = 300;
/// More are not looked at.
const MAX_SIGNATURES: usize = 8;

/// What an endpoint's calls are signed with.
#[derive(Clone)]
pub struct WebhookKey(hmac::Key);

/// A call that is not Stripe's, or not of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadSignature;

impl WebhookKey {
    /// The endpoint's signing secret (`whsec_…`), all of whose characters are the key.
    #[must_use]
    pub fn new(secret: &Redacted<String>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()))
    }

    /// Checks the header `Stripe-Signature` of a body as it arrived, byte for byte. While a secret is
    /// rolled there are several signatures, of which one has to be ours.
    ///
    /// # Errors
    /// Where none of them is, or the time is too far from `now`.
    pub fn verify(&self, header: &str, body: &[u8], now: Timestamp) -> Result<(), BadSignature> {
        let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
        let time = parts().find_map(|(name, value)| (name == "t").then_some(value)).ok_or(BadSignature)?;
        let seconds: i64 = time.parse().map_err(|_| BadSignature)?;
        if now.timestamp().saturating_sub(seconds).saturating_abs() > TOLERANCE {
            return Err(BadSignature);
        }
        let signed = [time.as_bytes(), b".", body].concat();
        let given = parts().filter(|(name, _)| *name == "v1").take(MAX_SIGNATURES);
        let decoded = given.filter_map(|(_, value)| HEXLOWER_PERMISSIVE.decode(value.as_bytes()).ok());
        // Compared in constant time by the library.
        let mut decoded = decoded.map(|tag| hmac::verify(&self.0, &signed, &tag).is_ok());
        if decoded.any(|matches| matches) { Ok(()) } else { Err(BadSignature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    const SECRET: &str = "whsec_test_secret";
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn key(secret: &str) -> WebhookKey {
        WebhookKey::new(&Redacted::new(secret.to_owned()))
    }

    fn sign(secret: &str, time: &str, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, &[time.as_bytes(), b".", body].concat());
        data_encoding::HEXLOWER.encode(tag.as_ref())
    }

    fn header(secret: &str, time: i64) -> String {
        format!("t={time},v1={}", sign(secret, &time.to_string(), BODY))
    }

    #[test]
    fn a_signature_of_now_is_accepted_and_among_several_one_is_enough() {
        let time = now().timestamp();
        let good = header(SECRET, time);
        assert_eq!(key(SECRET).verify(&good, BODY, now()), Ok(()));
        let rolled = good.replace(",v1=", &format!(",v1={},v0=junk,v1=", "00".repeat(32)));
        assert_eq!(key(SECRET).verify(&rolled, BODY, now()), Ok(()));
    }

    #[test]
    fn an_old_time_one_from_the_future_and_the_edge() {
        for (seconds, accepted) in [(-300, true), (-301, false), (300, true), (301, false), (-86_400, false)] {
            let signed = header(SECRET, (now() + TimeDelta::seconds(seconds)).timestamp());
            assert_eq!(key(SECRET).verify(&signed, BODY, now()).is_ok(), accepted, "{seconds}");
        }
    }

    #[test]
    fn whatever_is_changed_is_refused() {
        let good = header(SECRET, now().timestamp());
        assert!(key("whsec_another").verify(&good, BODY, now()).is_err());
        for at in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[at] ^= 1;
            assert!(key(SECRET).verify(&good, &body, now()).is_err(), "byte {at}");
        }
        let later = good.replacen(&now().timestamp().to_string(), &(now().timestamp() + 1).to_string(), 1);
        let time = now().timestamp();
        let v0 = good.replace("v1=", "v0=");
        for bad in [&later, "", "t=", "v1=", "t=x,v1=00", &v0, &format!("t={time}"), &format!("t={time},v1=")] {
            assert!(key(SECRET).verify(bad, BODY, now()).is_err(), "{bad}");
        }
        let cut = &good[..good.len() - 2];
        assert!(key(SECRET).verify(cut, BODY, now()).is_err(), "a shorter tag");
        assert!(key(SECRET).verify(&format!("t={},v1=00", i64::MIN), BODY, now()).is_err(), "nothing overflows");
    }
}
