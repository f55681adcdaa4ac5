//! Putting the parts together: the one place that knows which service is made from what.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use core_kernel::{Clock, SystemClock, SystemEntropy};
use core_risk::Weights;
use edge_http::{Explorer, Gateway, GatewayOptions, GatewayParts, SubscriptionOptions};
use edge_prompt::PromptServices;
use graphql::{ApiOptions, Services};
use io_geo::{Atlas, AtlasOptions};
use io_limits::{Limits, RedisOptions};
use io_outbound::{Outbound, OutboundOptions, Rules};
use io_postgres::{Database, DatabaseOptions};
use io_stripe::Stripe;
use svc_admins::Admins;
use svc_billing::{Billing, Collector, StripeEvents};
use svc_branding::{LogoOptions, LogoWorker, Logos, MAX_SOURCE_BYTES};
use svc_delivery::{Callbacks, Carriers, DeliveryWorker, Messages};
use svc_directory::Directory;
use svc_factors::Factors;
use svc_helpdesk::HelpDesk;
use svc_lifecycle::{Caretaker, Retention};
use svc_logins::{CombinerOptions, Logins, RiskSources};
use svc_onboarding::{ImportLimits, ImportOptions, ImportWorker, Imports};
use svc_platform::{Keys, Platform};
use svc_policy::Policies;
use svc_prompt::Prompts;
use svc_rollout::{ReminderOptions, ReminderWorker, Rollout};
use svc_simulation::{SimulationOptions, SimulationWorker, Simulations};
use svc_sso::SingleSignOn;
use svc_webhooks::{WebhookOptions, WebhookWorker, Webhooks};

use crate::authenticate::Credentials;
use crate::config::Config;
use crate::links::Links;
use crate::master_key::master_source;

/// Every service, on one platform; cheap to clone.
#[derive(Clone)]
pub struct Wiring {
    /// Database, clocks, keys.
    pub platform: Platform,
    /// Versions of policies.
    pub policies: Policies,
    /// Rehearsals of policies.
    pub simulations: Simulations,
    /// Forecasts and reminders.
    pub rollout: Rollout,
    /// Partners, tenants, keys, users.
    pub directory: Directory,
    /// What was sent.
    pub messages: Messages,
    /// Who carries messages.
    pub carriers: Carriers,
    /// The login path.
    pub logins: Logins,
    /// Hosted prompts.
    pub prompts: Prompts,
    /// What users can prove.
    pub factors: Factors,
    /// The help desk.
    pub help_desk: HelpDesk,
    /// Administrators and their sessions.
    pub admins: Admins,
    /// Tenants' identity providers.
    pub sso: SingleSignOn,
    /// Outgoing webhooks.
    pub webhooks: Webhooks,
    /// Usage, plans and spending caps.
    pub billing: Billing,
    /// With whom money is collected, if anybody.
    pub stripe: Option<Arc<dyn Stripe>>,
    /// Where it reports.
    pub stripe_events: Option<StripeEvents>,
    /// Files of users and tenants.
    pub imports: Imports,
    /// Limits of rates, shared by all that hold them.
    pub limits: Arc<Limits>,
    /// Where addresses are.
    pub atlas: Atlas,
}

