//! Whose session it is. Asked of the database each time, never of a cache: the console's requests are
//! few, and a session or role that ended must end at once.

use core_kernel::{AccountId, Fault, Redacted};

use crate::rules::{TOUCH_AFTER, is_alive};
use crate::store::{accounts, sessions};
use crate::{Admins, Session, tokens};

impl Admins {
    /// The session of a cookie, with the person's roles as they are now.
    ///
    /// # Errors
    /// UNAUTHENTICATED where there is none, or it is over; UNAVAILABLE without the database.
    pub async fn session(&self, token: &Redacted<String>) -> Result<Session, Fault> {
        self.find_session(token, Use::Request).await
    }

    pub(super) async fn find_session(&self, token: &Redacted<String>, used: Use) -> Result<Session, Fault> {
        let digest = tokens::digest_of(tokens::SESSION, token.expose()).ok_or(Fault::Unauthenticated)?;
        let now = self.platform.now();
        let mut tx = self.platform_tx().await?;
        let row = sessions::find(&mut tx, &digest).await?.ok_or(Fault::Unauthenticated)?;
        if !is_alive(row.last_seen_at, row.expires_at, now) {
            sessions::delete(&mut tx, &digest).await?;
            tx.commit().await?;
            return Err(Fault::Unauthenticated);
        }
        if used == Use::Request && now - row.last_seen_at >= TOUCH_AFTER {
            sessions::touch(&mut tx, &digest, now).await?;
        }
        let account = AccountId(row.account_id);
        let roles = accounts::roles(&mut tx, account).await?;
        let partners = accounts::partners(&mut tx, account).await?;
        tx.commit().await?;
        let (email, display_name, expires_at) = (row.email, row.display_name, row.expires_at);
        Ok(Session { account, email, display_name, roles, partners, expires_at })
    }
}

/// What a session is looked up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Request,
    OpenConnection,
}
