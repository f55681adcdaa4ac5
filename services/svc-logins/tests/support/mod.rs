//! A sandbox tenant with users who have factors, and the login path on it.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use core_access::{ApiScope, Caller, Operation, Permit};
use core_contact::PhoneNumber;
use core_crypto::{
    BackupCode, BlindKind, CodePurpose, CodeSubject, KeyPurpose, TemporaryCode, TotpSecret, blind_index, derive_code,
};
use core_kernel::{ChallengeId, FactorId, Redacted, SystemClock, SystemEntropy, TenantId, Timestamp, TypedId, UserId};
use core_policy::{FirstFactor, LoginPurpose, MethodChannel, Policy, UserKind};
use core_risk::Weights;
use io_geo::Atlas;
use io_limits::{Limits, LimitsConfig};
use io_postgres::TenantTx;
use sqlx::{Connection, PgConnection};
use svc_directory::users::UserRef;
use svc_factors::Factors;
use svc_logins::{
    CombinerOptions, EvaluateInput, LoginView, Logins, MethodId, RiskSources, StartOutput, VerifyInput, VerifyOutput,
};
use svc_platform::place;
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller};
use uuid::Uuid;

pub struct Fixture {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub logins: Logins,
    pub policies: Policies,
}

/// A user's history, as it is stored.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Memory {
    pub seen: Vec<i64>,
    pub login_hours: Vec<u8>,
    pub last_accuracy_km: Option<f32>,
    pub last_latitude: Option<f32>,
    pub last_longitude: Option<f32>,
    pub last_position_at: Option<Timestamp>,
    pub last_completed_at: Option<Timestamp>,
}

impl Memory {
    /// How many logins were noted.
    pub fn logins(&self) -> i32 {
        self.login_hours.iter().copied().map(i32::from).sum()
    }

