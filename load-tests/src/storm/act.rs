//! What happens beside the load, and what is to be seen of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::TimeDelta;
use core_kernel::{Clock, MessageId, PolicyId, SystemClock, SystemEntropy, Timestamp};
use core_policy::{Policy, SecurityLevel};
use futures::future::try_join_all;

use crate::copy::copy;
use crate::figures::{Figures, Gate};
use crate::imports::Importing;
use crate::messages::{SECRET, environment_of_tenants};
use crate::phases::Stage;
use crate::provider::Provider;
use crate::server::{Combining, Process};
use crate::stats::Sample;
use crate::storm::logins::{Asked, Pump};
use crate::storm::open::Open;
use crate::storm::plan::{Act, Plan};
use crate::storm::schedule::{Phase, Schedule};

/// The tenant whose users are somebody else's: the one that is abused. Of an even number of tenants those with
/// an odd number have users at HIGH, who are asked for codes.
pub const ABUSED: u32 = 1;
/// Of how many messages a prefix is judged, by the configuration's default.
const JUDGED_BY: f64 = 30.0;
/// Logins a second of whoever is paid for texts.
const PUMPED: f64 = 40.0;
/// Rows of the file that is imported.
const ROWS: usize = 100_000;
/// Until every message has gone somewhere.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that runs.
pub struct Scene<'a> {
    stage: &'a Stage,
    act: Act,
    gateways: Vec<Option<Process>>,
    worker: Process,
    /// The first may die. What it had heard by then is kept.
    providers: Vec<Option<Provider>>,
    heard: Vec<(MessageId, Timestamp)>,
    importing: Option<Importing>,
}

impl<'a> Scene<'a> {
    /// Starts gateways, a worker, and providers that answer as one across the country does.
    ///
    /// # Errors
    /// When a program does not start.
    pub async fn set(stage: &'a Stage, plan: &Plan) -> anyhow::Result<Self> {
        environment_of_tenants(stage, "LIVE").await?;
        let importing = match plan.act {
            Act::Import => Some(Importing::new(&stage.database, &stage.population).await?),
            Act::Pumping => prove_nothing(stage).await.map(|()| None)?,
            _ => None,
        };
        stage.database.settle().await?;
        let providers = [Provider::start()?, Provider::start()?];
        let worker = Process::worker(&stage.programs, &stage.database, &routes(&providers))?;
        let mut gateways = Vec::new();
        for _ in 0..plan.gateways {
            gateways.push(Some(Process::serve(&stage.programs, &stage.database, Combining::On).await?));
        }
        let (providers, heard) = (providers.map(Some).into(), Vec::new());
        Ok(Self { stage, act: plan.act, gateways, worker, providers, heard, importing })
    }

    /// Where gateways are.
    #[must_use]
    pub fn addresses(&self) -> Vec<std::net::SocketAddr> {
        self.gateways.iter().flatten().map(|gateway| gateway.address).collect()
    }

