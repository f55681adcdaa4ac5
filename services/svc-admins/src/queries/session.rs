//! Whose session it is. Asked of the database each time, never of a cache: the console's requests are
//! few, and a session or role that ended must end at once.

use std::net::IpAddr;

use core_access::{Caller, Principal};
use core_kernel::{AccountId, Fault, Redacted, TenantId, TypedId};

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

    async fn find_session(&self, token: &Redacted<String>, used: Use) -> Result<Session, Fault> {
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
        tx.commit().await?;
        let (email, display_name, expires_at) = (row.email, row.display_name, row.expires_at);
        Ok(Session { account, email, display_name, roles, expires_at })
    }

    /// As who a request with this session acts; `tenant` is `X-Postern-Tenant` as it was written.
    ///
    /// # Errors
    /// As [`Self::session`]; FORBIDDEN where the person has no role in that tenant, or it is none.
    pub async fn caller_of_session(
        &self,
        token: &Redacted<String>,
        tenant: Option<&str>,
        ip: Option<IpAddr>,
    ) -> Result<Caller, Fault> {
        let session = self.session(token).await?;
        caller_in(&session, tenant, ip)
    }

    /// The same for a connection that stays open, asked again and again: it does not count as a use, or
    /// a window that was left open would keep the session alive.
    ///
    /// # Errors
    /// As [`Self::caller_of_session`].
    pub async fn caller_of_open_session(
        &self,
        token: &Redacted<String>,
        tenant: Option<&str>,
        ip: Option<IpAddr>,
    ) -> Result<Caller, Fault> {
        let session = self.find_session(token, Use::OpenConnection).await?;
        caller_in(&session, tenant, ip)
    }
}

/// What a session is looked up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Request,
    OpenConnection,
}

fn caller_in(session: &Session, tenant: Option<&str>, ip: Option<IpAddr>) -> Result<Caller, Fault> {
    let named = tenant.map(|text| TenantId::from_text(text).ok_or(Fault::Forbidden { reason: None })).transpose()?;
    let (tenant, actor) = session.actor_in(named)?;
    Ok(Caller { tenant, principal: Principal::Admin(actor), actor: None, ip })
}
