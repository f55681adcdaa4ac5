// Makes the dashboards beside this file: `node infra/seeing/grafana/dashboards.mjs`. A dashboard is a list of rows, a row a
// list of panels, a panel a title, a unit and queries; all else is Grafana's business, and the same everywhere.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const FOLDER = path.join(import.meta.dirname, "dashboards");
const HEIGHT = 8;
const WIDTH = 24;

/** A panel of lines over time; `queries` maps legends to PromQL. */
const lines = (title, unit, queries, description = "") => ({ type: "timeseries", title, unit, queries, description });
/** A panel of one number each. */
const numbers = (title, unit, queries, description = "") => ({ type: "stat", title, unit, queries, description });
/** A histogram's share of each bucket over time. */
const heat = (title, unit, query, description = "") => ({ type: "heatmap", title, unit, queries: { "{{le}}": query }, description });

const quantiles = (metric, by = "", filter = "") => ({
  [`p50 ${by && `{{${by}}}`}`.trim()]: `histogram_quantile(0.50, sum by (le${by && `, ${by}`}) (rate(${metric}_bucket${filter}[5m])))`,
  [`p99 ${by && `{{${by}}}`}`.trim()]: `histogram_quantile(0.99, sum by (le${by && `, ${by}`}) (rate(${metric}_bucket${filter}[5m])))`,
});
const rate = (metric, by, filter = "") => ({ [by.map((label) => `{{${label}}}`).join(" ")]: `sum by (${by.join(", ")}) (rate(${metric}${filter}[5m]))` });
const LOGIN = '{operation=~"evaluateLogin|startChallenge|verifyChallenge"}';

