//! Writing our parameters into an address that a browser is sent back to.

use url::Url;
use url::form_urlencoded::{byte_serialize, parse};

/// `return_url` with these parameters. Others are kept to the letter; those of the same names, or of
/// `reserved` ones, are left out, so that the page never reads somebody else's.
///
/// # Errors
/// When the address cannot be parsed.
pub fn return_address(return_url: &str, reserved: &[&str], ours: &[(&str, &str)]) -> Result<String, url::ParseError> {
    let mut url = Url::parse(return_url)?;
    let taken = |name: &str| reserved.contains(&name) || ours.iter().any(|(ours, _)| *ours == name);
    let mut parts: Vec<String> = url
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|part| !part.is_empty() && !parse(part.as_bytes()).next().is_some_and(|(name, _)| taken(&name)))
        .map(str::to_owned)
        .collect();
    let encoded = |value: &str| byte_serialize(value.as_bytes()).collect::<String>();
    parts.extend(ours.iter().map(|(name, value)| format!("{name}={}", encoded(value))));
    url.set_query(Some(&parts.join("&")));
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str, state: Option<&str>) -> String {
        let ours: Vec<(&str, &str)> =
            [Some(("result", "R")), state.map(|state| ("state", state))].into_iter().flatten().collect();
        return_address(url, &["error"], &ours).unwrap()
    }

    #[test]
    fn parameters_are_added_and_the_others_kept() {
        for (url, expected) in [
            ("https://c.example/after", "https://c.example/after?result=R&state=s"),
            ("https://c.example/?a=1&b=%20x+y", "https://c.example/?a=1&b=%20x+y&result=R&state=s"),
            ("https://c.example/?a#part", "https://c.example/?a&result=R&state=s#part"),
        ] {
            assert_eq!(address(url, Some("s")), expected);
        }
        assert_eq!(address("https://c.example/?state=own", None), "https://c.example/?state=own&result=R");
    }

    #[test]
    fn nothing_can_stand_in_for_ours() {
        let url = "https://c.example/?result=evil&%72esult=evil&state=evil&error=evil&x=1";
        assert_eq!(address(url, Some("s")), "https://c.example/?x=1&result=R&state=s");
        let url = address("https://c.example/", Some("a&result=evil#/\r\nSet-Cookie: x"));
        assert_eq!(url, "https://c.example/?result=R&state=a%26result%3Devil%23%2F%0D%0ASet-Cookie%3A+x");
    }
}
