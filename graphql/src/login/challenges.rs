//! What was asked of users at their logins.

use std::collections::HashMap;

use async_graphql::{Context, Result};
use core_access::{Operation, Permit};
use core_kernel::{LoginId, Stop};
use svc_logins::{ChallengeRecord, Logins};

use crate::challenge::Challenge;
use crate::context::{permit, services};
use crate::loaders::loaders;

/// The challenges of a login, the oldest first.
pub(crate) async fn challenges_of_login(ctx: &Context<'_>, login: LoginId) -> Result<Vec<Challenge>> {
    let (permit, logins) = (permit(ctx, Operation::ReadLogin)?, services(ctx)?.logins.clone());
    let load = |ids: Vec<LoginId>| async move { by_login(&logins, &permit, &ids).await };
    let found = loaders(ctx)?.challenges.load(login, load).await?;
    Ok(found.unwrap_or_default().into_iter().map(Challenge::from).collect())
}

async fn by_login(
    logins: &Logins,
    permit: &Permit,
    ids: &[LoginId],
) -> Result<HashMap<LoginId, Vec<ChallengeRecord>>, Stop> {
    let mut found: HashMap<LoginId, Vec<ChallengeRecord>> = HashMap::new();
    for challenge in logins.challenges_of(permit, ids).await? {
        if let Some(login) = challenge.login_id {
            found.entry(login).or_default().push(challenge);
        }
    }
    Ok(found)
}
