//! Puts a mail into the outbox, in the transaction that makes it necessary.
//!
//! Codes and security notices do not come this way: they are inserted by the SQL functions
//! `send_code` and `enqueue_notices`, in the statement that counts the send or changes the factor.

use core_contact::EmailAddress;
use core_crypto::DataKey;
use core_kernel::{Entropy, MessageId, Redacted, Refusal, RefusalCode, Stop, Timestamp, UserId};
use io_postgres::TenantTx;
use serde_json::{Value, json};
use std::net::IpAddr;
use svc_platform::{Platform, place};

use crate::model::MessagePurpose;
use crate::store::{self, InsertMessage, Reserved};

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The user it is sent to, or in whose matter it is sent.
    pub user: Option<UserId>,
    /// What it says, and to whom.
    pub content: Content,
    /// The reader's language (BCP 47), where it is known; else the user's, else the tenant's.
    pub language: Option<String>,
    /// Not sent after this, by the tenant's clock.
    pub expires_at: Option<Timestamp>,
}

/// What a mail says.
#[derive(Debug, Clone)]
pub enum Content {
    /// A link that stands in for the password; goes to the user's address on record.
    OneTimeLink {
        /// The link's secret, as it is to stand in the URL.
        token: Redacted<String>,
    },
    /// An invitation to the console.
    AdminInvitation {
        /// The invited person.
        to: EmailAddress,
        /// The invitation's secret; `None`: the person signs in already.
        token: Option<Redacted<String>>,
    },
    /// An administrator forgot the password.
    AccountRecovery {
        /// The administrator.
        to: EmailAddress,
        /// The link's secret.
        token: Redacted<String>,
    },
    /// A user who lost every factor asks the advisor.
    TemporaryAccessRequest {
        /// The advisor, or whoever answers for SUPPORT.
        to: EmailAddress,
        /// Who asks, from where.
        facts: TemporaryAccessFacts,
    },
}

/// What an advisor is told of a request.
#[derive(Debug, Clone)]
pub struct TemporaryAccessFacts {
    /// The user's name or, without one, the external identifier. It is neutralised when it is shown.
    pub user_name: String,
    /// The address from which the login was begun.
    pub ip: IpAddr,
    /// When it was asked.
    pub at: Timestamp,
    /// What the user wrote; neutralised when it is shown.
    pub note: Option<String>,
}

impl Content {
    fn purpose(&self) -> MessagePurpose {
        match self {
            Self::OneTimeLink { .. } => MessagePurpose::OneTimeLink,
            // Both let an administrator in, and neither is charged.
            Self::AdminInvitation { .. } | Self::AccountRecovery { .. } => MessagePurpose::AdminInvitation,
            Self::TemporaryAccessRequest { .. } => MessagePurpose::TemporaryAccessRequest,
        }
    }

    fn template(&self) -> &'static str {
        match self {
            Self::OneTimeLink { .. } => "one_time_link",
            Self::AdminInvitation { .. } => "admin_invitation",
            Self::AccountRecovery { .. } => "account_recovery",
            Self::TemporaryAccessRequest { .. } => "temporary_access_request",
        }
    }

    /// Whoever waits at a screen goes before those who do not; codes (0) before everybody.
    fn priority(&self) -> i16 {
        match self {
            Self::OneTimeLink { .. } | Self::AccountRecovery { .. } | Self::TemporaryAccessRequest { .. } => 1,
            Self::AdminInvitation { .. } => 2,
        }
    }

    fn destination(&self) -> Option<&EmailAddress> {
        match self {
            Self::OneTimeLink { .. } => None,
            Self::AdminInvitation { to, .. }
            | Self::AccountRecovery { to, .. }
            | Self::TemporaryAccessRequest { to, .. } => Some(to),
        }
    }

    fn secret(&self) -> Option<&str> {
        match self {
            Self::OneTimeLink { token } | Self::AccountRecovery { token, .. } => Some(token.expose()),
            Self::AdminInvitation { token, .. } => token.as_ref().map(|token| token.expose().as_str()),
            Self::TemporaryAccessRequest { .. } => None,
        }
    }

    fn params(&self) -> Value {
        match self {
            Self::TemporaryAccessRequest { facts, .. } => json!({
                "asker": facts.user_name, "ip": facts.ip, "at": facts.at, "note": facts.note,
            }),
            _ => json!({}),
        }
    }
}

/// Puts a mail into the outbox. After the commit, ring [`Platform::messages_queued`].
///
/// # Errors
/// SPENDING_CAP_REACHED for what is charged: to be committed, so that the message that was not sent
/// stays on record and administrators hear of it. When the database fails or the tenant's data key is
/// gone.
pub async fn enqueue(tx: &mut TenantTx, platform: &Platform, message: NewMessage) -> Result<MessageId, Stop> {
    let key = platform.keys.data_key(&platform.database, tx.tenant()).await?;
    enqueue_sealed_by(tx, platform, &key, message).await
}

/// As [`enqueue`], under a data key that is made in this very transaction: a new tenant's, which no
/// other connection sees yet.
///
/// # Errors
/// As [`enqueue`].
pub async fn enqueue_sealed_by(
    tx: &mut TenantTx,
    platform: &Platform,
    key: &DataKey,
    message: NewMessage,
) -> Result<MessageId, Stop> {
    let id = MessageId::new(&*platform.entropy, platform.now());
    let reserved = reserve(tx, id, &message).await?;
    let seal = Seal { key, id, entropy: &*platform.entropy };
    let content = &message.content;
    let row = InsertMessage {
        id,
        user: message.user,
        purpose: content.purpose(),
        template: content.template(),
        priority: content.priority(),
        language: message.language,
        destination_sealed: content.destination().map(|to| seal.column("destination_sealed", to.address())),
        secret_sealed: content.secret().map(|secret| seal.column("secret_sealed", secret)),
        params: content.params(),
        expires_at: message.expires_at,
        reserved,
    };
    store::insert_mail(tx, &row).await?;
    Ok(id)
}

/// Finds room under the spending cap for what is charged.
async fn reserve(tx: &mut TenantTx, id: MessageId, message: &NewMessage) -> Result<Reserved, Stop> {
    let content = &message.content;
    if !content.purpose().is_billed() {
        return Ok(Reserved::default());
    }
    let reserved = store::reserve_mail(tx).await?;
    if reserved.refused {
        store::cancel_over_cap(tx, id, message.user, content.purpose(), content.template()).await?;
        let sentence =
            "The spending cap of this period is reached: nothing is mailed until it ends or the cap is raised.";
        return Err(Refusal::new(RefusalCode::SpendingCapReached, sentence).into());
    }
    Ok(reserved)
}

struct Seal<'a> {
    key: &'a DataKey,
    id: MessageId,
    entropy: &'a dyn Entropy,
}

impl Seal<'_> {
    fn column(&self, column: &'static str, plain: &str) -> Vec<u8> {
        self.key.seal(&place(self.key.tenant(), "message", self.id.0, column), plain.as_bytes(), self.entropy)
    }
}
