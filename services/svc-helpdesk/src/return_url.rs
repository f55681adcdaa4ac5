//! Where a consumed link goes on to: the integrator's page, with the login and the state that it gave.

use core_kernel::{LoginId, TypedId};
use url::Url;
use url::form_urlencoded::{byte_serialize, parse};

const LOGIN: &str = "postern_login";
const STATE: &str = "state";

/// `return_url` with `postern_login` and, where there is one, `state`. Other parameters are kept to the
/// letter; those of the same names are replaced, so that the page never reads somebody else's.
///
/// # Errors
/// When the stored address cannot be parsed.
pub(crate) fn redirect_to(return_url: &str, login: LoginId, state: Option<&str>) -> Result<String, url::ParseError> {
    let mut url = Url::parse(return_url)?;
    let mut parts: Vec<String> = url
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|part| !part.is_empty() && !is_ours(part, state.is_some()))
        .map(str::to_owned)
        .collect();
    parts.push(format!("{LOGIN}={}", login.to_text()));
    parts.extend(state.map(|state| format!("{STATE}={}", byte_serialize(state.as_bytes()).collect::<String>())));
    url.set_query(Some(&parts.join("&")));
    Ok(url.into())
}

fn is_ours(part: &str, with_state: bool) -> bool {
    parse(part.as_bytes()).next().is_some_and(|(name, _)| name == LOGIN || (with_state && name == STATE))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn redirect(url: &str, state: Option<&str>) -> String {
        let login = LoginId(Uuid::from_u128(0));
        redirect_to(url, login, state).unwrap().replace(&login.to_text(), "L")
    }

    #[test]
    fn parameters_are_added_and_the_others_kept() {
        for (url, expected) in [
            ("https://c.example/after", "https://c.example/after?postern_login=L&state=s"),
            ("https://c.example/?a=1&b=%20x+y", "https://c.example/?a=1&b=%20x+y&postern_login=L&state=s"),
            ("https://c.example/?a#part", "https://c.example/?a&postern_login=L&state=s#part"),
        ] {
            assert_eq!(redirect(url, Some("s")), expected);
        }
        assert_eq!(redirect("https://c.example/?state=own", None), "https://c.example/?state=own&postern_login=L");
    }

    #[test]
    fn nothing_can_stand_in_for_ours() {
        let url = "https://c.example/?postern_login=evil&%70ostern_login=evil&state=evil&x=1";
        assert_eq!(redirect(url, Some("s")), "https://c.example/?x=1&postern_login=L&state=s");
        let state = "a&postern_login=evil#/\r\nSet-Cookie: x";
        let url = redirect("https://c.example/", Some(state));
        assert_eq!(url, "https://c.example/?postern_login=L&state=a%26postern_login%3Devil%23%2F%0D%0ASet-Cookie%3A+x");
    }
}
