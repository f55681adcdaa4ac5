//! What a worker carries: messages a second to a provider that answers in 50 ms, beside what the HTTP
//! client alone reaches; its memory meanwhile; and how long a code is under way, from the moment its row
//! is written (which is before its commit) to the provider's first byte.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use core_kernel::{MessageId, Timestamp};
use futures::future::try_join_all;
use sqlx::PgConnection;

use crate::drive::{Drive, Pace};
use crate::phases::Stage;
use crate::provider::Provider;
use crate::scenarios::Start;
use crate::server::{Combining, Process};
use crate::stats::Sample;
use crate::targets;

/// Messages of the measurement of the rate.
const QUEUED: usize = 12_000;
/// Requests of the client alone; as many at a time as a worker has places for codes.
const ALONE: usize = 20_000;
const AT_A_TIME: usize = 512;
/// startChallenge a second, while waits are measured.
const RATE: f64 = 200.0;
const PATIENCE: Duration = Duration::from_secs(120);
/// The secret that worker and provider share; the provider does not check it.
pub(crate) const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// Messages a second that reached the provider.
    pub rate: f64,
    /// Requests a second of the client alone.
    pub alone: f64,
    /// The worker's resident memory in bytes: the most, and the most of the second half over the first's.
    pub resident: u64,
    /// See [`Self::resident`].
    pub growth: f64,
    /// From the row to the first byte.
    pub waits: Sample,
}

/// Measures all of it.
///
/// # Errors
/// When a program fails, or not all messages arrive.
pub async fn measure(stage: &Stage) -> anyhow::Result<Carried> {
    let provider = Provider::start()?;
    let alone = client_alone(&provider).await?;
    environment_of_tenants(stage, "LIVE").await?;
    let (rate, memory) = worker(stage, &provider).await?;
    let (resident, growth) = grown(&memory);
    let waits = waits(stage, &provider).await?;
    environment_of_tenants(stage, "SANDBOX").await?;
    Ok(Carried { rate, alone, resident, growth, waits })
}

/// What SANDBOX tenants send goes nowhere.
pub(crate) async fn environment_of_tenants(stage: &Stage, environment: &str) -> anyhow::Result<()> {
    let mut superuser = stage.database.superuser().await?;
    sqlx::query("update tenant set environment = $1 where slug like 't-%'")
        .bind(environment)
        .execute(&mut superuser)
        .await?;
    Ok(())
}

/// The client that workers use, asking as they do.
async fn client_alone(provider: &Provider) -> anyhow::Result<f64> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let url = format!("http://{}/messages", provider.address);
    let began = Instant::now();
    let tasks = (0..AT_A_TIME).map(|place| {
        let (client, url) = (client.clone(), url.clone());
        tokio::spawn(async move {
            for number in (place..ALONE).step_by(AT_A_TIME) {
                let body = serde_json::json!({ "id": message(number), "to": "+14155550132", "text": "x".repeat(100) });
                let answer =
                    client.post(&url).header("webhook-signature", SECRET).body(body.to_string()).send().await?;
                ensure!(answer.status().is_success());
                answer.bytes().await?;
            }
            anyhow::Ok(())
        })
    });
    try_join_all(tasks).await?.into_iter().collect::<anyhow::Result<()>>()?;
    ensure!(provider.take().len() == ALONE, "not all were there");
    Ok(ALONE as f64 / began.elapsed().as_secs_f64())
}

fn message(number: usize) -> String {
    core_kernel::TypedId::to_text(MessageId(uuid::Uuid::from_u128(number as u128)))
}

