//! Which challenge a prompt's page is about.

use core_kernel::{ChallengeId, Fault};
use io_postgres::TenantTx;

use crate::{PromptSession, Prompts, store};

impl Prompts {
    /// Keeps which challenge the page asks about from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask(&self, session: &PromptSession, challenge: Option<ChallengeId>) -> Result<(), Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, session.tenant).await?;
        store::set_challenge(&mut tx, session.prompt, challenge).await?;
        Ok(tx.commit().await?)
    }
}
