//! Who carries messages, from the configuration.

use core_kernel::Redacted;
use svc_delivery::{
    CarrierOptions, DeliveryOptions, GatewayOptions, GuardOptions, RouteOptions, SmtpOptions, TwilioOptions,
};

use crate::config::Config;

/// The providers that are configured. One is configured when what identifies it is set; what is missing
/// beside that is told as an error, since a provider that silently is not there loses messages.
pub(crate) fn options(config: &Config) -> CarrierOptions {
    CarrierOptions {
        smtp: config.smtp_url.clone().map(|url| SmtpOptions { url, from: config.smtp_from.clone() }),
        twilio: twilio(config),
        http: config
            .http_provider_url
            .clone()
            .map(|url| GatewayOptions { url, secret: secret(&config.http_provider_secret) }),
        routes: RouteOptions { sms: config.routes_sms.clone(), voice: config.routes_voice.clone() },
        twilio_url: config.twilio_base_url.clone(),
    }
}

/// How messages are sent.
pub(crate) fn delivery(config: &Config) -> DeliveryOptions {
    let guard = GuardOptions {
        messages: config.fraud_guard_messages,
        verified_percent: config.fraud_guard_verified_percent,
        mode: config.fraud_guard_mode,
    };
    DeliveryOptions { guard, ..DeliveryOptions::default() }
}

/// What is sent and what is not, for whoever asks the doctor.
pub(crate) fn notes(config: &Config) -> Vec<String> {
    let phones = [("twilio", config.twilio_account_sid.is_some()), ("http", config.http_provider_url.is_some())];
    let phones: Vec<&str> = phones.into_iter().filter_map(|(name, there)| there.then_some(name)).collect();
    let texts = match &phones[..] {
        [] => "texts and calls of LIVE tenants are not sent: neither twilio nor http_provider is configured".to_owned(),
        some => format!("texts and calls go out by {}", some.join(" and ")),
    };
    let mail = match config.smtp_url {
        None => "mail of LIVE tenants is not sent: smtp.url is not set",
        Some(_) => "mail goes out by smtp",
    };
    let reachable = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let unheard = (!phones.is_empty() && !reachable).then(|| {
        "warning: providers cannot report what became of messages: public_url is not an https address".to_owned()
    });
    [format!("note: {texts}"), format!("note: {mail}")].into_iter().chain(unheard).collect()
}

fn twilio(config: &Config) -> Option<TwilioOptions> {
    Some(TwilioOptions {
        account_sid: config.twilio_account_sid.clone()?,
        auth_token: secret(&config.twilio_auth_token),
        from: config.twilio_from.clone(),
        voice_from: config.twilio_voice_from.clone(),
        base_url: config.twilio_base_url.clone(),
    })
}

fn secret(given: &Option<Redacted<String>>) -> Redacted<String> {
    given.clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn config(environment: &[(&str, &str)]) -> Config {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load(&Sources { file: None, environment }).unwrap()
    }

    #[test]
    fn without_providers_it_is_said_that_nothing_is_sent() {
        let notes = notes(&config(&[]));
        assert_eq!(notes.len(), 2);
        assert!(notes.iter().all(|note| note.contains("not sent")), "{notes:?}");
    }

    #[test]
    fn providers_that_cannot_report_are_a_warning() {
        let account = ("POSTERN_TWILIO__ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef");
        let notes = |public_url: &str| notes(&config(&[account, ("POSTERN_PUBLIC_URL", public_url)]));
        assert_eq!(notes("https://2fa.example.com").len(), 2);
        assert!(notes("http://2fa.example.com")[2].starts_with("warning: providers cannot report"));
        assert!(notes("https://2fa.example.com")[0].ends_with("go out by twilio"));
    }

    #[test]
    fn what_is_half_configured_reaches_the_check_of_the_whole() {
        let options = options(&config(&[("POSTERN_HTTP_PROVIDER__URL", "https://sms.example.com")]));
        assert!(options.twilio.is_none() && options.http.is_some_and(|http| http.secret.expose().is_empty()));
    }
}
