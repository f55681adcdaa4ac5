//! Who carries messages, from the configuration.

use core_kernel::Redacted;
use svc_delivery::{CarrierOptions, GatewayOptions, RouteOptions, SmtpOptions, TwilioOptions};

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
