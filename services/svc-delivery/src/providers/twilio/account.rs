//! `twilio.*`: an account, and from which numbers it speaks.

use core_kernel::Redacted;
use thiserror::Error;
use url::Url;

use crate::providers::web::is_private;
use crate::routes::ByCountry;

/// An account at Twilio.
#[derive(Debug, Clone)]
pub struct TwilioOptions {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// Signs in, and verifies Twilio's own requests.
    pub auth_token: Redacted<String>,
    /// The sender of texts: a number (E.164) or a messaging service (`MG…`), or several by country:
    /// `US,CA=+14155550100; *=MG…`.
    pub from: String,
    /// The caller of calls, likewise, numbers only. Empty: the numbers of `from`.
    pub voice_from: String,
    /// Twilio's address; another one for tests.
    pub base_url: Url,
}

/// Why an account cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TwilioConfigError {
    /// Not an account's identifier.
    #[error("twilio.account_sid must be AC and 32 hexadecimal digits")]
    AccountSid,
    /// Missing.
    #[error("twilio.auth_token must be set")]
    AuthToken,
    /// Not a sender.
    #[error("twilio.from must be +NUMBER or MG…, or such by country: US,CA=+14155550100; *=MG…")]
    From,
    /// Not a caller.
    #[error("twilio.voice_from must be +NUMBER, or such by country: US,CA=+14155550100; *=+442055550100")]
    VoiceFrom,
    /// The token would cross a network in the open.
    #[error("twilio.base_url must be https, or on this machine")]
    BaseUrl,
}

/// Who a message comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sender {
    Number(String),
    Service(String),
}

/// A checked account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) sid: String,
    pub(super) token: Redacted<String>,
    pub(super) texts: ByCountry<Sender>,
    pub(super) calls: ByCountry<Sender>,
    pub(super) base: String,
}

impl Account {
    pub(super) fn new(options: &TwilioOptions) -> Result<Self, TwilioConfigError> {
        let sid = options.account_sid.trim();
        if !is_sid(sid, "AC") {
            return Err(TwilioConfigError::AccountSid);
        }
        if options.auth_token.expose().is_empty() {
            return Err(TwilioConfigError::AuthToken);
        }
        if !is_private(&options.base_url) {
            return Err(TwilioConfigError::BaseUrl);
        }
        let texts = ByCountry::parse(&options.from, sender).ok_or(TwilioConfigError::From)?;
        let calls = match options.voice_from.trim() {
            "" => texts.clone(),
            given => ByCountry::parse(given, number).ok_or(TwilioConfigError::VoiceFrom)?,
        };
        let base = options.base_url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { sid: sid.to_owned(), token: options.auth_token.clone(), texts, calls, base })
    }

    /// `Messages.json`, `Calls.json`.
    pub(super) fn resource(&self, name: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/{name}", self.base, self.sid)
    }
}

fn sender(text: &str) -> Option<Sender> {
    if is_sid(text, "MG") { Some(Sender::Service(text.to_owned())) } else { number(text) }
}

fn number(text: &str) -> Option<Sender> {
    let digits = text.strip_prefix('+')?;
    let well_formed = (4..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| Sender::Number(text.to_owned()))
}

fn is_sid(text: &str, prefix: &str) -> bool {
    let hex = text.strip_prefix(prefix).unwrap_or_default();
    hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
pub(super) fn example() -> TwilioOptions {
    TwilioOptions {
        account_sid: format!("AC{}", "0".repeat(32)),
        auth_token: Redacted::new("token".to_owned()),
        from: "+14155550100".to_owned(),
        voice_from: String::new(),
        base_url: "https://api.twilio.com".parse().expect("a URL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_chosen_by_country() {
        let service = format!("MG{}", "a".repeat(32));
        let from = format!("US,CA=+14155550100; *={service}");
        let account =
            Account::new(&TwilioOptions { from, voice_from: "+442055550100".to_owned(), ..example() }).unwrap();
        assert_eq!(account.texts.get(Some("CA")), Some(&Sender::Number("+14155550100".to_owned())));
        assert_eq!(account.texts.get(Some("GB")), Some(&Sender::Service(service)));
        assert_eq!(account.calls.get(Some("US")), Some(&Sender::Number("+442055550100".to_owned())));
        assert_eq!(
            account.resource("Calls.json"),
            format!("https://api.twilio.com/2010-04-01/Accounts/AC{}/Calls.json", "0".repeat(32))
        );
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let error = |options: TwilioOptions| Account::new(&options).unwrap_err();
        assert_eq!(error(TwilioOptions { account_sid: "AC1".into(), ..example() }), TwilioConfigError::AccountSid);
        assert_eq!(error(TwilioOptions { auth_token: Redacted::default(), ..example() }), TwilioConfigError::AuthToken);
        for from in ["", "4155550100", "US", "US=MG1", "+1415555010x"] {
            assert_eq!(error(TwilioOptions { from: from.into(), ..example() }), TwilioConfigError::From, "{from}");
        }
        let voice_from = format!("MG{}", "a".repeat(32));
        assert_eq!(error(TwilioOptions { voice_from, ..example() }), TwilioConfigError::VoiceFrom);
        let base_url = "http://api.twilio.com".parse().unwrap();
        assert_eq!(error(TwilioOptions { base_url, ..example() }), TwilioConfigError::BaseUrl);
    }
}
