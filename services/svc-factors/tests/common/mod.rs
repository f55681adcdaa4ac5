//! A tenant with one user, and logins made by hand as the login path writes them.

#![allow(dead_code, reason = "every test file uses a part of it")]

use core_access::{ApiScope, Caller, Operation, Permit};
use core_crypto::{CodePurpose, CodeSubject, KeyPurpose, derive_code};
use core_kernel::{FactorId, LoginId, RefusalCode, Stop, SystemEntropy, TenantId, Timestamp, TypedId, UserId};
use core_policy::{Channel, PhoneLine, PhoneRole, Policy, UserKind};
use io_postgres::TenantTx;
use svc_directory::users::UserRef;
use svc_factors::{ConfirmFactor, Confirmation, EnrollPhone, Enrollment, Factors};
use svc_platform::ChallengeView;
use svc_policy::Policies;
use testkit::{Environment, TestBed, caller};

pub const ANN: &str = "+1 415 555 0132";
pub const BOB: &str = "+1 212 555 0187";

pub struct World {
    pub bed: TestBed,
    pub policies: Policies,
    pub factors: Factors,
    pub tenant: TenantId,
    pub user: UserId,
}

impl World {
    pub async fn new() -> Self {
        let bed = TestBed::new().await;
        let policies = Policies::new(bed.platform.clone());
        let factors = Factors::new(bed.platform.clone(), policies.clone());
        let tenant = bed.tenant(Environment::Sandbox).await;
        let user = bed.user(tenant, "ann", UserKind::External).await;
        Self { bed, policies, factors, tenant, user }
    }

