//! A tenant with an owner, and the identity provider that it registers: a stand-in that answers as it is told to.

#![allow(dead_code, missing_docs, clippy::unwrap_used, reason = "each test file uses a part of it")]

pub mod provider;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use core_access::{AdminRole, Caller, Operation, Permit, Principal};
use core_crypto::TotpSecret;
use core_kernel::{Clock, Fault, ManualClock, Redacted, Stop, SystemClock, TenantId, TypedId};
use core_policy::MethodChannel;
use io_limits::{Limits, LimitsConfig, Rate, limit};
use io_outbound::{Outbound, OutboundOptions, Rules};
use io_postgres::TenantTx;
use serde_json::{Value, json};
use svc_admins::{
    AcceptInvitation, AdminView, Admins, Client, InviteAdmin, ProviderStep, SecondFactor, SecondFactorInput,
    SignInStep, SignedIn, ensure_platform_tenant,
};
use svc_directory::Directory;
use svc_factors::Factors;
use svc_logins::{CombinerOptions, Logins};
use svc_platform::{Platform, place};
use svc_policy::Policies;
use svc_sso::{Begun, FinishSignIn, Finished, ProviderView, SecondFactorRule, SetProvider, SingleSignOn};
use testkit::{Environment, TestBed};
use url::Url;
use uuid::Uuid;

use provider::Provider;

pub const PASSWORD: &str = "three blue whales sing";
pub const OPEN: Rules = Rules { allow_http: true, allow_private: true };

pub struct World {
    pub bed: TestBed,
    pub clock: Arc<ManualClock>,
    pub platform: Platform,
    pub admins: Admins,
    pub sso: SingleSignOn,
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
        let clock = Arc::new(ManualClock::starting_at(SystemClock.now() + TimeDelta::seconds(5)));
        let platform = Platform { clock: clock.clone(), ..bed.platform.clone() };
        let policies = Policies::new(platform.clone());
        ensure_platform_tenant(&platform, &policies).await.unwrap();
        let admins = admins(&platform, &policies);
        let sso = sso(&platform, &admins);
        let tenant = bed.tenant(Environment::Live).await;
        Self { bed, clock, platform, admins, sso, tenant }
    }

    /// A world whose tenant has registered this provider, and whose owner is `ann@firm.example`.
    pub async fn with(provider: &Provider) -> (Self, Person) {
        let world = Self::new().await;
        provider.follows(&world.clock);
        let ann = world.person(world.tenant, "ann@firm.example", AdminRole::Owner).await;
        world.register(provider, |_| {}).await.unwrap();
        (world, ann)
    }

    /// The same on another replica, which knows nothing yet.
    pub fn replica(&self) -> SingleSignOn {
        sso(&self.platform, &admins(&self.platform, &Policies::new(self.platform.clone())))
    }

    pub async fn tx(&self, tenant: TenantId) -> TenantTx {
        TenantTx::begin(&self.platform.database, tenant).await.unwrap()
    }

    pub fn permit(&self, tenant: TenantId, operation: Operation) -> Permit {
        Caller::system(tenant).permit(operation).unwrap()
    }

    pub fn as_admin(&self, admin: &AdminView, operation: Operation) -> Result<Permit, Fault> {
        Caller { tenant: self.tenant, principal: Principal::Admin(admin.actor()), actor: None, ip: None }
            .permit(operation)
    }

    pub async fn register(
        &self,
        provider: &Provider,
        change: impl FnOnce(&mut SetProvider),
    ) -> Result<ProviderView, Stop> {
        self.register_for(self.tenant, provider, change).await
    }

    pub async fn register_for(
        &self,
        tenant: TenantId,
        provider: &Provider,
        change: impl FnOnce(&mut SetProvider),
    ) -> Result<ProviderView, Stop> {
        let mut input = SetProvider {
            issuer: provider.issuer(),
            client_id: provider::CLIENT.to_owned(),
            client_secret: Some(provider::SECRET.to_owned().into()),
            domains: vec!["firm.example".to_owned()],
            second_factor: SecondFactorRule::Postern,
            acr_values: Vec::new(),
            password_allowed: true,
        };
        change(&mut input);
        self.sso.set_provider(&self.permit(tenant, Operation::ManageIdentityProvider), input).await
    }

    pub async fn invite(&self, tenant: TenantId, email: &str, role: AdminRole) -> AdminView {
        let input = InviteAdmin { email: email.to_owned(), role };
        self.admins.invite_admin(&self.permit(tenant, Operation::InviteAdmin), &input).await.unwrap()
    }

    /// Invited, accepted, and signed in for the first time.
    pub async fn person(&self, tenant: TenantId, email: &str, role: AdminRole) -> Person {
        let admin = self.invite(tenant, email, role).await;
        let token = self.invitation(tenant).await;
        let display_name = Some("Ann Lee".to_owned());
        let input = AcceptInvitation { token, password: PASSWORD.to_owned().into(), display_name };
        let accepted = self.admins.accept_invitation(&input, &Client::default()).await.unwrap();
        let bytes = data_encoding::BASE32_NOPAD.decode(accepted.secret.expose().as_bytes()).unwrap();
        let totp = TotpSecret::from_bytes(&bytes).unwrap();
        self.prove(&accepted.method_id.into(), &totp).await;
        Person { email: email.to_owned(), totp, admin }
    }

    async fn invitation(&self, tenant: TenantId) -> Redacted<String> {
        let key = self.platform.keys.data_key(&self.platform.database, tenant).await.unwrap();
        let mut tx = self.tx(tenant).await;
        let (id, sealed): (Uuid, Vec<u8>) = sqlx::query_as(
            "select message_id, secret_sealed from message
              where tenant_id = $1 and purpose = 'ADMIN_INVITATION' order by message_id desc limit 1",
        )
        .bind(tenant.0)
        .fetch_one(tx.connection())
        .await
        .unwrap();
        let opened = key.open(&place(tenant, "message", id, "secret_sealed"), &sealed).unwrap();
        String::from_utf8(opened.to_vec()).unwrap().into()
    }

    /// Gives the app's code, and waits until the next is another one.
    pub async fn prove(&self, method: &Redacted<String>, totp: &TotpSecret) -> SignedIn {
        let code = totp.code_at(self.platform.now()).to_string();
        let input =
            SecondFactorInput { method_id: method.clone(), code: Some(code.into()), credential: None, previous: None };
        let step = self.admins.second_factor(&input, &Client::default()).await.unwrap();
        self.clock.advance(TimeDelta::seconds(30));
        match step {
            SecondFactor::SignedIn(signed_in) => signed_in,
            other => panic!("{other:?}"),
        }
    }

    pub async fn begin(&self) -> Begun {
        let slug = self.slug(self.tenant).await;
        self.sso.begin(&slug).await.unwrap()
    }

    pub async fn slug(&self, tenant: TenantId) -> String {
        let mut tx = self.tx(tenant).await;
        sqlx::query_scalar("select slug from tenant where tenant_id = $1")
            .bind(tenant.0)
            .fetch_one(tx.connection())
            .await
            .unwrap()
    }

    /// Signs in at the provider as this person and brings back what it answers.
    pub async fn come_back(&self, provider: &Provider, begun: &Begun, person: Value) -> Result<Finished, Stop> {
        self.finish(returned(self.tenant, &provider.let_in(&begun.go_to, person), begun)).await
    }

    pub async fn finish(&self, input: FinishSignIn) -> Result<Finished, Stop> {
        self.sso.finish(input, &Client::default()).await
    }

    /// All of it, for the person whom the provider knows so.
    pub async fn sign_in(&self, provider: &Provider, person: Value) -> Result<Finished, Stop> {
        let begun = self.begin().await;
        self.come_back(provider, &begun, person).await
    }

    /// What the tenant's log says of the last entry of this kind.
    pub async fn logged(&self, action: &str) -> Option<Value> {
        let mut tx = self.tx(self.tenant).await;
        sqlx::query_scalar(
            "select detail from audit_entry where tenant_id = $1 and action = $2 order by entry_id desc limit 1",
        )
        .bind(self.tenant.0)
        .bind(action)
        .fetch_optional(tx.connection())
        .await
        .unwrap()
    }

    /// Why the last answer was not accepted.
    pub async fn why(&self) -> String {
        self.logged("identity_provider.refused").await.unwrap()["why"].as_str().unwrap().to_owned()
    }
}

