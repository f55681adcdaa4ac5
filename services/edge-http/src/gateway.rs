//! What the gateway is made of, and its routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::{any, get, post};
use core_kernel::Fault;
use graphql::{Api, ApiOptions, Services, Urgency};
use io_limits::Limits;
use svc_platform::Platform;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::credentials::Authenticator;
use crate::pages::explorer::{self, Explorer};
use crate::pages::link::{self, LinkOpener};
use crate::refusal::Refused;
use crate::shedding::{Door, Turn};
use crate::subscriptions::{Lines, SubscriptionOptions, ws};
use crate::traffic::Traffic;
use crate::{console, envelope, graphql_route, health, keys, upload};

/// What an installation may choose.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// Of the schema.
    pub api: ApiOptions,
    /// How many proxies of the operator's stand in front.
    pub trusted_hops: usize,
    /// How long a request may take.
    pub time_limit: Duration,
    /// How many requests may be at work; the next is told to come back.
    pub max_at_work: usize,
    /// How long logins' calls may take before what can wait is told to come back; without it, nothing is.
    pub target: Option<Duration>,
    /// How many files may be arriving; the next sender is told to come back.
    pub max_uploads: usize,
    /// Whether clients are the operator's own, whose `traceparent` is believed.
    pub trusts_traceparent: bool,
    /// The page to try queries with, in development.
    pub explorer: Option<Explorer>,
    /// Whether the route that measures what HTTP alone costs is there.
    pub bench: bool,
    /// Of connections that stay open.
    pub subscriptions: SubscriptionOptions,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self {
            api: ApiOptions::default(),
            trusted_hops: 0,
            time_limit: Duration::from_secs(10),
            max_at_work: 4096,
            target: None,
            max_uploads: 16,
            trusts_traceparent: false,
            explorer: None,
            bench: false,
            subscriptions: SubscriptionOptions::default(),
        }
    }
}

/// What the gateway is made of.
pub struct GatewayParts {
    /// Database, clocks, keys.
    pub platform: Platform,
    /// What the schema's resolvers call.
    pub services: Services,
    /// Whose credentials are whose.
    pub authenticator: Arc<dyn Authenticator>,
    /// Opens one-time links.
    pub links: Option<Arc<dyn LinkOpener>>,
    /// The limits, shared with the services.
    pub limits: Arc<Limits>,
    /// What the installation chose.
    pub options: GatewayOptions,
}

/// The gateway; cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    parts: GatewayParts,
    api: Api,
    at_work: Arc<Semaphore>,
    door: Door,
    uploads: Arc<Semaphore>,
    lines: Lines,
    traffic: Traffic,
    ready: AtomicBool,
}

impl Gateway {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: GatewayParts) -> Self {
        let api = Api::new(parts.services.clone(), parts.options.api);
        let at_work = Arc::new(Semaphore::new(parts.options.max_at_work));
        let door = Door::new(parts.options.target, parts.options.max_at_work);
        let uploads = Arc::new(Semaphore::new(parts.options.max_uploads));
        let lines = Lines::new(parts.options.subscriptions.clone());
        let traffic = Traffic::new(&parts.platform.meters);
        Self(Arc::new(Inner { parts, api, at_work, door, uploads, lines, traffic, ready: AtomicBool::new(true) }))
    }

    /// Ends the connections of subscribers, who come back elsewhere, and waits until they have ended.
    pub async fn end_subscriptions(&self) {
        self.0.lines.end().await;
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.0.traffic
    }

    /// How many connections of subscribers are open.
    #[must_use]
    pub fn open_lines(&self) -> usize {
        self.0.lines.open()
    }

    pub(crate) fn lines(&self) -> &Lines {
        &self.0.lines
    }

    /// Takes the process out of rotation (`/readyz`), before its connections are closed.
    pub fn set_ready(&self, ready: bool) {
        self.0.ready.store(ready, Ordering::Relaxed);
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Relaxed)
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.0.parts.platform
    }

    pub(crate) fn options(&self) -> &GatewayOptions {
        &self.0.parts.options
    }

    pub(crate) fn api(&self) -> &Api {
        &self.0.api
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.parts.limits
    }

    pub(crate) fn authenticator(&self) -> &dyn Authenticator {
        &*self.0.parts.authenticator
    }

    pub(crate) fn links(&self) -> Option<&Arc<dyn LinkOpener>> {
        self.0.parts.links.as_ref()
    }

    /// A turn at what was asked, held until it is done; the more urgent, the longer there are any.
    ///
    /// # Errors
    /// UNAVAILABLE where this has to wait.
    pub(crate) fn enter(&self, urgency: Urgency) -> Result<Turn, Fault> {
        self.0.door.enter(urgency)
    }

    pub(crate) fn uploads(&self) -> &Arc<Semaphore> {
        &self.0.uploads
    }

    pub(crate) fn imports(&self) -> &svc_onboarding::Imports {
        &self.0.parts.services.imports
    }

    pub(crate) fn max_upload_bytes(&self) -> u64 {
        self.imports().max_bytes()
    }

    /// A place among the requests at work, held until it is dropped.
    ///
    /// # Errors
    /// UNAVAILABLE where there is none: a queue that only grows answers nobody.
    pub(crate) fn begin(&self) -> Result<OwnedSemaphorePermit, Fault> {
        self.0.at_work.clone().try_acquire_owned().map_err(|_| Fault::Unavailable)
    }
}

/// All routes; `more` are those of other crates (`/auth/*`), under the same envelope.
pub fn router(gateway: &Gateway, more: Router) -> Router {
    let mut routes = Router::new()
        .route("/graphql", post(graphql_route::post).get(ws::get).fallback(post_only))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/.well-known/jwks.json", get(keys::published))
        .route("/link/{token}", get(link::show).post(link::open))
        .route("/imports/{import}/{ticket}/refused.csv", get(upload::refused_rows))
        .merge(console::routes());
    if gateway.options().explorer.is_some() {
        routes = routes.route("/graphiql", get(explorer::show));
    }
    if gateway.options().bench {
        routes = routes.route("/bench/json", any(graphql_route::bench));
    }
    routes
        .with_state(gateway.clone())
        .merge(more)
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_that_way)
        .layer(axum::middleware::from_fn_with_state(gateway.clone(), envelope::wrap))
}

/// GET is refused on purpose: a query in a URL ends up in logs and histories, and a mutation in a link.
pub(crate) async fn post_only() -> Refused {
    Refused::bad(StatusCode::METHOD_NOT_ALLOWED, "GraphQL is served by POST alone.")
        .with(header::ALLOW, HeaderValue::from_static("POST"))
}

async fn not_that_way() -> Refused {
    Refused::bad(StatusCode::METHOD_NOT_ALLOWED, "This address does not answer that method.")
}

async fn nothing_here() -> Refused {
    Refused::bad(StatusCode::NOT_FOUND, "There is nothing at this address.")
}
