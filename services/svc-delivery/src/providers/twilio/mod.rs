//! Texts and calls by Twilio's API of 2010-04-01.
//!
//! A call is given a URL of ours instead of words: what it says is rendered when the key was pressed,
//! so that the code lies in no log of theirs, and is not said once its challenge is over.

mod account;
mod answers;
mod look_up;
mod requests;
pub(crate) mod signature;
pub(crate) mod speech;

use core_kernel::Timestamp;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;

pub use account::{TwilioConfigError, TwilioOptions};
pub use signature::verify as is_signed_by_twilio;

use self::account::Account;
use self::signature::Params;
use super::web::{self, Answer, NoAnswer};
use super::{Found, Outcome, Outgoing, Provider, Report};
use crate::callback_urls::CallbackUrls;
use crate::model::MessageChannel;

const FORM: &str = "application/x-www-form-urlencoded";

/// One account at Twilio.
pub(crate) struct Twilio {
    client: Client,
    account: Account,
    urls: CallbackUrls,
}

impl Twilio {
    pub(crate) fn new(client: Client, options: &TwilioOptions, urls: CallbackUrls) -> Result<Self, TwilioConfigError> {
        Ok(Self { client, account: Account::new(options)?, urls })
    }

    /// Whether Twilio sent this, on behalf of this account.
    pub(crate) fn has_signed(&self, url: &str, params: &Params, signature: &str) -> bool {
        signature::verify(&self.account.token, url, params, signature)
    }

    async fn create(&self, message: &Outgoing) -> Outcome {
        let (resource, form) = match message.channel {
            MessageChannel::Sms => ("Messages.json", requests::text(&self.account, &self.urls, message)),
            MessageChannel::Voice => ("Calls.json", requests::call(&self.account, &self.urls, message)),
            MessageChannel::Email => return Outcome::Refused("Twilio carries no mail here.".to_owned()),
        };
        match form {
            Some(form) => answers::outcome(self.post(resource, form).await),
            None => Outcome::Refused("Twilio has no sender for this country: see twilio.from.".to_owned()),
        }
    }

    async fn post(&self, resource: &str, form: String) -> Result<Answer, NoAnswer> {
        let request = self.client.post(self.account.resource(resource)).header(CONTENT_TYPE, FORM).body(form);
        web::ask(request.basic_auth(&self.account.sid, Some(self.account.token.expose()))).await
    }

    async fn find(&self, message: &Outgoing, since: Timestamp) -> Found {
        let Some(query) = look_up::query(message) else { return Found::Unknown };
        let request = self.client.get(format!("{}?{query}", self.account.resource(look_up::resource(message))));
        let request = request.basic_auth(&self.account.sid, Some(self.account.token.expose()));
        match web::ask(request.timeout(look_up::PATIENCE)).await {
            Ok(Answer { status: 200, body }) => look_up::find(&body, message, since),
            _ => Found::Unknown,
        }
    }
}

impl Provider for Twilio {
    fn reports(&self) -> bool {
        true
    }

    fn can_be_asked(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        self.create(message).boxed()
    }

    fn look_up<'a>(&'a self, message: &'a Outgoing, since: Timestamp) -> BoxFuture<'a, Found> {
        self.find(message, since).boxed()
    }
}

/// Whether a tenant's account can be used.
pub(crate) fn check(account: crate::carriers::TenantAccount) -> Result<(), TwilioConfigError> {
    // The address is the installation's, and was checked with it.
    let base_url = "https://api.twilio.com".parse().map_err(|_| TwilioConfigError::BaseUrl)?;
    Account::new(&account.options(base_url)).map(|_| ())
}

/// What a status callback says: the message's reference there, and what became of it. Nothing for a
/// status that is not known.
pub(crate) fn report(params: &Params) -> Option<(Option<String>, Report)> {
    let param = |name: &str| params.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    if let Some(status) = param("CallStatus") {
        return Some((param("CallSid").map(str::to_owned), answers::of_call(status)?));
    }
    let error = param("ErrorCode").and_then(|code| code.parse().ok());
    let status = param("MessageStatus").or_else(|| param("SmsStatus"))?;
    Some((param("MessageSid").map(str::to_owned), answers::of_text(status, error)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn callbacks_of_texts_and_calls_are_told_apart() {
        let text = report(&params(&[("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("SmsStatus", "sent")]));
        assert_eq!(text, Some((Some("SM1".into()), Report::Delivered)));
        let failed =
            report(&params(&[("MessageSid", "SM1"), ("MessageStatus", "undelivered"), ("ErrorCode", "21610")]));
        assert!(matches!(failed, Some((_, Report::Failed { opted_out: true, .. }))));
        let call = report(&params(&[("CallSid", "CA1"), ("CallStatus", "busy")]));
        assert!(matches!(call, Some((Some(sid), Report::Failed { .. })) if sid == "CA1"));
        assert_eq!(report(&params(&[("MessageSid", "SM1"), ("MessageStatus", "dreaming")])), None);
        assert_eq!(report(&params(&[])), None);
    }
}
