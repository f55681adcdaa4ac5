//! `redeemPromptResult`.

use core_access::Permit;
use core_crypto::digest_token;
use core_kernel::{LoginId, Stop};
use io_postgres::TenantTx;
use svc_logins::LoginView;

use crate::{Prompts, refusal, store};

/// Longer than any result of ours.
const MAX_RESULT: usize = 128;

/// What a result was exchanged for.
#[derive(Debug, Clone)]
pub struct Redeemed {
    /// The login; of one that was just completed with its assertion.
    pub login: LoginView,
    /// The integrator's own.
    pub state: Option<String>,
}

impl Prompts {
    /// Exchanges a result for its login: of any number of parallel calls exactly one gets it.
    ///
    /// # Errors
    /// EXPIRED at `result` for one that is unknown, another tenant's, exchanged, or older than a minute,
    /// the same for all.
    pub async fn redeem(&self, permit: &Permit, result: &str) -> Result<Redeemed, Stop> {
        if result.len() > MAX_RESULT {
            return Err(refusal::result_over().into());
        }
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let row = store::redeem(&mut tx, digest_token(result)).await?.ok_or_else(refusal::result_over)?;
        tx.commit().await?;
        let login = self.logins.login_by_id(permit, LoginId(row.login_id)).await?.ok_or_else(refusal::result_over)?;
        Ok(Redeemed { login, state: row.state })
    }
}
