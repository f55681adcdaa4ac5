//! Why a visit did not come to its end.

use core_kernel::Fault;
use io_postgres::DbError;
use io_stripe::StripeError;
use thiserror::Error;

/// What is broken: here, or between Stripe and us.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The database, or what is stored in it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Stripe.
    #[error(transparent)]
    Stripe(#[from] StripeError),
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        Self::Fault(error.into())
    }
}
