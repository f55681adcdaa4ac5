//! The challenges of logins. Those of a page are read together, and only where the query asks for them: one statement for all of
//! them, and one for the messages that carried their codes.

use std::collections::HashMap;

use async_graphql::{Context, Lookahead, Result};
use core_access::Permit;
use core_kernel::{ChallengeId, LoginId};
use svc_logins::ChallengeRecord;

use crate::context::services;

/// A challenge, with its messages where they were read already.
#[derive(Debug, Clone)]
pub(crate) struct ChallengeInFull {
    pub(crate) record: ChallengeRecord,
    pub(crate) messages: Option<Vec<svc_delivery::Message>>,
}

/// Of these logins, the oldest first. `asked` is what the query asks of each.
pub(crate) async fn challenges_of(
    ctx: &Context<'_>,
    permit: &Permit,
    logins: &[LoginId],
    asked: &Lookahead<'_>,
) -> Result<Vec<ChallengeInFull>> {
    let records = services(ctx)?.logins.challenges_of(permit, logins).await?;
    if !asked.field("messages").exists() && !asked.field("message").exists() {
        return Ok(records.into_iter().map(|record| ChallengeInFull { record, messages: None }).collect());
    }
    let ids: Vec<ChallengeId> = records.iter().map(|record| record.challenge_id).collect();
    let mut messages: HashMap<ChallengeId, Vec<svc_delivery::Message>> = HashMap::new();
    for message in services(ctx)?.messages.of_challenges(permit, &ids).await? {
        if let Some(challenge) = message.challenge {
            messages.entry(challenge).or_default().push(message);
        }
    }
    let full = records.into_iter().map(|record| {
        let messages = Some(messages.remove(&record.challenge_id).unwrap_or_default());
        ChallengeInFull { record, messages }
    });
    Ok(full.collect())
}

/// The same by login.
pub(crate) fn by_login(challenges: Vec<ChallengeInFull>) -> HashMap<LoginId, Vec<ChallengeInFull>> {
    let mut found: HashMap<LoginId, Vec<ChallengeInFull>> = HashMap::new();
    for challenge in challenges {
        if let Some(login) = challenge.record.login_id {
            found.entry(login).or_default().push(challenge);
        }
    }
    found
}
