//! How a prompt ends: the browser goes back to where it came from.

use core_access::Operation;
use core_crypto::SecretToken;
use core_kernel::{Fault, Stop};
use io_postgres::TenantTx;
use svc_directory::return_address;

use crate::{PromptEnd, PromptPurpose, PromptSession, Prompts, refusal, store};

pub(super) const RESULT_PREFIX: &str = "prompt_result";

impl Prompts {
    /// The address to go back to with a result, which is good for a minute. Asked again, by a browser that
    /// reloads or went back, it gives another one, and the earlier is worth nothing; once a result was
    /// exchanged there is none any more.
    ///
    /// # Errors
    /// VERIFICATION_REQUIRED while the login is not complete; EXPIRED for a prompt that is over.
    pub async fn finish(&self, session: &PromptSession) -> Result<String, Stop> {
        let permit = session.permit(Operation::ReadLogin, None)?;
        let login = self.logins.lookup_login(&permit, session.login).await?.ok_or_else(refusal::prompt_over)?;
        if session.purpose == PromptPurpose::Login && login.completed_at.is_none() {
            return Err(refusal::not_done().into());
        }
        let result = SecretToken::generate(RESULT_PREFIX, &*self.platform.entropy);
        let mut tx = TenantTx::begin(&self.platform.database, session.tenant).await?;
        if !store::set_result(&mut tx, session.prompt, result.digest()).await? {
            return Err(refusal::prompt_over().into());
        }
        tx.commit().await?;
        self.back(session, ("result", result.expose())).await
    }

    /// The address to go back to without a result. The prompt is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up(&self, session: &PromptSession, end: PromptEnd) -> Result<String, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, session.tenant).await?;
        store::end(&mut tx, session.prompt).await?;
        tx.commit().await?;
        self.back(session, ("error", end.as_str())).await
    }

    /// The address may have been taken off the tenant's list since the prompt was made.
    async fn back(&self, session: &PromptSession, what: (&str, &str)) -> Result<String, Stop> {
        if !self.directory.settings(session.tenant).await?.return_url_allowed(&session.return_url) {
            return Err(refusal::prompt_over().into());
        }
        let state = session.state.as_deref().map(|state| ("state", state));
        let ours: Vec<_> = [Some(what), state].into_iter().flatten().collect();
        return_address(&session.return_url, &["result", "error"], &ours).map_err(|error| Fault::internal(error).into())
    }
}
