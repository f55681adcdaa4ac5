//! The one table of settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use core_kernel::Redacted;
use core_risk::Weight;
use io_limits::LimitsConfig;
use svc_delivery::GuardMode;
use svc_lifecycle::KeptDays;
use url::Url;

use super::load::{ConfigError, Given};
use super::value::{HostPort, LogFormat};

/// One line of the reference.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The key in `postern.toml`, e.g. `smtp.url`.
    pub key: &'static str,
    /// The variable of the environment that goes over it.
    pub variable: &'static str,
    /// What holds where nothing is given, as text; empty: nothing.
    pub default: &'static str,
    /// What it means.
    pub doc: &'static str,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty = $key:literal, $variable:literal, $default:expr;)*) => {
        /// Every setting but those of the section `limits`, which io-limits has a table of.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            key: $key,
            variable: $variable,
            default: $default,
            doc: concat!($($doc),+).trim_ascii(),
        }),*];

        /// What an installation chose.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[doc = $doc])+ pub $field: $type,)*
            /// The section `limits`.
            pub limits: LimitsConfig,
        }

        impl Config {
            pub(super) fn read(given: &Given, limits: LimitsConfig) -> Result<Self, ConfigError> {
                Ok(Self { $($field: given.read($key, $default)?,)* limits })
            }
        }
    };
}

