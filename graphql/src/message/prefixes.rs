//! Prefixes that the fraud guard stopped, and letting them go again.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use core_access::{Operation, Permit};

use crate::context::{permit, services};
use crate::errors::{answer, payload};
use crate::scalars::{CountryCode, DateTime};

/// A prefix of numbers to which no codes go at the moment: of those that went to numbers that had never given a right code,
/// hardly any was given. Numbers that once gave one are not held.
#[derive(SimpleObject)]
pub struct BlockedPrefix {
    /// The country's calling code and the first three digits of the national number, such as `+1415`.
    pub prefix: String,
    /// The numbers' country.
    pub country: Option<CountryCode>,
    /// Since when, by the wall clock.
    pub since: DateTime,
    /// How many codes went there last, when it was blocked.
    pub sent: i32,
    /// How many of them were given.
    pub verified: i32,
}

impl From<svc_delivery::BlockedPrefix> for BlockedPrefix {
    fn from(blocked: svc_delivery::BlockedPrefix) -> Self {
        Self {
            prefix: blocked.prefix,
            country: blocked.country.map(CountryCode),
            since: blocked.since.into(),
            sent: blocked.sent,
            verified: blocked.verified,
        }
    }
}

/// `Tenant.blockedPrefixes`.
///
/// # Errors
/// When the database fails.
pub async fn tenant_blocked_prefixes(ctx: &Context<'_>, permit: &Permit) -> Result<Vec<BlockedPrefix>> {
    let blocked = services(ctx)?.messages.blocked_prefixes(permit).await?;
    Ok(blocked.into_iter().map(BlockedPrefix::from).collect())
}

/// A prefix to release.
#[derive(InputObject)]
pub struct ReleasePrefixInput {
    /// As `Tenant.blockedPrefixes` shows it.
    pub prefix: String,
}

payload! {
    /// What is still blocked.
    ReleasePrefixPayload {
        /// The latest first.
        blocked_prefixes: Vec<BlockedPrefix>,
    }
}

#[derive(Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Let messages to a number prefix go again that the fraud guard stopped.
    async fn release_prefix(&self, ctx: &Context<'_>, input: ReleasePrefixInput) -> Result<ReleasePrefixPayload> {
        let permit = permit(ctx, Operation::ReleasePrefix)?;
        let result = services(ctx)?.messages.release_prefix(&permit, &input.prefix).await;
        Ok(answer(result, |left| {
            let left = left.into_iter().map(BlockedPrefix::from).collect();
            ReleasePrefixPayload { blocked_prefixes: Some(left), ..Default::default() }
        })?)
    }
}
