//! Signing secrets at rest and at work.

use chrono::TimeDelta;
use core_crypto::{DataKey, WebhookSecret};
use core_kernel::{Entropy, Fault, Timestamp, WebhookEndpointId};
use svc_platform::place;

/// How long the old secret signs beside the new one.
pub(crate) const OVERLAP: TimeDelta = TimeDelta::hours(24);

const CURRENT: &str = "secret_sealed";
const PREVIOUS: &str = "previous_secret_sealed";

/// An endpoint's secrets as they are stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SealedSecrets {
    pub(crate) secret_sealed: Vec<u8>,
    pub(crate) previous_secret_sealed: Option<Vec<u8>>,
    pub(crate) previous_secret_until: Option<Timestamp>,
}

impl SealedSecrets {
    /// Those that sign at `now`, the newest first.
    pub(crate) fn open(
        &self,
        key: &DataKey,
        endpoint: WebhookEndpointId,
        now: Timestamp,
    ) -> Result<Vec<WebhookSecret>, Fault> {
        let mut secrets = vec![open(key, endpoint, CURRENT, &self.secret_sealed)?];
        if let (Some(sealed), Some(until)) = (&self.previous_secret_sealed, self.previous_secret_until)
            && now < until
        {
            secrets.push(open(key, endpoint, PREVIOUS, sealed)?);
        }
        Ok(secrets)
    }

    /// A new secret alone.
    pub(crate) fn first(
        key: &DataKey,
        endpoint: WebhookEndpointId,
        secret: &WebhookSecret,
        entropy: &dyn Entropy,
    ) -> Self {
        let secret_sealed = seal(key, endpoint, CURRENT, secret, entropy);
        Self { secret_sealed, previous_secret_sealed: None, previous_secret_until: None }
    }

    /// A new secret, and the one that signed until now beside it for a while; one that was itself on
    /// its way out ends here.
    pub(crate) fn rotated(
        &self,
        key: &DataKey,
        endpoint: WebhookEndpointId,
        secret: &WebhookSecret,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let old = open(key, endpoint, CURRENT, &self.secret_sealed)?;
        Ok(Self {
            previous_secret_sealed: Some(seal(key, endpoint, PREVIOUS, &old, entropy)),
            previous_secret_until: Some(now + OVERLAP),
            ..Self::first(key, endpoint, secret, entropy)
        })
    }
}

fn seal(
    key: &DataKey,
    endpoint: WebhookEndpointId,
    column: &'static str,
    secret: &WebhookSecret,
    entropy: &dyn Entropy,
) -> Vec<u8> {
    key.seal(&place(key.tenant(), "webhook_endpoint", endpoint.0, column), secret.expose().as_bytes(), entropy)
}

fn open(
    key: &DataKey,
    endpoint: WebhookEndpointId,
    column: &'static str,
    sealed: &[u8],
) -> Result<WebhookSecret, Fault> {
    let place = place(key.tenant(), "webhook_endpoint", endpoint.0, column);
    let opened = key.open(&place, sealed).map_err(Fault::internal)?;
    let text = std::str::from_utf8(&opened).map_err(Fault::internal)?;
    WebhookSecret::parse(text).map_err(Fault::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::{SeededEntropy, TenantId};
    use uuid::Uuid;

    fn texts(secrets: &[WebhookSecret]) -> Vec<String> {
        secrets.iter().map(WebhookSecret::expose).collect()
    }

    #[test]
    fn two_sign_for_a_day_and_never_three() {
        let entropy = SeededEntropy::new(3);
        let key = DataKey::generate(TenantId(Uuid::from_u128(1)), 1, &entropy);
        let endpoint = WebhookEndpointId(Uuid::from_u128(2));
        let now = Timestamp::from_timestamp(1_790_000_000, 0).unwrap();
        let [one, two, three] = [0; 3].map(|_| WebhookSecret::generate(&entropy));
        let open = |sealed: &SealedSecrets, at| texts(&sealed.open(&key, endpoint, at).unwrap());

        let first = SealedSecrets::first(&key, endpoint, &one, &entropy);
        assert_eq!(open(&first, now), texts(std::slice::from_ref(&one)));
        let second = first.rotated(&key, endpoint, &two, &entropy, now).unwrap();
        assert_eq!(open(&second, now), texts(&[two.clone(), one.clone()]));
        assert_eq!(open(&second, now + OVERLAP - TimeDelta::milliseconds(1)), texts(&[two.clone(), one]));
        assert_eq!(open(&second, now + OVERLAP), texts(std::slice::from_ref(&two)));
        let third = second.rotated(&key, endpoint, &three, &entropy, now).unwrap();
        assert_eq!(open(&third, now), texts(&[three, two]));
    }

    #[test]
    fn a_secret_opens_for_its_own_endpoint_alone() {
        let entropy = SeededEntropy::new(3);
        let key = DataKey::generate(TenantId(Uuid::from_u128(1)), 1, &entropy);
        let (endpoint, other) = (WebhookEndpointId(Uuid::from_u128(2)), WebhookEndpointId(Uuid::from_u128(3)));
        let now = Timestamp::from_timestamp(1_790_000_000, 0).unwrap();
        let sealed = SealedSecrets::first(&key, endpoint, &WebhookSecret::generate(&entropy), &entropy);
        assert!(sealed.open(&key, other, now).is_err());
        let moved = SealedSecrets {
            previous_secret_sealed: Some(sealed.secret_sealed.clone()),
            previous_secret_until: Some(now + OVERLAP),
            ..sealed
        };
        assert!(moved.open(&key, endpoint, now).is_err(), "another column is another place");
    }
}
