//! A platform with a clock that is moved by hand, a tenant with an owner, and people who sign in.

#![allow(dead_code, missing_docs, clippy::unwrap_used, reason = "each test file uses a part of it")]

use std::sync::Arc;

use chrono::TimeDelta;
use core_access::{Actor, AdminRole, ApiScope, Caller, Operation, Permit, Principal};
use core_crypto::TotpSecret;
use core_kernel::{
    AccountId, AdminId, Clock, Fault, ManualClock, PLATFORM_TENANT, Redacted, Stop, SystemClock, SystemEntropy,
    TenantId,
};
use core_policy::MethodChannel;
use io_limits::{Limits, LimitsConfig, Rate, limit};
use io_postgres::TenantTx;
use svc_admins::{
    AcceptInvitation, Accepted, Acting, AdminView, Admins, Client, InviteAdmin, Named, SecondFactor, SecondFactorInput,
    SignInStep, SignedIn, ensure_platform_tenant,
};
use svc_directory::Directory;
use svc_factors::Factors;
use svc_logins::{CombinerOptions, Logins};
use svc_platform::{Platform, place};
use svc_policy::Policies;
use testkit::{Environment, TestBed};
use uuid::Uuid;

pub const PASSWORD: &str = "three blue whales sing";

pub struct World {
    pub bed: TestBed,
    pub clock: Arc<ManualClock>,
    pub platform: Platform,
    pub policies: Policies,
    pub directory: Directory,
    pub admins: Admins,
    pub tenant: TenantId,
}

/// A person with everything to sign in with.
pub struct Person {
    pub email: String,
    pub totp: TotpSecret,
    pub admin: AdminView,
}

impl World {
    pub async fn new() -> Self {
        let bed = TestBed::new().await;
        // Ahead of the database, so that what it writes lies in the past.
        let clock = Arc::new(ManualClock::starting_at(SystemClock.now() + TimeDelta::seconds(5)));
        let platform = Platform { clock: clock.clone(), ..bed.platform.clone() };
        let policies = Policies::new(platform.clone());
        ensure_platform_tenant(&platform, &policies).await.unwrap();
        let (directory, admins) = services(&platform, &policies);
        let tenant = bed.tenant(Environment::Sandbox).await;
        Self { bed, clock, platform, policies, directory, admins, tenant }
    }

