//! A scenario from its beginning to its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use core_kernel::{Clock, SystemClock, Timestamp};
use core_policy::SecurityLevel;

use crate::drive::{Drive, Pace};
use crate::figures::{Figures, Gate};
use crate::phases::Stage;
use crate::scenarios::{EmptyField, Evaluate, WholeLogin};
use crate::stats::Sample;
use crate::storm::act::{ABUSED, Scene};
use crate::storm::logins::{AsAsked, AsMuchAsItTakes, order};
use crate::storm::open::Open;
use crate::storm::plan::{Act, Plan};
use crate::storm::schedule::Schedule;
use crate::storm::timeline::Timeline;

/// How long the closed loop is that tells what the installation can do, in seconds.
const MEASURED: f64 = 4.0;
/// Connections of the warm-up.
const FEW: usize = 4;
/// From when everything stands to when the first login is due.
const BREATH: Duration = Duration::from_millis(500);

/// What became of a scenario.
#[derive(Debug)]
pub struct Played {
    /// What was due when.
    pub schedule: Schedule,
    /// What became of it.
    pub timeline: Timeline,
    /// Whole logins a second in a closed loop, before.
    pub full: f64,
    /// An empty field at the scenario's highest rate: what gateway and driver take by themselves.
    pub floor: Sample,
    /// What must hold, and what was seen besides.
    pub figures: Figures,
}

/// Plays it.
///
/// # Errors
/// When a program fails; what does not hold is in the figures.
pub async fn play(stage: &Stage, plan: &Plan) -> anyhow::Result<Played> {
    stage.database.forget_sends().await?;
    let mut scene = Scene::set(stage, plan).await?;
    let gateway = scene.addresses()[0];
    let full = full_rate(stage, gateway, plan.connections).await?;
    let level = if plan.act == Act::Rollout { SecurityLevel::Standard } else { SecurityLevel::High };
    let users = order(&stage.population, level, ABUSED);
    let schedule = affordable(plan, full, users.len())?;
    let floor = floor(stage, gateway, plan, &schedule).await?;

    let (since, began) = (SystemClock.now(), Instant::now() + BREATH);
    let ring = stage.database.platform(&stage.database.app_url).await?.keys.ring();
    let load = Arc::new(AsAsked::new(stage.population.clone(), users, ring, began));
    let (at, until) = schedule.span(&plan.during).context("no such phase")?;
    scene.announce(began + at).await?;
    let gateways = scene.addresses();
    let open = Open { gateways, connections: plan.connections, schedule: schedule.clone(), began, first: 0 };
    let (timeline, figures) = tokio::join!(open.run(load.clone()), scene.perform(began + at, began + until));
    let (timeline, mut figures) = (timeline?, figures?);
    scene.end(load.asked(), at, &mut figures).await?;
    judge(plan, &schedule, &timeline, &mut figures)?;
    nothing_lost(stage, since, &timeline, &mut figures).await?;
    Ok(Played { schedule, timeline, full, floor, figures })
}

/// Whole logins in a closed loop.
async fn full_rate(stage: &Stage, address: SocketAddr, connections: usize) -> anyhow::Result<f64> {
    let population = stage.population.clone();
    let order = order(&population, SecurityLevel::High, ABUSED);
    let ring = stage.database.platform(&stage.database.app_url).await?.keys.ring();
    let whole = WholeLogin { evaluate: Evaluate { level: SecurityLevel::High, population, order }, ring };
    let whole = Arc::new(AsMuchAsItTakes::new(whole));
    let drive = |connections, first| Drive {
        address,
        connections,
        pace: Pace::Closed,
        duration: Duration::from_secs_f64(MEASURED),
        first,
    };
    // A few at first: connections are opened, and what is known of tenants is read.
    let warm = drive(FEW, 0).run(whole.clone()).await?;
    let before = whole.turned_away();
    let sample = drive(connections, warm.count + FEW).run(whole.clone()).await?;
    // Some of those who log in next did just now; a code sent twice would have to wait.
    stage.database.forget_sends().await?;
    let served = sample.count as f64 - (whole.turned_away() - before) as f64;
    ensure!(served > 0.0, "no login was served");
    Ok(served / sample.elapsed.as_secs_f64())
}

async fn floor(stage: &Stage, address: SocketAddr, plan: &Plan, schedule: &Schedule) -> anyhow::Result<Sample> {
    let highest = schedule.phases().iter().flat_map(|phase| phase.rate).fold(1.0, f64::max);
    let duration = Duration::from_secs_f64(MEASURED);
    let drive = Drive { address, connections: plan.connections, pace: Pace::Open(highest), duration, first: 0 };
    drive.run(Arc::new(EmptyField(stage.population.clone()))).await
}

/// The plan's load, or as much of it as there are users for: each logs in once.
fn affordable(plan: &Plan, full: f64, users: usize) -> anyhow::Result<Schedule> {
    let whole = Schedule::new(&plan.phases, full);
    ensure!(users > 0 && whole.count() > 0, "nobody logs in");
    let share = (users as f64 / whole.count() as f64 * 0.99).min(1.0);
    Ok(Schedule::new(&plan.phases, full * share))
}

fn judge(plan: &Plan, schedule: &Schedule, timeline: &Timeline, figures: &mut Figures) -> anyhow::Result<()> {
    let all = timeline.within((Duration::ZERO, schedule.duration()));
    let failed = f64::from(all.failed) / f64::from(all.due);
    let counts = format!("{} of {}", all.failed, all.due);
    figures.judge("logins that failed, of all", counts, failed, Gate::AtMost(plan.holds.failed));
    let seconds = timeline.failing_seconds() as f64;
    let most = Gate::AtMost(plan.holds.failing_seconds as f64);
    figures.judge("from the first failure to the last, s", String::new(), seconds, most);
    for slower in &plan.holds.slower {
        let p99 = |phase: &str| -> anyhow::Result<f64> {
            let span = schedule.span(phase).with_context(|| phase.to_owned())?;
            Ok(timeline.within(span).waits.percentile(0.99))
        };
        let (of, than) = (p99(&slower.phase)?, p99(&slower.than)?);
        let name = format!("p99 of a login, {} / {}", slower.phase, slower.than);
        figures.judge(&name, format!("{of:.1} ms / {than:.1} ms"), of / than, Gate::AtMost(slower.times));
    }
    Ok(())
}

/// Each login that was answered is in the database.
async fn nothing_lost(
    stage: &Stage,
    since: Timestamp,
    timeline: &Timeline,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from login where created_at >= $1 and (completed_at is not null or outcome = 'ALLOW')",
    )
    .bind(since)
    .fetch_one(&mut stage.database.superuser().await?)
    .await?;
    let served: u64 = timeline.seconds().iter().map(|second| u64::from(second.served)).sum();
    let lost = served.saturating_sub(u64::try_from(kept)?);
    let counts = format!("{served} answered, {kept} kept");
    figures.judge("logins that were answered and are not in the database", counts, lost as f64, Gate::AtMost(0.0));
    Ok(())
}
