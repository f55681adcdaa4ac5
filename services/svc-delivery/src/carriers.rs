//! The providers of this installation and of tenants that bring accounts of their own.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::{Fault, Redacted, TenantId};
use io_cache::{TenantCache, unshare};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use svc_platform::{Platform, place};
use thiserror::Error;
use tokio::sync::Semaphore;
use url::Url;

use crate::callback_urls::CallbackUrls;
use crate::model::MessageChannel;
use crate::providers::gateway::Gateway;
use crate::providers::twilio::Twilio;
use crate::providers::{
    Carrier, GatewayConfigError, GatewayOptions, Provider, Sandbox, Smtp, SmtpConfigError, SmtpOptions,
    TwilioConfigError, TwilioOptions, web,
};
use crate::routes::{RouteConfigError, RouteOptions, Routes, WayKey};
use crate::store;

/// The most messages that are with one account at the same time.
const IN_FLIGHT: usize = 640;
/// How long a tenant's account is remembered, or that it has none.
const REMEMBERED: Duration = Duration::from_secs(5);
const CAPACITY: u64 = 10_000;

/// Who carries this installation's messages.
#[derive(Debug, Clone)]
pub struct CarrierOptions {
    /// The mail server; without one mail of LIVE tenants is "delivered" by the sandbox, and lost.
    pub smtp: Option<SmtpOptions>,
    /// An account at Twilio.
    pub twilio: Option<TwilioOptions>,
    /// The operator's own gateway.
    pub http: Option<GatewayOptions>,
    /// By whom messages go first.
    pub routes: RouteOptions,
    /// Twilio's address, for accounts of tenants.
    pub twilio_url: Url,
}

impl Default for CarrierOptions {
    fn default() -> Self {
        let twilio_url = Url::parse("https://api.twilio.com").expect("a URL");
        Self { smtp: None, twilio: None, http: None, routes: RouteOptions::default(), twilio_url }
    }
}