fn admins(platform: &Platform, policies: &Policies) -> Admins {
    let directory = Directory::new(platform.clone(), policies.clone());
    let factors = Factors::new(platform.clone(), policies.clone());
    let plenty = Rate { rate: 100_000, burst: 100_000 };
    let config = LimitsConfig::default().with(limit::USER_EVALUATE_LOGIN, plenty).unwrap();
    let config = config.with(limit::USER_START_CHALLENGE, plenty).unwrap();
    let limits = Arc::new(Limits::new(&config, Arc::new(SystemClock)).unwrap());
    let options = CombinerOptions { workers: 1, ..CombinerOptions::default() };
    let risk = svc_logins::RiskSources::without_files(platform.clock.clone());
    let logins = Logins::new(platform.clone(), policies.clone(), limits, risk, options);
    Admins::new(platform.clone(), directory, factors, logins)
}

fn sso(platform: &Platform, admins: &Admins) -> SingleSignOn {
    let options = OutboundOptions {
        time_limit: Duration::from_secs(20),
        max_answer_bytes: 256 << 10,
        ..OutboundOptions::new(OPEN)
    };
    SingleSignOn::over(platform.clone(), admins.clone(), Outbound::new(options))
}

/// What the browser brings from this address.
pub fn returned(tenant: TenantId, address: &str, begun: &Begun) -> FinishSignIn {
    let url = Url::parse(address).unwrap();
    let get = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    FinishSignIn {
        tenant: tenant.to_text(),
        state: get("state").unwrap_or_default(),
        code: get("code").map(Redacted::new),
        issuer: get("iss"),
        error: get("error"),
        browser: Some(begun.browser.clone()),
        previous: None,
    }
}

pub fn ann() -> Value {
    json!({ "sub": "ann-1", "email": "ann@firm.example", "email_verified": true, "amr": ["pwd"] })
}

/// The app's method of what is to follow.
pub fn app(finished: Result<Finished, Stop>) -> Redacted<String> {
    let Ok(Finished::Go(ProviderStep::SecondFactor(SignInStep { methods }))) = finished else { panic!("{finished:?}") };
    methods.into_iter().find(|method| method.channel == MethodChannel::Totp).unwrap().id
}

pub fn signed_in(finished: Result<Finished, Stop>) -> SignedIn {
    let Ok(Finished::Go(ProviderStep::SignedIn(signed_in))) = finished else { panic!("{finished:?}") };
    signed_in
}

pub fn code_of<T: std::fmt::Debug>(result: Result<T, Stop>) -> &'static str {
    let stop = result.unwrap_err();
    stop.refusal_code().map_or_else(|| panic!("{stop:?}"), core_kernel::RefusalCode::as_str)
}
