//! What may be asked, from Twilio's published description of its API (2010-04-01): names, which of
//! them must be there, and the form of those that we send.

use url::Url;

const MESSAGES: &[&str] = &[
    "To",
    "StatusCallback",
    "ApplicationSid",
    "MaxPrice",
    "ProvideFeedback",
    "Attempt",
    "ValidityPeriod",
    "ForceDelivery",
    "ContentRetention",
    "AddressRetention",
    "SmartEncoded",
    "PersistentAction",
    "TrafficType",
    "ShortenUrls",
    "ScheduleType",
    "SendAt",
    "SendAsMms",
    "ContentVariables",
    "RiskCheck",
    "From",
    "FallbackFrom",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
    "ContentSid",
];
const CALLS: &[&str] = &[
    "To",
    "From",
    "Method",
    "FallbackUrl",
    "FallbackMethod",
    "StatusCallback",
    "StatusCallbackEvent",
    "StatusCallbackMethod",
    "SendDigits",
    "Timeout",
    "Record",
    "RecordingChannels",
    "RecordingStatusCallback",
    "RecordingStatusCallbackMethod",
    "SipAuthUsername",
    "SipAuthPassword",
    "MachineDetection",
    "MachineDetectionTimeout",
    "RecordingStatusCallbackEvent",
    "Trim",
    "CallerId",
    "MachineDetectionSpeechThreshold",
    "MachineDetectionSpeechEndThreshold",
    "MachineDetectionSilenceTimeout",
    "AsyncAmd",
    "AsyncAmdStatusCallback",
    "AsyncAmdStatusCallbackMethod",
    "Byoc",
    "CallReason",
    "CallToken",
    "RecordingTrack",
    "TimeLimit",
    "ClientNotificationUrl",
    "Url",
    "Twiml",
    "ApplicationSid",
];
const LIST_MESSAGES: &[&str] = &["To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"];
const LIST_CALLS: &[&str] = &[
    "To",
    "From",
    "ParentCallSid",
    "Status",
    "StartTime",
    "StartTime<",
    "StartTime>",
    "EndTime",
    "EndTime<",
    "EndTime>",
    "PageSize",
    "Page",
    "PageToken",
];

/// What is wrong with a request for a text or call.
pub(super) fn fault_of_creation(resource: &str, params: &[(String, String)]) -> Option<String> {
    let known = if resource == "Calls" { CALLS } else { MESSAGES };
    unknown(known, params).or_else(|| missing(resource, params)).or_else(|| params.iter().find_map(malformed))
}

/// What is wrong with a search.
pub(super) fn fault_of_search(resource: &str, params: &[(String, String)]) -> Option<String> {
    let known = if resource == "Calls" { LIST_CALLS } else { LIST_MESSAGES };
    unknown(known, params).or_else(|| params.iter().find_map(malformed))
}

fn unknown(known: &[&str], params: &[(String, String)]) -> Option<String> {
    let unknown = params.iter().find(|(name, _)| !known.contains(&name.as_str()));
    unknown.map(|(name, _)| format!("{name} is not a parameter"))
}

fn missing(resource: &str, params: &[(String, String)]) -> Option<String> {
    let given = |names: &[&str]| params.iter().any(|(name, value)| names.contains(&name.as_str()) && !value.is_empty());
    let needed: [&[&str]; 3] = match resource {
        "Calls" => [&["To"], &["From"], &["Url", "Twiml", "ApplicationSid"]],
        _ => [&["To"], &["From", "MessagingServiceSid"], &["Body", "MediaUrl", "ContentSid"]],
    };
    needed.into_iter().find(|names| !given(names)).map(|names| format!("a '{}' is required", names.join("' or '")))
}

fn malformed((name, value): &(String, String)) -> Option<String> {
    let fine = match name.as_str() {
        "To" | "From" | "FallbackFrom" => is_number(value),
        "MessagingServiceSid" => value.len() == 34 && value.starts_with("MG"),
        "StatusCallback" | "Url" | "FallbackUrl" => is_address(value),
        "Method" | "StatusCallbackMethod" | "FallbackMethod" => ["GET", "POST"].contains(&value.as_str()),
        "Body" => value.chars().count() <= 1_600,
        "ValidityPeriod" => value.parse().is_ok_and(|seconds: u32| (1..=36_000).contains(&seconds)),
        "Timeout" => value.parse().is_ok_and(|seconds: u32| (1..=600).contains(&seconds)),
        "TimeLimit" | "PageSize" => value.parse().is_ok_and(|number: u32| number > 0),
        _ => true,
    };
    (!fine).then(|| format!("{name} is not well formed"))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (4..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// "URL must contain a valid hostname and underscores are not allowed."
fn is_address(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.is_some_and(|url| url.host_str().is_some_and(|host| !host.contains('_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn it_is_as_strict_as_twilio() {
        let fault = |pairs: &[(&str, &str)]| fault_of_creation("Messages", &params(pairs));
        let fine = [("To", "+14155550132"), ("From", "+14155550100"), ("Body", "x")];
        assert_eq!(fault(&fine), None);
        assert!(fault(&fine[1..]).is_some_and(|fault| fault.contains("'To' is required")));
        assert!(fault(&[fine[0], fine[2]]).is_some() && fault(&fine[..2]).is_some());
        for bad in
            [("Boddy", "x"), ("StatusCallback", "/x"), ("ValidityPeriod", "0"), ("StatusCallback", "http://a_b/x")]
        {
            assert!(fault(&[&fine[..], &[bad]].concat()).is_some(), "{bad:?}");
        }
        assert!(fault_of_creation("Calls", &params(&fine[..2])).is_some(), "a call needs words");
        assert!(fault_of_search("Calls", &params(&[("Body", "x")])).is_some());
    }
}
