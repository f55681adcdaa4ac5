//! Mailing an external party a link that stands in for the password.

use core_access::Permit;
use core_kernel::{MessageId, OneTimeLinkId, Refusal, RefusalCode, Stop, Timestamp, TypedId};
use core_policy::UserKind;
use io_postgres::TenantTx;
use serde_json::json;
use svc_delivery::{Content, NewMessage, enqueue};
use svc_directory::users::lock_user;
use svc_directory::{UserRecord, UserRef, return_url_allowed};

use crate::link_token::LinkToken;
use crate::store::links::NewLink;
use crate::{HelpDesk, refusal, rules, store};

/// `SendOneTimeLinkInput`.
#[derive(Debug, Clone)]
pub struct SendLinkInput {
    /// `user`.
    pub user: UserRef,
    /// `returnUrl`, within one of the tenant's registered ones.
    pub return_url: String,
    /// `validForSeconds`, 60 to 604,800; the API's default is 86,400.
    pub valid_for_seconds: i64,
    /// `state`, at most 512 characters, given back to the letter.
    pub state: Option<String>,
    /// `hostedPrompt`: whether our own pages ask for the second factor, or the integrator's.
    pub hosted_prompt: bool,
}

/// A link that is on its way. Its secret is in the mail and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentLink {
    /// The link.
    pub link_id: OneTimeLinkId,
    /// From then on it does not work, by the tenant's clock.
    pub expires_at: Timestamp,
    /// The mail.
    pub message_id: MessageId,
}

impl HelpDesk {
    /// Mails a single-use link to the user's address on record.
    ///
    /// # Errors
    /// NOT_FOUND at `user`; INVALID at `returnUrl`, `validForSeconds`, `state`, or at `user` where there
    /// is no address; NOT_ALLOWED_BY_POLICY at `user` for an INTERNAL one; USER_LOCKED;
    /// SPENDING_CAP_REACHED.
    pub async fn send_one_time_link(&self, permit: &Permit, input: SendLinkInput) -> Result<SentLink, Stop> {
        // Into memory before the transaction: sealing needs it, and must not wait for a second connection.
        self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let user = lock_user(&mut tx, &input.user, permit.caller().only_users_of()).await?;
        let now = tx.tenant_now().await?;
        let mut refusals = Vec::new();
        let life = rules::link_life(input.valid_for_seconds, &mut refusals);
        rules::state(input.state.as_deref(), &mut refusals);
        if !return_url_allowed(&store::links::return_urls(&mut tx).await?, &input.return_url) {
            refusals.push(refusal::return_url_unknown());
        }
        refusals.extend(refuse_recipient(&user, now));
        if !refusals.is_empty() {
            return Err(refusals.into());
        }

        let token = LinkToken::generate(permit.tenant(), &*self.platform.entropy);
        let link = NewLink {
            id: OneTimeLinkId::new(&*self.platform.entropy, self.platform.now()),
            user: user.user_id,
            digest: token.digest(),
            return_url: &input.return_url,
            state: input.state.as_deref(),
            hosted_prompt: input.hosted_prompt,
            created_at: now,
            expires_at: now + life,
        };
        let message_id = match self.mail(&mut tx, &token, &link).await {
            // The mail that was not sent stays on record; of the link nothing does.
            Err(stop) if stop.refusal_code() == Some(RefusalCode::SpendingCapReached) => {
                tx.commit().await?;
                self.messages_were_queued();
                return Err(stop);
            }
            mailed => mailed?,
        };
        store::links::insert(&mut tx, &link).await?;
        let sent = record(&mut tx, permit, &link, message_id).await?;
        tx.commit().await?;
        self.messages_were_queued();
        Ok(sent)
    }

    async fn mail(&self, tx: &mut TenantTx, token: &LinkToken, link: &NewLink<'_>) -> Result<MessageId, Stop> {
        let message = NewMessage {
            user: Some(link.user),
            content: Content::OneTimeLink { token: token.expose().into() },
            language: None,
            expires_at: Some(link.expires_at),
        };
        enqueue(tx, &self.platform, message).await
    }
}

async fn record(
    tx: &mut TenantTx,
    permit: &Permit,
    link: &NewLink<'_>,
    message_id: MessageId,
) -> Result<SentLink, Stop> {
    let detail = json!({
        "link_id": link.id.to_text(), "message_id": message_id.to_text(),
        "return_url": link.return_url, "expires_at": link.expires_at,
    });
    svc_audit::record(tx, permit.caller(), "one_time_link.sent", &link.user.to_text(), detail).await?;
    Ok(SentLink { link_id: link.id, expires_at: link.expires_at, message_id })
}

/// Why a link cannot go to this user; one reason is enough.
fn refuse_recipient(user: &UserRecord, now: Timestamp) -> Option<Refusal> {
    if user.kind == UserKind::Internal {
        Some(refusal::link_for_own_people())
    } else if user.email_sealed.is_none() {
        Some(refusal::no_address())
    } else if rules::is_shut_out(user, now) {
        Some(refusal::user_locked())
    } else {
        None
    }
}
