//! Whose session it is. Asked of the database each time, never of a cache: the console's requests are
//! few, and a session or role that ended must end at once.

use core_kernel::{AccountId, ConsoleSessionId, Fault, LoginId, Redacted, TenantId, UserId};

use crate::model::{PartnerRole, Role};
use crate::rules::{TOUCH_AFTER, is_alive};
use crate::store::sessions::SessionRow;
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
        let held_any = !roles.is_empty() || row.only_tenant.is_some();
        let session = session_of(row, roles, partners);
        if held_any && session.roles.is_empty() && session.partners.is_empty() {
            // Ended in every tenant by its OWNER, or by what a tenant asks for now: nothing is left of it.
            sessions::delete(&mut tx, &digest).await?;
            tx.commit().await?;
            return Err(Fault::Unauthenticated);
        }
        tx.commit().await?;
        Ok(session)
    }
}

/// With those of the person's roles in which it has a part.
fn session_of(row: SessionRow, mut roles: Vec<Role>, partners: Vec<PartnerRole>) -> Session {
    let only = row.only_tenant.map(TenantId);
    roles.retain(|role| role.is_part_of(row.created_at, only));
    // A partner's tenants are more than the one that opened it.
    let partners = if only.is_some() { Vec::new() } else { partners };
    Session {
        id: ConsoleSessionId(row.session_id),
        since: row.created_at,
        login: row.login_id.map(LoginId),
        user: UserId(row.user_id),
        account: AccountId(row.account_id),
        email: row.email,
        display_name: row.display_name,
        roles,
        partners,
        expires_at: row.expires_at,
        only,
    }
}

/// What a session is looked up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Request,
    OpenConnection,
}