impl Wiring {
    /// Makes every service; on a tokio runtime.
    ///
    /// # Errors
    /// When the configured limits do not hold, or providers cannot be used as they are configured.
    pub fn new(platform: Platform, config: &Config) -> anyhow::Result<Self> {
        let limits = Arc::new(limits(config, platform.clock.clone())?);
        let atlas = open_atlas(config, platform.clock.clone());
        let policies = Policies::new(platform.clone());
        let directory = Directory::new(platform.clone(), policies.clone());
        let rollout = Rollout::new(platform.clone(), policies.clone(), directory.clone());
        let simulations = Simulations::new(platform.clone(), directory.clone(), limits.clone());
        let messages = Messages::new(platform.clone());
        let carriers = Carriers::new(&platform, &crate::carriers::options(config))?;
        let risk = RiskSources { atlas: atlas.clone(), weights: weights(config) };
        let logins = Logins::new(platform.clone(), policies.clone(), limits.clone(), risk, login_path(config));
        let prompts = Prompts::new(platform.clone(), directory.clone(), logins.clone());
        let factors = Factors::new(platform.clone(), policies.clone());
        let help_desk = HelpDesk::new(platform.clone(), policies.clone());
        let admins = Admins::new(platform.clone(), directory.clone(), factors.clone(), logins.clone());
        let sso = SingleSignOn::new(platform.clone(), admins.clone(), callable(config));
        let webhooks = Webhooks::new(platform.clone(), callable(config));
        let stripe = crate::stripe::client(config, platform.entropy.clone())?;
        let stripe_events = crate::stripe::events(config, &platform);
        let billing = Billing::new(platform.clone()).with_stripe(stripe.clone());
        let imports = Imports::new(platform.clone(), import_limits(config));
        Ok(Self {
            platform,
            policies,
            simulations,
            rollout,
            directory,
            messages,
            carriers,
            logins,
            prompts,
            factors,
            help_desk,
            admins,
            sso,
            webhooks,
            billing,
            stripe,
            stripe_events,
            imports,
            limits,
            atlas,
        })
    }

