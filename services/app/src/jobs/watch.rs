//! What is measured beside the work: `/metrics`, and how much waits. Every worker looks; what they tell is
//! the same, and dashboards take the greatest.

use std::time::Duration;

use core_kernel::{Fault, Timestamp};
use edge_http::Server;
use svc_billing::Survey;
use svc_platform::Platform;
use tokio::time::Instant;

use super::{Jobs, MINUTE};
use crate::config::Config;
use crate::seeing::{self, Attribute};
use crate::wiring::Wiring;

/// How often queues are looked at: as often as Prometheus usually scrapes.
const LOOK: Duration = Duration::from_secs(15);
/// The longest rest between two rounds through all tenants.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(5 * 60);
/// A rest is so many times as long as the round before it: where there are few tenants, nobody waits for figures.
const REST_PER_ROUND: u32 = 20;
/// A scrape that is being answered when the process ends may end first.
const SCRAPE_WITHIN: Duration = Duration::from_secs(1);

impl Jobs {
    /// Answers scrapes on listeners of their own, where the operator wants that.
    ///
    /// # Errors
    /// When a port is taken.
    pub(crate) async fn tell_metrics(&mut self, wiring: &Wiring, config: &Config) -> anyhow::Result<()> {
        let Some(addresses) = &config.metrics_listen else { return Ok(()) };
        let listeners = edge_http::bind(addresses).await?;
        for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
            tracing::info!(%address, "telling metrics");
        }
        let server = Server::new(listeners, edge_http::metrics_router(wiring.platform.meters.clone()));
        let stop = self.stop.clone();
        self.tasks.spawn(async move { server.run(stop, SCRAPE_WITHIN).await });
        Ok(())
    }

    /// Sends metrics to the collector, where the operator has one, and the last of them at the end.
    ///
    /// # Errors
    /// When TLS cannot be had.
    pub(crate) fn push_metrics(
        &mut self,
        wiring: &Wiring,
        config: &Config,
        service: &[Attribute],
    ) -> anyhow::Result<()> {
        if let Some(push) = seeing::push(config, service, &wiring.platform.meters)? {
            let stop = self.stop.clone();
            self.tasks.spawn(async move { push.run(stop).await });
        }
        Ok(())
    }

    /// Looks at what waits, and now and then at what all tenants have spent.
    pub(crate) fn watch_queues(&mut self, wiring: &Wiring) {
        let platform = wiring.platform.clone();
        self.until_stopped(async move {
            loop {
                if let Err(error) = look(&platform).await {
                    tracing::warn!(error = %error, "cannot see how much waits");
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        let platform = wiring.platform.clone();
        self.until_stopped(async move {
            loop {
                let begun = Instant::now();
                let rest = match svc_billing::survey(&platform).await {
                    Ok(survey) => {
                        let took = begun.elapsed();
                        tell_spending(&platform, &survey, took);
                        rest_after(took)
                    }
                    Err(error) => {
                        tracing::warn!(error = %error, "cannot see what tenants have spent");
                        MINUTE
                    }
                };
                tokio::time::sleep(rest).await;
            }
        });
    }
}

async fn look(platform: &Platform) -> Result<(), Fault> {
    let meters = &platform.meters;
    for lane in svc_delivery::look_at_queues(platform).await? {
        meters.messages_due.at([lane.lane]).set(number(lane.due));
        meters.messages_oldest.at([lane.lane]).set(age(platform, lane.oldest));
    }
    meters.webhook_tenants_due.at([]).set(number(svc_webhooks::tenants_waiting(platform).await?));
    meters.imports_due.at([]).set(number(svc_onboarding::imports_waiting(platform).await?));
    let lag = svc_audit::chain::seal_lag(platform).await?;
    meters.audit_tenants_to_seal.at([]).set(number(lag.tenants));
    meters.audit_seal_lag.at([]).set(age(platform, lag.oldest));
    // Last: it says that all the others are true.
    meters.watched_at.at([]).set(seconds(platform.now()));
    Ok(())
}

fn rest_after(round: Duration) -> Duration {
    round.saturating_mul(REST_PER_ROUND).clamp(LOOK, BETWEEN_ROUNDS)
}

fn tell_spending(platform: &Platform, survey: &Survey, took: Duration) {
    let meters = &platform.meters;
    meters.spend_month.clear();
    for (currency, spent) in &survey.spent {
        // One of the price list's currencies.
        meters.spend_month.with([io_meters::Word::fixed_at_start(currency)]).set(*spent);
    }
    for (used, tenants) in ["under_80", "from_80", "from_100"].into_iter().zip(survey.capped) {
        meters.tenants_capped.at([used]).set(whole(tenants));
    }
    meters.tenants.at([]).set(whole(survey.tenants));
    meters.tenants_round.at([]).set(took.as_secs_f64());
}

/// How long ago; a clock that was set back makes nothing younger than now.
fn age(platform: &Platform, since: Option<Timestamp>) -> f64 {
    since.map_or(0.0, |since| (platform.now() - since).as_seconds_f64().max(0.0))
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit for 285 million years")]
fn seconds(at: Timestamp) -> f64 {
    at.timestamp() as f64
}

fn number(count: usize) -> f64 {
    whole(count as u64)
}

#[expect(clippy::cast_precision_loss, reason = "nothing is counted up to 2^53")]
fn whole(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_through_few_tenants_follow_soon_and_long_ones_rest() {
        let rest = |seconds| rest_after(Duration::from_secs(seconds)).as_secs();
        assert_eq!([rest(0), rest(1), rest(5), rest(15), rest(600)], [15, 20, 100, 300, 300]);
    }
}