    /// Degrees north, to the degree; tells the demo's cities apart.
    pub fn north(&self) -> Option<i32> {
        self.last_latitude.map(|latitude| latitude.round() as i32)
    }
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(CombinerOptions::default()).await
    }

    pub async fn with(options: CombinerOptions) -> Self {
        let bed = TestBed::new().await;
        let risk = RiskSources::without_files(bed.platform.clock.clone());
        Self::on(bed, risk, options).await
    }

    /// Where addresses are in the cities of the demo.
    pub async fn in_the_world() -> Self {
        Self::in_the_world_with(CombinerOptions::default()).await
    }

    pub async fn in_the_world_with(options: CombinerOptions) -> Self {
        let bed = TestBed::new().await;
        let risk = RiskSources { atlas: demo_atlas(&bed), weights: Weights::default() };
        Self::on(bed, risk, options).await
    }

    async fn on(bed: TestBed, risk: RiskSources, options: CombinerOptions) -> Self {
        let tenant = bed.tenant(Environment::Sandbox).await;
        let limits = Arc::new(Limits::new(&generous(), Arc::new(SystemClock)).unwrap());
        let policies = Policies::new(bed.platform.clone());
        let logins = Logins::new(bed.platform.clone(), policies.clone(), limits, risk, options);
        Self { bed, tenant, logins, policies }
    }

    /// Changes the policy in force; what `change` leaves alone is as for a new tenant.
    pub async fn policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = Policy::new_tenant(self.bed.now(self.tenant).await - chrono::Duration::seconds(1));
        change(&mut policy);
        self.bed.policy(self.tenant, &policy).await;
        self.policies.invalidate(self.tenant);
    }

    pub fn permit(&self, operation: Operation) -> Permit {
        login_caller(self.tenant).permit(operation).unwrap()
    }

    pub async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.bed.platform.database, self.tenant).await.unwrap()
    }

    pub async fn phone_user(&self, external_id: &str) -> UserId {
        let user = self.bed.user(self.tenant, external_id, UserKind::External).await;
        self.add_phone(user, "PHONE_PRIMARY", "+14155550132", "MOBILE").await;
        user
    }

    pub async fn add_phone(&self, user: UserId, kind: &str, number: &str, line: &str) -> FactorId {
        let e164 = PhoneNumber::parse(number).unwrap().e164().to_owned();
        let (_, index) = blind_index(&self.bed.platform.keys.ring(), self.tenant, BlindKind::Phone, &e164);
        self.add_factor(user, kind, Some(line), e164.as_bytes(), Some(&index[..])).await
    }

    pub async fn add_totp(&self, user: UserId) -> TotpSecret {
        let secret = TotpSecret::generate(&SystemEntropy);
        self.add_factor(user, "TOTP", None, secret.as_bytes(), None).await;
        secret
    }

    pub async fn add_backup_codes(&self, user: UserId) -> Vec<BackupCode> {
        let factor = self.add_factor(user, "BACKUP_CODES", None, b"", None).await;
        let codes: Vec<BackupCode> = BackupCode::generate_set(&SystemEntropy).into_iter().take(2).collect();
        let mut tx = self.tx().await;
        for code in &codes {
            sqlx::query("insert into backup_code (tenant_id, factor_id, slot, hash) values ($1, $2, $3, $4)")
                .bind(self.tenant.0)
                .bind(factor.0)
                .bind(code.slot())
                .bind(code.hash(&SystemEntropy))
                .execute(tx.connection())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        codes
    }

    async fn add_factor(
        &self,
        user: UserId,
        kind: &str,
        line: Option<&str>,
        secret: &[u8],
        index: Option<&[u8]>,
    ) -> FactorId {
        let platform = &self.bed.platform;
        let id = FactorId::new(&SystemEntropy, platform.now());
        let key = platform.keys.data_key(&platform.database, self.tenant).await.unwrap();
        let sealed = key.seal(&place(self.tenant, "factor", id.0, "secret_sealed"), secret, &SystemEntropy);
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index, created_at)
             values ($1, $2, $3, $4, 'ACTIVE', $5, 'US', $6, $7, tenant_now($1))",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(user.0)
        .bind(kind)
        .bind(line)
        .bind(sealed)
        .bind(index)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub async fn add_temporary_code(&self, user: UserId, may_change_factors: bool) -> String {
        let code = TemporaryCode::generate(&SystemEntropy);
        let (key, digest) = code.digest(&self.bed.platform.keys.ring(), self.tenant, user);
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into temporary_access_code (tenant_id, code_id, user_id, digest_key_id, digest, issued_by, reason,
                may_change_factors, created_at, expires_at)
             values ($1, uuid_v7(), $2, $3, $4, 'test', 'test', $5, tenant_now($1), tenant_now($1) + interval '15 minutes')",
        )
        .bind(self.tenant.0)
        .bind(user.0)
        .bind(key)
        .bind(&digest[..])
        .bind(may_change_factors)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        code.shown()
    }

    pub async fn evaluate(&self, external_id: &str) -> LoginView {
        self.ask(&input(external_id)).await
    }

    pub async fn evaluate_from(&self, external_id: &str, ip: &str) -> LoginView {
        self.ask(&EvaluateInput { ip_address: ip.to_owned(), ..input(external_id) }).await
    }

    pub async fn ask(&self, input: &EvaluateInput) -> LoginView {
        // Boxed, here and below: what a test awaits must fit into the stack of its thread.
        let permit = self.permit(Operation::EvaluateLogin);
        Box::pin(self.logins.evaluate(&permit, input)).await.unwrap()
    }

    /// Completes a login by the code of a text.
    pub async fn prove(&self, login: &LoginView) -> LoginView {
        let challenge = self.text(login).await;
        self.verify(challenge, &self.code(challenge)).await.login.expect("a completed login")
    }

    /// A login from there, completed as it asks.
    pub async fn log_in_from(&self, external_id: &str, ip: &str) -> LoginView {
        let login = self.evaluate_from(external_id, ip).await;
        if login.completed_at.is_some() { login } else { self.prove(&login).await }
    }

    /// Begins a login's challenge by text.
    pub async fn text(&self, login: &LoginView) -> ChallengeId {
        self.start_by(login, MethodChannel::Sms).await.challenge.expect("a challenge").challenge_id
    }

    pub async fn methods(&self, login: &LoginView) -> Vec<svc_logins::MethodView> {
        Box::pin(self.logins.methods(&self.permit(Operation::ReadLogin), login)).await.unwrap()
    }

    pub async fn start_by(&self, login: &LoginView, channel: MethodChannel) -> StartOutput {
        let methods = self.methods(login).await;
        let method = methods.iter().find(|method| method.channel == channel).expect("such a method");
        self.start(login, &method.id).await
    }

    pub async fn start(&self, login: &LoginView, method: &MethodId) -> StartOutput {
        let permit = self.permit(Operation::StartChallenge);
        let (login, method) = (login.login_id.to_text(), method.to_text());
        Box::pin(self.logins.start_challenge(&permit, &login, &method)).await.unwrap()
    }

    pub async fn verify(&self, challenge: ChallengeId, code: &str) -> VerifyOutput {
        self.verify_as(challenge, code, false).await
    }

    pub async fn verify_as(&self, challenge: ChallengeId, code: &str, remember_device: bool) -> VerifyOutput {
        self.verify_of(self.tenant, challenge, code, remember_device).await
    }

    pub async fn verify_of(
        &self,
        tenant: TenantId,
        challenge: ChallengeId,
        code: &str,
        remember_device: bool,
    ) -> VerifyOutput {
        let permit = login_caller(tenant).permit(Operation::VerifyChallenge).unwrap();
        let (challenge, code) = (challenge.to_text(), Redacted::new(code.to_owned()));
        let input = VerifyInput { challenge: &challenge, code: Some(&code), credential: None, remember_device };
        Box::pin(self.logins.verify_challenge(&permit, input)).await.unwrap()
    }

    pub fn code(&self, challenge: ChallengeId) -> String {
        let subject = CodeSubject { tenant: self.tenant, challenge, purpose: CodePurpose::Login };
        let ring = self.bed.platform.keys.ring();
        derive_code(ring.current(KeyPurpose::Code), &subject, 6).to_string()
    }

    /// The code that confirms a pending factor.
    pub fn enrolling_code(&self, challenge: ChallengeId) -> String {
        let subject = CodeSubject { tenant: self.tenant, challenge, purpose: CodePurpose::Enroll };
        let ring = self.bed.platform.keys.ring();
        derive_code(ring.current(KeyPurpose::Code), &subject, 6).to_string()
    }

    pub fn factors(&self) -> Factors {
        Factors::new(self.bed.platform.clone(), self.policies.clone())
    }

    /// A login of this user with its challenge by text.
    pub async fn challenged(&self, external_id: &str) -> (LoginView, ChallengeId) {
        let login = self.evaluate(external_id).await;
        let challenge = self.text(&login).await;
        (login, challenge)
    }

    pub fn wrong_code(&self, challenge: ChallengeId) -> &'static str {
        if self.code(challenge) == "000000" { "000001" } else { "000000" }
    }

    /// Runs one statement with the tenant as $1 and an identifier as $2.
    pub async fn run(&self, sql: &'static str, id: Uuid) {
        let mut tx = self.tx().await;
        sqlx::query(sql).bind(self.tenant.0).bind(id).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.bed.database.superuser_url()).await.unwrap()
    }

    /// Waits until somebody waits for a lock in this database.
    pub async fn somebody_waits(&self) {
        let mut superuser = self.superuser().await;
        let sql = "select exists (select from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock' and usename = 'postern_app')";
        for _ in 0..500 {
            if sqlx::query_scalar(sql).fetch_one(&mut superuser).await.unwrap() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody waits for a lock");
    }

    pub async fn memory(&self, user: UserId) -> Memory {
        let mut tx = self.tx().await;
        sqlx::query_as(
            "select seen, login_hours, last_accuracy_km, last_latitude, last_longitude, last_position_at, last_completed_at
               from tenant_user where tenant_id = $1 and user_id = $2",
        )
        .bind(self.tenant.0)
        .bind(user.0)
        .fetch_one(tx.connection())
        .await
        .unwrap()
    }

    pub async fn scalar<T>(&self, sql: &'static str, id: Uuid) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut tx = self.tx().await;
        sqlx::query_scalar(sql).bind(self.tenant.0).bind(id).fetch_one(tx.connection()).await.unwrap()
    }
}