settings! {
    /// Where users and integrators reach this installation. Links in messages and the issuer of
    /// assertions are made from it. Left out: http://localhost and the port of `listen`.
    public_url: Option<Url> = "public_url", "POSTERN_PUBLIC_URL", "";
    /// The addresses to listen on, separated by commas; `localhost` is 127.0.0.1 and ::1.
    listen: Vec<SocketAddr> = "listen", "POSTERN_LISTEN", "localhost:8080";
    /// The folder of `postern dev`: its database, keys and demo.
    data_dir: PathBuf = "data_dir", "POSTERN_DATA_DIR", ".postern";
    /// The database, as the unprivileged role: postgres://postern_app:PASSWORD@HOST/DATABASE.
    database_url: Option<Redacted<String>> = "database_url", "POSTERN_DATABASE_URL", "";
    /// The same database, as the tables' owner; `migrate`, `keys`, and commands that look for a tenant or end one, use it.
    migration_database_url: Option<Redacted<String>> = "migration_database_url", "POSTERN_MIGRATION_DATABASE_URL", "";
    /// The most connections of the pool of one process; the login path has a few of its own beside it.
    database_max_connections: u32 = "database.max_connections", "POSTERN_DATABASE__MAX_CONNECTIONS", "16";
    /// How long the database is waited for, in milliseconds, before a request is answered UNAVAILABLE.
    database_timeout_ms: u32 = "database.timeout_ms", "POSTERN_DATABASE__TIMEOUT_MS", "1500";
    /// The database itself, as the same role, where `database_url` is PgBouncer in transaction mode: notifications come
    /// that way, and all else is asked so that it holds within one transaction. See docs/operators-replicas.md.
    database_direct_url: Option<Redacted<String>> = "database.direct_url", "POSTERN_DATABASE__DIRECT_URL", "";
    /// The file that holds the master key, under which all other keys are sealed. `postern keys
    /// new-master` makes one. `dev` keeps one in its folder. How keys are replaced is in docs/operators-keys.md.
    keys_master_file: Option<PathBuf> = "keys.master_file", "POSTERN_KEYS__MASTER_FILE", "";
    /// The master key itself, as the file would hold it, in place of the file.
    keys_master: Option<Redacted<String>> = "keys.master", "POSTERN_KEYS__MASTER", "";
    /// The command that unwraps the master key, in place of the file: a program and its arguments, separated
    /// by spaces. It is given the file `keys.master_wrapped_file` on standard input, and prints what the file
    /// would hold.
    keys_master_command: Option<String> = "keys.master_command", "POSTERN_KEYS__MASTER_COMMAND", "";
    /// What that command is given: the master key as a key service wrapped it.
    keys_master_wrapped_file: Option<PathBuf> = "keys.master_wrapped_file", "POSTERN_KEYS__MASTER_WRAPPED_FILE", "";
    /// How many seconds it is waited for.
    keys_master_command_seconds: u32 = "keys.master_command_seconds", "POSTERN_KEYS__MASTER_COMMAND_SECONDS", "10";
    /// The mail server: smtp://USER:PASSWORD@HOST:PORT?tls=required, or smtps://… . Left out: mail is
    /// shown in the messages' list and not sent.
    smtp_url: Option<Redacted<String>> = "smtp.url", "POSTERN_SMTP__URL", "";
    /// The sender's address.
    smtp_from: String = "smtp.from", "POSTERN_SMTP__FROM", "no-reply@localhost";
    /// The account at Twilio that carries texts and calls: AC and 32 digits. Left out: not by Twilio. How to
    /// go live is in docs/operators-messages.md.
    twilio_account_sid: Option<String> = "twilio.account_sid", "POSTERN_TWILIO__ACCOUNT_SID", "";
    /// Its token.
    twilio_auth_token: Option<Redacted<String>> = "twilio.auth_token", "POSTERN_TWILIO__AUTH_TOKEN", "";
    /// The sender of texts: a number (+14155550100) or a messaging service (MG…), or several by country:
    /// `US,CA=+14155550100; *=MG…`.
    twilio_from: String = "twilio.from", "POSTERN_TWILIO__FROM", "";
    /// The caller of calls, numbers only. Left out: those of `twilio.from`.
    twilio_voice_from: String = "twilio.voice_from", "POSTERN_TWILIO__VOICE_FROM", "";
    /// Twilio's address.
    twilio_base_url: Url = "twilio.base_url", "POSTERN_TWILIO__BASE_URL", "https://api.twilio.com";
    /// Your own gateway for texts and calls: messages are posted there. Left out: there is none.
    http_provider_url: Option<Url> = "http_provider.url", "POSTERN_HTTP_PROVIDER__URL", "";
    /// What it shares with Postern: whsec_ and 24 to 64 random bytes in base64.
    http_provider_secret: Option<Redacted<String>> = "http_provider.secret", "POSTERN_HTTP_PROVIDER__SECRET", "";
    /// By whom texts go, first choice first, by the number's country: `US,CA=twilio,http; *=http`. Left out:
    /// twilio, then http, whichever are configured; without either texts are shown in the messages' list and
    /// not sent.
    routes_sms: String = "routes.sms", "POSTERN_ROUTES__SMS", "";
    /// By whom calls go, likewise.
    routes_voice: String = "routes.voice", "POSTERN_ROUTES__VOICE", "";
    /// The fraud guard: of so many codes that went last, within a day, to numbers of one prefix that never gave a
    /// right one for the tenant …
    fraud_guard_messages: u16 = "fraud_guard.messages", "POSTERN_FRAUD_GUARD__MESSAGES", "30";
    /// … so many of a hundred must have been given, or no more go there until an administrator releases it.
    fraud_guard_verified_percent: u8 = "fraud_guard.verified_percent", "POSTERN_FRAUD_GUARD__VERIFIED_PERCENT", "10";
    /// `block`; `observe`: told in the audit log and to webhooks, and not blocked; `off`.
    fraud_guard_mode: GuardMode = "fraud_guard.mode", "POSTERN_FRAUD_GUARD__MODE", "block";
    /// The secret key of the account at Stripe through which bills are collected. Left out: nothing is
    /// collected. How to go live is in docs/operators-billing.md.
    stripe_secret_key: Option<Redacted<String>> = "stripe.secret_key", "POSTERN_STRIPE__SECRET_KEY", "";
    /// The signing secret of the webhook endpoint at Stripe: whsec_…
    stripe_webhook_secret: Option<Redacted<String>> = "stripe.webhook_secret", "POSTERN_STRIPE__WEBHOOK_SECRET", "";
    /// Stripe's address.
    stripe_base_url: Url = "stripe.base_url", "POSTERN_STRIPE__BASE_URL", "https://api.stripe.com";
    /// How many days a payment may fail before the tenant is suspended.
    stripe_grace_days: u32 = "stripe.grace_days", "POSTERN_STRIPE__GRACE_DAYS", "14";
    /// Redis or Valkey, in which all processes count the rates of `limits` together: redis://HOST:6379, rediss://… with
    /// TLS. Left out: each process holds every limit by itself. See docs/operators-replicas.md.
    redis_url: Option<Redacted<String>> = "redis.url", "POSTERN_REDIS__URL", "";
    /// How long its answer is waited for, in milliseconds. Without one each process holds its share.
    redis_timeout_ms: u32 = "redis.timeout_ms", "POSTERN_REDIS__TIMEOUT_MS", "50";
    /// That share: so many of a hundred of each limit. 100 divided by the number of gateways gives nobody more than the
    /// limit; the default lets three together give half as much again.
    redis_local_percent: u8 = "redis.local_percent", "POSTERN_REDIS__LOCAL_PERCENT", "50";
    /// For how many seconds the share holds too after Redis began to remember anew: it was flushed, or restarted.
    redis_young_seconds: u32 = "redis.young_seconds", "POSTERN_REDIS__YOUNG_SECONDS", "120";
    /// How many proxies of yours stand in front and append to X-Forwarded-For. 0: the peer is the client.
    client_address_trusted_hops: usize = "client_address.trusted_hops", "POSTERN_CLIENT_ADDRESS__TRUSTED_HOPS", "0";
    /// Databases of places in MaxMind's format, separated by commas: the first that knows an address
    /// answers. They are taken up when they change; see docs/operators-geoip.md.
    geoip_city: Vec<PathBuf> = "geoip.city", "POSTERN_GEOIP_CITY", "";
    /// Databases of networks (autonomous systems), likewise.
    geoip_asn: Vec<PathBuf> = "geoip.asn", "POSTERN_GEOIP_ASN", "";
    /// Databases of Tor exits, proxies and hosting networks (.mmdb), or lists of networks and lines such
    /// as AS64500 (all other names), likewise.
    geoip_anonymizer: Vec<PathBuf> = "geoip.anonymizer", "POSTERN_GEOIP_ANONYMIZER", "";
    /// What each signal of risk adds to a login's score, 0 to 100; 0 switches it off. What they mean is in
    /// docs/risk.md. Travel at an impossible speed.
    risk_impossible_travel: Weight = "risk.impossible_travel", "POSTERN_RISK__IMPOSSIBLE_TRAVEL", "70";
    /// A Tor exit, proxy, VPN or hosting network.
    risk_anonymizer: Weight = "risk.anonymizer", "POSTERN_RISK__ANONYMIZER", "50";
    /// No completed login yet.
    risk_first_login: Weight = "risk.first_login", "POSTERN_RISK__FIRST_LOGIN", "50";
    /// A country not seen in 90 days.
    risk_new_country: Weight = "risk.new_country", "POSTERN_RISK__NEW_COUNTRY", "40";
    /// A kind of device not seen in 90 days, and no trusted device.
    risk_new_device: Weight = "risk.new_device", "POSTERN_RISK__NEW_DEVICE", "30";
    /// No completed login in 90 days.
    risk_dormant_user: Weight = "risk.dormant_user", "POSTERN_RISK__DORMANT_USER", "30";
    /// Each wrong code in the last hour.
    risk_wrong_code: Weight = "risk.wrong_code", "POSTERN_RISK__WRONG_CODE", "10";
    /// All wrong codes together at most.
    risk_wrong_codes_at_most: Weight = "risk.wrong_codes_at_most", "POSTERN_RISK__WRONG_CODES_AT_MOST", "40";
    /// A factor that was added or changed within 72 hours from another address.
    risk_factor_recently_changed: Weight =
        "risk.factor_recently_changed", "POSTERN_RISK__FACTOR_RECENTLY_CHANGED", "25";
    /// A network (autonomous system) not seen in 90 days.
    risk_new_network: Weight = "risk.new_network", "POSTERN_RISK__NEW_NETWORK", "15";
    /// An hour of the day at which the user hardly ever logs in.
    risk_unusual_time: Weight = "risk.unusual_time", "POSTERN_RISK__UNUSUAL_TIME", "10";
    /// Whether webhooks may go to http:// addresses, port 80 among them, and identity providers be there; for development.
    webhooks_allow_http: bool = "webhooks.allow_http", "POSTERN_WEBHOOKS__ALLOW_HTTP", "false";
    /// Whether webhooks may go to, logos come from, and identity providers be on this machine and private networks; for
    /// development, or where all tenants are your own. Link-local addresses, where clouds tell machines their secrets, stay closed.
    webhooks_allow_private: bool = "webhooks.allow_private", "POSTERN_WEBHOOKS__ALLOW_PRIVATE", "false";
    /// How long logins and their challenges are kept, in days, 62 or more; they go with the month in which
    /// the last of them is over. What is kept for how long, and why, is in docs/operators-data.md.
    retention_logins_days: KeptDays = "retention.logins_days", "POSTERN_RETENTION__LOGINS_DAYS", "400";
    /// How long messages are kept, likewise; shorter: `retention.destinations_days`.
    retention_messages_days: KeptDays = "retention.messages_days", "POSTERN_RETENTION__MESSAGES_DAYS", "400";
    /// How long it is kept where a message went and what it said, and which factors were removed, in days.
    retention_destinations_days: u32 =
        "retention.destinations_days", "POSTERN_RETENTION__DESTINATIONS_DAYS", "30";
    /// How long the audit log is kept, in days, 62 or more.
    retention_audit_days: KeptDays = "retention.audit_days", "POSTERN_RETENTION__AUDIT_DAYS", "400";
    /// How long it is kept what was charged, likewise.
    retention_ledger_days: KeptDays = "retention.ledger_days", "POSTERN_RETENTION__LEDGER_DAYS", "3653";
    /// How long events and their deliveries to webhooks are kept, likewise.
    retention_events_days: KeptDays = "retention.events_days", "POSTERN_RETENTION__EVENTS_DAYS", "90";
    /// How long temporary access codes, requests for them, and one-time links are kept once they are over, in
    /// days.
    retention_temporary_access_days: u32 =
        "retention.temporary_access_days", "POSTERN_RETENTION__TEMPORARY_ACCESS_DAYS", "90";
    /// How long a deleted tenant can be restored, in days.
    retention_deleted_tenants_days: u32 =
        "retention.deleted_tenants_days", "POSTERN_RETENTION__DELETED_TENANTS_DAYS", "30";
    /// The longest file of users or tenants, in MiB.
    imports_max_mib: u32 = "imports.max_mib", "POSTERN_IMPORTS__MAX_MIB", "512";
    /// How many files may be arriving at one process; the next sender is answered UNAVAILABLE.
    imports_max_uploads: usize = "imports.max_uploads", "POSTERN_IMPORTS__MAX_UPLOADS", "16";
    /// How long an import rests after a batch that changed something, in hundredths of the time that the batch took:
    /// more is slower, and leaves more of the machine to logins. At least 1.
    imports_rest_percent: u16 = "imports.rest_percent", "POSTERN_IMPORTS__REST_PERCENT", "50";
    /// For how many seconds a gateway that is told to stop says so at /readyz and goes on, before it takes nothing
    /// more: as long as balancers need to notice. At most 15; 0 in `dev`.
    shutdown_drain_seconds: u8 = "shutdown.drain_seconds", "POSTERN_SHUTDOWN__DRAIN_SECONDS", "5";
    /// Whether the schema can be asked for.
    api_introspection: bool = "api.introspection", "POSTERN_API__INTROSPECTION", "true";
    /// Whether an error about an unknown field names the fields that look like it.
    api_suggestions: bool = "api.suggestions", "POSTERN_API__SUGGESTIONS", "true";
    /// How long a request may take, in seconds.
    api_time_limit_seconds: u32 = "api.time_limit_seconds", "POSTERN_API__TIME_LIMIT_SECONDS", "10";
    /// How many requests may be at work in one process; the next is answered UNAVAILABLE.
    api_max_at_work: usize = "api.max_at_work", "POSTERN_API__MAX_AT_WORK", "4096";
    /// How long nine in ten of the calls of logins may take, in milliseconds, before what can wait is answered
    /// UNAVAILABLE: lists and settings first, then what sends, then what begins logins; never what proves one.
    /// 0: nothing is refused for that.
    api_target_ms: u64 = "api.target_ms", "POSTERN_API__TARGET_MS", "250";
    /// How many connections of subscribers (WebSocket or server-sent events) stay open in one process.
    subscriptions_per_process: usize = "subscriptions.per_process", "POSTERN_SUBSCRIPTIONS__PER_PROCESS", "4096";
    /// The same of one tenant.
    subscriptions_per_tenant: usize = "subscriptions.per_tenant", "POSTERN_SUBSCRIPTIONS__PER_TENANT", "1000";
    /// The same of one API key or administrator.
    subscriptions_per_credential: usize =
        "subscriptions.per_credential", "POSTERN_SUBSCRIPTIONS__PER_CREDENTIAL", "200";
    /// How many subscriptions one WebSocket carries.
    subscriptions_per_connection: usize =
        "subscriptions.per_connection", "POSTERN_SUBSCRIPTIONS__PER_CONNECTION", "50";
    /// How many seconds a client may take over what it is sent, before its connection is cut off.
    subscriptions_send_within_seconds: u32 =
        "subscriptions.send_within_seconds", "POSTERN_SUBSCRIPTIONS__SEND_WITHIN_SECONDS", "10";
    /// After how many seconds a silent client is asked whether it is still there.
    subscriptions_ping_seconds: u32 = "subscriptions.ping_seconds", "POSTERN_SUBSCRIPTIONS__PING_SECONDS", "12";
    /// How the log is written: json or pretty. Left out: pretty for `dev`, json for all else.
    log_format: Option<LogFormat> = "log.format", "POSTERN_LOG__FORMAT", "";
    /// What is logged, as in `info,edge_http=debug`.
    log_filter: String = "log.filter", "POSTERN_LOG__FILTER", "info";
    /// Where Prometheus scrapes, at `/metrics`: addresses, separated by commas, that no stranger reaches. Left
    /// out: nowhere. What is told is in docs/metrics.md.
    metrics_listen: Option<Vec<SocketAddr>> = "metrics.listen", "POSTERN_METRICS__LISTEN", "";
    /// The collector of metrics, by OTLP over HTTP (protobuf): `/v1/metrics` is added. What it is sent is what
    /// a scrape is told. Left out: they are not sent.
    metrics_endpoint: Option<Url> = "metrics.endpoint", "POSTERN_METRICS__ENDPOINT", "";
    /// The `Authorization` header that it wants.
    metrics_authorization: Option<Redacted<String>> = "metrics.authorization", "POSTERN_METRICS__AUTHORIZATION", "";
    /// How often metrics are sent, in seconds; at least 1.
    metrics_push_seconds: u32 = "metrics.push_seconds", "POSTERN_METRICS__PUSH_SECONDS", "15";
    /// The collector of traces, by OTLP over HTTP (protobuf): `/v1/traces` is added. Left out: there are none.
    traces_endpoint: Option<Url> = "traces.endpoint", "POSTERN_TRACES__ENDPOINT", "";
    /// The `Authorization` header that the collector wants.
    traces_authorization: Option<Redacted<String>> = "traces.authorization", "POSTERN_TRACES__AUTHORIZATION", "";
    /// Of a thousand traces that begin here, so many are kept; at least 1.
    traces_sample_per_thousand: u16 =
        "traces.sample_per_thousand", "POSTERN_TRACES__SAMPLE_PER_THOUSAND", "100";
    /// Whether a client's `traceparent` says to which trace its request belongs and whether that is kept; where
    /// all clients are your own.
    traces_trust_clients: bool = "traces.trust_clients", "POSTERN_TRACES__TRUST_CLIENTS", "false";
    /// How many workers, each with a connection, combine the calls of each step of a login.
    login_path_workers: usize = "login_path.workers", "POSTERN_LOGIN_PATH__WORKERS", "2";
    /// The most calls that are combined into one transaction; 1 switches combining off.
    login_path_max_batch: usize = "login_path.max_batch", "POSTERN_LOGIN_PATH__MAX_BATCH", "64";
    /// Where the demo's client website listens.
    demo_listen: HostPort = "demo.listen", "POSTERN_DEMO__LISTEN", "localhost:8081";
    /// The folder of the demo's client website; left out, or not there: `dev` runs without it.
    demo_site: PathBuf = "demo.site", "POSTERN_DEMO__SITE", "examples/demo-site";
    /// Whether the route is there that measures what HTTP alone costs.
    bench_enabled: bool = "bench.enabled", "POSTERN_BENCH__ENABLED", "false";
}
