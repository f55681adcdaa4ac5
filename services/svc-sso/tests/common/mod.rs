//! A tenant with an owner, and the identity provider that it registers: a stand-in that answers as it is told to.

#![allow(dead_code, unused_imports, missing_docs, clippy::unwrap_used, reason = "each test file uses a part of it")]

pub mod provider;

use std::ops::Deref;
use std::time::Duration;

use core_access::{AdminRole, Caller, Operation, Permit};
use core_kernel::{Redacted, Stop, TenantId, TypedId};
use io_outbound::{Outbound, OutboundOptions, Rules};
use serde_json::{Value, json};
use svc_admins::{Admins, Client, ProviderStep, SignedIn};
use svc_platform::Platform;
use svc_sso::{Begun, FinishSignIn, Finished, ProviderView, SecondFactorRule, SetProvider, SingleSignOn};
use testkit::{AdminsBed, Environment, app_among};
use url::Url;

pub use testkit::{ADMIN_PASSWORD as PASSWORD, Person};

use provider::Provider;

pub const OPEN: Rules = Rules { allow_http: true, allow_private: true };

/// A tenant with administrators, who may also come by a provider of its own.
pub struct World {
    ground: AdminsBed,
    pub sso: SingleSignOn,
}

impl Deref for World {
    type Target = AdminsBed;

    fn deref(&self) -> &AdminsBed {
        &self.ground
    }
}

impl World {
    pub async fn new() -> Self {
        let ground = AdminsBed::of(Environment::Live).await;
        let sso = sso(&ground.platform, &ground.admins);
        Self { ground, sso }
    }

    /// A world whose tenant has registered this provider, and whose owner is `ann@firm.example`.
    pub async fn with(provider: &Provider) -> (Self, Person) {
        let world = Self::new().await;
        provider.follows(&world.clock);
        let ann = world.person("ann@firm.example", AdminRole::Owner).await;
        world.register(provider, |_| {}).await.unwrap();
        (world, ann)
    }

    /// The same on another replica, which knows nothing yet.
    pub fn replica(&self) -> SingleSignOn {
        sso(&self.platform, &self.ground.replica())
    }

    pub fn permit(&self, tenant: TenantId, operation: Operation) -> Permit {
        Caller::system(tenant).permit(operation).unwrap()
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
    let Ok(Finished::Go(ProviderStep::SecondFactor(step))) = finished else { panic!("{finished:?}") };
    app_among(step)
}

pub fn signed_in(finished: Result<Finished, Stop>) -> SignedIn {
    let Ok(Finished::Go(ProviderStep::SignedIn(signed_in))) = finished else { panic!("{finished:?}") };
    signed_in
}

pub fn code_of<T: std::fmt::Debug>(result: Result<T, Stop>) -> &'static str {
    let stop = result.unwrap_err();
    stop.refusal_code().map_or_else(|| panic!("{stop:?}"), core_kernel::RefusalCode::as_str)
}
