//! What an assertion says. `acr` is a ladder: integrators compare `acr_rank` with the least that they
//! accept, so new rungs can be put between the old ones without breaking a comparison.

use core_kernel::{LoginId, TenantId, Timestamp, TypedId};
use serde::{Deserialize, Serialize};

/// How long an assertion holds, in seconds.
pub const ASSERTION_LIFETIME_SECONDS: i64 = 300;

/// How the user was authenticated, as a class (OpenID Connect Core, `acr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Acr {
    /// The first factor alone: allowed outright, skipped, opted out.
    #[serde(rename = "postern:1fa")]
    FirstFactor,
    /// An advisor's temporary access code.
    #[serde(rename = "postern:assisted")]
    Assisted,
    /// A code by mail, which NIST does not count as a second factor: a class of its own below the rest.
    #[serde(rename = "postern:2fa-email")]
    Email,
    /// A text, a call, an app or a backup code.
    #[serde(rename = "postern:2fa")]
    TwoFactor,
    /// A passkey, which cannot be phished.
    #[serde(rename = "postern:2fa-phr")]
    PhishingResistant,
}

impl Acr {
    /// The rung's height: 10, 15, 20, 30, 40.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::FirstFactor => 10,
            Self::Assisted => 15,
            Self::Email => 20,
            Self::TwoFactor => 30,
            Self::PhishingResistant => 40,
        }
    }
}

/// What had been accepted before the login came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FirstFactorProof {
    /// A password.
    Password,
    /// The firm's single sign-on.
    Sso,
    /// A one-time link.
    OneTimeLink,
}

impl FirstFactorProof {
    /// Its `amr` value.
    #[must_use]
    pub fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Sso => "fed",
            Self::OneTimeLink => "link",
        }
    }
}

/// What was proved to us. An enrollment proves the factor that it confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// A code by text.
    Sms,
    /// A code by call.
    Voice,
    /// A code by mail.
    Email,
    /// A code of an app.
    Totp,
    /// A passkey.
    Passkey,
    /// A backup code.
    BackupCode,
    /// An advisor's code.
    TemporaryAccessCode,
}

impl Proof {
    /// Its `amr` value (RFC 8176 where that has one).
    #[must_use]
    pub fn amr(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "tel",
            Self::Email => "email",
            Self::Totp | Self::BackupCode => "otp",
            Self::Passkey => "pop",
            Self::TemporaryAccessCode => "assisted",
        }
    }

    /// The class of a login completed with it.
    #[must_use]
    pub fn acr(self) -> Acr {
        match self {
            Self::Sms | Self::Voice | Self::Totp | Self::BackupCode => Acr::TwoFactor,
            Self::Email => Acr::Email,
            Self::Passkey => Acr::PhishingResistant,
            Self::TemporaryAccessCode => Acr::Assisted,
        }
    }
}

/// The claims of an assertion, all of them required (RFC 7519, OpenID Connect Core §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionClaims {
    /// The installation's public URL.
    pub iss: String,
    /// The tenant.
    pub aud: String,
    /// The user's external identifier, as the integrator gave it.
    pub sub: String,
    /// When the login was completed, in seconds since 1970.
    pub iat: i64,
    /// `iat` and [`ASSERTION_LIFETIME_SECONDS`].
    pub exp: i64,
    /// The login: an integrator accepts each once.
    pub jti: String,
    /// When the user authenticated, in seconds since 1970.
    pub auth_time: i64,
    /// The first factor and what was proved to us.
    pub amr: Vec<String>,
    /// The class.
    pub acr: Acr,
    /// The class as a number to compare with.
    pub acr_rank: u8,
    /// Why the policy decided as it did.
    pub reasons: Vec<String>,
    /// Whether this login enrolled the user's first factor: nothing older vouches for it.
    pub first_enrollment: bool,
    /// The policy that decided.
    pub policy_version: i32,
}

