//! Ending sessions: one's own, and those of another administrator within a tenant.
//!
//! A session is one of the person, in all their tenants. An OWNER ends what another's sessions may do in the
//! OWNER's tenant and nowhere else: whoever can invite a stranger must not be able to throw them out of
//! somebody else's console.

use core_access::Permit;
use core_kernel::{AdminId, ConsoleSessionId, Fault, Redacted, Stop, TypedId};
use serde_json::json;

use crate::model::Client;
use crate::store::{admins, sessions};
use crate::{AdminView, Admins, refusals};

/// Which of one's own sessions end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndSessions {
    /// The one of this identifier, which may be the one that asks.
    One(String),
    /// All but the one that asks.
    Others,
}

impl Admins {
    /// Ends sessions of one's own, at once and everywhere; how many.
    ///
    /// # Errors
    /// UNAUTHENTICATED; NOT_FOUND at `id` for what is no session of this person.
    pub async fn end_sessions(
        &self,
        token: &Redacted<String>,
        which: &EndSessions,
        client: &Client,
    ) -> Result<u64, Stop> {
        let own = self.signed_in(token).await?;
        let mut tx = self.platform_tx().await?;
        let ended = match which {
            EndSessions::Others => sessions::delete_others(&mut tx, own.account.id, own.session.id).await?,
            EndSessions::One(id) => {
                let id = ConsoleSessionId::from_text(id).ok_or_else(refusals::no_such_session)?;
                let ended = sessions::delete_of_account(&mut tx, own.account.id, id).await?;
                if ended { 1 } else { return Err(refusals::no_such_session().into()) }
            }
        };
        tx.commit().await?;
        if ended > 0 {
            let detail = json!({ "sessions": ended });
            self.audit_everywhere(&own.account, "admin.sessions_ended", detail, client).await?;
        }
        Ok(ended)
    }

    /// Ends whatever an administrator's sessions may do in this tenant; they sign in anew. A session that
    /// has no other role left is over.
    ///
    /// # Errors
    /// NOT_FOUND at `id`.
    pub async fn end_admin_sessions(&self, permit: &Permit, id: &str) -> Result<AdminView, Stop> {
        let id = AdminId::from_text(id).ok_or_else(refusals::no_such_admin)?;
        let mut tx = self.tx(permit.tenant()).await?;
        let admin = admins::find(&mut tx, id).await?.ok_or_else(refusals::no_such_admin)?;
        admins::update_sessions_from(&mut tx, id, self.platform.now()).await?;
        let detail = json!({ "email": admin.email });
        svc_audit::record(&mut tx, permit.caller(), "admin.sessions_ended", &id.to_text(), detail).await?;
        tx.commit().await?;
        Ok(admin)
    }

    /// The session of a cookie, and whose it is. One that a tenant's identity provider opened is the tenant's:
    /// what belongs to the person, in all their tenants, is not its to see or to change.
    pub(super) async fn signed_in(&self, token: &Redacted<String>) -> Result<Own, Stop> {
        let session = self.session(token).await?;
        if session.only.is_some() {
            return Err(refusals::own_sign_in_wanted().into());
        }
        let mut tx = self.platform_tx().await?;
        let account = crate::store::accounts::find(&mut tx, session.account).await?;
        tx.commit().await?;
        Ok(Own { session, account: account.ok_or(Fault::Unauthenticated)? })
    }

    /// The same, for an act that wants both factors to have been proved just now.
    pub(super) async fn just_signed_in(&self, token: &Redacted<String>) -> Result<Own, Stop> {
        let own = self.signed_in(token).await?;
        if own.session.is_fresh(self.platform.now()) { Ok(own) } else { Err(refusals::confirm_first().into()) }
    }
}

/// Somebody who is signed in.
pub(super) struct Own {
    pub(super) session: crate::Session,
    pub(super) account: crate::model::Account,
}
