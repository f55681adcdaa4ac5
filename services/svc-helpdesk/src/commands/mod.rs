//! One use case a file.

pub(crate) mod answer_request;
pub(crate) mod consume_link;
mod issue;
pub(crate) mod issue_code;
pub(crate) mod request_access;
pub(crate) mod reset_user;
pub(crate) mod revoke_code;
pub(crate) mod send_link;
pub(crate) mod user_state;
