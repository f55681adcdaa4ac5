//! Signing in to the console by a tenant's own identity provider (docs/adr/0013-oidc.md).
//!
//! An OWNER registers the provider ([`SingleSignOn::set_provider`]); a person is sent there
//! ([`SingleSignOn::begin`]) and comes back with a code ([`SingleSignOn::finish`]). What the provider then
//! says of them leads to a role in that tenant, by the provider's own name for the person; the first time by
//! a mail address that it vouches for, of a domain that the tenant allows. From there on svc-admins sees to it
//! that the session acts in that tenant and nowhere else.
//!
//! A flow is two digests in the database: of `state`, which travels through the provider, and of a secret that
//! the browser keeps, from which `nonce` and PKCE's verifier are made. Any replica can finish it, once; a
//! person who reads the database cannot.
//!
//! Everything that goes out goes through io-outbound: an issuer is an address that a tenant chose.

mod client;
mod commands;
mod known;
mod model;
mod refusals;
mod rules;
mod sso;
mod store;

pub use commands::{Begun, FinishSignIn, Finished, SetProvider};
pub use model::{ProviderView, SecondFactorRule};
pub use sso::SingleSignOn;
