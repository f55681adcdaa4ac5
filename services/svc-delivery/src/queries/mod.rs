//! Messages as administrators and integrators see them.

mod show;

use std::sync::Arc;

use core_access::Permit;
use core_crypto::DataKey;
use core_kernel::{ChallengeId, Fault, MessageId, Page, PageRequest, Refusal, Stop, TypedId};
use io_postgres::TenantTx;
use svc_platform::Platform;

use crate::model::{BlockedPrefix, Message, MessageFilter};
use crate::store::{self, ListMessages, MessageRow};

/// The messages of a tenant. Cheap to clone.
///
/// An ADVISOR sees those to the users assigned to them; all others are absent.
#[derive(Clone)]
pub struct Messages {
    pub(crate) platform: Platform,
}

impl Messages {
    /// The queries of this installation.
    #[must_use]
    pub fn new(platform: Platform) -> Self {
        Self { platform }
    }

    /// Messages, newest first.
    ///
    /// # Errors
    /// INVALID at `after`; a fault when the database fails.
    pub async fn list(
        &self,
        permit: &Permit,
        filter: &MessageFilter,
        page: &PageRequest,
    ) -> Result<Page<Message>, Stop> {
        let wanted = ListMessages {
            after: page.after.as_deref().map(read_cursor).transpose()?,
            channels: filter.channel.as_ref().map(|all| all.iter().map(|one| one.as_str().to_owned()).collect()),
            statuses: filter.status.as_ref().map(|all| all.iter().map(|one| one.as_str().to_owned()).collect()),
            user: filter.user.map(|user| user.0),
            advisor: permit.caller().only_users_of(),
            limit: page.limit(),
        };
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list_messages(&mut tx, &wanted).await?;
        tx.rollback().await?;
        let messages = self.show(permit, rows).await?;
        Ok(Page::cut(page, messages, |message| message.id.to_text()))
    }

    /// One message; none where it is absent, another tenant's or not for this caller.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup(&self, permit: &Permit, id: MessageId) -> Result<Option<Message>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let row = store::lookup_message(&mut tx, permit.caller().only_users_of(), id).await?;
        tx.rollback().await?;
        Ok(self.show(permit, row.into_iter().collect()).await?.pop())
    }

    /// All messages that carry the codes of these challenges, oldest first; [`Message::challenge`]
    /// tells which is whose.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_challenges(&self, permit: &Permit, challenges: &[ChallengeId]) -> Result<Vec<Message>, Fault> {
        if challenges.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list_of_challenges(&mut tx, permit.caller().only_users_of(), challenges).await?;
        tx.rollback().await?;
        self.show(permit, rows).await
    }

    /// Prefixes that the fraud guard blocks, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn blocked_prefixes(&self, permit: &Permit) -> Result<Vec<BlockedPrefix>, Fault> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let blocked = store::list_blocked(&mut tx).await?;
        tx.rollback().await?;
        Ok(blocked)
    }

    async fn show(&self, permit: &Permit, rows: Vec<MessageRow>) -> Result<Vec<Message>, Fault> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let key: Arc<DataKey> = self.platform.keys.data_key(&self.platform.database, permit.tenant()).await?;
        rows.into_iter().map(|row| show::message(&key, row)).collect()
    }
}

fn read_cursor(key: &str) -> Result<MessageId, Refusal> {
    MessageId::from_text(key).ok_or_else(|| Refusal::invalid("after", "This is not a cursor of this list."))
}