/// The demo's databases; they are copied when they are opened.
fn demo_atlas(bed: &TestBed) -> Atlas {
    let folder = tempfile::tempdir().unwrap();
    let options = io_geo::demo::write(folder.path(), bed.platform.now()).unwrap();
    Atlas::open(options, bed.platform.clock.clone())
}

/// The findings of a login, in their order: each signal with what it adds.
pub fn signals(login: &LoginView) -> Vec<(String, i64)> {
    let findings = login.risk_signals.as_array().expect("a list");
    findings
        .iter()
        .map(|found| (found["kind"].as_str().unwrap().to_owned(), found["score"].as_i64().unwrap()))
        .collect()
}

/// The outcome and the reasons of a decision, e.g. `CHALLENGE RISK_DETECTED`.
pub fn decision(login: &LoginView) -> String {
    let reasons = login.reasons.iter().map(|reason| reason.as_str());
    std::iter::once(login.outcome.as_str()).chain(reasons).collect::<Vec<_>>().join(" ")
}

/// Rates are tested elsewhere; here they must not be in the way.
fn generous() -> LimitsConfig {
    use io_limits::{Rate, limit};
    LimitsConfig::default()
        .with(limit::USER_EVALUATE_LOGIN, Rate { rate: 100_000, burst: 100_000 })
        .unwrap()
        .with(limit::USER_START_CHALLENGE, Rate { rate: 100_000, burst: 100_000 })
        .unwrap()
}

