//! The handle.

use core_crypto::digest_token;
use core_kernel::{Fault, PromptId, Redacted, TenantId};
use io_postgres::TenantTx;
use svc_directory::Directory;
use svc_logins::Logins;
use svc_platform::Platform;

use crate::model::PromptSession;
use crate::store;

/// Where a prompt is opened, before its token; written after the configured address of this
/// installation, never after what a client sent as Host.
pub const OPEN_PATH: &str = "/prompt/open/";

/// Commands and queries of hosted prompts; cheap to clone.
#[derive(Clone)]
pub struct Prompts {
    pub(crate) platform: Platform,
    pub(crate) directory: Directory,
    pub(crate) logins: Logins,
}

impl Prompts {
    /// Makes the handle.
    #[must_use]
    pub fn new(platform: Platform, directory: Directory, logins: Logins) -> Self {
        Self { platform, directory, logins }
    }

    /// The prompt that this browser opened; none for another browser's, whatever it names. One that is
    /// over is still found, so that its browser can be sent back.
    ///
    /// # Errors
    /// UNAVAILABLE without the database.
    pub async fn find(
        &self,
        tenant: TenantId,
        prompt: PromptId,
        browser: &Redacted<String>,
    ) -> Result<Option<PromptSession>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let row = store::find(&mut tx, prompt, digest_token(browser.expose())).await?;
        row.map(|row| PromptSession::from_row(tenant, row)).transpose()
    }
}
