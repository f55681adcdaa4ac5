//! Which providers a message may go by, first choice first.

use thiserror::Error;

use super::by_country::ByCountry;
use crate::model::MessageChannel;
use crate::providers::Carrier;

/// `routes.sms` and `routes.voice`, as they are written; empty: what is configured, Twilio first.
#[derive(Debug, Clone, Default)]
pub struct RouteOptions {
    /// Of texts, such as `US,CA=twilio,http; *=http`.
    pub sms: String,
    /// Of calls.
    pub voice: String,
}

/// Why messages cannot be routed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RouteConfigError {
    /// Not of the known form.
    #[error("routes.{0} must be like `US,CA=twilio,http; *=http`: countries, and providers in order")]
    Form(&'static str),
    /// A provider that is not there.
    #[error("routes.{0} names {1}, which is not configured")]
    Absent(&'static str, &'static str),
}

/// The routes of an installation.
#[derive(Debug, Clone)]
pub(crate) struct Routes {
    sms: ByCountry<Vec<Carrier>>,
    voice: ByCountry<Vec<Carrier>>,
    email: Vec<Carrier>,
}

impl Routes {
    /// Reads them; `there` are the providers that are configured.
    pub(crate) fn new(options: &RouteOptions, there: &[Carrier]) -> Result<Self, RouteConfigError> {
        Ok(Self {
            sms: table("sms", &options.sms, MessageChannel::Sms, there)?,
            voice: table("voice", &options.voice, MessageChannel::Voice, there)?,
            email: usual(MessageChannel::Email, there),
        })
    }

    /// First choice first; none where no provider serves the country.
    pub(crate) fn of(&self, channel: MessageChannel, country: Option<&str>) -> &[Carrier] {
        let table = match channel {
            MessageChannel::Sms => &self.sms,
            MessageChannel::Voice => &self.voice,
            MessageChannel::Email => return &self.email,
        };
        table.get(country).map_or(&[], Vec::as_slice)
    }
}

fn table(
    name: &'static str,
    text: &str,
    channel: MessageChannel,
    there: &[Carrier],
) -> Result<ByCountry<Vec<Carrier>>, RouteConfigError> {
    if text.trim().is_empty() {
        return Ok(ByCountry::everywhere(usual(channel, there)));
    }
    let table = ByCountry::parse(text, |list| carriers(list, channel)).ok_or(RouteConfigError::Form(name))?;
    let absent = table.values().flatten().find(|carrier| !there.contains(carrier)).copied();
    absent.map_or(Ok(table), |absent| Err(RouteConfigError::Absent(name, absent.as_str())))
}

fn carriers(list: &str, channel: MessageChannel) -> Option<Vec<Carrier>> {
    let carrier = |name: &str| Carrier::from_text(name.trim()).filter(|carrier| carrier.carries(channel));
    list.split(',').map(carrier).collect()
}

/// What is configured. The sandbox only where nothing else is, for a demonstration.
fn usual(channel: MessageChannel, there: &[Carrier]) -> Vec<Carrier> {
    let real = |carrier: &Carrier| *carrier != Carrier::Sandbox && there.contains(carrier) && carrier.carries(channel);
    let all: Vec<Carrier> = Carrier::ALL.into_iter().filter(real).collect();
    if all.is_empty() { vec![Carrier::Sandbox] } else { all }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Carrier::{Http, Sandbox, Smtp, Twilio};
    use MessageChannel::{Email, Sms, Voice};

    const EVERY: [Carrier; 4] = Carrier::ALL;

    fn routes(sms: &str, there: &[Carrier]) -> Result<Routes, RouteConfigError> {
        Routes::new(&RouteOptions { sms: sms.to_owned(), voice: String::new() }, there)
    }

    #[test]
    fn routes_follow_channel_and_country() {
        let routes = routes("US,CA=twilio,http; GB=http", &EVERY).unwrap();
        assert_eq!(routes.of(Sms, Some("CA")), [Twilio, Http]);
        assert_eq!(routes.of(Sms, Some("GB")), [Http]);
        assert_eq!(routes.of(Sms, Some("FR")), []);
        assert_eq!(routes.of(Voice, Some("FR")), [Twilio, Http]);
        assert_eq!(routes.of(Email, None), [Smtp]);
    }

    #[test]
    fn without_a_word_it_is_what_is_there() {
        assert_eq!(routes("", &[Sandbox]).unwrap().of(Sms, Some("US")), [Sandbox]);
        assert_eq!(routes("", &[Sandbox]).unwrap().of(Email, None), [Sandbox]);
        assert_eq!(routes("", &[Sandbox, Http]).unwrap().of(Sms, Some("US")), [Http]);
        assert_eq!(routes("", &[Sandbox, Smtp]).unwrap().of(Sms, Some("US")), [Sandbox]);
    }

    #[test]
    fn what_cannot_be_is_named() {
        for bad in ["pigeon", "US=", "smtp", "US=twilio,", "twilio http"] {
            assert_eq!(routes(bad, &EVERY).unwrap_err(), RouteConfigError::Form("sms"), "{bad}");
        }
        let error = routes("US=twilio", &[Sandbox]).unwrap_err();
        assert_eq!(error.to_string(), "routes.sms names twilio, which is not configured");
    }
}