    /// What an installation needs before it serves, beside its schema and keys.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prepare(&self) -> anyhow::Result<()> {
        Ok(svc_admins::ensure_platform_tenant(&self.platform, &self.policies).await?)
    }

    /// What the API's resolvers call.
    #[must_use]
    pub fn services(&self) -> Services {
        Services {
            platform: self.platform.clone(),
            policies: self.policies.clone(),
            simulations: self.simulations.clone(),
            rollout: self.rollout.clone(),
            directory: self.directory.clone(),
            messages: self.messages.clone(),
            logins: self.logins.clone(),
            prompts: self.prompts.clone(),
            factors: self.factors.clone(),
            help_desk: self.help_desk.clone(),
            admins: self.admins.clone(),
            sso: self.sso.clone(),
            webhooks: self.webhooks.clone(),
            billing: self.billing.clone(),
            imports: self.imports.clone(),
        }
    }

    /// The gateway over all of it.
    #[must_use]
    pub fn gateway(&self, config: &Config, explorer: Option<Explorer>) -> Gateway {
        Gateway::new(GatewayParts {
            platform: self.platform.clone(),
            services: self.services(),
            authenticator: Arc::new(Credentials { directory: self.directory.clone(), admins: self.admins.clone() }),
            links: Some(Arc::new(Links {
                help_desk: self.help_desk.clone(),
                logins: self.logins.clone(),
                prompts: self.prompts.clone(),
            })),
            limits: self.limits.clone(),
            options: gateway_options(config, explorer),
        })
    }

    /// All routes of the gateway.
    pub fn router(&self, gateway: &Gateway) -> Router {
        let auth = edge_http::auth_router(gateway, self.admins.clone(), self.directory.clone(), self.sso.clone());
        let callbacks = Callbacks::new(self.platform.clone(), self.carriers.clone());
        let mut more = auth.merge(edge_http::callbacks_router(gateway, callbacks));
        if let Some(events) = &self.stripe_events {
            more = more.merge(edge_http::stripe_router(gateway, events.clone()));
        }
        more = more.merge(edge_scim::router(gateway, self.directory.clone(), &self.platform.public_url));
        more = more.merge(edge_http::logo_router(gateway, Logos::new(self.platform.clone())));
        more = more.merge(edge_prompt::prompt_router(self.prompt_services()));
        more = more.merge(edge_docs::docs_router(self.limits.clone()));
        edge_http::router(gateway, more)
    }

    /// What the pages of the hosted prompt call.
    fn prompt_services(&self) -> PromptServices {
        PromptServices {
            platform: self.platform.clone(),
            prompts: self.prompts.clone(),
            logins: self.logins.clone(),
            factors: self.factors.clone(),
            help_desk: self.help_desk.clone(),
            directory: self.directory.clone(),
            limits: self.limits.clone(),
        }
    }

    /// Who collects what tenants owe, if anybody.
    #[must_use]
    pub fn collector(&self, config: &Config) -> Option<Collector> {
        let stripe = self.stripe.clone()?;
        Some(crate::stripe::collector(config, self.platform.clone(), stripe))
    }

    /// The worker that works through files.
    #[must_use]
    pub fn import_worker(&self, config: &Config) -> ImportWorker {
        let rest = f64::from(config.imports_rest_percent) / 100.0;
        let options = ImportOptions { rest, ..ImportOptions::default() };
        let (policies, directory) = (self.policies.clone(), self.directory.clone());
        ImportWorker::new(self.imports.clone(), policies, directory, self.admins.clone(), options)
    }

    /// The worker that goes on with reminders.
    #[must_use]
    pub fn reminder_worker(&self) -> ReminderWorker {
        ReminderWorker::new(self.platform.clone(), self.policies.clone(), ReminderOptions::default())
    }

    /// The worker that runs simulations.
    #[must_use]
    pub fn simulation_worker(&self) -> SimulationWorker {
        SimulationWorker::new(self.platform.clone(), SimulationOptions::default())
    }

    /// The worker that passes events on to webhooks.
    #[must_use]
    pub fn webhook_worker(&self, config: &Config) -> WebhookWorker {
        let options = OutboundOptions { user_agent: "Postern-Webhooks", ..OutboundOptions::new(callable(config)) };
        WebhookWorker::new(self.platform.clone(), Outbound::new(options), WebhookOptions::default())
    }

    /// The worker that fetches logos.
    #[must_use]
    pub fn logo_worker(&self, config: &Config) -> LogoWorker {
        let options = OutboundOptions {
            user_agent: "Postern-Logos",
            max_answer_bytes: MAX_SOURCE_BYTES,
            ..OutboundOptions::new(callable(config))
        };
        LogoWorker::new(self.platform.clone(), Outbound::new(options), LogoOptions::default())
    }

    /// What sees to it that nothing is kept longer than it may.
    #[must_use]
    pub fn caretaker(&self, config: &Config) -> Caretaker {
        Caretaker::new(self.platform.clone(), retention(config))
    }

    /// The worker that empties the outbox.
    #[must_use]
    pub fn delivery_worker(&self, config: &Config) -> DeliveryWorker {
        DeliveryWorker::new(self.platform.clone(), self.carriers.clone(), crate::carriers::delivery(config))
    }
}

