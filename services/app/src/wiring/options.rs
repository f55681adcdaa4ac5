//! What the parts are told of the configuration.

use std::sync::Arc;
use std::time::Duration;

use core_kernel::Clock;
use core_risk::Weights;
use edge_http::{Explorer, GatewayOptions, SubscriptionOptions};
use graphql::ApiOptions;
use io_geo::{Atlas, AtlasOptions};
use io_limits::{Limits, RedisOptions};
use io_outbound::Rules;
use svc_lifecycle::Retention;
use svc_logins::CombinerOptions;
use svc_onboarding::ImportLimits;

use crate::config::Config;

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

pub(super) fn import_limits(config: &Config) -> ImportLimits {
    ImportLimits { max_bytes: u64::from(config.imports_max_mib) << 20, ..ImportLimits::default() }
}

pub(super) fn login_path(config: &Config) -> CombinerOptions {
    CombinerOptions {
        workers: config.login_path_workers,
        max_batch: config.login_path_max_batch,
        ..CombinerOptions::default()
    }
}

pub(super) fn gateway_options(config: &Config, explorer: Option<Explorer>) -> GatewayOptions {
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
pub(super) fn retention(config: &Config) -> Retention {
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
pub(super) fn callable(config: &Config) -> Rules {
    Rules { allow_http: config.webhooks_allow_http, allow_private: config.webhooks_allow_private }
}

/// What each signal of risk adds.
pub(super) fn weights(config: &Config) -> Weights {
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
