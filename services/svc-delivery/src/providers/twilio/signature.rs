//! How Twilio signs its requests: `X-Twilio-Signature` is HMAC-SHA-1, keyed by the account's token,
//! over the URL as we gave it and the parameters in order of their names, in base64.

use core_crypto::{constant_time_eq, hmac_sha1_base64};
use core_kernel::Redacted;
use url::Url;

/// A request's parameters, decoded, in any order.
pub(crate) type Params = Vec<(String, String)>;

/// Whether the account's owner sent this: `url` is the address that we gave, `params` the decoded form in any
/// order, `given` the header `X-Twilio-Signature`.
#[must_use]
pub fn verify(auth_token: &Redacted<String>, url: &str, params: &Params, given: &str) -> bool {
    let right = |url: &str| {
        let expected = signature(auth_token, url, params);
        constant_time_eq(expected.as_bytes(), given.as_bytes())
    };
    right(url) || without_port(url).is_some_and(|url| right(&url))
}

fn signature(auth_token: &Redacted<String>, url: &str, params: &Params) -> String {
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    // Of a name that is repeated each value counts once.
    sorted.dedup();
    let signed = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    hmac_sha1_base64(auth_token.expose().as_bytes(), signed.as_bytes())
}

/// Twilio leaves out a port that it was given with https.
fn without_port(url: &str) -> Option<String> {
    let port = Url::parse(url).ok()?.port()?;
    url.starts_with("https:").then(|| url.replacen(&format!(":{port}/"), "/", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation.
    const URL: &str = "https://example.com/myapp.php?foo=1&bar=2";
    const SIGNATURE: &str = "L/OH5YylLD5NRKLltdqwSvS0BnU=";

    fn token() -> Redacted<String> {
        Redacted::new("12345".to_owned())
    }

    fn params() -> Params {
        let pairs = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675310"),
            ("Digits", "1234"),
            ("From", "+14158675310"),
            ("To", "+18005551212"),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn the_documented_example_holds_in_any_order() {
        let mut reversed = params();
        reversed.reverse();
        for params in [params(), reversed] {
            assert!(verify(&token(), URL, &params, SIGNATURE));
        }
    }

    #[test]
    fn one_changed_byte_anywhere_is_refused() {
        let ok = |url: &str, params: &Params, given: &str| verify(&token(), url, params, given);
        let right = SIGNATURE;
        assert!(!ok(&URL.replace("foo=1", "foo=2"), &params(), right));
        for at in 0..params().len() {
            let mut changed = params();
            changed[at].1.push('0');
            assert!(!ok(URL, &changed, right));
            let mut changed = params();
            changed.remove(at);
            assert!(!ok(URL, &changed, right));
        }
        for at in 0..right.len() {
            let mut changed = right.to_owned().into_bytes();
            changed[at] ^= 1;
            assert!(!ok(URL, &params(), &String::from_utf8_lossy(&changed)));
        }
        assert!(!verify(&Redacted::new("12346".to_owned()), URL, &params(), right));
        assert!(!ok(URL, &params(), ""));
    }

    #[test]
    fn a_port_behind_https_may_be_left_out() {
        let right = signature(&token(), "https://example.com/a", &params());
        assert!(verify(&token(), "https://example.com:8443/a", &params(), &right));
        let right = signature(&token(), "http://example.com/a", &params());
        assert!(!verify(&token(), "http://example.com:8080/a", &params(), &right));
    }
}
