//! A challenge as it is shown. Challenges belong to logins and to enrollments; both services answer
//! with this one view, so that the API has one type for it.

use core_kernel::{ChallengeId, MessageId, Timestamp};
use core_policy::MethodChannel;

/// Where a challenge stands; the names are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChallengeStatus {
    /// Waits for its code.
    Pending,
    /// The right code was given.
    Verified,
    /// Its time is over.
    Expired,
    /// Too many wrong codes.
    Failed,
    /// The login was completed another way.
    Superseded,
}

impl ChallengeStatus {
    /// The API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Verified => "VERIFIED",
            Self::Expired => "EXPIRED",
            Self::Failed => "FAILED",
            Self::Superseded => "SUPERSEDED",
        }
    }
}

/// One proof asked of one factor, as its user may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeView {
    /// The challenge.
    pub challenge_id: ChallengeId,
    /// How it is proved; of a code, the way it went out last.
    pub channel: MethodChannel,
    /// Where the code went, masked; `None` for what is not sent.
    pub destination: Option<String>,
    /// Where it stands.
    pub status: ChallengeStatus,
    /// Wrong codes that would still be compared.
    pub attempts_remaining: i32,
    /// When it ends, by the tenant's clock.
    pub expires_at: Timestamp,
    /// When the same code may go out again, by the tenant's clock; `None` for what is not sent.
    pub resend_at: Option<Timestamp>,
    /// The latest message that carries the code.
    pub message_id: Option<MessageId>,
}
