//! The whole schema over real services on a test's own database, without HTTP.
#![allow(dead_code, clippy::unwrap_used, reason = "tests stop at the first surprise; each file uses some of it")]

use std::sync::Arc;

use async_graphql::Variables;
use core_access::{Actor, AdminRole, ApiScope, Caller, PartnerCaller, Principal};
use core_kernel::{AccountId, AdminId, SystemClock, TenantId};
use graphql::{Api, ApiOptions, Authority, RequestInfo, Services};
use io_limits::{Limits, LimitsConfig};
use serde_json::Value;
use svc_directory::Directory;
use svc_policy::Policies;
use testkit::{TestBed, caller};

/// A database with the API on it.
pub struct Fixture {
    /// The database.
    pub bed: TestBed,
    /// The services, for what is not asked through the API.
    pub services: Services,
    api: Api,
}

impl Fixture {
    /// A new one.
    pub async fn new() -> Self {
        let bed = TestBed::new().await;
        let platform = bed.platform.clone();
        let policies = Policies::new(platform.clone());
        let limits = Arc::new(Limits::new(&LimitsConfig::default(), Arc::new(SystemClock)).unwrap());
        svc_admins::ensure_platform_tenant(&platform, &policies).await.unwrap();
        let directory = Directory::new(platform.clone(), policies.clone());
        let risk = svc_logins::RiskSources::without_files(platform.clock.clone());
        let logins =
            svc_logins::Logins::new(platform.clone(), policies.clone(), limits.clone(), risk, Default::default());
        let factors = svc_factors::Factors::new(platform.clone(), policies.clone());
        let admins = svc_admins::Admins::new(platform.clone(), directory.clone(), factors.clone(), logins.clone());
        let services = Services {
            sso: svc_sso::SingleSignOn::new(platform.clone(), admins.clone(), io_outbound::Rules::default()),
            admins,
            prompts: svc_prompt::Prompts::new(platform.clone(), directory.clone(), logins.clone()),
            rollout: svc_rollout::Rollout::new(platform.clone(), policies.clone(), directory.clone()),
            simulations: svc_simulation::Simulations::new(platform.clone(), directory.clone(), limits),
            directory,
            messages: svc_delivery::Messages::new(platform.clone()),
            logins,
            factors,
            help_desk: svc_helpdesk::HelpDesk::new(platform.clone(), policies.clone()),
            billing: svc_billing::Billing::new(platform.clone()),
            imports: svc_onboarding::Imports::new(platform.clone(), svc_onboarding::ImportLimits::default()),
            webhooks: svc_webhooks::Webhooks::new(platform.clone(), io_outbound::Rules::default()),
            policies,
            platform,
        };
        let api = Api::new(services.clone(), ApiOptions::default());
        Self { bed, services, api }
    }

    /// Asks in the name of `authority`; the whole response.
    pub async fn ask(&self, authority: Authority, query: &str, variables: Value) -> Value {
        let info = RequestInfo { request_id: "test".to_owned(), ip: None, user_agent: None };
        let Ok(prepared) = self.api.prepare(query.to_owned(), None, Variables::from_json(variables)).await else {
            panic!("not even prepared: {query}")
        };
        match self.api.execute(prepared, authority, info).await {
            Ok(response) => serde_json::to_value(response).unwrap(),
            Err(rejection) => panic!("{query}: {rejection:?}"),
        }
    }

    /// The data of an answer without errors.
    pub async fn data(&self, authority: Authority, query: &str, variables: Value) -> Value {
        let mut response = self.ask(authority, query, variables).await;
        assert!(response.get("errors").is_none(), "{query}: {response}");
        response["data"].take()
    }

    /// The code of the first error.
    pub async fn error(&self, authority: Authority, query: &str, variables: Value) -> String {
        let response = self.ask(authority, query, variables).await;
        response["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
    }
}

/// A tenant's key with these scopes.
pub fn key(tenant: TenantId, scopes: &[ApiScope]) -> Authority {
    of(caller(tenant, scopes))
}

/// A caller as the gateway hands it over.
pub fn of(caller: Caller) -> Authority {
    Authority::Tenant(Arc::new(caller))
}

/// A partner's key that names no tenant.
pub fn partner(caller: &PartnerCaller) -> Authority {
    Authority::Partner(Arc::new(caller.clone()))
}

/// An administrator to whom nobody is assigned.
pub fn advisor_of_nobody(tenant: TenantId) -> Authority {
    let admin = Actor {
        id: AdminId(uuid::Uuid::from_u128(9)),
        account: AccountId(uuid::Uuid::from_u128(8)),
        email: "nobody.s@advisor.example".to_owned(),
        role: AdminRole::Advisor,
    };
    let mut caller = caller(tenant, &[]);
    caller.principal = Principal::Admin(admin);
    of(caller)
}