pub fn login_caller(tenant: TenantId) -> Caller {
    caller(tenant, &[ApiScope::Login, ApiScope::Read])
}

pub fn input(external_id: &str) -> EvaluateInput {
    EvaluateInput {
        user: UserRef::ExternalId(external_id.to_owned()),
        purpose: LoginPurpose::SignIn,
        first_factor: FirstFactor::Password,
        ip_address: "198.51.100.7".to_owned(),
        user_agent: Some("Mozilla/5.0".to_owned()),
        device_token: None,
        idempotency_key: None,
    }
}

pub fn code_of(output: &VerifyOutput) -> &'static str {
    match &output.refusal {
        None => "OK",
        Some(refusal) => match refusal.code {
            core_kernel::RefusalCode::WrongCode => "WRONG_CODE",
            core_kernel::RefusalCode::TooManyAttempts => "TOO_MANY_ATTEMPTS",
            core_kernel::RefusalCode::AlreadyCompleted => "ALREADY_COMPLETED",
            core_kernel::RefusalCode::Expired => "EXPIRED",
            core_kernel::RefusalCode::UserLocked => "USER_LOCKED",
            core_kernel::RefusalCode::NotAllowedByPolicy => "NOT_ALLOWED_BY_POLICY",
            _ => "OTHER",
        },
    }
}

/// How often each answer was given, e.g. `{"OK": 1, "ALREADY_COMPLETED": 199}`.
pub fn tally(answers: impl IntoIterator<Item = &'static str>) -> std::collections::BTreeMap<&'static str, usize> {
    answers.into_iter().fold(std::collections::BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer).or_default() += 1;
        counts
    })
}
