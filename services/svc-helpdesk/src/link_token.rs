//! What a one-time link carries.

use core_crypto::TenantToken;
use core_kernel::{Entropy, TenantId};

/// Where the page of a link is served, before the token; the mail writes it after the configured
/// address of this installation, never after what a client sent as Host.
pub const LINK_PATH: &str = "/link/";

const PREFIX: &str = "link";

/// A link's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkToken(TenantToken);

impl LinkToken {
    pub(crate) fn generate(tenant: TenantId, entropy: &dyn Entropy) -> Self {
        Self(TenantToken::generate(PREFIX, tenant, entropy))
    }

    /// Reads what stood in an address; `None` costs no look-up.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        TenantToken::parse(PREFIX, text).map(Self)
    }

    /// Whose link it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.0.tenant()
    }

    /// What is stored in its place.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.0.digest()
    }

    /// The text that stands in the address.
    #[must_use]
    pub fn expose(&self) -> String {
        self.0.expose()
    }
}