impl AssertionClaims {
    /// The claims of a login that `completed_at` made complete: with nothing proved to us, of the
    /// class [`Acr::FirstFactor`], without reasons, under policy 0; the `with_…` methods say the rest.
    #[must_use]
    pub fn new(issuer: &str, tenant: TenantId, external_id: &str, login: LoginId, completed_at: Timestamp) -> Self {
        let iat = completed_at.timestamp();
        Self {
            iss: issuer.to_owned(),
            aud: tenant.to_text(),
            sub: external_id.to_owned(),
            iat,
            exp: iat + ASSERTION_LIFETIME_SECONDS,
            jti: login.to_text(),
            auth_time: iat,
            amr: Vec::new(),
            acr: Acr::FirstFactor,
            acr_rank: Acr::FirstFactor.rank(),
            reasons: Vec::new(),
            first_enrollment: false,
            policy_version: 0,
        }
    }

    /// With what was proved before and, where anything was, to us.
    #[must_use]
    pub fn with_proofs(mut self, first: FirstFactorProof, second: Option<Proof>) -> Self {
        self.amr = [Some(first.amr()), second.map(Proof::amr)].into_iter().flatten().map(str::to_owned).collect();
        self.acr = second.map_or(Acr::FirstFactor, Proof::acr);
        self.acr_rank = self.acr.rank();
        self
    }

    /// With the decision's reasons and the version of the policy that made it.
    #[must_use]
    pub fn with_decision<'a>(mut self, reasons: impl IntoIterator<Item = &'a str>, policy_version: i32) -> Self {
        self.reasons = reasons.into_iter().map(str::to_owned).collect();
        self.policy_version = policy_version;
        self
    }

    /// Marked, or not, as the login that enrolled the user's first factor.
    #[must_use]
    pub fn with_first_enrollment(mut self, first_enrollment: bool) -> Self {
        self.first_enrollment = first_enrollment;
        self
    }

    /// With the moment at which the user authenticated, where that is not the completion.
    #[must_use]
    pub fn with_auth_time(mut self, at: Timestamp) -> Self {
        self.auth_time = at.timestamp();
        self
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn claims() -> AssertionClaims {
        let (tenant, login) = (TenantId(Uuid::from_u128(1)), LoginId(Uuid::from_u128(2)));
        AssertionClaims::new("https://id.example", tenant, "ann", login, DateTime::from_timestamp(1_000, 0).unwrap())
    }

    #[test]
    fn the_ladder_is_that_of_the_contract() {
        let ladder = [
            (None, "pwd", "postern:1fa", 10),
            (Some(Proof::TemporaryAccessCode), "assisted", "postern:assisted", 15),
            (Some(Proof::Email), "email", "postern:2fa-email", 20),
            (Some(Proof::Sms), "sms", "postern:2fa", 30),
            (Some(Proof::Voice), "tel", "postern:2fa", 30),
            (Some(Proof::Totp), "otp", "postern:2fa", 30),
            (Some(Proof::BackupCode), "otp", "postern:2fa", 30),
            (Some(Proof::Passkey), "pop", "postern:2fa-phr", 40),
        ];
        for (proof, amr, acr, rank) in ladder {
            let claims = serde_json::to_value(claims().with_proofs(FirstFactorProof::Password, proof)).unwrap();
            assert_eq!((&claims["acr"], &claims["acr_rank"]), (&acr.into(), &rank.into()));
            assert_eq!(claims["amr"].as_array().unwrap().last().unwrap(), amr);
        }
    }

    #[test]
    fn every_claim_of_the_contract_is_there() {
        let at = DateTime::from_timestamp(990, 0).unwrap();
        let claims = claims()
            .with_proofs(FirstFactorProof::OneTimeLink, Some(Proof::Sms))
            .with_decision(["ONE_TIME_LINK"], 7)
            .with_first_enrollment(true)
            .with_auth_time(at);
        let expected = serde_json::json!({
            "iss": "https://id.example", "aud": "tenant_00000000000000000000000004", "sub": "ann",
            "iat": 1000, "exp": 1300, "jti": "login_00000000000000000000000008", "auth_time": 990,
            "amr": ["link", "sms"], "acr": "postern:2fa", "acr_rank": 30, "reasons": ["ONE_TIME_LINK"],
            "first_enrollment": true, "policy_version": 7,
        });
        assert_eq!(serde_json::to_value(claims).unwrap(), expected);
        assert_eq!(FirstFactorProof::Sso.amr(), "fed");
    }
}
