//! A help desk on a database of its own, with people made by hand.

#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, Permit, Principal};
use core_contact::EmailAddress;
use core_crypto::{BlindKind, blind_index};
use core_kernel::{
    AccountId, AdminId, FactorId, LoginId, RefusalCode, Stop, SystemClock, SystemEntropy, TenantId, TypedId, UserId,
};
use core_policy::{MethodChannel, UserKind};
use io_limits::{Limits, LimitsConfig};
use io_postgres::TenantTx;
use serde_json::Value;
use svc_directory::UserRef;
use svc_directory::users::email_place;
use svc_helpdesk::{HelpDesk, IssueCodeInput, IssuedCode, TemporaryAccessCode, UserStateInput};
use svc_logins::{CombinerOptions, Logins, MethodId};
use svc_policy::Policies;
use testkit::{Environment, TestBed};
use uuid::Uuid;

/// The ground of one test.
pub struct Desk {
    /// The platform and its database.
    pub bed: TestBed,
    /// What is tested.
    pub desk: HelpDesk,
    /// On which its codes are proved.
    pub logins: Logins,
    /// A sandbox tenant.
    pub tenant: TenantId,
}

impl Desk {
    /// A help desk with one sandbox tenant.
    pub async fn new() -> Self {
        let bed = TestBed::new().await;
        let tenant = bed.tenant(Environment::Sandbox).await;
        let policies = Policies::new(bed.platform.clone());
        let desk = HelpDesk::new(bed.platform.clone(), policies.clone());
        let limits = Arc::new(Limits::new(&LimitsConfig::default(), Arc::new(SystemClock)).unwrap());
        let risk = svc_logins::RiskSources::without_files(bed.platform.clock.clone());
        let logins = Logins::new(bed.platform.clone(), policies, limits, risk, CombinerOptions::default());
        Self { bed, desk, logins, tenant }
    }

    /// A transaction of the tenant.
    pub async fn tx(&self) -> TenantTx {
        self.tx_of(self.tenant).await
    }

    /// A transaction of another tenant.
    pub async fn tx_of(&self, tenant: TenantId) -> TenantTx {
        TenantTx::begin(&self.bed.platform.database, tenant).await.unwrap()
    }

