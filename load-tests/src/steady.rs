//! Logins at a steady rate, however long each takes: what something else beside them is measured by.

use std::sync::Arc;
use std::time::Duration;

use core_access::Permit;
use svc_logins::{EvaluateInput, Logins};
use tokio::time::{Instant, interval};

use crate::stats::Sample;

/// Decides `a_second` logins a second for so long, each begun when it is due.
///
/// # Errors
/// When one fails.
pub(crate) async fn decide_steadily(
    logins: &Logins,
    permit: Permit,
    inputs: impl Iterator<Item = EvaluateInput>,
    a_second: u32,
    duration: Duration,
) -> anyhow::Result<Sample> {
    let permit = Arc::new(permit);
    let mut ticks = interval(Duration::from_secs(1) / a_second);
    let began = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for input in inputs {
        if began.elapsed() >= duration {
            break;
        }
        ticks.tick().await;
        let (logins, permit) = (logins.clone(), permit.clone());
        calls.spawn(async move {
            let asked = Instant::now();
            logins.evaluate(&permit, &input).await.map(|_| asked.elapsed())
        });
    }
    let mut latencies = Vec::new();
    while let Some(answered) = calls.join_next().await {
        latencies.push(answered?.map_err(|stop| anyhow::anyhow!("{stop:?}"))?);
    }
    Ok(Sample::new(began.elapsed(), latencies))
}