    /// What has to be said before it happens.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn announce(&self, at: Instant) -> anyhow::Result<()> {
        match self.act {
            Act::Rollout => publish(self.stage, SystemClock.now() + TimeDelta::from_std(at - Instant::now())?).await,
            _ => Ok(()),
        }
    }

    /// Does it, from one instant to another, and tells what came of it.
    ///
    /// # Errors
    /// When it cannot be done.
    pub async fn perform(&mut self, at: Instant, until: Instant) -> anyhow::Result<Figures> {
        tokio::time::sleep_until(at.into()).await;
        let mut figures = Figures::default();
        match self.act {
            Act::Nothing | Act::Rollout => {}
            Act::GatewayDies => drop(self.gateways[0].take()),
            Act::ProviderDies => self.heard.extend(self.providers[0].take().into_iter().flat_map(Provider::die)),
            Act::Import => self.import(&mut figures).await?,
            Act::Pumping => self.pump(at, until, &mut figures).await?,
        }
        Ok(figures)
    }

    async fn import(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let Some(importing) = &self.importing else { return Ok(()) };
        let imported = importing.import(ROWS).await?;
        let rate = ROWS as f64 / imported.work.as_secs_f64();
        figures.tell("rows imported meanwhile, a second", format!("{rate:.0} of {ROWS}"));
        Ok(())
    }

    async fn pump(&self, at: Instant, until: Instant, figures: &mut Figures) -> anyhow::Result<()> {
        let phase = Phase { name: "pumping".to_owned(), seconds: (until - at).as_secs_f64(), rate: [PUMPED; 2] };
        let schedule = Schedule::new(&[phase], 1.0);
        let pump = Arc::new(Pump::new(self.stage.population.clone(), ABUSED));
        let open = Open { gateways: self.addresses(), connections: 16, schedule, began: at, first: 0 };
        let timeline = open.run(pump.clone()).await?;
        let failed: u32 = timeline.seconds().iter().map(|second| second.failed).sum();
        let [promised, refused] = [&pump.promised, &pump.refused].map(|count| count.load(Ordering::Relaxed));
        figures.tell("codes that the attack was promised, refused", format!("{promised}, {refused}"));
        figures.judge("logins of the attack that failed", String::new(), failed.into(), Gate::AtMost(0.0));
        Ok(())
    }

    /// Waits until messages have gone where they go, ends everything, and tells what was seen.
    ///
    /// # Errors
    /// When a program does not end well, or messages stay behind.
    pub async fn end(mut self, asked: Asked, at: Duration, figures: &mut Figures) -> anyhow::Result<()> {
        self.wait_for_messages().await?;
        match self.act {
            Act::Rollout => rolled_out(asked, at, figures),
            Act::Pumping => self.pumped(figures).await?,
            Act::ProviderDies => self.taken_over(figures).await?,
            Act::Nothing | Act::Import | Act::GatewayDies => {}
        }
        try_join_all(self.gateways.into_iter().flatten().map(Process::stop)).await?;
        self.worker.stop().await
    }

    async fn wait_for_messages(&self) -> anyhow::Result<()> {
        let mut superuser = self.stage.database.superuser().await?;
        let began = Instant::now();
        loop {
            let waiting: i64 = sqlx::query_scalar("select count(*) from message where status in ('QUEUED', 'SENDING')")
                .fetch_one(&mut superuser)
                .await?;
            if waiting == 0 {
                return Ok(());
            }
            ensure!(began.elapsed() < PATIENCE, "{waiting} messages wait for nothing");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn pumped(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let sent: i64 = sqlx::query_scalar("select count(*) from message where tenant_id = $1 and attempts > 0")
            .bind(self.stage.population.tenants[ABUSED as usize].id.0)
            .fetch_one(&mut self.stage.database.superuser().await?)
            .await?;
        figures.judge("texts that went to the attacked prefix", String::new(), sent as f64, Gate::AtMost(JUDGED_BY));
        Ok(())
    }

    async fn taken_over(&mut self, figures: &mut Figures) -> anyhow::Result<()> {
        let first = self.heard.len();
        self.heard.extend(self.providers.iter().flatten().flat_map(Provider::take));
        let written: Vec<(uuid::Uuid, Timestamp)> = sqlx::query_as("select message_id, claimable_at from message")
            .fetch_all(&mut self.stage.database.superuser().await?)
            .await?;
        let written: std::collections::HashMap<_, _> = written.into_iter().collect();
        let reached: std::collections::HashSet<_> = self.heard.iter().map(|(id, _)| id.0).collect();
        let share = reached.len() as f64 / written.len() as f64;
        let count = format!("{} of {}, {first} of them by the first", reached.len(), written.len());
        figures.judge("messages that reached a provider", count, share, Gate::AtLeast(1.0, None));
        let wait = |(id, at): &(MessageId, Timestamp)| (*at - *written.get(&id.0)?).to_std().ok();
        let waits = Sample::new(Duration::ZERO, self.heard.iter().filter_map(wait).collect());
        let [middle, late] = [0.5, 0.99].map(|share| waits.percentile(share));
        let name = "p99 from a code's row to a provider, over all, ms";
        figures.judge(name, format!("p50 {middle:.1}, p99 {late:.1}"), late, Gate::AtMost(1_000.0));
        Ok(())
    }
}

/// The first choice is asked in Twilio's words, the second in the operator's own gateway's.
fn routes([first, second]: &[Provider; 2]) -> [(&'static str, String); 7] {
    [
        ("POSTERN_TWILIO__ACCOUNT_SID", format!("AC{}", "0".repeat(32))),
        ("POSTERN_TWILIO__AUTH_TOKEN", "token".to_owned()),
        ("POSTERN_TWILIO__FROM", "+14155550100".to_owned()),
        ("POSTERN_TWILIO__BASE_URL", format!("http://{}", first.address)),
        ("POSTERN_HTTP_PROVIDER__URL", format!("http://{}/messages", second.address)),
        ("POSTERN_HTTP_PROVIDER__SECRET", SECRET.to_owned()),
        ("POSTERN_ROUTES__SMS", "*=twilio,http".to_owned()),
    ]
}

/// Nobody of the abused tenant ever gave a right code, and all numbers have one prefix.
async fn prove_nothing(stage: &Stage) -> anyhow::Result<()> {
    sqlx::query(
        "update factor set confirmed_at = null, last_used_at = null, phone_prefix = '+1415' where tenant_id = $1",
    )
    .bind(stage.population.tenants[ABUSED as usize].id.0)
    .execute(&mut stage.database.superuser().await?)
    .await?;
    Ok(())
}

/// A second factor at every login of every tenant, from an instant on.
async fn publish(stage: &Stage, from: Timestamp) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let mut policy = Policy::new_tenant(now - TimeDelta::days(1));
    for audience in [&mut policy.internal, &mut policy.external] {
        (audience.default_level, audience.minimum_level) = (SecurityLevel::High, SecurityLevel::High);
    }
    let policy = serde_json::to_string(&policy)?.replace('\\', "\\\\");
    let columns = "policy_version (tenant_id, version, policy_id, document, effective_at, published_at)";
    let mut superuser = stage.database.superuser().await?;
    copy(&mut superuser, columns, &stage.population.tenants, |row, tenant| {
        row.uuid(tenant.id.0).number(2).uuid(PolicyId::new(&SystemEntropy, now).0).text(&policy).time(from).time(now);
    })
    .await
}

/// From the instant on nobody is let pass, and before it nobody was asked.
fn rolled_out(asked: Asked, at: Duration, figures: &mut Figures) {
    let at = at.as_millis() as f64;
    let after = |ms: Option<u64>| ms.map_or(f64::NAN, |ms| ms as f64 - at);
    let name = "the last login that was let pass, ms after the instant";
    figures.judge(name, String::new(), after(asked.last_passed), Gate::AtMost(5.0));
    let name = "the first that was asked, ms after the instant";
    figures.judge(name, format!("{} were asked", asked.asked), after(asked.first_asked), Gate::AtLeast(-200.0, None));
}
