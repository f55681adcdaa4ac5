//! A tenant with users who log in, and simulations of what they did.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use core_access::{ApiScope, Operation, Permit};
use core_crypto::{BlindKind, blind_index};
use core_kernel::{FactorId, PageRequest, SystemClock, SystemEntropy, TenantId, TypedId, UserId};
use core_policy::{
    AudienceDraft, Channel, FirstFactor, LoginOutcome, LoginPurpose, MethodChannel, Policy, PolicyDraft, RiskDraft,
    SecurityLevel, UserKind,
};
use io_limits::{Limits, LimitsConfig, Rate, limit};
use io_postgres::TenantTx;
use svc_directory::{Directory, UserRef};
use svc_logins::{EvaluateInput, LoginView, Logins, RiskSources};
use svc_platform::place;
use svc_policy::Policies;
use svc_simulation::{SimulatePolicyInput, Simulation, SimulationOptions, SimulationWorker, Simulations};
use testkit::{Environment, TestBed, caller};
use tokio_util::sync::CancellationToken;

pub struct Fixture {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub logins: Logins,
    pub policies: Policies,
    pub simulations: Simulations,
}

impl Fixture {
    /// A SANDBOX whose policy lets everybody in who is not asked for another reason than risk.
    pub async fn new() -> Self {
        let bed = TestBed::new().await;
        let tenant = bed.tenant(Environment::Sandbox).await;
        let policies = Policies::new(bed.platform.clone());
        let directory = Directory::new(bed.platform.clone(), policies.clone());
        let limits = Arc::new(Limits::new(&generous(), Arc::new(SystemClock)).unwrap());
        let risk = RiskSources::without_files(bed.platform.clock.clone());
        let logins = Logins::new(bed.platform.clone(), policies.clone(), limits.clone(), risk, Default::default());
        let simulations = Simulations::new(bed.platform.clone(), directory, limits);
        let test = Self { bed, tenant, logins, policies, simulations };
        test.put_in_force(&relaxed()).await;
        test
    }

    pub async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.bed.platform.database, self.tenant).await.unwrap()
    }

    pub fn permit(&self, operation: Operation) -> Permit {
        let scopes = [ApiScope::Login, ApiScope::Policy, ApiScope::Read];
        caller(self.tenant, &scopes).permit(operation).unwrap()
    }

    pub async fn put_in_force(&self, policy: &Policy) {
        self.bed.policy(self.tenant, policy).await;
        self.policies.invalidate(self.tenant);
    }

    // Users and what they have.

    pub async fn user(&self, external_id: &str, factors: &[&str]) -> UserId {
        let user = self.bed.user(self.tenant, external_id, UserKind::External).await;
        for kind in factors {
            self.add_factor(user, kind, "US").await;
        }
        user
    }

    pub async fn add_factor(&self, user: UserId, kind: &str, country: &str) -> FactorId {
        let platform = &self.bed.platform;
        let id = FactorId::new(&SystemEntropy, platform.now());
        // Every phone another number: limits of sends are tested elsewhere.
        let number = format!("+1415{}", 2_000_000 + id.0.as_u128() % 7_000_000);
        let phone = kind.starts_with("PHONE");
        let (_, index) = blind_index(&platform.keys.ring(), self.tenant, BlindKind::Phone, &number);
        let key = platform.keys.data_key(&platform.database, self.tenant).await.unwrap();
        let sealed = key.seal(&place(self.tenant, "factor", id.0, "secret_sealed"), number.as_bytes(), &SystemEntropy);
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index, created_at)
             values ($1, $2, $3, $4, 'ACTIVE', $5, $6, $7, $8, tenant_now($1))",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(user.0)
        .bind(kind)
        .bind(phone.then_some("MOBILE"))
        .bind(phone.then_some(country))
        .bind(sealed)
        .bind(phone.then_some(&index[..]))
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Runs a statement with the tenant as $1 and, where it is given, the user as $2.
    pub async fn write(&self, sql: &'static str, user: Option<UserId>) {
        let mut tx = self.tx().await;
        let statement = sqlx::query(sql).bind(self.tenant.0);
        let statement = if let Some(user) = user { statement.bind(user.0) } else { statement };
        statement.execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    // Logins.

    pub async fn log_in(&self, external_id: &str) -> LoginView {
        self.log_in_for(external_id, LoginPurpose::SignIn).await
    }

    pub async fn log_in_for(&self, external_id: &str, purpose: LoginPurpose) -> LoginView {
        let input = EvaluateInput {
            user: UserRef::ExternalId(external_id.to_owned()),
            purpose,
            first_factor: FirstFactor::Password,
            ip_address: "198.51.100.7".to_owned(),
            user_agent: None,
            device_token: None,
            idempotency_key: None,
        };
        self.logins.evaluate(&self.permit(Operation::EvaluateLogin), &input).await.unwrap()
    }

    /// Sends a code for a login.
    pub async fn send(&self, login: &LoginView, channel: MethodChannel) {
        let methods = self.logins.methods(&self.permit(Operation::ReadLogin), login).await.unwrap();
        let method = methods.iter().find(|method| method.channel == channel).expect("such a method");
        let permit = self.permit(Operation::StartChallenge);
        let started =
            self.logins.start_challenge(&permit, &login.login_id.to_text(), &method.id.to_text()).await.unwrap();
        assert!(started.challenge.is_some(), "{started:?}");
    }

    // Simulations.

    pub async fn start(&self, draft: PolicyDraft, days: i32) -> Simulation {
        let permit = self.permit(Operation::SimulatePolicy);
        self.simulations.start(&permit, &SimulatePolicyInput { draft, days }).await.unwrap()
    }

    pub async fn read(&self, simulation: &Simulation) -> Simulation {
        let permit = self.permit(Operation::ReadPolicy);
        self.simulations.lookup(&permit, simulation.id).await.unwrap().expect("it is kept")
    }

    pub fn worker(&self, options: SimulationOptions) -> SimulationWorker {
        SimulationWorker::new(self.bed.platform.clone(), options)
    }

    /// Whether a worker found anything to run.
    pub async fn work(&self, options: SimulationOptions) -> bool {
        self.bed.settled().await;
        self.worker(options).round(&CancellationToken::new()).await.unwrap()
    }

    pub async fn simulate(&self, draft: PolicyDraft, days: i32) -> Simulation {
        let started = self.start(draft, days).await;
        assert!(self.work(quick()).await);
        self.read(&started).await
    }

    /// External identifiers of the users who would be locked out, sorted.
    pub async fn locked_out(&self, simulation: &Simulation) -> Vec<String> {
        let page = PageRequest::new(100, None).unwrap();
        let permit = self.permit(Operation::ReadPolicy);
        let page = self.simulations.locked_out(&permit, simulation.id, &page).await.unwrap();
        let mut users: Vec<_> = page.rows.into_iter().map(|(_, user)| user.record.external_id).collect();
        users.sort_unstable();
        users
    }
}

