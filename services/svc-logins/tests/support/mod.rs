//! A sandbox tenant with users who have factors, and the login path on it.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made is a failed test")]

use std::sync::Arc;

use core_access::{ApiScope, Caller, Operation, Permit};
use core_contact::PhoneNumber;
use core_crypto::{
    BackupCode, BlindKind, CodePurpose, CodeSubject, KeyPurpose, TemporaryCode, TotpSecret, blind_index, derive_code,
};
use core_kernel::{ChallengeId, FactorId, Redacted, SystemClock, SystemEntropy, TenantId, TypedId, UserId};
use core_policy::{FirstFactor, LoginPurpose, MethodChannel, UserKind};
use io_limits::{Limits, LimitsConfig};
use io_postgres::TenantTx;
use svc_directory::users::UserRef;
use svc_logins::{CombinerOptions, EvaluateInput, LoginView, Logins, MethodId, StartOutput, VerifyOutput};
use svc_platform::place;
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller};
use uuid::Uuid;

pub struct Fixture {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub logins: Logins,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(CombinerOptions::default()).await
    }

    pub async fn with(options: CombinerOptions) -> Self {
        let bed = TestBed::new().await;
        let tenant = bed.tenant(Environment::Sandbox).await;
        let limits = Arc::new(Limits::new(&generous(), Arc::new(SystemClock)).unwrap());
        let policies = Policies::new(bed.platform.clone());
        let risk = svc_logins::RiskSources::without_files(bed.platform.clock.clone());
        let logins = Logins::new(bed.platform.clone(), policies, limits, risk, options);
        Self { bed, tenant, logins }
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
        self.logins.evaluate(&self.permit(Operation::EvaluateLogin), &input(external_id)).await.unwrap()
    }

    pub async fn methods(&self, login: &LoginView) -> Vec<svc_logins::MethodView> {
        self.logins.methods(&self.permit(Operation::ReadLogin), login).await.unwrap()
    }

    pub async fn start_by(&self, login: &LoginView, channel: MethodChannel) -> StartOutput {
        let methods = self.methods(login).await;
        let method = methods.iter().find(|method| method.channel == channel).expect("such a method");
        self.start(login, &method.id).await
    }

    pub async fn start(&self, login: &LoginView, method: &MethodId) -> StartOutput {
        let permit = self.permit(Operation::StartChallenge);
        self.logins.start_challenge(&permit, &login.login_id.to_text(), &method.to_text()).await.unwrap()
    }

    pub async fn verify(&self, challenge: ChallengeId, code: &str) -> VerifyOutput {
        let permit = self.permit(Operation::VerifyChallenge);
        let code = Redacted::new(code.to_owned());
        self.logins
            .verify_challenge(
                &permit,
                svc_logins::VerifyInput { challenge: &challenge.to_text(), code: Some(&code), remember_device: false },
            )
            .await
            .unwrap()
    }

    pub fn code(&self, challenge: ChallengeId) -> String {
        let subject = CodeSubject { tenant: self.tenant, challenge, purpose: CodePurpose::Login };
        let ring = self.bed.platform.keys.ring();
        derive_code(ring.current(KeyPurpose::Code), &subject, 6).to_string()
    }

    /// A login of this user with its challenge by text.
    pub async fn challenged(&self, external_id: &str) -> (LoginView, ChallengeId) {
        let login = self.evaluate(external_id).await;
        let started = self.start_by(&login, MethodChannel::Sms).await;
        (login, started.challenge.expect("a challenge").challenge_id)
    }

    pub async fn scalar<T>(&self, sql: &'static str, id: Uuid) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut tx = self.tx().await;
        sqlx::query_scalar(sql).bind(self.tenant.0).bind(id).fetch_one(tx.connection()).await.unwrap()
    }
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
