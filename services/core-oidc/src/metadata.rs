//! What a provider says of itself (OpenID Connect Discovery 1.0).

use serde::Deserialize;
use thiserror::Error;
use url::Url;

/// Where an issuer publishes it. Appended to the issuer, path included (Discovery §4).
#[must_use]
pub fn configuration_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Why it is of no use; sentences for whoever registers the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MetadataFault {
    /// No JSON, or fields that must be there are not.
    #[error("What the provider publishes at its well-known address is no OpenID configuration.")]
    Malformed,
    /// It calls itself something else: it could pass for another (Discovery §4.3).
    #[error(
        "The provider calls itself by another name than the issuer that was given; both must be the same, to the letter."
    )]
    OtherIssuer,
    /// The code flow is not among what it does.
    #[error("The provider does not offer the authorization code flow.")]
    NoCodeFlow,
    /// It says which methods of PKCE it knows, and S256 is not among them.
    #[error("The provider does not offer PKCE with S256.")]
    NoPkce,
    /// No way to show our secret that we know.
    #[error("The provider takes a client's secret neither as HTTP Basic nor in the body.")]
    NoClientAuthentication,
    /// An address that is none.
    #[error("One of the addresses in the provider's configuration cannot be read.")]
    Address,
}

/// What is used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Whose it is.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: Url,
    /// Where a code becomes a token.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where more is said of a person than in the token, if anywhere.
    pub userinfo_endpoint: Option<String>,
    /// Whether the secret goes into the body, HTTP Basic not being offered.
    pub secret_in_body: bool,
    /// Whether every answer names its issuer (RFC 9207).
    pub names_itself: bool,
}

#[derive(Deserialize)]
struct Published {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Reads what was published for `issuer`.
    ///
    /// # Errors
    /// When it is another's, or cannot be used.
    pub fn read(published: &[u8], issuer: &str) -> Result<Self, MetadataFault> {
        let published: Published = serde_json::from_slice(published).map_err(|_| MetadataFault::Malformed)?;
        if published.issuer != issuer {
            return Err(MetadataFault::OtherIssuer);
        }
        let offers = |list: &Option<Vec<String>>, one: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|other| other == one))
        };
        if !offers(&published.response_types_supported, "code") {
            return Err(MetadataFault::NoCodeFlow);
        }
        if !offers(&published.code_challenge_methods_supported, "S256") {
            return Err(MetadataFault::NoPkce);
        }
        let ways = &published.token_endpoint_auth_methods_supported;
        let basic = offers(ways, "client_secret_basic");
        if !basic && !offers(ways, "client_secret_post") {
            return Err(MetadataFault::NoClientAuthentication);
        }
        let authorization_endpoint =
            Url::parse(&published.authorization_endpoint).map_err(|_| MetadataFault::Address)?;
        Ok(Self {
            issuer: published.issuer,
            authorization_endpoint,
            token_endpoint: published.token_endpoint,
            jwks_uri: published.jwks_uri,
            userinfo_endpoint: published.userinfo_endpoint,
            secret_in_body: !basic,
            names_itself: published.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://id.firm.example/realm";

    fn read(change: impl FnOnce(&mut Value)) -> Result<Metadata, MetadataFault> {
        let mut published = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.firm.example/authorize?realm=x",
            "token_endpoint": "https://id.firm.example/token",
            "jwks_uri": "https://id.firm.example/keys",
            "response_types_supported": ["code", "id_token"],
        });
        change(&mut published);
        Metadata::read(published.to_string().as_bytes(), ISSUER)
    }

    #[test]
    fn what_is_left_out_has_the_specifications_meaning() {
        let metadata = read(|_| {}).unwrap();
        assert!(!metadata.secret_in_body && !metadata.names_itself && metadata.userinfo_endpoint.is_none());
        let body = read(|it| it["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"])).unwrap();
        assert!(body.secret_in_body);
        let named = read(|it| it["authorization_response_iss_parameter_supported"] = json!(true)).unwrap();
        assert!(named.names_itself);
    }

    #[test]
    fn another_issuers_configuration_is_nobodys() {
        for other in ["https://id.firm.example/realm/", "https://id.firm.example", "https://evil.example/realm"] {
            assert_eq!(read(|it| it["issuer"] = json!(other)), Err(MetadataFault::OtherIssuer), "{other}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        use MetadataFault::{Address, Malformed, NoClientAuthentication, NoCodeFlow, NoPkce};
        for (field, value, fault) in [
            ("response_types_supported", json!(["id_token"]), NoCodeFlow),
            ("code_challenge_methods_supported", json!(["plain"]), NoPkce),
            ("token_endpoint_auth_methods_supported", json!(["private_key_jwt"]), NoClientAuthentication),
            ("authorization_endpoint", json!("no address"), Address),
            ("jwks_uri", Value::Null, Malformed),
        ] {
            assert_eq!(read(|it| it[field] = value), Err(fault), "{field}");
        }
        assert_eq!(Metadata::read(b"<html>", ISSUER), Err(Malformed));
    }

    #[test]
    fn the_well_known_address_follows_the_issuers_path() {
        for issuer in ["https://id.example/a", "https://id.example/a/"] {
            assert_eq!(configuration_url(issuer), "https://id.example/a/.well-known/openid-configuration");
        }
    }
}
