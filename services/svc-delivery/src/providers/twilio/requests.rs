//! The forms that make a text or a call.

use url::form_urlencoded::Serializer;

use super::account::{Account, Sender};
use crate::callback_urls::CallbackUrls;
use crate::providers::{Carrier, Outgoing};

/// How long a phone rings, in seconds: shorter than most voicemails wait.
const RING: u32 = 25;
/// The longest call, in seconds.
const CALL: u32 = 120;
/// A text may wait at Twilio from 5 seconds (less is not recommended) to 10 hours.
const VALID: std::ops::RangeInclusive<i64> = 5..=36_000;

/// A text; nothing where no sender is for this country.
pub(super) fn text(account: &Account, urls: &CallbackUrls, message: &Outgoing) -> Option<String> {
    let mut form = Serializer::new(String::new());
    form.append_pair("To", message.destination.expose());
    match account.texts.get(message.country.as_deref())? {
        Sender::Number(number) => form.append_pair("From", number),
        Sender::Service(service) => form.append_pair("MessagingServiceSid", service),
    };
    form.append_pair("Body", message.text.text.expose());
    form.append_pair("StatusCallback", &urls.of(Carrier::Twilio, message));
    if let Some(left) = message.seconds_left {
        form.append_pair("ValidityPeriod", &left.clamp(*VALID.start(), *VALID.end()).to_string());
    }
    Some(form.finish())
}

/// A call; nothing where no number is for this country.
pub(super) fn call(account: &Account, urls: &CallbackUrls, message: &Outgoing) -> Option<String> {
    let Sender::Number(from) = account.calls.get(message.country.as_deref())? else { return None };
    let callback = urls.of(Carrier::Twilio, message);
    let form = [
        ("To", message.destination.expose().as_str()),
        ("From", from),
        ("Url", &format!("{callback}/voice")),
        ("Method", "POST"),
        ("StatusCallback", &callback),
        ("StatusCallbackMethod", "POST"),
        ("Timeout", &RING.to_string()),
        ("TimeLimit", &CALL.to_string()),
    ];
    Some(Serializer::new(String::new()).extend_pairs(form).finish())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::model::MessageChannel;
    use crate::providers::twilio::TwilioOptions;
    use crate::providers::twilio::account::example;

    fn fields(form: &str) -> HashMap<String, String> {
        url::form_urlencoded::parse(form.as_bytes()).into_owned().collect()
    }

    fn account(from: &str) -> Account {
        Account::new(&TwilioOptions { from: from.to_owned(), ..example() }).unwrap()
    }

    #[test]
    fn a_text_says_who_to_whom_what_and_where_to_report() {
        let message = Outgoing::example(MessageChannel::Sms);
        let form = fields(&text(&account("+14155550100"), &CallbackUrls::example(), &message).unwrap());
        assert_eq!(form["To"], "+14155550132");
        assert_eq!(form["From"], "+14155550100");
        assert_eq!(form["Body"], "012345 is your code & more");
        assert_eq!(form["ValidityPeriod"], "290");
        assert!(form["StatusCallback"].starts_with("https://2fa.example.com/callbacks/twilio/message_"));
        assert_eq!(form.len(), 5);
    }

    #[test]
    fn a_messaging_service_chooses_its_number_itself() {
        let service = format!("MG{}", "a".repeat(32));
        let message = Outgoing::example(MessageChannel::Sms);
        let form = fields(&text(&account(&service), &CallbackUrls::example(), &message).unwrap());
        assert_eq!(form["MessagingServiceSid"], service);
        assert!(!form.contains_key("From"));
        assert_eq!(call(&account(&service), &CallbackUrls::example(), &message), None, "it makes no calls");
    }

    #[test]
    fn a_country_without_a_sender_gets_nothing() {
        let message = Outgoing { country: Some("GB".into()), ..Outgoing::example(MessageChannel::Sms) };
        assert_eq!(text(&account("US=+14155550100"), &CallbackUrls::example(), &message), None);
    }

    #[test]
    fn a_call_carries_an_address_and_not_the_code() {
        let message = Outgoing::example(MessageChannel::Voice);
        let raw = call(&account("+14155550100"), &CallbackUrls::example(), &message).unwrap();
        assert!(!raw.contains("012345"));
        let form = fields(&raw);
        assert_eq!(form["Url"], format!("{}/voice", form["StatusCallback"]));
        assert_eq!((form["Method"].as_str(), form.len()), ("POST", 8));
    }
}
