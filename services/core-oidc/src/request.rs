//! What is asked of a provider: an answer through the browser, and then a token for the code in it.

use core_kernel::Redacted;
use data_encoding::BASE64;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::{BrowserSecret, Metadata};

/// As whom we are known to a provider.
#[derive(Debug, Clone)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: Redacted<String>,
    /// `redirect_uri`: built from configuration alone, never from what a request says.
    pub redirect_uri: String,
}

/// What a browser is sent to the provider with.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationRequest<'a> {
    /// As whom.
    pub client: &'a Client,
    /// `state`.
    pub state: &'a str,
    /// What binds the answer to the browser.
    pub browser: &'a BrowserSecret,
    /// `acr_values`: what would spare the person our own second factor.
    pub acr_values: &'a [String],
    /// `login_hint`, for the provider to fill in.
    pub login_hint: Option<&'a str>,
}

impl AuthorizationRequest<'_> {
    /// The address (OpenID Connect Core §3.1.2.1, RFC 7636 §4.3).
    #[must_use]
    pub fn url(&self, metadata: &Metadata) -> Url {
        let mut url = metadata.authorization_endpoint.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("scope", "openid email profile")
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", &self.client.redirect_uri)
            .append_pair("state", self.state)
            .append_pair("nonce", &self.browser.nonce())
            .append_pair("code_challenge", &self.browser.challenge())
            .append_pair("code_challenge_method", "S256");
        if !self.acr_values.is_empty() {
            query.append_pair("acr_values", &self.acr_values.join(" "));
        }
        if let Some(hint) = self.login_hint {
            query.append_pair("login_hint", hint);
        }
        drop(query);
        url
    }
}

/// What the provider is asked for a code.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    /// As whom.
    pub client: &'a Client,
    /// The code.
    pub code: &'a Redacted<String>,
    /// Whose browser brought it.
    pub browser: &'a BrowserSecret,
}

impl TokenRequest<'_> {
    /// `application/x-www-form-urlencoded` (RFC 6749 §4.1.3).
    #[must_use]
    pub fn form(&self, metadata: &Metadata) -> Redacted<String> {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", self.code.expose())
            .append_pair("redirect_uri", &self.client.redirect_uri)
            .append_pair("code_verifier", self.browser.verifier().expose());
        if metadata.secret_in_body {
            form.append_pair("client_id", &self.client.id).append_pair("client_secret", self.client.secret.expose());
        }
        Redacted::new(form.finish())
    }

    /// `Authorization`, where the secret does not go into the body; both halves are form-encoded first
    /// (RFC 6749 §2.3.1).
    #[must_use]
    pub fn authorization(&self, metadata: &Metadata) -> Option<Redacted<String>> {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(&self.client.id), encoded(self.client.secret.expose()));
        (!metadata.secret_in_body).then(|| Redacted::new(format!("Basic {}", BASE64.encode(pair.as_bytes()))))
    }
}

/// What the provider answers; of the rest nothing is used.
#[derive(Debug)]
pub struct TokenAnswer {
    /// The ID token.
    pub id_token: Redacted<String>,
    /// For what more the provider says of the person.
    pub access_token: Option<Redacted<String>>,
}

#[derive(Deserialize)]
struct Answered {
    id_token: String,
    access_token: Option<String>,
}

impl TokenAnswer {
    /// Reads the answer (OpenID Connect Core §3.1.3.3); `None` where it holds no ID token.
    #[must_use]
    pub fn read(answered: &[u8]) -> Option<Self> {
        let Answered { id_token, access_token } = serde_json::from_slice(answered).ok()?;
        Some(Self { id_token: id_token.into(), access_token: access_token.map(Redacted::new) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn metadata(secret_in_body: bool) -> Metadata {
        Metadata {
            issuer: "https://id.example".to_owned(),
            authorization_endpoint: Url::parse("https://id.example/authorize?realm=a").unwrap(),
            token_endpoint: "https://id.example/token".to_owned(),
            jwks_uri: "https://id.example/keys".to_owned(),
            userinfo_endpoint: None,
            secret_in_body,
            names_itself: false,
        }
    }

    fn client() -> Client {
        Client {
            id: "postern & co".to_owned(),
            secret: "s:e c/ret".to_owned().into(),
            redirect_uri: "https://postern.example/sign-in/company/tenant_1".to_owned(),
        }
    }

    #[test]
    fn the_browser_is_sent_with_all_that_binds_the_answer_to_it() {
        let (client, browser) = (client(), BrowserSecret::new("b".to_owned().into()));
        let acr_values = ["mfa".to_owned(), "phr".to_owned()];
        let request = AuthorizationRequest {
            client: &client,
            state: "s1",
            browser: &browser,
            acr_values: &acr_values,
            login_hint: Some("ann@firm.example"),
        };
        let url = request.url(&metadata(false));
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("realm", "a"),
            ("response_type", "code"),
            ("client_id", "postern & co"),
            ("redirect_uri", "https://postern.example/sign-in/company/tenant_1"),
            ("state", "s1"),
            ("nonce", &browser.nonce()),
            ("code_challenge", &browser.challenge()),
            ("code_challenge_method", "S256"),
            ("acr_values", "mfa phr"),
            ("login_hint", "ann@firm.example"),
        ] {
            assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert!(!url.as_str().contains(browser.verifier().expose()));
    }

    #[test]
    fn an_answer_without_an_id_token_is_none() {
        let answer = TokenAnswer::read(br#"{"id_token":"a.b.c","access_token":"t","scope":"openid"}"#).unwrap();
        assert_eq!((answer.id_token.expose().as_str(), answer.access_token.unwrap().expose().as_str()), ("a.b.c", "t"));
        assert!(TokenAnswer::read(br#"{"access_token":"t"}"#).is_none() && TokenAnswer::read(b"<html>").is_none());
        assert!(!format!("{:?}", TokenAnswer::read(br#"{"id_token":"a.b.c"}"#)).contains("a.b.c"));
    }

    #[test]
    fn the_secret_goes_one_way_only() {
        let (client, browser) = (client(), BrowserSecret::new("b".to_owned().into()));
        let code = "c1".to_owned().into();
        let request = TokenRequest { client: &client, code: &code, browser: &browser };
        let form = request.form(&metadata(false));
        assert!(form.expose().contains(&format!("code_verifier={}", browser.verifier().expose())));
        assert!(!form.expose().contains("client_"), "{}", form.expose());
        let header = request.authorization(&metadata(false)).unwrap();
        let pair = BASE64.decode(header.expose().strip_prefix("Basic ").unwrap().as_bytes()).unwrap();
        assert_eq!(pair, b"postern+%26+co:s%3Ae+c%2Fret");
        assert!(request.authorization(&metadata(true)).is_none());
        assert!(
            request.form(&metadata(true)).expose().ends_with("client_id=postern+%26+co&client_secret=s%3Ae+c%2Fret")
        );
    }
}
