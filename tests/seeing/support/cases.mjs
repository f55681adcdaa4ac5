// For each alert figures at which it fires, and figures at which it does not. A figure is a series in promtool's notation:
// `a+bxn` begins at `a` and grows by `b`, `n` times, once a minute.

/** Requests that are answered, and so many of them with 5xx, a minute. */
const requests = (failing, minutes = 420) => ({
  'postern_http_requests_total{route="/graphql",method="POST",status="2xx",instance="a",job="postern"}': `0+6000x${minutes}`,
  'postern_http_requests_total{route="/graphql",method="POST",status="5xx",instance="a",job="postern"}': `0+${failing}x${minutes}`,
});
const slow = (bucket) => ({
  'postern_graphql_operation_duration_seconds_bucket{operation="verifyChallenge",le="0.25"}': bucket < 1 ? "0+600x30" : "0+0x30",
  'postern_graphql_operation_duration_seconds_bucket{operation="verifyChallenge",le="0.5"}': bucket < 1 ? "0+600x30" : "0+0x30",
  'postern_graphql_operation_duration_seconds_bucket{operation="verifyChallenge",le="1"}': "0+600x30",
  'postern_graphql_operation_duration_seconds_bucket{operation="verifyChallenge",le="+Inf"}': "0+600x30",
});
const pool = (inUse) => ({
  'postern_database_connections{state="in_use",instance="a"}': `${inUse}x20`,
  'postern_database_connections{state="max",instance="a"}': "16x20",
});
/** Challenges begun and proved a minute, by text; the proofs change after a day. */
const conversion = (before, after) => ({
  'postern_challenges_started_total{channel="SMS"}': "0+60x1600",
  'postern_challenge_proofs_total{channel="SMS",result="OK"}': `0+${before}x1440 ${before * 1440}+${after}x160`,
});
const delay = (seconds) => ({
  'postern_message_delay_seconds_bucket{provider="twilio",status="ACCEPTED",le="1"}': seconds < 30 ? "0+60x30" : "0+0x30",
  'postern_message_delay_seconds_bucket{provider="twilio",status="ACCEPTED",le="30"}': seconds < 30 ? "0+60x30" : "0+0x30",
  'postern_message_delay_seconds_bucket{provider="twilio",status="ACCEPTED",le="60"}': "0+60x30",
  'postern_message_delay_seconds_bucket{provider="twilio",status="ACCEPTED",le="+Inf"}': "0+60x30",
});
/** Messages of a provider a minute, more of them after a day. */
const messages = (before, after) => ({
  'postern_messages_total{provider="twilio",status="ACCEPTED"}': `0+${before}x1500 ${before * 1500}+${after}x60`,
});
/** What is spent a minute, more of it after a day. */
const spending = (before, after) => ({
  'postern_spend_month_minor_units{currency="USD"}': `100000+${before}x1440 ${100000 + before * 1440}+${after}x60`,
});
const one = (series, values) => ({ [series]: values });