    /// Runs a statement whose `$1` is the tenant and `$2` an identifier.
    pub async fn run(&self, sql: &'static str, id: impl Into<Uuid>) {
        let mut tx = self.tx().await;
        sqlx::query(sql).bind(self.tenant.0).bind(id.into()).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Counts by a statement whose `$1` is the tenant and `$2` an identifier.
    pub async fn count(&self, sql: &'static str, id: impl Into<Uuid>) -> i64 {
        let mut tx = self.tx().await;
        sqlx::query_scalar(sql).bind(self.tenant.0).bind(id.into()).fetch_one(tx.connection()).await.unwrap()
    }

    /// A permit of an integrator's key.
    pub fn key(&self, scope: ApiScope, operation: Operation) -> Permit {
        testkit::caller(self.tenant, &[scope]).permit(operation).unwrap()
    }

    /// A permit of a SUPPORT key.
    pub fn support(&self, operation: Operation) -> Permit {
        self.key(ApiScope::Support, operation)
    }

    /// A permit of an administrator signed in to the console.
    pub fn admin_permit(&self, admin: &Actor, operation: Operation) -> Permit {
        let principal = Principal::Admin(admin.clone());
        Caller { tenant: self.tenant, principal, actor: None, ip: None }.permit(operation).unwrap()
    }

    /// A permit of a SUPPORT key that names an administrator.
    pub fn named_permit(&self, admin: &Actor, operation: Operation) -> Permit {
        let mut caller = testkit::caller(self.tenant, &[ApiScope::Support]);
        caller.actor = Some(admin.clone());
        caller.permit(operation).unwrap()
    }

    /// An administrator of the tenant.
    pub async fn admin(&self, email: &str, role: AdminRole) -> Actor {
        let now = self.bed.platform.now();
        let id = AdminId::new(&SystemEntropy, now);
        let account = AccountId::new(&SystemEntropy, now);
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into tenant_admin (tenant_id, admin_id, account_id, email, email_folded, role, created_at)
             values ($1, $2, $3, $4, lower($4), $5, now())",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(account.0)
        .bind(email)
        .bind(role.as_str())
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Actor { id, account, email: email.to_owned(), role }
    }

    /// An external user.
    pub async fn user(&self, external_id: &str) -> UserId {
        self.bed.user(self.tenant, external_id, UserKind::External).await
    }

    /// The codes that were issued to a user, the newest first.
    pub async fn codes_of(&self, user: UserId) -> Vec<TemporaryAccessCode> {
        let read = self.support(Operation::ReadTemporaryAccess);
        self.desk.list_codes_of(&read, &[user]).await.unwrap().remove(&user).unwrap_or_default()
    }

    /// Puts an address on record.
    pub async fn set_email(&self, user: UserId, email: &str) {
        let platform = &self.bed.platform;
        let email = EmailAddress::parse(email).unwrap();
        let key = platform.keys.data_key(&platform.database, self.tenant).await.unwrap();
        let sealed = key.seal(&email_place(self.tenant, user), email.address().as_bytes(), &SystemEntropy);
        let (_, index) = blind_index(&platform.keys.ring(), self.tenant, BlindKind::Email, email.normalized());
        let mut tx = self.tx().await;
        sqlx::query("update tenant_user set email_sealed = $3, email_index = $4 where tenant_id = $1 and user_id = $2")
            .bind(self.tenant.0)
            .bind(user.0)
            .bind(sealed)
            .bind(&index[..])
            .execute(tx.connection())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Puts an administrator in charge of a user.
    pub async fn assign(&self, user: UserId, advisor: &Actor) {
        let mut tx = self.tx().await;
        sqlx::query("update tenant_user set advisor_id = $3 where tenant_id = $1 and user_id = $2")
            .bind(self.tenant.0)
            .bind(user.0)
            .bind(advisor.id.0)
            .execute(tx.connection())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// A factor in this state.
    pub async fn factor(&self, user: UserId, kind: &str, status: &str, suggested: bool) -> FactorId {
        let id = FactorId::new(&SystemEntropy, self.bed.platform.now());
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into factor (tenant_id, factor_id, user_id, kind, status, suggested, line, country, secret_sealed,
                                 blind_index, created_at)
             values ($1, $2, $3, $4, $5, $6, case when $4 like 'PHONE%' then 'MOBILE' end, 'US', '\\x00', $7, tenant_now($1))",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(user.0)
        .bind(kind)
        .bind(status)
        .bind(suggested)
        .bind(&id.0.as_bytes()[..])
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A login with this outcome, that lives for fifteen minutes.
    pub async fn login(&self, user: UserId, outcome: &str) -> LoginId {
        let id = LoginId::new(&SystemEntropy, self.bed.platform.now());
        let mut tx = self.tx().await;
        sqlx::query(
            "insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
                                policy_version, ip_address, max_attempts, created_at, expires_at, completed_at)
             values ($1, $2, $3, $4, 'SIGN_IN', 'PASSWORD', $5, '{}', 'STANDARD', 1, '203.0.113.7', 5, tenant_now($1),
                     tenant_now($1) + interval '15 minutes', case when $5 = 'ALLOW' then tenant_now($1) end)",
        )
        .bind(self.tenant.0)
        .bind(id.month())
        .bind(id.0)
        .bind(user.0)
        .bind(outcome)
        .execute(tx.connection())
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Proves a temporary access code within a login, on the login path itself.
    pub async fn prove(&self, login: LoginId, user: UserId, issued: &IssuedCode) -> Result<(), RefusalCode> {
        let channel = MethodChannel::TemporaryAccessCode;
        let method = MethodId { login, user, subject: issued.code.code_id.0, channel }.to_text();
        let permit = self.key(ApiScope::Login, Operation::StartChallenge);
        let started = self.logins.start_challenge(&permit, &login.to_text(), &method).await;
        let started = started.map_err(|stop| stop.refusal_code().expect("a refusal"))?;
        if let Some(refusal) = started.refusal {
            return Err(refusal.code);
        }
        let challenge = started.challenge.expect("a challenge").challenge_id.to_text();
        let permit = self.key(ApiScope::Login, Operation::VerifyChallenge);
        let verified = self
            .logins
            .verify_challenge(
                &permit,
                svc_logins::VerifyInput {
                    challenge: &challenge,
                    code: Some(&issued.shown),
                    credential: None,
                    remember_device: false,
                },
            )
            .await;
        let verified = verified.map_err(|stop| stop.refusal_code().expect("a refusal"))?;
        verified.refusal.map_or(Ok(()), |refusal| Err(refusal.code))
    }

    /// Templates of the messages that are queued for a user, sorted.
    pub async fn queued(&self, user: UserId) -> Vec<String> {
        let mut tx = self.tx().await;
        sqlx::query_scalar(
            "select template from message where tenant_id = $1 and user_id = $2 and status = 'QUEUED' order by 1",
        )
        .bind(self.tenant.0)
        .bind(user.0)
        .fetch_all(tx.connection())
        .await
        .unwrap()
    }

    /// Actors and actions of the audit entries about a user, oldest first.
    pub async fn audited(&self, user: UserId) -> Vec<(String, String)> {
        let mut tx = self.tx().await;
        sqlx::query_as("select actor, action from audit_entry where tenant_id = $1 and target = $2 order by entry_id")
            .bind(self.tenant.0)
            .bind(user.to_text())
            .fetch_all(tx.connection())
            .await
            .unwrap()
    }

    /// Kinds and payloads of the tenant's events, oldest first.
    pub async fn events(&self) -> Vec<(String, Value)> {
        let mut tx = self.tx().await;
        sqlx::query_as("select kind, payload from outbox_event where tenant_id = $1 order by event_id")
            .bind(self.tenant.0)
            .fetch_all(tx.connection())
            .await
            .unwrap()
    }

    /// Issues a code by a SUPPORT key.
    pub async fn issue(&self, user: UserId) -> IssuedCode {
        let permit = self.support(Operation::IssueTemporaryAccessCode);
        self.desk.issue_temporary_access_code(&permit, issue_input(user)).await.unwrap()
    }
}

/// An input without fault.
pub fn issue_input(user: UserId) -> IssueCodeInput {
    IssueCodeInput {
        user: UserRef::Id(user.to_text()),
        valid_for_seconds: 900,
        reason: "called back on the number on record".to_owned(),
        may_change_factors: false,
    }
}

/// An input without fault.
pub fn state_input(user: UserId) -> UserStateInput {
    UserStateInput { user: UserRef::Id(user.to_text()), reason: "reported stolen".to_owned() }
}

/// Code and field of the one refusal of a result.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Stop>) -> (RefusalCode, String) {
    match result {
        Err(Stop::Refused(refusals)) => {
            assert_eq!(refusals.len(), 1, "{refusals:?}");
            assert!(!refusals[0].message.is_empty());
            (refusals[0].code, refusals[0].field.join("."))
        }
        other => panic!("not refused: {other:?}"),
    }
}
