//! What a provider says of a person.

use serde::{Deserialize, Deserializer};

/// The longest `sub` (OpenID Connect Core §2).
const MAX_SUBJECT: usize = 255;
/// The method by which a provider says that several factors were proved (RFC 8176 §2).
const SEVERAL_FACTORS: &str = "mfa";

/// A person as an ID token names them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Identity {
    /// `sub`: who it is, with this issuer, for good.
    #[serde(rename = "sub")]
    pub subject: String,
    /// `email`, which may be another's tomorrow.
    #[serde(default)]
    pub email: Option<String>,
    /// `email_verified`. Left out it means no: who may write any address into their profile proves nothing by it.
    #[serde(default, deserialize_with = "truth")]
    pub email_verified: bool,
    /// `amr`: how the person signed in there.
    #[serde(default)]
    pub amr: Vec<String>,
    /// `acr`: of which class that is, by the provider's own names.
    #[serde(default)]
    pub acr: Option<String>,
}

impl Identity {
    /// Whether there is a subject as the specification has it.
    pub(crate) fn is_well_formed(&self) -> bool {
        (1..=MAX_SUBJECT).contains(&self.subject.len()) && self.subject.is_ascii()
    }

    /// Whether the provider says that the person proved a second factor: by `amr`, or by a class of these.
    #[must_use]
    pub fn proved_second_factor(&self, acr_values: &[String]) -> bool {
        self.amr.iter().any(|method| method == SEVERAL_FACTORS)
            || self.acr.as_ref().is_some_and(|acr| acr_values.contains(acr))
    }

    /// The address, if the provider vouches for it.
    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }

    /// With what more the provider says where it was asked for more. An answer about somebody else is passed
    /// over (OpenID Connect Core §5.3.2); what the token says itself stays.
    #[must_use]
    pub fn completed_by(self, more: UserInfo) -> Self {
        if self.email.is_some() || more.subject != self.subject {
            return self;
        }
        Self { email: more.email, email_verified: more.email_verified, ..self }
    }
}

/// What the userinfo endpoint says (OpenID Connect Core §5.3.2).
#[derive(Debug, Clone, Deserialize)]
pub struct UserInfo {
    #[serde(rename = "sub")]
    subject: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    email_verified: bool,
}

impl UserInfo {
    /// Reads the answer; `None` for what is no JSON object with a subject.
    #[must_use]
    pub fn read(answered: &[u8]) -> Option<Self> {
        serde_json::from_slice(answered).ok()
    }
}

/// Some providers write the boolean as a text; anything else is no.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value == true || value == "true")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn identity(claims: Value) -> Identity {
        serde_json::from_value(claims).unwrap()
    }

    #[test]
    fn an_address_counts_only_where_the_provider_vouches_for_it() {
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("yes"), false),
            (json!(1), false),
        ] {
            let it = identity(json!({ "sub": "a", "email": "ann@firm.example", "email_verified": verified }));
            assert_eq!(it.verified_email().is_some(), counts, "{verified}");
        }
        assert_eq!(identity(json!({ "sub": "a", "email": "ann@firm.example" })).verified_email(), None);
    }

    #[test]
    fn a_second_factor_is_said_by_method_or_by_a_class_that_was_agreed_on() {
        let classes = ["gold".to_owned()];
        let proved = |claims| identity(claims).proved_second_factor(&classes);
        assert!(proved(json!({ "sub": "a", "amr": ["pwd", "mfa"] })) && proved(json!({ "sub": "a", "acr": "gold" })));
        assert!(!proved(json!({ "sub": "a", "amr": ["pwd"], "acr": "silver" })) && !proved(json!({ "sub": "a" })));
        assert!(!identity(json!({ "sub": "a", "acr": "gold" })).proved_second_factor(&[]));
    }

    #[test]
    fn more_is_taken_about_the_same_person_alone() {
        let more = |sub| {
            UserInfo::read(
                json!({ "sub": sub, "email": "ann@firm.example", "email_verified": true }).to_string().as_bytes(),
            )
            .unwrap()
        };
        let bare = identity(json!({ "sub": "a" }));
        assert_eq!(bare.clone().completed_by(more("a")).verified_email(), Some("ann@firm.example"));
        assert_eq!(bare.completed_by(more("b")).verified_email(), None);
        let own = identity(json!({ "sub": "a", "email": "bob@firm.example" }));
        assert_eq!(own.completed_by(more("a")).verified_email(), None, "what the token says stays");
        assert!(UserInfo::read(b"{}").is_none());
    }

    #[test]
    fn a_subject_is_short_and_plain() {
        for (subject, is_one) in
            [("a".to_owned(), true), (String::new(), false), ("x".repeat(256), false), ("ä".to_owned(), false)]
        {
            assert_eq!(identity(json!({ "sub": subject })).is_well_formed(), is_one, "{subject}");
        }
    }
}
