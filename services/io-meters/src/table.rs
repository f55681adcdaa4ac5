//! The one table of metrics. Names follow Prometheus' conventions: a unit at the end, `_total` (which is
//! added) at that of counters; seconds, never milliseconds.

use prometheus_client::registry::Registry;

use crate::buckets::{Delay, Duration, Score, Size};
use crate::families::{Counters, Family, Gauges, Histograms, Kind, Totals};

/// One line of the reference.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    /// The name, without the `_total` of counters.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// The labels' names.
    pub labels: &'static [&'static str],
    /// What it says.
    pub doc: &'static str,
}

macro_rules! meters {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty = $name:literal, $labels:expr;)*) => {
        /// Every metric, in the reference's order.
        pub const METERS: &[Meter] = &[$(Meter {
            name: $name,
            kind: <$type>::KIND,
            labels: &$labels,
            doc: concat!($($doc),+).trim_ascii(),
        }),*];

        /// Every metric's handles.
        #[derive(Debug)]
        pub struct Table {
            $($(#[doc = $doc])+ pub $field: $type,)*
        }

        impl Table {
            pub(crate) fn register(registry: &mut Registry) -> Self {
                let mut meters = METERS.iter();
                // The fields are made in the order of the lines.
                Self { $($field: next(registry, &mut meters, $labels),)* }
            }
        }
    };
}

fn next<K: Kind, const N: usize>(
    registry: &mut Registry,
    meters: &mut std::slice::Iter<'_, Meter>,
    labels: [&'static str; N],
) -> Family<K, N> {
    const MISSING: Meter = Meter { name: "missing", kind: "", labels: &[], doc: "" };
    Family::register(registry, meters.next().unwrap_or(&MISSING), labels)
}

meters! {
    /// Requests that were answered, by route (never the path), method and class of status.
    http_requests: Counters<3> = "postern_http_requests", ["route", "method", "status"];
    /// How long answers took, in seconds.
    http_request_duration: Histograms<1, Duration> = "postern_http_request_duration_seconds", ["route"];
    /// Requests that are being answered.
    http_requests_at_work: Gauges<0> = "postern_http_requests_at_work", [];
    /// GraphQL operations that were executed, by root field: `ok`, `refused` (an expected no, or a
    /// request that is not valid) or `fault` (INTERNAL, UNAVAILABLE).
    graphql_operations: Counters<2> = "postern_graphql_operations", ["operation", "result"];
    /// How long they took, in seconds; a bucket's exemplar is the trace of its last sampled request.
    graphql_operation_duration: Histograms<1, Duration> = "postern_graphql_operation_duration_seconds", ["operation"];
    /// Connections of subscribers that are open.
    subscription_lines: Gauges<0> = "postern_subscription_connections", [];

    /// Decisions about logins, by outcome.
    login_decisions: Counters<1> = "postern_login_decisions", ["outcome"];
    /// Why they came out so; a decision may have several reasons.
    login_decision_reasons: Counters<1> = "postern_login_decision_reasons", ["reason"];
    /// How unusual logins were, where the policy asks for it.
    login_risk_score: Histograms<0, Score> = "postern_login_risk_score", [];
    /// Logins that were completed, by what completed them (`NONE`: nothing was asked).
    logins_completed: Counters<1> = "postern_logins_completed", ["with"];
    /// Challenges that began, by channel.
    challenges_started: Counters<1> = "postern_challenges_started", ["channel"];
    /// Codes that were asked for again.
    challenge_resends: Counters<1> = "postern_challenge_resends", ["channel"];
    /// Challenges that were not begun or not sent again, by what stood against it.
    challenges_refused: Counters<1> = "postern_challenges_refused", ["reason"];
    /// Proofs, by channel and what became of them (`OK`, `WRONG_CODE`, …).
    challenge_proofs: Counters<2> = "postern_challenge_proofs", ["channel", "result"];
    /// How long a step of the login path took in its statement, in seconds.
    login_step_duration: Histograms<1, Duration> = "postern_login_step_duration_seconds", ["step"];
    /// How many calls one statement of a step served.
    login_step_calls: Histograms<1, Size> = "postern_login_step_calls", ["step"];
    /// Calls that wait for a step.
    login_step_waiting: Gauges<1> = "postern_login_step_waiting", ["step"];

    /// What providers answered to attempts: `delivered`, `accepted`, `refused`, `not_now`, `in_doubt`, `opted_out`.
    provider_requests: Counters<3> = "postern_provider_requests", ["provider", "channel", "result"];
    /// How long they took to answer, in seconds.
    provider_request_duration: Histograms<2, Duration> = "postern_provider_request_duration_seconds", ["provider", "channel"];
    /// Ways (provider, channel, country, account) whose breaker is open in this worker.
    provider_breakers_open: Gauges<2> = "postern_provider_breakers_open", ["provider", "channel"];
    /// How often a breaker opened.
    provider_breaker_openings: Counters<2> = "postern_provider_breaker_openings", ["provider", "channel"];
    /// Of a hundred codes that a provider carried where there was another, so many were given: the recent
    /// ones count more.
    provider_conversion: Gauges<2> = "postern_provider_conversion_percent", ["provider", "channel"];
    /// Messages that reached a state, by what carried them (`none`: nobody was asked).
    messages: Counters<2> = "postern_messages", ["provider", "status"];
    /// From QUEUED until a message was ACCEPTED by its provider, or DELIVERED, in seconds.
    message_delay: Histograms<2, Delay> = "postern_message_delay_seconds", ["provider", "status"];
    /// Messages that are due and not being sent, by lane; counted up to a thousand.
    messages_due: Gauges<1> = "postern_messages_due", ["lane"];
    /// How long the oldest of them has been queued, in seconds.
    messages_oldest: Gauges<1> = "postern_messages_due_oldest_seconds", ["lane"];
    /// Codes that are not sent for want of room under a spending cap, or because their prefix is held back.
    messages_held_back: Counters<1> = "postern_messages_held_back", ["why"];

    /// What LIVE tenants' messages have cost in this month, in the currency's minor unit, as of the last
    /// round of a worker.
    spend_month: Gauges<1> = "postern_spend_month_minor_units", ["currency"];
    /// Tenants with a spending cap, by how much of it is used: `under_80`, `from_80`, `from_100` (percent);
    /// as of the last round of a worker.
    tenants_capped: Gauges<1> = "postern_tenants_with_spending_cap", ["used"];
    /// How long a worker's last round through the tenants took, in seconds.
    tenants_round: Gauges<0> = "postern_tenants_round_seconds", [];
    /// Tenants, as of that round.
    tenants: Gauges<0> = "postern_tenants", [];

    /// Tenants with webhooks to call, counted up to a thousand.
    webhook_tenants_due: Gauges<0> = "postern_webhook_tenants_due", [];
    /// Deliveries to webhooks, by what became of the attempt: `DELIVERED`, `QUEUED` (again later), `FAILED`.
    webhook_deliveries: Counters<1> = "postern_webhook_deliveries", ["result"];
    /// How long endpoints took to answer, in seconds.
    webhook_duration: Histograms<0, Duration> = "postern_webhook_duration_seconds", [];
    /// From the event until a webhook took it, in seconds.
    webhook_delay: Histograms<0, Delay> = "postern_webhook_delay_seconds", [];
    /// Rows of files that were worked through, by what was done: `created`, `updated`, `unchanged`, `refused`.
    import_rows: Counters<1> = "postern_import_rows", ["result"];
    /// Imports that are due and nobody works on, counted up to a thousand.
    imports_due: Gauges<0> = "postern_imports_due", [];
    /// Entries of audit logs that were sealed.
    audit_sealed: Counters<0> = "postern_audit_entries_sealed", [];
    /// Tenants whose audit log has entries to seal, or a chain to sign; counted up to a thousand.
    audit_tenants_to_seal: Gauges<0> = "postern_audit_tenants_to_seal", [];
    /// For how long there have been such tenants without a pass that sealed them all, in seconds.
    audit_seal_lag: Gauges<0> = "postern_audit_seal_lag_seconds", [];
    /// When a worker last looked at queues and logs, in seconds since 1970.
    watched_at: Gauges<0> = "postern_watched_timestamp_seconds", [];

    /// Connections to the database of this process's pool: `in_use`, `idle`, and `max` that it may have.
    database_connections: Gauges<1> = "postern_database_connections", ["state"];
    /// What was found in a cache, and what not: `hit`, `miss`.
    cache_lookups: Counters<2> = "postern_cache_lookups", ["cache", "result"];
    /// What a cache holds.
    cache_entries: Gauges<1> = "postern_cache_entries", ["cache"];
    /// Requests that a limit of rates refused.
    limits_refused: Counters<1> = "postern_limits_refused", ["limit"];
    /// Keys that a limit remembers.
    limits_keys: Gauges<1> = "postern_limits_keys", ["limit"];
    /// Keys that a limit forgot for want of room.
    limits_shed: Counters<1> = "postern_limits_shed", ["limit"];
    /// Whether Redis answers about shared limits.
    limits_shared_connected: Gauges<0> = "postern_limits_shared_connected", [];
    /// Questions about shared limits, by whether Redis answered: `answered`, `unanswered` (the process's own
    /// share held).
    limits_shared_asked: Counters<1> = "postern_limits_shared_questions", ["result"];
    /// 1 for each key in use, by purpose and identifier.
    keys_in_use: Gauges<2> = "postern_key_in_use", ["purpose", "id"];
    /// How old the key is that signs assertions, in seconds.
    signing_key_age: Gauges<0> = "postern_signing_key_age_seconds", [];
    /// Sealed values that did not open: moved, damaged, or sealed under a key that is not there.
    secrets_refused: Counters<0> = "postern_secrets_refused", [];
    /// Spans that were handed to the collector, by what became of them: `exported`, `failed`.
    spans: Counters<1> = "postern_spans", ["result"];

    /// 1, by version.
    build_info: Gauges<1> = "postern_build_info", ["version"];
    /// Processor time that this process has used, in seconds.
    process_cpu: Totals<0> = "process_cpu_seconds", [];
    /// Memory that it holds, in bytes.
    process_memory: Gauges<0> = "process_resident_memory_bytes", [];
    /// Files and sockets that it has open.
    process_fds: Gauges<0> = "process_open_fds", [];
    /// How many it may have open.
    process_max_fds: Gauges<0> = "process_max_fds", [];
    /// Its threads.
    process_threads: Gauges<0> = "process_threads", [];
    /// When it began, in seconds since 1970.
    process_start: Gauges<0> = "process_start_time_seconds", [];
}
