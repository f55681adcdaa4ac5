//! What goes wrong between Stripe and us.

use thiserror::Error;

/// Why something was not done at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StripeError {
    /// There was no usable answer, however often it was asked: it may have been done.
    #[error("Stripe gave no usable answer: {0}")]
    Unknown(String),
    /// It was refused, and nothing was done.
    #[error("Stripe refused ({status}{}): {message}", code.as_deref().map(|code| format!(" {code}")).unwrap_or_default())]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Stripe's word for it, where there is one: `resource_missing`.
        code: Option<String>,
        /// Stripe's sentence, for whoever runs the installation.
        message: String,
    },
    /// The client cannot be made as it is configured.
    #[error("{0}")]
    Configuration(String),
}

impl StripeError {
    /// Whether what was asked for does not exist at Stripe.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }
}
