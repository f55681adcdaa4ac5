// Every rule is read by promtool, and every alert fires at the figures it is made for and at no others.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { CASES } from "./support/cases.mjs";
import { ROOT, RULES, SEEING, promtool, rules } from "./support/rules.mjs";

const alerts = rules().filter((rule) => rule.alert);
const files = readdirSync(RULES).map((file) => path.join(RULES, file));

test("promtool reads the configuration and every rule", () => {
  promtool("check", "config", path.join(SEEING, "prometheus/prometheus.yml"));
  promtool("check", "rules", ...files);
});

test("every alert says how urgent it is, what is the matter, and where it stands what to do", () => {
  const guide = readFileSync(path.join(ROOT, "docs/operators-seeing.md"), "utf8");
  const headings = [...guide.matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading);
  for (const { alert, labels, annotations } of alerts) {
    assert.match(labels.severity, /^(page|ticket)$/, alert);
    assert.match(annotations.summary, /^[A-Z].*\.$/, alert);
    assert.equal(annotations.runbook, `docs/operators-seeing.md#${alert.toLowerCase()}`);
    assert.ok(headings.includes(alert), `the guide has no paragraph ${alert}`);
  }
  const known = alerts.map(({ alert }) => alert);
  assert.deepEqual(headings.filter((heading) => heading.startsWith("Postern") && !known.includes(heading)), []);
});

test("every alert has a case in which it fires and one in which it does not", () => {
  assert.deepEqual(alerts.map(({ alert }) => alert).toSorted(), Object.keys(CASES).toSorted());
});

/** A series as promtool wants it. */
const series = (values) => Object.entries(values).map(([name, text]) => ({ series: name, values: text }));

/** With `more`, the labels of the series at which the alert fires; without, it does not. */
function caseOf({ alert, labels, annotations }, { at }, values, more) {
  const fires = more ? [{ exp_labels: { ...labels, ...more }, exp_annotations: annotations }] : [];
  return { interval: "1m", input_series: series(values), alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: fires }] };
}

/** What tells an alert's series apart, where there are several. */
const LABELS = {
  PosternDown: { instance: "a", job: "postern" },
  PosternRestarting: { instance: "a", job: "postern" },
  PosternFilesRunOut: { instance: "a", job: "postern" },
  PosternDatabasePoolExhausted: { instance: "a" },
  PosternLimitsRefuse: { limit: "api_key" },
  PosternConversionDropped: { channel: "SMS" },
  PosternPumping: { channel: "SMS" },
  PosternBreakerOpen: { provider: "twilio", channel: "SMS" },
  PosternQueueOld: { lane: "phones" },
  PosternSpendSurge: { currency: "USD" },
  PosternCodesHeldBack: { why: "fraud_guard" },
};

/** Whether a case goes over more than a day: those are looked at more coarsely, since each rule is asked at every step. */
const isLong = ({ alert }) => /^\d{2,}h/.test(CASES[alert].at);

/** promtool takes a second to start, and is started once for many. */
function tryAll(chosen, interval) {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-alerts-"));
  try {
    const tests = chosen.flatMap((rule) => {
      const known = CASES[rule.alert];
      return [caseOf(rule, known, known.fires, LABELS[rule.alert] ?? {}), caseOf(rule, known, known.quiet)];
    });
    const file = path.join(folder, "test.yml");
    writeFileSync(file, stringify({ rule_files: files, evaluation_interval: interval, tests }, { aliasDuplicateObjects: false }));
    promtool("test", "rules", file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("every alert fires when it should, and only then", () => tryAll(alerts.filter((rule) => !isLong(rule)), "1m"));
test("so do those that look back for a day", () => tryAll(alerts.filter(isLong), "5m"));

test("a case that is wrong is found", () => {
  const [rule] = alerts.filter(({ alert }) => alert === "PosternDown");
  const { fires, quiet } = CASES.PosternDown;
  CASES.PosternDown = { ...CASES.PosternDown, fires: quiet, quiet: fires };
  assert.throws(() => tryAll([rule], "1m"), /FAILED/);
  CASES.PosternDown = { ...CASES.PosternDown, fires, quiet };
});
