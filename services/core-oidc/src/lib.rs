//! OpenID Connect Core 1.0 from the relying party's side, as values: the code flow with PKCE, and nothing else.
//!
//! What is asked of a provider ([`AuthorizationRequest`], [`TokenRequest`]), what it says of itself
//! ([`Metadata`], [`IssuerKeys`]), and whether its answer holds ([`IdToken::verify`]). Whoever calls brings
//! the time, the randomness and the network.
//!
//! What binds an answer to a browser is one secret that the browser keeps ([`BrowserSecret`]): `nonce` and
//! PKCE's verifier are made from it, so that whoever reads our database can finish no sign-in, and a code that
//! was stolen on its way is worth nothing elsewhere.

mod browser;
mod claims;
mod id_token;
mod keys;
mod metadata;
mod request;

pub use browser::BrowserSecret;
pub use claims::{Identity, UserInfo};
pub use id_token::{Expected, IdToken, LEEWAY_SECONDS, MAX_AGE_SECONDS, TokenFault};
pub use keys::{IssuerKeys, KeysFault};
pub use metadata::{Metadata, MetadataFault, configuration_url};
pub use request::{AuthorizationRequest, Client, TokenAnswer, TokenRequest};
