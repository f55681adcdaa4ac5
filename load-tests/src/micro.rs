//! What the pure parts cost: a decision with all its signals, and looking an address up.

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use chrono::Duration;
use core_kernel::{Clock, SystemClock};
use core_policy::{
    FactorFacts, FactorKind, FactorStatus, FirstFactor, LoginFacts, LoginPurpose, PhoneLine, Policy, Risk, UserFacts,
    UserKind, decide,
};
use core_risk::{Weights, assess};
use io_geo::{Atlas, demo};

use crate::usual;

const TIMES: u32 = 200_000;

/// Microseconds for each.
#[derive(Debug, Clone, Copy)]
pub struct Micro {
    /// Assessing a login by every signal, and deciding by the policy.
    pub decide: f64,
    /// City, network and anonymizer of an address.
    pub locate: f64,
}

/// Measures both, on this thread alone.
///
/// # Errors
/// When the demo's databases cannot be written.
pub fn measure(folder: &std::path::Path) -> anyhow::Result<Micro> {
    let now = SystemClock.now();
    let atlas = Atlas::open(demo::write(&folder.join("addresses"), now)?, Arc::new(SystemClock));
    let addresses: Vec<IpAddr> = (1..=254).map(|last| IpAddr::from([198, 51, 100, last])).collect();
    let locate = each(|n| atlas.locate(addresses[n as usize % addresses.len()]));
    Ok(Micro { decide: decision(now), locate })
}

fn decision(now: core_kernel::Timestamp) -> f64 {
    let policy = Policy::new_tenant(now - Duration::days(1));
    let phone =
        FactorFacts { kind: FactorKind::PhonePrimary, status: FactorStatus::Active, line: Some(PhoneLine::Mobile) };
    let user = UserFacts { factors: vec![phone], ..UserFacts::new(UserKind::External) };
    let login = LoginFacts {
        tenant_suspended: false,
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip: usual::ADDRESS.parse().ok(),
    };
    let (attempt, history, weights) = (usual::attempt(now), usual::history(now), Weights::default());
    each(|_| {
        let assessment = assess(black_box(&attempt), &history, &weights, policy.risk.max_travel_speed_kmh);
        let risk = assessment.risk_score().map(|score| Risk { score });
        decide(&policy, black_box(&user), &login, risk, now)
    })
}

fn each<T>(run: impl Fn(u32) -> T) -> f64 {
    let began = Instant::now();
    for n in 0..TIMES {
        black_box(run(n));
    }
    began.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)
}
