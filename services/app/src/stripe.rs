//! Stripe, from the configuration.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use core_kernel::Entropy;
use io_stripe::{Stripe, StripeClient, StripeOptions, WebhookKey};
use svc_billing::{Collector, CollectorOptions, StripeEvents};
use svc_platform::Platform;

use crate::config::Config;

/// How long the client waits before it asks a second time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The account at Stripe; none where no key is configured.
///
/// # Errors
/// When the key or the address cannot be one.
pub(crate) fn client(config: &Config, entropy: Arc<dyn Entropy>) -> anyhow::Result<Option<Arc<dyn Stripe>>> {
    let Some(secret_key) = config.stripe_secret_key.clone() else { return Ok(None) };
    let options = StripeOptions { secret_key, base_url: config.stripe_base_url.clone(), first_pause: FIRST_PAUSE };
    Ok(Some(Arc::new(StripeClient::new(options, entropy)?)))
}

/// Who collects through it.
pub(crate) fn collector(config: &Config, platform: Platform, stripe: Arc<dyn Stripe>) -> Collector {
    let grace = TimeDelta::days(config.stripe_grace_days.into());
    Collector::new(platform, stripe, CollectorOptions { grace, ..CollectorOptions::default() })
}

/// Where its webhooks arrive; none where no secret is configured.
pub(crate) fn events(config: &Config, platform: &Platform) -> Option<StripeEvents> {
    let secret = config.stripe_webhook_secret.as_ref()?;
    Some(StripeEvents::new(platform.clone(), WebhookKey::new(secret)))
}

/// What is collected and what is not, for whoever asks the doctor.
pub(crate) fn notes(config: &Config) -> Vec<String> {
    if config.stripe_secret_key.is_none() {
        return vec!["note: nothing is collected: stripe.secret_key is not set".to_owned()];
    }
    let deaf = config.stripe_webhook_secret.is_none().then(|| {
        "warning: Stripe cannot report: stripe.webhook_secret is not set, and payments are seen up to an hour late"
            .to_owned()
    });
    ["note: bills go out by Stripe".to_owned()].into_iter().chain(deaf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};
    use core_kernel::SystemEntropy;

    fn config(environment: &[(&str, &str)]) -> Config {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load(&Sources { file: None, environment }).unwrap()
    }

    #[test]
    fn without_a_key_nothing_is_collected_and_with_one_it_is() {
        let client = |config: &Config| client(config, Arc::new(SystemEntropy));
        assert!(client(&config(&[])).unwrap().is_none());
        let key = ("POSTERN_STRIPE__SECRET_KEY", "sk_test_1");
        assert!(client(&config(&[key])).unwrap().is_some());
        let open = ("POSTERN_STRIPE__BASE_URL", "http://api.stripe.com");
        assert!(client(&config(&[key, open])).is_err(), "a key does not go out in the open");
    }

    #[test]
    fn what_is_missing_is_said_and_the_key_is_not() {
        let key = ("POSTERN_STRIPE__SECRET_KEY", "sk_live_very_secret");
        assert!(notes(&config(&[]))[0].contains("nothing is collected"));
        let deaf = notes(&config(&[key]));
        assert!(deaf.len() == 2 && deaf[1].starts_with("warning: Stripe cannot report"), "{deaf:?}");
        let whole = config(&[key, ("POSTERN_STRIPE__WEBHOOK_SECRET", "whsec_1")]);
        assert_eq!(notes(&whole).len(), 1);
        assert!(!format!("{whole:?}").contains("very_secret") && !format!("{whole:?}").contains("whsec_1"));
    }
}