/** Alert → { fires, quiet: series; at: when it is looked at, in promtool's notation }. */
export const CASES = {
  PosternFailing: { at: "2h", fires: requests(60), quiet: requests(30) },
  PosternFailingSlowly: { at: "6h30m", fires: requests(24), quiet: requests(12) },
  PosternDown: { at: "5m", fires: one('up{job="postern",instance="a"}', "0x10"), quiet: one('up{job="postern",instance="a"}', "1x10") },
  PosternRestarting: {
    at: "20m",
    fires: one('process_start_time_seconds{job="postern",instance="a"}', "1 1 5 5 9 9 14 14x20"),
    quiet: one('process_start_time_seconds{job="postern",instance="a"}', "1 1 5 5x30"),
  },
  PosternLoginsSlow: { at: "25m", fires: slow(1), quiet: slow(0.2) },
  PosternDatabasePoolExhausted: { at: "12m", fires: pool(16), quiet: pool(14) },
  PosternFilesRunOut: {
    at: "12m",
    fires: { 'process_open_fds{job="postern",instance="a"}': "900x20", 'process_max_fds{job="postern",instance="a"}': "1024x20" },
    quiet: { 'process_open_fds{job="postern",instance="a"}': "200x20", 'process_max_fds{job="postern",instance="a"}': "1024x20" },
  },
  PosternSharedLimitsAway: {
    at: "8m",
    fires: { 'postern_limits_shared_connected{instance="a"}': "1x20", 'postern_limits_shared_connected{instance="b"}': "0x20" },
    quiet: one('postern_limits_shared_connected{instance="a"}', "1x20"),
  },
  PosternLimitsRefuse: {
    at: "25m",
    fires: one('postern_limits_refused_total{limit="api_key"}', "0+120x30"),
    quiet: one('postern_limits_refused_total{limit="api_key"}', "0+30x30"),
  },
  PosternConversionDropped: { at: "25h30m", fires: conversion(54, 15), quiet: conversion(54, 45) },
  PosternPumping: { at: "25h30m", fires: conversion(6, 6), quiet: conversion(40, 40) },
  PosternSecretsRefused: { at: "8m", fires: one("postern_secrets_refused_total", "0 0 1x20"), quiet: one("postern_secrets_refused_total", "3x20") },
  PosternMessagesDelayed: { at: "25m", fires: delay(60), quiet: delay(1) },
  PosternBreakerOpen: {
    at: "8m",
    fires: one('postern_provider_breakers_open{provider="twilio",channel="SMS",instance="b"}', "1x20"),
    quiet: one('postern_provider_breakers_open{provider="twilio",channel="SMS",instance="b"}', "0x20"),
  },
  PosternQueueOld: {
    at: "5m",
    fires: one('postern_messages_due_oldest_seconds{lane="phones"}', "0+60x10"),
    quiet: { 'postern_messages_due_oldest_seconds{lane="phones"}': "5x10", 'postern_messages_due_oldest_seconds{lane="sandbox"}': "0+60x10" },
  },
  PosternWebhooksFail: {
    at: "80m",
    fires: { 'postern_webhook_deliveries_total{result="DELIVERED"}': "0+10x90", 'postern_webhook_deliveries_total{result="QUEUED"}': "0+30x90" },
    quiet: { 'postern_webhook_deliveries_total{result="DELIVERED"}': "0+30x90", 'postern_webhook_deliveries_total{result="QUEUED"}': "0+10x90" },
  },
  PosternSpendSurge: { at: "24h50m", fires: spending(10, 1000), quiet: spending(10, 40) },
  PosternMessagesSurge: { at: "25h40m", fires: messages(30, 600), quiet: messages(30, 60) },
  PosternTenantsAtCap: {
    at: "5m",
    fires: one('postern_tenants_with_spending_cap{used="from_100"}', "2x10"),
    quiet: { 'postern_tenants_with_spending_cap{used="from_100"}': "0x10", 'postern_tenants_with_spending_cap{used="from_80"}': "4x10" },
  },
  PosternCodesHeldBack: {
    at: "30m",
    fires: one('postern_messages_held_back_total{why="fraud_guard"}', "0+6x40"),
    quiet: one('postern_messages_held_back_total{why="fraud_guard"}', "0x10 1x30"),
  },
  PosternNobodyWorks: { at: "10m", fires: one("postern_watched_timestamp_seconds", "0x20"), quiet: one("postern_watched_timestamp_seconds", "0+60x20") },
  PosternAuditNotSealed: { at: "20m", fires: one("postern_audit_seal_lag_seconds", "0+60x30"), quiet: one("postern_audit_seal_lag_seconds", "60x30") },
  PosternImportsWait: { at: "45m", fires: one("postern_imports_due", "1x60"), quiet: one("postern_imports_due", "1x10 0x50") },
  PosternSigningKeyOld: {
    at: "90m",
    fires: one("postern_signing_key_age_seconds", `${401 * 86400}+60x100`),
    quiet: one("postern_signing_key_age_seconds", `${300 * 86400}+60x100`),
  },
  PosternKeysDiffer: {
    at: "15m",
    fires: {
      'postern_key_in_use{purpose="CODE",id="2",instance="a"}': "1x20",
      'postern_key_in_use{purpose="CODE",id="1",instance="b"}': "1x20",
    },
    quiet: {
      'postern_key_in_use{purpose="CODE",id="2",instance="a"}': "1x20",
      'postern_key_in_use{purpose="CODE",id="2",instance="b"}': "1x20",
      'postern_key_in_use{purpose="INDEX",id="1",instance="b"}': "1x20",
    },
  },
  PosternTracesLost: { at: "45m", fires: one('postern_spans_total{result="failed"}', "0+60x60"), quiet: one('postern_spans_total{result="failed"}', "7x60") },
};
