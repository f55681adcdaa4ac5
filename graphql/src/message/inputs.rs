//! Which messages are wanted.

use async_graphql::InputObject;

use crate::directory::UserRef;
use crate::enums::{MessageChannel, MessageStatus};

/// Which messages are wanted; what is left out does not restrict.
#[derive(InputObject)]
pub struct MessageFilter {
    /// Any of these channels.
    pub channel: Option<Vec<MessageChannel>>,
    /// Any of these.
    pub status: Option<Vec<MessageStatus>>,
    /// To this user.
    pub user: Option<UserRef>,
}
