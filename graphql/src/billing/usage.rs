//! What was used, by time.

use async_graphql::{Context, Result, SimpleObject};
use core_access::{Caller, Operation};
use core_kernel::{Refusal, Stop};
use svc_billing::{BilledChannel, UsageRange};

use crate::context::services;
use crate::enums::{MessageChannel, UsageBucket};
use crate::money::Money;
use crate::scalars::{CountryCode, DateTime};

/// What was used of one channel in one country within one hour, day or month, in UTC.
#[derive(SimpleObject)]
pub struct UsagePoint {
    /// The first instant.
    pub at: DateTime,
    /// How it was sent.
    pub channel: MessageChannel,
    /// Where to; null for mail.
    pub country: Option<CountryCode>,
    /// Billed units: SMS segments, voice calls, mails. Invitations and mailed notices are free.
    pub units: i32,
    /// At list price; included units are deducted on the invoice.
    pub amount: Money,
}

impl From<svc_billing::UsagePoint> for UsagePoint {
    fn from(point: svc_billing::UsagePoint) -> Self {
        Self {
            at: point.at.into(),
            channel: match point.channel {
                BilledChannel::Sms => MessageChannel::Sms,
                BilledChannel::Voice => MessageChannel::Voice,
                BilledChannel::Email => MessageChannel::Email,
            },
            country: point.country.map(CountryCode),
            units: i32::try_from(point.units).unwrap_or(i32::MAX),
            amount: point.amount.into(),
        }
    }
}

/// `Tenant.usage`.
///
/// # Errors
/// FORBIDDEN; BAD_REQUEST for times that cannot be read, are in the wrong order or too far apart.
pub(crate) async fn tenant_usage(
    ctx: &Context<'_>,
    caller: &Caller,
    from: &DateTime,
    to: &DateTime,
    bucket: UsageBucket,
) -> Result<Vec<UsagePoint>> {
    let permit = caller.permit(Operation::ReadUsage)?;
    let range = range(from, to, bucket).map_err(Stop::from)?;
    let points = Box::pin(services(ctx)?.billing.usage(&permit, &range)).await?;
    Ok(points.into_iter().map(UsagePoint::from).collect())
}

fn range(from: &DateTime, to: &DateTime, bucket: UsageBucket) -> Result<UsageRange, Refusal> {
    UsageRange::new(from.read("from")?, to.read("to")?, bucket.into())
}
