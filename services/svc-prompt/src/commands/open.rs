//! Opening a prompt, by whoever follows its address first.

use core_crypto::{SecretToken, TenantToken};
use core_kernel::{PromptId, Redacted, Stop, TenantId};
use io_postgres::TenantTx;

use super::create::ADDRESS_PREFIX;
use crate::{Prompts, refusal, store};

const BROWSER_PREFIX: &str = "prompt_browser";

/// A prompt that this browser, and no other, holds from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The firm.
    pub tenant: TenantId,
    /// The prompt.
    pub prompt: PromptId,
    /// What the browser's cookie is to hold.
    pub browser: Redacted<String>,
}

impl Prompts {
    /// Opens a prompt: of any number of parallel calls exactly one does. From then on it lives as long as
    /// the login can be completed; for settings, a quarter of an hour.
    ///
    /// # Errors
    /// EXPIRED for an address that is unknown, was opened, or is over, the same for all.
    pub async fn open(&self, address: &str) -> Result<Opened, Stop> {
        let token = TenantToken::parse(ADDRESS_PREFIX, address).ok_or_else(refusal::prompt_over)?;
        let browser = SecretToken::generate(BROWSER_PREFIX, &*self.platform.entropy);
        let mut tx = TenantTx::begin(&self.platform.database, token.tenant()).await?;
        let opened = store::open(&mut tx, token.digest(), browser.digest()).await?;
        let prompt = opened.ok_or_else(refusal::prompt_over)?;
        tx.commit().await?;
        Ok(Opened { tenant: token.tenant(), prompt, browser: Redacted::new(browser.expose().to_owned()) })
    }

    /// Which prompt an address is of, opened or not: a browser that opened it and follows it again is led
    /// to its page by the cookie it holds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prompt_of(&self, address: &str) -> Result<Option<(TenantId, PromptId)>, Stop> {
        let Some(token) = TenantToken::parse(ADDRESS_PREFIX, address) else { return Ok(None) };
        let mut tx = TenantTx::begin(&self.platform.database, token.tenant()).await?;
        let prompt = store::find_by_address(&mut tx, token.digest()).await?;
        Ok(prompt.map(|prompt| (token.tenant(), prompt)))
    }
}
