//! What a login costs that is assessed and decided: it must stay under two microseconds.
//!
//! `cargo bench -p core-risk` prints it for a usual login and for one in which nearly everything is
//! unusual, and fails where the usual one is over the limit.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use core_kernel::Timestamp;
use core_policy::{
    FactorFacts, FactorKind, FactorStatus, FirstFactor, LoginFacts, LoginPurpose, Policy, Risk, UserFacts,
};
use core_risk::{Attempt, DeviceFamily, History, LastPosition, Origin, Position, Seen, Weights, assess};

const LIMIT_NS: f64 = 2_000.0;
const CALLS: u32 = 100_000;
const ROUNDS: u32 = 10;
const AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";

fn main() -> ExitCode {
    let (usual, unusual) = (attempt("192.0.2.10", 44.98), attempt("198.51.100.10", -33.87));
    let history = history(&usual);
    let usual_ns = report("a usual login", || assess_and_decide(&usual, &history));
    report("an unusual login", || assess_and_decide(&unusual, &history));
    report("a user agent", || DeviceFamily::of(black_box(Some(AGENT))).as_str().len());
    if usual_ns < LIMIT_NS { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn assess_and_decide(attempt: &Attempt, history: &History) -> usize {
    let policy = black_box(&POLICY.0);
    let assessment =
        assess(black_box(attempt), black_box(history), &Weights::default(), policy.risk.max_travel_speed_kmh);
    let risk = assessment.risk_score().map(|score| Risk { score });
    let decision = core_policy::decide(policy, &POLICY.1, &login(attempt), risk, attempt.now);
    decision.reasons.len() + assessment.findings.len()
}

/// The best round: whatever else the machine does makes it slower, never faster.
fn report<T>(name: &str, call: impl Fn() -> T) -> f64 {
    let round = |_| {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(call());
        }
        start.elapsed().as_nanos() as f64 / f64::from(CALLS)
    };
    let best = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
    #[expect(clippy::print_stdout, reason = "it is what a bench is for")]
    {
        println!("{name}: {best:.0} ns");
    }
    best
}

static POLICY: std::sync::LazyLock<(Policy, UserFacts)> = std::sync::LazyLock::new(|| {
    let factor = FactorFacts { kind: FactorKind::Totp, status: FactorStatus::Active, line: None };
    let user = UserFacts { factors: vec![factor], ..UserFacts::new(core_policy::UserKind::External) };
    (Policy::new_tenant(noon(-1)), user)
});

fn noon(day: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_717 + day) + TimeDelta::hours(12)
}

fn login(attempt: &Attempt) -> LoginFacts {
    LoginFacts {
        tenant_suspended: false,
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip: Some(attempt.origin.address),
    }
}

fn attempt(address: &str, latitude: f64) -> Attempt {
    let origin = Origin {
        country: Some("US".to_owned()),
        position: Some(Position::new(latitude, -93.27, Some(20.0))),
        network: Some(latitude as u32),
        ..Origin::unknown(address.parse().expect("an address"))
    };
    Attempt { now: noon(0), hour: 12, origin, device: DeviceFamily::of(Some(AGENT)), known_device: false }
}

/// A full memory, so that it is searched to the end.
fn history(usual: &Attempt) -> History {
    let networks = (0..16).map(|number| core_risk::SeenKey::network(100_000 + number).packed(20_700));
    let prefixes = (0..16_u8).map(|number| core_risk::SeenKey::prefix([10, number, 0, 1].into()).packed(20_700));
    History {
        last_completed_at: Some(noon(-1)),
        last_position: usual.origin.position.map(|position| LastPosition { at: noon(0), position, place: None }),
        seen: Seen::from_packed(networks.chain(prefixes).chain(usual.seen_keys()).collect()),
        hours: [10; 24],
        ..History::default()
    }
}
