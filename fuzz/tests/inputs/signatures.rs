//! Signatures of HTTP calls: our own webhooks', Stripe's, Twilio's and SMS gateways'.

use aws_lc_rs::hmac;
use chrono::DateTime;
use core_crypto::{WebhookHeaders, WebhookSecret, hmac_sha1_base64};
use core_kernel::{Entropy as _, Redacted, SeededEntropy, Timestamp};
use data_encoding::{BASE64, HEXLOWER};
use fuzz::Source;
use svc_delivery::is_signed_by_twilio;

const NOW: i64 = 1_790_000_000;

/// What holds of each scheme: what its reference signs is accepted within its time; and whatever is accepted, of
/// headers and bodies of all kinds, holds the one true tag over this very body.
pub(super) fn webhook_signatures(source: &mut Source<'_>) {
    match source.below(3) {
        0 => standard(source),
        1 => stripe(source),
        _ => twilio(source),
    }
}

fn now() -> Timestamp {
    DateTime::from_timestamp(NOW, 0).expect("a time")
}

/// A time near the edges of what is accepted, as a text that may be anything.
fn time(source: &mut Source<'_>) -> (i64, String) {
    let seconds = NOW + i64::from(source.byte()) * 4 - 510;
    let text = match source.below(6) {
        0 => source.text("0123456789+- .e", 12),
        1 => format!("+{seconds}"),
        _ => seconds.to_string(),
    };
    (seconds, text)
}

fn standard(source: &mut Source<'_>) {
    let mut key = [0; 32];
    SeededEntropy::new(1).fill(&mut key);
    let secret = WebhookSecret::parse(&format!("whsec_{}", BASE64.encode(&key))).expect("a secret");
    let (id, body) = (source.text("event_0129.", 10), source.text("{}\":ab1é", 24));
    let (seconds, timestamp) = time(source);
    let reference = standardwebhooks::Webhook::from_bytes(key.to_vec()).expect("a key");
    let right = reference.sign(&id, seconds, body.as_bytes()).expect("a text is signed");
    let at = DateTime::from_timestamp(seconds, 0).expect("a time");
    assert_eq!(secret.sign(&id, at, body.as_bytes()), right, "the reference signs the same");

    let verify = |timestamp: &str, signature: &str, body: &[u8]| {
        secret.verify(WebhookHeaders { id: &id, timestamp, signature }, body, now())
    };
    let in_time = (seconds - NOW).abs() <= 300;
    assert_eq!(verify(&seconds.to_string(), &right, body.as_bytes()), in_time);
    assert_eq!(verify(&seconds.to_string(), &format!("v1a,x {right} v1,"), body.as_bytes()), in_time, "among several");

    let changed = String::from_utf8_lossy(&source.mutated(right.as_bytes())).into_owned();
    let other_body = source.mutated(body.as_bytes());
    if verify(&timestamp, &changed, &other_body) {
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &other_body[..]].concat();
        let tag = BASE64.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &signed).as_ref());
        let said: i64 = timestamp.parse().expect("an accepted time is a number");
        assert!(changed.split(' ').any(|one| one == format!("v1,{tag}")) && (said - NOW).abs() <= 300, "{changed}");
    }
}

fn stripe(source: &mut Source<'_>) {
    const SECRET: &str = "whsec_stripe";
    let key = io_stripe::WebhookKey::new(&Redacted::new(SECRET.to_owned()));
    let body = source.text("{}\":evt_1é", 24);
    let (seconds, timestamp) = time(source);
    let tag = |time: &str, body: &[u8]| {
        let signed = [time.as_bytes(), b".", body].concat();
        HEXLOWER.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), &signed).as_ref())
    };
    let right = format!("t={seconds},v1={}", tag(&seconds.to_string(), body.as_bytes()));
    assert_eq!(key.verify(&right, body.as_bytes(), now()).is_ok(), (seconds - NOW).abs() <= 300);

    let header = right.replace(&seconds.to_string(), &timestamp);
    let header = String::from_utf8_lossy(&source.mutated(header.as_bytes())).into_owned();
    let other_body = source.mutated(body.as_bytes());
    for body in [body.as_bytes(), &other_body] {
        if key.verify(&header, body, now()).is_ok() {
            let said = header.split(',').find_map(|part| part.trim().strip_prefix("t=")).expect("a time");
            assert!((said.parse::<i64>().expect("a number") - NOW).abs() <= 300, "{header}");
            assert!(header.to_lowercase().contains(&format!("v1={}", tag(said, body))), "{header} is believed");
        }
    }
}

fn twilio(source: &mut Source<'_>) {
    let token = Redacted::new("12345".to_owned());
    let url = *source.pick(&[
        "https://id.example/callbacks/twilio/x",
        "https://id.example:8443/callbacks/x",
        "http://id.example:8080/x?a=b",
    ]);
    let params = params(source);
    let over = |url: &str, params: &[(String, String)]| {
        let mut sorted = params.to_vec();
        sorted.sort();
        sorted.dedup();
        let text: String = sorted.into_iter().fold(url.to_owned(), |text, (name, value)| text + &name + &value);
        hmac_sha1_base64(b"12345", text.as_bytes())
    };
    let right = over(url, &params);
    let mut reversed = params.clone();
    reversed.reverse();
    assert!(is_signed_by_twilio(&token, url, &params, &right) && is_signed_by_twilio(&token, url, &reversed, &right));
    assert!(!is_signed_by_twilio(&Redacted::new("12346".to_owned()), url, &params, &right));

    let given = String::from_utf8_lossy(&source.mutated(right.as_bytes())).into_owned();
    assert_eq!(is_signed_by_twilio(&token, url, &params, &given), given == right, "{given}");
    let others = self::params(source);
    if is_signed_by_twilio(&token, url, &others, &right) {
        assert_eq!(over(url, &others), right, "other parameters are believed");
    }
}

fn params(source: &mut Source<'_>) -> Vec<(String, String)> {
    (0..source.below(5))
        .map(|_| (source.pick(&["From", "Digits", "CallSid", "To"]).to_string(), source.text("+0123é&=", 6)))
        .collect()
}
