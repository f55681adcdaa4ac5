//! The login path without HTTP: the service itself, called by many tasks at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use core_access::{ApiScope, Caller, Operation, Permit, Principal, ScopeSet};
use core_kernel::{ApiKeyId, Clock, Entropy, Redacted, SystemClock, SystemEntropy, TenantId, TypedId};
use io_limits::{Limits, LimitsConfig};
use svc_logins::{CombinerOptions, Logins};
use svc_policy::Policies;

use crate::database::BenchDatabase;
use crate::seed::Population;
use crate::targets::Target;

/// The service on a database, connected as the role of `url`.
///
/// # Errors
/// When PostgreSQL is gone.
pub async fn service(database: &BenchDatabase, url: &str, options: CombinerOptions) -> anyhow::Result<Logins> {
    let platform = database.platform(url).await?;
    let limits = Arc::new(Limits::new(&LimitsConfig::default(), Arc::new(SystemClock))?);
    let policies = Policies::new(platform.clone());
    let risk = svc_logins::RiskSources::without_files(platform.clock.clone());
    Ok(Logins::new(platform, policies, limits, risk, options))
}

/// Verifies all targets with the right codes, `tasks` at a time, and tells how long that took.
///
/// # Errors
/// When any answer is not a completed login.
pub async fn verify_all(
    logins: &Logins,
    population: &Arc<Population>,
    targets: &Arc<Vec<Target>>,
    tasks: usize,
) -> anyhow::Result<Duration> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let workers: Vec<_> = (0..tasks)
        .map(|_| tokio::spawn(verify_some(logins.clone(), population.clone(), targets.clone(), next.clone())))
        .collect();
    for worker in workers {
        worker.await??;
    }
    Ok(began.elapsed())
}

async fn verify_some(
    logins: Logins,
    population: Arc<Population>,
    targets: Arc<Vec<Target>>,
    next: Arc<AtomicUsize>,
) -> anyhow::Result<()> {
    while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
        let permit = permit(population.tenants[target.user.tenant as usize].id)?;
        let code = Redacted::new(target.code().to_owned());
        let output = logins
            .verify_challenge(
                &permit,
                svc_logins::VerifyInput {
                    challenge: &target.challenge.to_text(),
                    code: Some(&code),
                    credential: None,
                    remember_device: false,
                },
            )
            .await;
        let output = output.map_err(|stop| anyhow::anyhow!("{stop:?}"))?;
        ensure!(output.refusal.is_none() && output.login.is_some(), "not completed: {:?}", output.refusal);
    }
    Ok(())
}

/// What a key with LOGIN may do for this tenant.
fn permit(tenant: TenantId) -> anyhow::Result<Permit> {
    let id = ApiKeyId(SystemEntropy.uuid_v7(SystemClock.now()));
    let scopes = ScopeSet::of(&[ApiScope::Login]);
    let principal = Principal::ApiKey { id, name: "bench".to_owned(), scopes, partner: None };
    let caller = Caller { tenant, principal, actor: None, ip: None };
    caller.permit(Operation::VerifyChallenge).map_err(|stop| anyhow::anyhow!("{stop:?}"))
}