    /// The same on another replica.
    pub fn replica(&self) -> Admins {
        services(&self.platform, &Policies::new(self.platform.clone())).1
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub async fn tx(&self, tenant: TenantId) -> TenantTx {
        TenantTx::begin(&self.platform.database, tenant).await.unwrap()
    }

    pub fn system(&self, operation: Operation) -> Permit {
        Caller::system(self.tenant).permit(operation).unwrap()
    }

    pub fn as_admin(&self, admin: &AdminView, operation: Operation) -> Result<Permit, Fault> {
        Caller { tenant: self.tenant, principal: Principal::Admin(admin.actor()), actor: None, ip: None }
            .permit(operation)
    }

    pub async fn invite(&self, email: &str, role: AdminRole) -> Result<AdminView, Stop> {
        let input = InviteAdmin { email: email.to_owned(), role };
        self.admins.invite_admin(&self.system(Operation::InviteAdmin), &input).await
    }

    /// The token of the latest invitation that was mailed from this tenant.
    pub async fn invitation(&self, tenant: TenantId) -> Option<Redacted<String>> {
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await.unwrap();
        let mut tx = self.tx(tenant).await;
        let (id, sealed): (Uuid, Option<Vec<u8>>) = sqlx::query_as(
            "select message_id, secret_sealed from message
              where tenant_id = $1 and purpose = 'ADMIN_INVITATION' order by message_id desc limit 1",
        )
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
        let opened = key.open(&place(tenant, "message", id, "secret_sealed"), &sealed?).unwrap();
        Some(String::from_utf8(opened.to_vec()).unwrap().into())
    }

    pub async fn accept(&self, token: &Redacted<String>) -> Result<Accepted, Stop> {
        let input = AcceptInvitation {
            token: token.clone(),
            password: PASSWORD.to_owned().into(),
            display_name: Some("Ann Lee".to_owned()),
        };
        self.admins.accept_invitation(&input, &Client::default()).await
    }

    /// Invited, accepted, and signed in for the first time.
    pub async fn person(&self, email: &str, role: AdminRole) -> Person {
        let admin = self.invite(email, role).await.unwrap();
        let token = self.invitation(self.tenant).await.unwrap();
        let accepted = self.accept(&token).await.unwrap();
        let totp = seed(&accepted);
        let method = Redacted::new(accepted.method_id);
        let step = self.prove(&method, &self.code(&totp)).await.unwrap();
        assert!(matches!(step, SecondFactor::SignedIn(_)), "{step:?}");
        // The next code is another one.
        self.advance(TimeDelta::seconds(30));
        let admin =
            self.admins.lookup_admin(&self.system(Operation::ReadAdmins), admin.admin_id).await.unwrap().unwrap();
        Person { email: email.to_owned(), totp, admin }
    }

    pub fn code(&self, totp: &TotpSecret) -> String {
        totp.code_at(self.platform.now()).to_string()
    }

    pub async fn password(&self, email: &str, password: &str) -> Result<SignInStep, Stop> {
        self.admins.sign_in_by_password(email, &password.to_owned().into(), &Client::default()).await
    }

    pub async fn prove(&self, method: &Redacted<String>, code: &str) -> Result<SecondFactor, Stop> {
        let input = SecondFactorInput {
            method_id: method.clone(),
            code: Some(code.to_owned().into()),
            credential: None,
            previous: None,
        };
        self.admins.second_factor(&input, &Client::default()).await
    }

    /// The identifier of the app's method, after the right password.
    pub async fn first_step(&self, person: &Person) -> Redacted<String> {
        let step = self.password(&person.email, PASSWORD).await.unwrap();
        step.methods.into_iter().find(|method| method.channel == MethodChannel::Totp).unwrap().id
    }

    pub async fn sign_in(&self, person: &Person) -> SignedIn {
        self.advance(TimeDelta::seconds(30));
        let method = self.first_step(person).await;
        match self.prove(&method, &self.code(&person.totp)).await.unwrap() {
            SecondFactor::SignedIn(signed_in) => signed_in,
            other => panic!("{other:?}"),
        }
    }

    /// Actions of the audit log, the oldest first.
    pub async fn audit(&self, tenant: TenantId) -> Vec<String> {
        let mut tx = self.tx(tenant).await;
        sqlx::query_scalar("select action from audit_entry where tenant_id = $1 order by entry_id")
            .bind(tenant.0)
            .fetch_all(tx.connection())
            .await
            .unwrap()
    }
}

fn services(platform: &Platform, policies: &Policies) -> (Directory, Admins) {
    let directory = Directory::new(platform.clone(), policies.clone());
    let factors = Factors::new(platform.clone(), policies.clone());
    let plenty = Rate { rate: 100_000, burst: 100_000 };
    let config = LimitsConfig::default().with(limit::USER_EVALUATE_LOGIN, plenty).unwrap();
    let config = config.with(limit::USER_START_CHALLENGE, plenty).unwrap();
    let limits = Arc::new(Limits::new(&config, Arc::new(SystemClock)).unwrap());
    let options = CombinerOptions { workers: 1, ..CombinerOptions::default() };
    let risk = svc_logins::RiskSources::without_files(platform.clock.clone());
    let logins = Logins::new(platform.clone(), policies.clone(), limits, risk, options);
    let admins = Admins::new(platform.clone(), directory.clone(), factors, logins);
    (directory, admins)
}

pub fn seed(accepted: &Accepted) -> TotpSecret {
    let bytes = data_encoding::BASE32_NOPAD.decode(accepted.secret.expose().as_bytes()).unwrap();
    TotpSecret::from_bytes(&bytes).unwrap()
}

/// As who a request with this session acts in a tenant.
pub async fn caller(admins: &Admins, session: &Redacted<String>, tenant: Option<&str>) -> Result<Caller, Fault> {
    in_tenant(admins.acting_by_session(session, Named { tenant, partner: None }, None).await)
}

/// The same for a connection that stays open.
pub async fn open_caller(admins: &Admins, session: &Redacted<String>) -> Result<Caller, Fault> {
    in_tenant(admins.acting_by_open_session(session, Named::default(), None).await)
}

fn in_tenant(acting: Result<Acting, Fault>) -> Result<Caller, Fault> {
    match acting? {
        Acting::InTenant(caller) => Ok(caller),
        Acting::ForPartner(caller) => panic!("{caller:?} is in no tenant"),
    }
}

pub fn support_key(tenant: TenantId) -> Caller {
    testkit::caller(tenant, &[ApiScope::Support, ApiScope::Policy])
}

pub fn somebody() -> Actor {
    let id = core_kernel::Entropy::uuid_v7(&SystemEntropy, SystemClock.now());
    Actor { id: AdminId(id), account: AccountId(id), email: "x@firm.example".to_owned(), role: AdminRole::Owner }
}

pub const PLATFORM: TenantId = PLATFORM_TENANT;
