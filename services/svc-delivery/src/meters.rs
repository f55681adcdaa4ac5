//! What delivery counts: providers' answers, and how long messages took.

use std::time::Duration;

use core_kernel::made_at;
use io_meters::Meters;
use svc_platform::Platform;

use crate::providers::Outcome;
use crate::store::Settlement;

/// An outcome's name among metrics and spans; what the provider said stays out of both.
pub(crate) const fn name_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Accepted(_) => "accepted",
        Outcome::Refused(_) => "refused",
        Outcome::NotNow(_) => "not_now",
        Outcome::InDoubt(_) => "in_doubt",
        Outcome::OptedOut(_) => "opted_out",
    }
}

/// A provider was asked; `of` is its name and the channel's.
pub(crate) fn asked(meters: &Meters, of: [&'static str; 2], outcome: &Outcome, took: Duration) {
    let [provider, channel] = of;
    meters.provider_requests.at([provider, channel, name_of(outcome)]).add_one();
    meters.provider_request_duration.at(of).observe(took.as_secs_f64());
}

/// The database took an attempt's or a report's news. A message's identifier tells when it was queued.
pub(crate) fn settled(platform: &Platform, news: &Settlement) {
    let of = [news.provider.unwrap_or("none"), news.status];
    platform.meters.messages.at(of).add_one();
    let arrived = matches!(news.status, "ACCEPTED" | "DELIVERED");
    if let Some(queued) = made_at(news.message).filter(|_| arrived) {
        let waited = (platform.now() - queued).as_seconds_f64();
        platform.meters.message_delay.at(of).observe(waited.max(0.0));
    }
}