    /// Changes the policy in force.
    pub async fn policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = Policy::new_tenant(self.bed.now(self.tenant).await - chrono::Duration::seconds(1));
        change(&mut policy);
        self.bed.policy(self.tenant, &policy).await;
        self.policies.invalidate(self.tenant);
    }

    pub async fn allow(&self, channels: &[Channel]) {
        let channels = channels.to_vec();
        self.policy(|policy| {
            policy.internal.allowed_channels.clone_from(&channels);
            policy.external.allowed_channels = channels;
        })
        .await;
    }

    pub fn permit(&self, scopes: &[ApiScope], operation: Operation) -> Permit {
        caller(self.tenant, scopes).permit(operation).expect("a permit")
    }

    pub fn login_key(&self) -> Permit {
        self.permit(&[ApiScope::Login], Operation::EnrollFactor)
    }

    pub fn users_key(&self) -> Permit {
        self.permit(&[ApiScope::Users], Operation::EnrollFactor)
    }

    pub fn support_key(&self) -> Permit {
        self.permit(&[ApiScope::Support], Operation::EnrollFactor)
    }

    pub fn as_system(&self) -> Permit {
        Caller::system(self.tenant).permit(Operation::EnrollFactor).expect("a permit")
    }

    pub fn ann(&self) -> UserRef {
        UserRef::Id(self.user.to_text())
    }

    pub async fn tx(&self) -> TenantTx {
        TenantTx::begin(&self.bed.platform.database, self.tenant).await.expect("a transaction")
    }

    /// Runs one statement with the tenant as $1 and an identifier as $2.
    pub async fn run(&self, sql: &'static str, id: uuid::Uuid) {
        let mut tx = self.tx().await;
        sqlx::query(sql).bind(self.tenant.0).bind(id).execute(tx.connection()).await.expect("a statement");
        tx.commit().await.expect("commit");
    }

    /// One value, with the tenant as $1 and an identifier as $2.
    pub async fn read<T>(&self, sql: &'static str, id: uuid::Uuid) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut tx = self.tx().await;
        sqlx::query_scalar(sql).bind(self.tenant.0).bind(id).fetch_one(tx.connection()).await.expect("a value")
    }

    pub async fn now(&self) -> Timestamp {
        self.bed.now(self.tenant).await
    }

    /// A login of `user`, as evaluateLogin would have written it.
    pub async fn login_of(&self, user: UserId, outcome: &str, first_factor: &str) -> LoginId {
        let id = LoginId::new(&SystemEntropy, self.bed.platform.now());
        let mut tx = self.tx().await;
        sqlx::query(
            "select hot_record_login($1, $2, $3, $4, 'SIGN_IN', $5, $6, array['ENROLLMENT_REQUIRED'], 'STANDARD', 1,
                                     0::smallint, '[]', '203.0.113.9'::inet, null, $6 = 'ENROLL', 5::smallint,
                                     tenant_now($1), case when $6 = 'ENROLL' then 3600 else 900 end, null, null, null,
                                     'US', 'Minneapolis', 44.98, -93.27, 20, 9::smallint, '{}', null)",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(id.month())
        .bind(user.0)
        .bind(first_factor)
        .bind(outcome)
        .execute(tx.connection())
        .await
        .expect("a login");
        tx.commit().await.expect("commit");
        id
    }

    pub async fn enrolling_login(&self) -> LoginId {
        self.login_of(self.user, "ENROLL", "PASSWORD").await
    }

    /// A login that was completed by a proof of this channel.
    pub async fn proved_login(&self, channel: &str) -> LoginId {
        let id = self.login_of(self.user, "CHALLENGE", "PASSWORD").await;
        let mut tx = self.tx().await;
        sqlx::query(
            "update login set completed_at = tenant_now($1), completed_wall = now(), completed_with = $3,
                    completed_proof = nullif($3, 'SKIPPED')
              where tenant_id = $1 and login_id = $2",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(channel)
        .execute(tx.connection())
        .await
        .expect("completing a login");
        tx.commit().await.expect("commit");
        id
    }

    pub fn phone(&self, number: &str, role: PhoneRole, login: Option<LoginId>) -> EnrollPhone {
        EnrollPhone {
            user: self.ann(),
            number: number.to_owned(),
            role,
            line: PhoneLine::Mobile,
            channel: None,
            login_id: login.map(TypedId::to_text),
        }
    }

    pub async fn enroll(
        &self,
        permit: &Permit,
        number: &str,
        role: PhoneRole,
        login: Option<LoginId>,
    ) -> Result<Enrollment, Stop> {
        self.factors.enroll_phone(permit, self.phone(number, role, login)).await
    }

    /// The code that went out, as its message would say it.
    pub fn code(&self, challenge: &ChallengeView) -> String {
        let ring = self.bed.platform.keys.ring();
        let subject =
            CodeSubject { tenant: self.tenant, challenge: challenge.challenge_id, purpose: CodePurpose::Enroll };
        derive_code(ring.current(KeyPurpose::Code), &subject, 6)
    }

    pub fn wrong_code(&self, challenge: &ChallengeView) -> String {
        if self.code(challenge) == "000000" { "000001".to_owned() } else { "000000".to_owned() }
    }

    pub async fn confirm(
        &self,
        permit: &Permit,
        factor: FactorId,
        code: &str,
        login: Option<LoginId>,
    ) -> Result<Confirmation, Stop> {
        let input = ConfirmFactor {
            factor_id: factor.to_text(),
            code: Some(code.to_owned()),
            login_id: login.map(TypedId::to_text),
            credential: None,
            remember_device: false,
        };
        self.factors.confirm_factor(permit, input).await
    }

    /// An ACTIVE phone, enrolled by the help desk.
    pub async fn active_phone(&self, number: &str, role: PhoneRole) -> FactorId {
        let permit = self.support_key();
        let enrolled = self.enroll(&permit, number, role, None).await.expect("an enrollment");
        let factor = enrolled.factor.expect("a factor").factor_id;
        let confirmed = self.confirm(&permit, factor, &self.code(&enrolled.challenge), None).await.expect("an answer");
        assert_eq!(confirmed.refusal, None);
        factor
    }

    pub async fn status(&self, factor: FactorId) -> String {
        self.read("select status from factor where tenant_id = $1 and factor_id = $2", factor.0).await
    }

    /// How many notices of this kind went to this factor.
    pub async fn notices(&self, factor: FactorId, notice: &'static str) -> i64 {
        let mut tx = self.tx().await;
        sqlx::query_scalar(
            "select count(*) from message where tenant_id = $1 and factor_id = $2 and template = 'notice.' || $3
                and purpose = 'SECURITY_NOTICE'",
        )
        .bind(self.tenant.0)
        .bind(factor.0)
        .bind(notice)
        .fetch_one(tx.connection())
        .await
        .expect("a count")
    }

    pub async fn audited(&self, action: &'static str) -> i64 {
        let mut tx = self.tx().await;
        sqlx::query_scalar("select count(*) from audit_entry where tenant_id = $1 and action = $2")
            .bind(self.tenant.0)
            .bind(action)
            .fetch_one(tx.connection())
            .await
            .expect("a count")
    }

    /// A phone that the tenant supplied.
    pub async fn suggest_phone(&self, number: &str) -> FactorId {
        let factor = self.active_phone(number, PhoneRole::Primary).await;
        self.run(
            "update factor set status = 'PENDING', suggested = true, confirmed_at = null, last_used_at = null
              where tenant_id = $1 and factor_id = $2",
            factor.0,
        )
        .await;
        self.run("delete from destination_send where tenant_id = $1 and $2::uuid is not null", factor.0).await;
        factor
    }

    /// An address on record, sealed as the directory does it.
    pub async fn address_on_record(&self, address: &str) {
        let platform = &self.bed.platform;
        let key = platform.keys.data_key(&platform.database, self.tenant).await.expect("a data key");
        let place = svc_directory::users::email_place(self.tenant, self.user);
        let sealed = key.seal(&place, address.as_bytes(), &SystemEntropy);
        let normalized = address.to_ascii_lowercase();
        let kind = core_crypto::BlindKind::Email;
        let (_, index) = core_crypto::blind_index(&platform.keys.ring(), self.tenant, kind, &normalized);
        let mut tx = self.tx().await;
        sqlx::query("update tenant_user set email_sealed = $3, email_index = $4 where tenant_id = $1 and user_id = $2")
            .bind(self.tenant.0)
            .bind(self.user.0)
            .bind(sealed)
            .bind(index.to_vec())
            .execute(tx.connection())
            .await
            .expect("an address");
        tx.commit().await.expect("commit");
    }
}

/// The one refusal of an answer: code, and path.
pub fn refusal<T: std::fmt::Debug>(answer: Result<T, Stop>) -> (RefusalCode, String) {
    match answer {
        Err(Stop::Refused(refusals)) => {
            assert_eq!(refusals.len(), 1, "{refusals:?}");
            (refusals[0].code, refusals[0].field.join("."))
        }
        other => panic!("not a refusal: {other:?}"),
    }
}

pub fn code_of(confirmation: &Confirmation) -> Option<RefusalCode> {
    confirmation.refusal.as_ref().map(|refusal| refusal.code)
}