/// Pages so small that there are several of them, and no rest between.
pub fn quick() -> SimulationOptions {
    SimulationOptions { page: 3, rest: 0.0, ..SimulationOptions::default() }
}

/// One login to a page, and so long a rest after it that a test can look.
pub fn slow() -> SimulationOptions {
    SimulationOptions {
        page: 1,
        rest: 1e5,
        poll: Duration::from_millis(20),
        lease: Duration::from_secs(1),
        ..SimulationOptions::default()
    }
}

pub fn relaxed() -> Policy {
    let mut policy = Policy::default();
    policy.risk.challenge_threshold = 100;
    policy
}

/// These channels for both audiences, and nobody asked for risk.
pub fn draft(channels: &[Channel]) -> PolicyDraft {
    let audience = AudienceDraft { allowed_channels: channels.to_vec(), ..AudienceDraft::default() };
    let risk = RiskDraft { challenge_threshold: Some(100), ..RiskDraft::default() };
    PolicyDraft { internal: audience.clone(), external: audience, risk, ..PolicyDraft::default() }
}

/// Everybody is asked at every login.
pub fn high() -> PolicyDraft {
    let mut draft = draft(&[Channel::Sms, Channel::Voice, Channel::Totp]);
    for audience in [&mut draft.internal, &mut draft.external] {
        audience.default_level = Some(SecurityLevel::High);
        audience.minimum_level = Some(SecurityLevel::High);
    }
    draft
}

pub fn count(simulation: &Simulation, from: LoginOutcome, to: LoginOutcome) -> u64 {
    let found = simulation.transitions.iter().find(|transition| (transition.from, transition.to) == (from, to));
    found.map_or(0, |transition| transition.count)
}

/// Rates are tested elsewhere; here they must not be in the way.
fn generous() -> LimitsConfig {
    let many = Rate { rate: 100_000, burst: 100_000 };
    let config = LimitsConfig::default().with(limit::USER_EVALUATE_LOGIN, many).unwrap();
    config.with(limit::USER_START_CHALLENGE, many).unwrap()
}
