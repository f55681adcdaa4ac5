//! The end of a session, at its owner's wish.

use core_kernel::{Fault, Redacted};
use serde_json::json;

use crate::model::Client;
use crate::store::{accounts, sessions};
use crate::{Admins, tokens};

impl Admins {
    /// Ends a session at once, everywhere. Without one, or with one that is over, nothing is to be done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, token: &Redacted<String>, client: &Client) -> Result<(), Fault> {
        let Some(digest) = tokens::digest_of(tokens::SESSION, token.expose()) else { return Ok(()) };
        let mut tx = self.platform_tx().await?;
        if let Some(account) = sessions::delete(&mut tx, &digest).await?
            && let Some(account) = accounts::find(&mut tx, account).await?
        {
            self.audit_in_platform(&mut tx, &account, "admin.signed_out", json!({}), client).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