/// The fraud guard watches and lets pass: none of these codes comes back.
fn environment(provider: &Provider) -> [(&'static str, String); 3] {
    let url = format!("http://{}/messages", provider.address);
    [
        ("POSTERN_HTTP_PROVIDER__URL", url),
        ("POSTERN_HTTP_PROVIDER__SECRET", SECRET.to_owned()),
        ("POSTERN_FRAUD_GUARD__MODE", "observe".to_owned()),
    ]
}

/// The rate at which a full queue reaches the provider, and the memory every tenth of a second.
async fn worker(stage: &Stage, provider: &Provider) -> anyhow::Result<(f64, Vec<u64>)> {
    let targets = targets::prepare(&stage.database, &stage.population, QUEUED, false).await?;
    let mut superuser = stage.database.superuser().await?;
    queue(&mut superuser, &targets.iter().map(|target| target.challenge.0).collect::<Vec<_>>()).await?;
    stage.database.settle().await?;
    let worker = Process::worker(&stage.programs, &stage.database, &environment(provider))?;
    let (began, mut memory) = (Instant::now(), Vec::new());
    while provider.count() < QUEUED {
        ensure!(began.elapsed() < PATIENCE, "only {} messages of {QUEUED} came", provider.count());
        tokio::time::sleep(Duration::from_millis(100)).await;
        memory.push(worker.resident_bytes()?);
    }
    worker.stop().await?;
    let times: Vec<Timestamp> = provider.take().into_values().collect();
    let (first, last) = (times.iter().min().context("none")?, times.iter().max().context("none")?);
    let left: i64 = sqlx::query_scalar("select count(*) from message where waiting").fetch_one(&mut superuser).await?;
    ensure!(left == 0, "{left} messages are not recorded");
    Ok((QUEUED as f64 / (*last - *first).as_seconds_f64(), memory))
}

async fn queue(superuser: &mut PgConnection, challenges: &[uuid::Uuid]) -> anyhow::Result<()> {
    sqlx::query(
        "insert into message (tenant_id, month, message_id, user_id, challenge_id, channel, purpose, priority, country,
                              factor_id, template, language, created_at, expires_at, claimable_at, status)
         select c.tenant_id, c.month, c.challenge_id, c.user_id, c.challenge_id, 'SMS', 'CODE', 0, 'US',
                c.factor_id, 'code', 'en', now(), c.expires_at, now(), 'QUEUED'
           from challenge c where c.challenge_id = any ($1)",
    )
    .bind(challenges)
    .execute(superuser)
    .await?;
    Ok(())
}

fn grown(memory: &[u64]) -> (u64, f64) {
    let (first, second) = memory.split_at(memory.len() / 2);
    let most = |half: &[u64]| half.iter().copied().max().unwrap_or_default();
    (most(memory), most(second) as f64 / most(first).max(1) as f64)
}

/// Codes of a gateway at a steady rate, sent by a worker.
async fn waits(stage: &Stage, provider: &Provider) -> anyhow::Result<Sample> {
    let seconds = stage.seconds.max(5.0);
    let count = (RATE * (seconds + 2.0)) as usize;
    let targets = targets::prepare(&stage.database, &stage.population, count, true).await?;
    stage.database.forget_sends().await?;
    stage.database.settle().await?;
    let worker = Process::worker(&stage.programs, &stage.database, &environment(provider))?;
    let server = Process::serve(&stage.programs, &stage.database, Combining::On).await?;
    let scenario = Arc::new(Start { population: stage.population.clone(), targets: Arc::new(targets) });
    let drive = |seconds, first| Drive {
        address: server.address,
        connections: 16,
        pace: Pace::Open(RATE),
        duration: Duration::from_secs_f64(seconds),
        first,
    };
    let warm = drive(1.0, 0).run(scenario.clone()).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let _ = provider.take();
    let sent = drive(seconds, warm.count + 16).run(scenario).await?.count;
    let began = Instant::now();
    while provider.count() < sent && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.stop().await?;
    worker.stop().await?;
    let arrivals = provider.take();
    ensure!(arrivals.len() == sent, "{} of {sent} messages came", arrivals.len());
    let mut superuser = stage.database.superuser().await?;
    let ids: Vec<uuid::Uuid> = arrivals.keys().map(|id| id.0).collect();
    let written: Vec<(uuid::Uuid, Timestamp)> =
        sqlx::query_as("select message_id, claimable_at from message where message_id = any ($1)")
            .bind(ids)
            .fetch_all(&mut superuser)
            .await?;
    let waits = written.iter().filter_map(|(id, at)| (*arrivals.get(&MessageId(*id))? - *at).to_std().ok()).collect();
    Ok(Sample::new(Duration::from_secs_f64(seconds), waits))
}