export const DASHBOARDS = {
  overview: {
    title: "Postern: overview",
    rows: [
      [
        numbers("Requests a second", "reqps", { requests: "sum(rate(postern_http_requests_total[5m]))" }),
        numbers("Failed", "percentunit", { failed: "postern:requests_failed:ratio_rate5m" }, "Answers of 5xx, and operations that failed by our fault. The promise is 0.05 % of a month."),
        numbers("Logins a second", "reqps", { logins: "sum(rate(postern_login_decisions_total[5m]))" }),
        numbers("Processes", "none", { up: 'sum(up{job=~"postern.*"})' }),
      ],
      [
        lines("Requests by route", "reqps", rate("postern_http_requests_total", ["route"])),
        lines("Answers by class", "reqps", rate("postern_http_requests_total", ["status"])),
      ],
      [
        lines("How long routes take", "s", quantiles("postern_http_request_duration_seconds", "route")),
        lines("At work", "none", { "requests {{instance}}": "postern_http_requests_at_work", "subscribers {{instance}}": "postern_subscription_connections" }),
      ],
      [
        lines("Operations by root field", "reqps", rate("postern_graphql_operations_total", ["operation"])),
        lines("Refused and failed operations", "reqps", rate("postern_graphql_operations_total", ["operation", "result"], '{result!="ok"}')),
      ],
      [
        lines("Refused by limits", "reqps", rate("postern_limits_refused_total", ["limit"])),
        lines("Keys that limits remember", "none", { "{{limit}}": "sum by (limit) (postern_limits_keys)" }),
      ],
    ],
  },
  logins: {
    title: "Postern: logins and risk",
    rows: [
      [
        lines("Decisions", "reqps", rate("postern_login_decisions_total", ["outcome"])),
        lines("Reasons", "reqps", rate("postern_login_decision_reasons_total", ["reason"])),
      ],
      [
        numbers("Challenge rate", "percentunit", { challenged: "postern:challenge_rate:ratio_15m" }, "Of all decisions, those that ask for a second factor."),
        lines("Completed by", "reqps", rate("postern_logins_completed_total", ["with"])),
        heat("Risk score", "none", "sum by (le) (increase(postern_login_risk_score_bucket[5m]))"),
      ],
      [
        lines("Login calls: how long", "s", quantiles("postern_graphql_operation_duration_seconds", "operation", LOGIN), "Points are traces of single requests: click one to see where its time went."),
        lines("Steps in the database: how long", "s", quantiles("postern_login_step_duration_seconds", "step")),
      ],
      [
        lines("Calls that one statement served", "none", { "mean {{step}}": "sum by (step) (rate(postern_login_step_calls_sum[5m])) / sum by (step) (rate(postern_login_step_calls_count[5m]))" }),
        lines("Calls that wait", "none", { "{{step}}": "max by (step) (postern_login_step_waiting)" }),
      ],
      [
        lines("Challenges begun", "reqps", rate("postern_challenges_started_total", ["channel"])),
        lines("Proofs", "reqps", rate("postern_challenge_proofs_total", ["channel", "result"])),
        lines("Conversion", "percentunit", { "{{channel}}": "postern:challenge_conversion:ratio_15m" }, "Of the challenges of a channel, those that were proved."),
      ],
    ],
  },
  delivery: {
    title: "Postern: delivery and providers",
    rows: [
      [
        lines("Messages by state", "reqps", rate("postern_messages_total", ["status"])),
        lines("Messages by provider", "reqps", rate("postern_messages_total", ["provider"])),
      ],
      [
        lines("QUEUED until accepted or delivered", "s", quantiles("postern_message_delay_seconds", "status")),
        heat("Delay", "s", "sum by (le) (increase(postern_message_delay_seconds_bucket[5m]))"),
      ],
      [
        lines("What providers answer", "reqps", rate("postern_provider_requests_total", ["provider", "channel", "result"])),
        lines("How long they take", "s", quantiles("postern_provider_request_duration_seconds", "provider")),
      ],
      [
        lines("Due and in nobody's hands", "none", { "{{lane}}": "max by (lane) (postern_messages_due)" }),
        lines("The oldest of those", "s", { "{{lane}}": "max by (lane) (postern_messages_due_oldest_seconds)" }),
        numbers("Breakers open", "none", { open: "sum(max by (provider, channel) (postern_provider_breakers_open)) or vector(0)" }),
      ],
      [
        lines("Webhooks", "reqps", { "{{result}}": "sum by (result) (rate(postern_webhook_deliveries_total[5m]))", "tenants waiting": "max(postern_webhook_tenants_due)" }),
        lines("Codes held back", "reqps", rate("postern_messages_held_back_total", ["why"])),
      ],
    ],
  },
  money: {
    title: "Postern: money",
    rows: [
      [
        numbers("Tenants", "none", { tenants: "max(postern_tenants)" }),
        lines("Spent this month", "none", { "{{currency}}": "postern:spend_month_minor_units:max or on() label_replace(vector(0), \"currency\", \"none\", \"\", \"\")" }, "In the currency's minor unit (cents), at list price."),
      ],
      [
        lines("Tenants with a spending cap, by how much is used", "none", { "{{used}}": "max by (used) (postern_tenants_with_spending_cap)" }),
        lines("Messages that cost", "reqps", { accepted: "postern:messages_accepted:rate15m or vector(0)" }),
      ],
      [
        lines("Codes held back by caps", "reqps", { "{{why}}": 'sum by (why) (rate(postern_messages_held_back_total{why="spending_cap"}[5m]))' }),
        lines("A round through all tenants takes", "s", { round: "max(postern_tenants_round_seconds)" }),
      ],
    ],
  },
  workers: {
    title: "Postern: database, workers and processes",
    rows: [
      [
        lines("Connections to the database", "none", { "{{instance}} {{state}}": "sum by (instance, state) (postern_database_connections)" }),
        lines("Found in caches", "percentunit", {
          "{{cache}}": 'sum by (cache) (rate(postern_cache_lookups_total{result="hit"}[5m])) / sum by (cache) (rate(postern_cache_lookups_total[5m]))',
        }),
        lines("Held in caches", "none", { "{{cache}}": "sum by (cache) (postern_cache_entries)" }),
      ],
      [
        lines("Sealed entries of audit logs", "reqps", { entries: "sum(rate(postern_audit_entries_sealed_total[5m]))" }),
        lines("The oldest unsealed entry", "s", { waits: "max(postern_audit_seal_lag_seconds)" }),
        lines("Tenants to seal, imports due", "none", { tenants: "max(postern_audit_tenants_to_seal)", imports: "max(postern_imports_due)" }),
      ],
      [
        lines("Queues were looked at", "s", { ago: "time() - max(postern_watched_timestamp_seconds)" }),
        numbers("Keys in use", "none", { "{{purpose}} {{id}}": "count by (purpose, id) (postern_key_in_use)" }),
        numbers("The signing key is", "s", { old: "max(postern_signing_key_age_seconds)" }),
        numbers("Sealed values that did not open", "none", { refused: "sum(increase(postern_secrets_refused_total[1h]))" }),
      ],
      [
        lines("Processor", "none", { "{{instance}}": 'rate(process_cpu_seconds_total{job=~"postern.*"}[5m])' }),
        lines("Memory", "bytes", { "{{instance}}": 'process_resident_memory_bytes{job=~"postern.*"}' }),
        lines("Files and sockets", "none", { "{{instance}}": 'process_open_fds{job=~"postern.*"}', "{{instance}} at most": 'process_max_fds{job=~"postern.*"}' }),
      ],
      [
        numbers("Versions", "none", { "{{version}}": "count by (version) (postern_build_info)" }),
        numbers("Running since", "dateTimeFromNow", { "{{instance}}": 'process_start_time_seconds{job=~"postern.*"} * 1000' }),
        lines("Threads", "none", { "{{instance}}": 'process_threads{job=~"postern.*"}' }),
      ],
    ],
  },
};

const datasource = { type: "prometheus", uid: "prometheus" };

function panelOf({ type, title, unit, queries, description }, id, gridPos) {
  const targets = Object.entries(queries).map(([legendFormat, expr], at) => ({
    refId: String.fromCharCode(65 + at),
    datasource,
    expr,
    legendFormat,
    // A trace stands beside the line of the bucket it was slow in.
    ...(expr.includes("_bucket") && type === "timeseries" ? { exemplar: true } : {}),
    ...(type === "heatmap" ? { format: "heatmap" } : {}),
  }));
  return { id, type, title, description, datasource, gridPos, fieldConfig: { defaults: { unit, min: unit === "dateTimeFromNow" ? null : 0 }, overrides: [] }, targets };
}

/** A dashboard as Grafana reads it. */
export function render(name, { title, rows }) {
  let id = 0;
  const panels = rows.flatMap((row, at) => {
    const w = Math.floor(WIDTH / row.length);
    return row.map((panel, column) => panelOf(panel, ++id, { x: column * w, y: at * HEIGHT, w, h: HEIGHT }));
  });
  const dashboard = { uid: `postern-${name}`, title, tags: ["postern"], schemaVersion: 39, refresh: "30s", time: { from: "now-6h", to: "now" }, timezone: "utc", panels };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) writeFileSync(path.join(FOLDER, `${name}.json`), render(name, dashboard));
}
