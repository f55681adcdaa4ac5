//! What a login's decision was made from, kept with the login as JSON: with the columns of its record
//! and the policy's version it is all that `decide` was given, so that the decision can be explained,
//! and made again under another policy, for as long as the login is kept.

use core_policy::UserFacts;
use core_risk::Recorded;
use serde::{Deserialize, Serialize};

/// All that a login's decision was made from, beside the columns of its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// The user, as read when the login was asked about.
    pub user: UserFacts,
    /// Whether the tenant was stopped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// How unusual the login was found; none where nobody could tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Recorded>,
}
