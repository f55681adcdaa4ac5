//! Where a consumed link goes on to: the integrator's page, with the login and the state that it gave.

use core_kernel::{LoginId, TypedId};
use svc_directory::return_address;
use url::ParseError;

/// `return_url` with `postern_login` and, where there is one, `state`.
///
/// # Errors
/// When the stored address cannot be parsed.
pub(crate) fn redirect_to(return_url: &str, login: LoginId, state: Option<&str>) -> Result<String, ParseError> {
    let login = login.to_text();
    let ours = [Some(("postern_login", login.as_str())), state.map(|state| ("state", state))];
    return_address(return_url, &[], &ours.into_iter().flatten().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_page_learns_which_login_and_gets_its_state_back() {
        let login = LoginId(Uuid::from_u128(0));
        let redirect = |url, state| redirect_to(url, login, state).unwrap().replace(&login.to_text(), "L");
        assert_eq!(redirect("https://c.example/a?b=1", Some("s")), "https://c.example/a?b=1&postern_login=L&state=s");
        assert_eq!(redirect("https://c.example/?state=own", None), "https://c.example/?state=own&postern_login=L");
        let forged = "https://c.example/?postern_login=evil&%70ostern_login=evil&x=1";
        assert_eq!(redirect(forged, None), "https://c.example/?x=1&postern_login=L");
    }
}