/// Why messages cannot be carried so; each says which setting is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CarrierConfigError {
    /// `smtp.*`
    #[error(transparent)]
    Smtp(#[from] SmtpConfigError),
    /// `twilio.*`
    #[error(transparent)]
    Twilio(#[from] TwilioConfigError),
    /// `http_provider.*`
    #[error(transparent)]
    Gateway(#[from] GatewayConfigError),
    /// `routes.*`
    #[error(transparent)]
    Routes(#[from] RouteConfigError),
    /// The system's certificates cannot be used.
    #[error("this system's TLS cannot be used: {0}")]
    Tls(String),
}

/// An account at a provider, and the places there.
struct Line<P> {
    provider: Arc<P>,
    places: Arc<Semaphore>,
}

impl<P> Line<P> {
    fn new(provider: P) -> Self {
        Self { provider: Arc::new(provider), places: Arc::new(Semaphore::new(IN_FLIGHT)) }
    }
}

/// One way that a message may go.
pub(crate) struct Way {
    pub(crate) key: WayKey,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) places: Arc<Semaphore>,
}

struct Inner {
    platform: Platform,
    client: Client,
    urls: CallbackUrls,
    routes: Routes,
    sandbox: Line<Sandbox>,
    smtp: Option<Line<Smtp>>,
    twilio: Option<Line<Twilio>>,
    http: Option<Line<Gateway>>,
    twilio_url: Url,
    own: TenantCache<(), Option<Line<Twilio>>>,
}

/// The providers; cheap to clone. One for a process: connections are shared.
#[derive(Clone)]
pub struct Carriers(Arc<Inner>);

impl Carriers {
    /// Prepares the providers; nothing is connected yet.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub fn new(platform: &Platform, options: &CarrierOptions) -> Result<Self, CarrierConfigError> {
        let client = web::client().map_err(|error| CarrierConfigError::Tls(error.to_string()))?;
        let urls = CallbackUrls::new(platform);
        let smtp = options.smtp.as_ref().map(Smtp::new).transpose()?.map(Line::new);
        let twilio = options.twilio.as_ref().map(|twilio| Twilio::new(client.clone(), twilio, urls.clone()));
        let twilio = twilio.transpose()?.map(Line::new);
        let http = options.http.as_ref().map(|http| Gateway::new(client.clone(), http, urls.clone()));
        let http = http.transpose()?.map(Line::new);
        let there = [
            (Carrier::Sandbox, true),
            (Carrier::Smtp, smtp.is_some()),
            (Carrier::Twilio, twilio.is_some()),
            (Carrier::Http, http.is_some()),
        ];
        let there: Vec<Carrier> = there.into_iter().filter_map(|(carrier, there)| there.then_some(carrier)).collect();
        let routes = Routes::new(&options.routes, &there)?;
        Ok(Self(Arc::new(Inner {
            platform: platform.clone(),
            client,
            urls,
            routes,
            sandbox: Line::new(Sandbox),
            smtp,
            twilio,
            http,
            twilio_url: options.twilio_url.clone(),
            own: TenantCache::new("tenant_provider", CAPACITY, REMEMBERED),
        })))
    }

    /// Where providers report.
    pub(crate) fn urls(&self) -> &CallbackUrls {
        &self.0.urls
    }

    /// Whether mail of LIVE tenants leaves the platform.
    pub(crate) fn sends_mail(&self) -> bool {
        self.0.smtp.is_some()
    }

    /// The ways of a message, first choice first; none where no provider serves the country.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn ways(&self, wanted: &Wanted<'_>) -> Result<Vec<Way>, Fault> {
        if wanted.sandbox {
            return Ok(vec![way_of(&self.0.sandbox, Carrier::Sandbox, None, wanted)]);
        }
        let route = self.0.routes.of(wanted.channel, wanted.country);
        let mut ways: Vec<Way> = Vec::with_capacity(route.len() + 1);
        if Carrier::Twilio.carries(wanted.channel)
            && let Some(own) = self.own(wanted.tenant).await?.as_ref()
        {
            ways.push(way_of(own, Carrier::Twilio, Some(wanted.tenant), wanted));
        }
        // Whoever brings an account does not speak by everybody's as well.
        let rest = route.iter().filter(|carrier| ways.is_empty() || **carrier == Carrier::Http);
        let rest: Vec<Way> = rest.filter_map(|carrier| self.way(*carrier, wanted)).collect();
        ways.extend(rest);
        Ok(ways)
    }

    fn way(&self, carrier: Carrier, wanted: &Wanted<'_>) -> Option<Way> {
        match carrier {
            Carrier::Sandbox => Some(way_of(&self.0.sandbox, carrier, None, wanted)),
            Carrier::Smtp => self.0.smtp.as_ref().map(|line| way_of(line, carrier, None, wanted)),
            Carrier::Twilio => self.0.twilio.as_ref().map(|line| way_of(line, carrier, None, wanted)),
            Carrier::Http => self.0.http.as_ref().map(|line| way_of(line, carrier, None, wanted)),
        }
    }

    /// The accounts by which Twilio may speak of this tenant's messages.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn twilio_of(&self, tenant: TenantId) -> Result<Vec<Arc<Twilio>>, Fault> {
        let own = self.own(tenant).await?;
        let all = own.as_ref().as_ref().into_iter().chain(self.0.twilio.as_ref());
        Ok(all.map(|line| line.provider.clone()).collect())
    }

    /// The installation's own account at Twilio.
    pub(crate) fn twilio(&self) -> Option<&Twilio> {
        self.0.twilio.as_ref().map(|line| &*line.provider)
    }

    /// The operator's gateway.
    pub(crate) fn gateway(&self) -> Option<&Gateway> {
        self.0.http.as_ref().map(|line| &*line.provider)
    }

    async fn own(&self, tenant: TenantId) -> Result<Arc<Option<Line<Twilio>>>, Fault> {
        let database = &self.0.platform.database;
        let load = || database.in_time(self.load_own(tenant));
        self.0.own.get_with(tenant, &(), load).await.map_err(unshare)
    }

    async fn load_own(&self, tenant: TenantId) -> Result<Option<Line<Twilio>>, Fault> {
        let platform = &self.0.platform;
        let Some(sealed) = store::lookup_account(platform, tenant, Carrier::Twilio.as_str()).await? else {
            return Ok(None);
        };
        let key = Box::pin(platform.keys.data_key(&platform.database, tenant)).await?;
        let plain = key.open(&account_place(tenant), &sealed).map_err(Fault::internal)?;
        let account: TenantAccount = serde_json::from_slice(&plain).map_err(Fault::internal)?;
        let options = account.options(self.0.twilio_url.clone());
        let twilio = Twilio::new(self.0.client.clone(), &options, self.0.urls.clone());
        Ok(Some(Line::new(twilio.map_err(Fault::internal)?)))
    }
}

/// What a way is wanted for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) sandbox: bool,
    pub(crate) tenant: TenantId,
    pub(crate) channel: MessageChannel,
    pub(crate) country: Option<&'a str>,
}

fn way_of<P: Provider>(line: &Line<P>, carrier: Carrier, account: Option<TenantId>, wanted: &Wanted<'_>) -> Way {
    let country = wanted.country.map(str::to_owned);
    let key = WayKey { carrier, account, channel: wanted.channel, country };
    Way { key, provider: line.provider.clone(), places: line.places.clone() }
}

/// A tenant's own account at Twilio, as it lies sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct TenantAccount {
    /// As [`TwilioOptions::account_sid`].
    pub account_sid: String,
    /// As [`TwilioOptions::auth_token`].
    pub auth_token: String,
    /// As [`TwilioOptions::from`].
    pub from: String,
    /// As [`TwilioOptions::voice_from`].
    #[serde(default)]
    pub voice_from: String,
}

impl TenantAccount {
    pub(crate) fn options(self, base_url: Url) -> TwilioOptions {
        TwilioOptions {
            account_sid: self.account_sid,
            auth_token: Redacted::new(self.auth_token),
            from: self.from,
            voice_from: self.voice_from,
            base_url,
        }
    }
}

pub(crate) fn account_place(tenant: TenantId) -> core_crypto::SealContext {
    place(tenant, "tenant_provider", tenant.0, "account_sealed")
}
