//! The table of addresses: every route of the gateway, and what a request has to bring to get anything there.
//!
//! To add a route: a line in `ROUTES`, and its recipe in `tests/isolation/support/routes.mjs` where its address names something.
//! The test `routes` of `app` compares the table with the router as it is, and asks each route without what it says.

/// What lets a request in at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: what is there is the same for everybody.
    None,
    /// An API key or a console session, and what the table of operations says of it.
    Credential,
    /// A console session.
    Session,
    /// What the request itself brings to begin with: a password, a mailed token.
    SignIn,
    /// A secret in the address, which was given to one person.
    Secret,
    /// The cookie of a browser that holds a prompt.
    Prompt,
    /// The signature of a provider over body and address.
    Signature,
}

impl Proof {
    /// As the printed matrix has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Credential => "a key or a session, as above",
            Self::Session => "a session",
            Self::SignIn => "a password, or a mailed token",
            Self::Secret => "the secret in the address",
            Self::Prompt => "the prompt's cookie",
            Self::Signature => "the provider's signature",
        }
    }
}

/// One address.
#[derive(Debug, Clone, Copy)]
pub struct RouteRule {
    /// As the router has it, e.g. `/scim/v2/Users/{id}`.
    pub path: &'static str,
    /// What lets a request in.
    pub proof: Proof,
}

const fn to(proof: Proof, path: &'static str) -> RouteRule {
    RouteRule { path, proof }
}

/// Every address that the gateway can answer at, those among them that are off by default.
pub const ROUTES: &[RouteRule] = &[
    to(Proof::Credential, "/graphql"),
    to(Proof::None, "/graphiql"),
    to(Proof::None, "/bench/json"),
    to(Proof::None, "/healthz"),
    to(Proof::None, "/readyz"),
    to(Proof::None, "/.well-known/jwks.json"),
    to(Proof::Secret, "/link/{token}"),
    to(Proof::Secret, "/imports/{import}/{ticket}/refused.csv"),
    to(Proof::SignIn, "/auth/password"),
    to(Proof::SignIn, "/auth/second-factor"),
    to(Proof::SignIn, "/auth/accept-invitation"),
    to(Proof::SignIn, "/auth/forgotten"),
    to(Proof::SignIn, "/auth/recover"),
    to(Proof::None, "/auth/sign-out"),
    to(Proof::Session, "/auth/session"),
    to(Proof::Session, "/auth/account"),
    to(Proof::Session, "/auth/sessions/end"),
    to(Proof::Session, "/auth/change-password"),
    to(Proof::Session, "/auth/backup-codes"),
    to(Proof::Session, "/auth/app"),
    to(Proof::Session, "/auth/app/confirm"),
    to(Proof::Session, "/auth/passkeys"),
    to(Proof::Session, "/auth/passkeys/confirm"),
    to(Proof::Session, "/auth/passkeys/remove"),
    to(Proof::SignIn, "/auth/company"),
    to(Proof::SignIn, "/auth/company/finish"),
    to(Proof::Session, "/auth/company/test"),
    to(Proof::Session, "/auth/company/accept"),
    to(Proof::Signature, "/callbacks/stripe"),
    to(Proof::Signature, "/callbacks/twilio/{message}/{ticket}"),
    to(Proof::Signature, "/callbacks/twilio/{message}/{ticket}/voice"),
    to(Proof::Signature, "/callbacks/twilio/{message}/{ticket}/voice/key"),
    to(Proof::Signature, "/callbacks/twilio/inbound"),
    to(Proof::Signature, "/callbacks/twilio/inbound/{tenant}"),
    to(Proof::Signature, "/callbacks/http/{message}/{ticket}"),
    to(Proof::Credential, "/scim/v2/Users"),
    to(Proof::Credential, "/scim/v2/Users/.search"),
    to(Proof::Credential, "/scim/v2/Users/{id}"),
    to(Proof::Credential, "/scim/v2/.search"),
    to(Proof::None, "/scim/v2/ServiceProviderConfig"),
    to(Proof::None, "/scim/v2/ResourceTypes"),
    to(Proof::None, "/scim/v2/ResourceTypes/{id}"),
    to(Proof::None, "/scim/v2/Schemas"),
    to(Proof::None, "/scim/v2/Schemas/{id}"),
    to(Proof::None, "/scim/v2/Bulk"),
    to(Proof::None, "/scim/v2/Me"),
    to(Proof::None, "/scim/v2/{*rest}"),
    to(Proof::None, "/logo/{tenant}/{name}"),
    to(Proof::Secret, "/prompt/open/{token}"),
    to(Proof::Prompt, "/prompt/{tenant}/{prompt}"),
    to(Proof::Prompt, "/prompt/{tenant}/{prompt}/{act}"),
    to(Proof::None, "/assets/{*file}"),
    to(Proof::None, "/favicon.svg"),
    to(Proof::None, "/"),
    to(Proof::None, "/sign-in"),
    to(Proof::None, "/sign-in/company"),
    to(Proof::None, "/sign-in/company/{tenant}"),
    to(Proof::None, "/invitation"),
    to(Proof::None, "/forgotten"),
    to(Proof::None, "/recover"),
    to(Proof::None, "/account"),
    to(Proof::None, "/t/{*place}"),
    to(Proof::None, "/partner/{*place}"),
    to(Proof::None, "/docs"),
    to(Proof::None, "/docs/"),
    to(Proof::None, "/docs/style.css"),
    to(Proof::None, "/docs/pictures/{name}"),
    to(Proof::None, "/docs/{*page}"),
];