/// Held by this process, or with all others.
pub(crate) fn limits(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Limits> {
    let limits = Limits::new(&config.limits, clock.clone())?;
    let Some(url) = config.redis_url.clone() else { return Ok(limits) };
    let options = RedisOptions {
        url,
        timeout: Duration::from_millis(config.redis_timeout_ms.into()),
        local_percent: config.redis_local_percent,
        young_for: Duration::from_secs(config.redis_young_seconds.into()),
    };
    Ok(limits.with_redis(&config.limits, clock, &options)?)
}

fn import_limits(config: &Config) -> ImportLimits {
    ImportLimits { max_bytes: u64::from(config.imports_max_mib) << 20, ..ImportLimits::default() }
}

fn login_path(config: &Config) -> CombinerOptions {
    CombinerOptions {
        workers: config.login_path_workers,
        max_batch: config.login_path_max_batch,
        ..CombinerOptions::default()
    }
}

fn gateway_options(config: &Config, explorer: Option<Explorer>) -> GatewayOptions {
    GatewayOptions {
        api: ApiOptions {
            introspection: config.api_introspection,
            suggestions: config.api_suggestions,
            ..ApiOptions::default()
        },
        trusted_hops: config.client_address_trusted_hops,
        time_limit: Duration::from_secs(config.api_time_limit_seconds.into()),
        max_at_work: config.api_max_at_work,
        target: (config.api_target_ms > 0).then(|| Duration::from_millis(config.api_target_ms)),
        max_uploads: config.imports_max_uploads,
        trusts_traceparent: config.traces_trust_clients,
        explorer,
        bench: config.bench_enabled,
        subscriptions: subscription_options(config),
    }
}

fn subscription_options(config: &Config) -> SubscriptionOptions {
    let seconds = |seconds: u32| Duration::from_secs(seconds.max(1).into());
    SubscriptionOptions {
        per_process: config.subscriptions_per_process,
        per_tenant: config.subscriptions_per_tenant,
        per_credential: config.subscriptions_per_credential,
        per_connection: config.subscriptions_per_connection,
        ping_every: seconds(config.subscriptions_ping_seconds),
        send_within: seconds(config.subscriptions_send_within_seconds),
        ..SubscriptionOptions::default()
    }
}

/// How long what is kept.
fn retention(config: &Config) -> Retention {
    Retention {
        logins: config.retention_logins_days,
        messages: config.retention_messages_days,
        destinations: config.retention_destinations_days,
        audit: config.retention_audit_days,
        ledger: config.retention_ledger_days,
        events: config.retention_events_days,
        temporary_access: config.retention_temporary_access_days,
    }
}

/// What tenants may have called.
fn callable(config: &Config) -> Rules {
    Rules { allow_http: config.webhooks_allow_http, allow_private: config.webhooks_allow_private }
}

/// What each signal of risk adds.
fn weights(config: &Config) -> Weights {
    Weights {
        impossible_travel: config.risk_impossible_travel,
        anonymizer: config.risk_anonymizer,
        first_login: config.risk_first_login,
        new_country: config.risk_new_country,
        new_device: config.risk_new_device,
        dormant_user: config.risk_dormant_user,
        wrong_code: config.risk_wrong_code,
        wrong_codes_at_most: config.risk_wrong_codes_at_most,
        factor_recently_changed: config.risk_factor_recently_changed,
        new_network: config.risk_new_network,
        unusual_time: config.risk_unusual_time,
    }
}

/// The configured files of addresses; copies of them go where this process may write.
pub(crate) fn open_atlas(config: &Config, clock: Arc<dyn Clock>) -> Atlas {
    let options = AtlasOptions {
        city: config.geoip_city.clone(),
        asn: config.geoip_asn.clone(),
        anonymizer: config.geoip_anonymizer.clone(),
        copy_folders: vec![config.data_dir.clone(), std::env::temp_dir()],
    };
    Atlas::open(options, clock)
}

/// The platform of a process that serves: the unprivileged role's pool and the unsealed keys.
///
/// # Errors
/// When a setting is missing, or the database or its keys cannot be read.
pub async fn open_platform(config: &Config) -> anyhow::Result<Platform> {
    let url = config.database_url.as_ref().context("database_url is not set")?;
    let mut options = DatabaseOptions::new(url.expose());
    options.max_connections = config.database_max_connections;
    options.acquire_timeout = Duration::from_millis(config.database_timeout_ms.into());
    options.direct_url = config.database_direct_url.as_ref().map(|url| url.expose().clone());
    let database = Database::connect_lazy(&options).context("database_url")?;
    let keys =
        Keys::load_from(&database, master_source(config)).await.context("the installation's keys cannot be read")?;
    Ok(Platform::new(database, Arc::new(SystemClock), Arc::new(SystemEntropy), keys, &public_url(config)))
}

/// Where users reach this installation.
#[must_use]
pub fn public_url(config: &Config) -> String {
    match &config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://localhost:{}", config.listen.first().map_or(8080, std::net::SocketAddr::port)),
    }
}
