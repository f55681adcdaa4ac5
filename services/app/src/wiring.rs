//! Putting the parts together: the one place that knows which service is made from what.

mod options;
mod platform;
mod web;
mod workers;

use std::sync::Arc;

use io_geo::Atlas;
use io_limits::Limits;
use io_stripe::Stripe;
use svc_admins::Admins;
use svc_billing::{Billing, StripeEvents};
use svc_delivery::{Carriers, Messages};
use svc_directory::Directory;
use svc_factors::Factors;
use svc_helpdesk::HelpDesk;
use svc_logins::{Logins, RiskSources};
use svc_onboarding::Imports;
use svc_platform::Platform;
use svc_policy::Policies;
use svc_prompt::Prompts;
use svc_rollout::Rollout;
use svc_simulation::Simulations;
use svc_sso::SingleSignOn;
use svc_webhooks::Webhooks;

use self::options::{callable, import_limits, login_path, weights};
use crate::config::Config;

pub(crate) use self::options::{limits, open_atlas};
pub use self::platform::{open_platform, public_url};

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
}
