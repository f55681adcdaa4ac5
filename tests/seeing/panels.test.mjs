// A demo under load, scraped by a real Prometheus: every panel and every recording rule has something to show, and a slow login
// leads to its trace.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../stories/support/ports.mjs";
import { Postern, Sink } from "./support/processes.mjs";
import { Prometheus } from "./support/prometheus.mjs";
import { queries, rules } from "./support/rules.mjs";

const PEOPLE = 6;
const LOGIN = "login { id outcome methods { id channel } }";

let postern, prometheus, texts, endpoint, collector, metrics;
const traces = [];

before(async () => {
  [texts, endpoint, collector] = await Promise.all([Sink.start(202), Sink.start(204), Sink.start(200)]);
  metrics = `127.0.0.1:${await freePort()}`;
  postern = await Postern.start({
    POSTERN_METRICS__LISTEN: metrics,
    POSTERN_METRICS__ENDPOINT: collector.url,
    POSTERN_METRICS__PUSH_SECONDS: "1",
    POSTERN_TRACES__ENDPOINT: collector.url,
    POSTERN_TRACES__SAMPLE_PER_THOUSAND: "1000",
    POSTERN_HTTP_PROVIDER__URL: `${texts.url}/send`,
    POSTERN_HTTP_PROVIDER__SECRET: `whsec_${randomBytes(32).toString("base64")}`,
    POSTERN_WEBHOOKS__ALLOW_HTTP: "true",
    POSTERN_WEBHOOKS__ALLOW_PRIVATE: "true",
  });
  prometheus = await Prometheus.start(metrics);
  await prometheus.until("it has scraped", async () => (await prometheus.query("up == 1")).length > 0);
});
after(async () => {
  prometheus?.stop();
  await postern?.stop();
  for (const sink of [texts, endpoint, collector]) sink?.stop();
});

/** The code that last went to this number. */
async function codeSentTo(number, sent) {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
    const messages = texts.requests.map(({ body }) => JSON.parse(body)).filter(({ to }) => to === number);
    if (messages.length > sent) return /\d{6}/.exec(messages.at(-1).text)[0];
  }
  throw new Error(`no text to ${number}`);
}

/** Somebody enrolls a phone, and signs in with a wrong code and the right one. */
async function signIn(key, index) {
  const externalId = `seen-${index}`;
  const number = `+1415555${String(2000 + index)}`;
  const mutate = (name, input, fields) => postern.mutate(key, name, input, fields);
  await mutate("upsertUser", { externalId, kind: "EXTERNAL" }, "user { id }");
  const { payload: enrolled } = await mutate("enrollPhone", { user: { externalId }, number }, "factor { id }");
  assert.deepEqual(enrolled.userErrors, []);
  await mutate("confirmFactor", { factorId: enrolled.factor.id, code: await codeSentTo(number, 0) }, "factor { status }");
  const input = { user: { externalId }, firstFactor: "PASSWORD", ipAddress: `203.0.113.${index}`, userAgent: `Seen/${index}` };
  const { payload, trace } = await mutate("evaluateLogin", input, LOGIN);
  traces.push(trace);
  const method = payload.login.methods.find(({ channel }) => channel === "SMS");
  const { payload: started } = await mutate("startChallenge", { loginId: payload.login.id, methodId: method.id }, "challenge { id }");
  assert.deepEqual(started.userErrors, []);
  const verify = (code) => mutate("verifyChallenge", { challengeId: started.challenge.id, code }, "login { completedAt }");
  const code = await codeSentTo(number, 1);
  await verify(code === "000000" ? "111111" : "000000");
  const { payload: verified } = await verify(code);
  assert.ok(verified.login.completedAt);
}

/** Everybody proves their logins by a text. */
async function publishPolicy(key) {
  const audience = { allowedChannels: ["SMS", "TOTP"] };
  const policy = { internal: audience, external: audience };
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const ask = { method: "POST", headers, body: JSON.stringify({ query: "{ tenant { policyVersions(first: 1) { edges { node { version } } } } }" }) };
  const { data } = await (await fetch(postern.facts.graphql, ask)).json();
  const expectedVersion = data.tenant.policyVersions.edges[0].node.version;
  const { payload } = await postern.mutate(key, "publishPolicy", { policy, expectedVersion }, "policy { version }");
  assert.deepEqual(payload.userErrors, []);
}

test("a firm's people sign in, by texts that leave the installation", { timeout: 300_000 }, async () => {
  const live = postern.facts.tenants.find(({ environment }) => environment === "LIVE");
  await publishPolicy(live.supportApiKey);
  const partner = { key: postern.facts.partner.apiKey, tenant: live.id };
  const { payload } = await hook(partner);
  assert.deepEqual(payload.userErrors, []);
  for (let index = 1, left = PEOPLE; left > 0; index++) if (await signedIn(live.apiKey, index)) left -= 1;
  await prometheus.until("webhooks were called", async () => endpoint.requests.length > 0);
});

/** Whether somebody got through. Whom a busy machine tells to try again comes back as somebody else. */
async function signedIn(key, index) {
  try {
    await signIn(key, index);
    return true;
  } catch (error) {
    if (/UNAVAILABLE/.test(error.message)) return false;
    throw error;
  }
}

async function hook({ key, tenant }) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}`, "x-postern-tenant": tenant };
  const query = "mutation($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { userErrors { code message } } }";
  const response = await fetch(postern.facts.graphql, { method: "POST", headers, body: JSON.stringify({ query, variables: { input: { url: endpoint.url } } }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return { payload: data.createWebhookEndpoint };
}

/** Those that have nothing to show. */
async function empty(asked) {
  const found = await Promise.all(asked.map(async ({ name, expr }) => ({ name, expr, series: await prometheus.query(expr) })));
  return found.filter(({ series }) => series.length === 0 || series.every(({ value }) => value[1] === "NaN"));
}

/** Until none is empty; those that are, where some stay so. */
async function noneEmpty(asked) {
  let still = asked;
  await prometheus.until("everything has something to show", async () => (still = await empty(still)).length === 0).catch(() => undefined);
  assert.deepEqual(still.map(({ name, expr }) => `${name}: ${expr}`), []);
}

test("every panel has something to show", { timeout: 60_000 }, async () => {
  const asked = queries().map(({ panel, expr }) => ({ name: panel, expr }));
  assert.ok(asked.length > 60, "the dashboards are there");
  await noneEmpty(asked);
});

test("every recording rule has something to say, and no rule fails", { timeout: 60_000 }, async () => {
  await noneEmpty(rules().filter((rule) => rule.record).map(({ record }) => ({ name: "recorded", expr: record })));
  const { groups } = await prometheus.ask("rules", {});
  const failed = groups.flatMap((group) => group.rules).filter(({ health }) => health === "err");
  assert.deepEqual(failed.map(({ name, lastError }) => `${name}: ${lastError}`), []);
});

test("a slow login leads to its trace", { timeout: 60_000 }, async () => {
  const query = 'postern_graphql_operation_duration_seconds_bucket{operation="evaluateLogin"}';
  const now = Date.now() / 1000;
  const told = await prometheus.until("there are exemplars", async () => {
    const found = await prometheus.ask("query_exemplars", { query, start: now - 600, end: now + 60 });
    return found.length > 0 && found;
  });
  const named = told.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
  assert.ok(named.some((trace) => traces.includes(trace)), `${named} of ${traces}`);
  // The collector has the spans of it: their names stand in the protobuf as they are.
  const spans = Buffer.concat(collector.requests.map(({ body }) => body));
  assert.ok(spans.includes(Buffer.from(named.find((trace) => traces.includes(trace)), "hex")));
  for (const span of ["POST /graphql", "mutation evaluateLogin", "hot_load_batch", "process SMS", "send SMS", "POST webhook"]) {
    assert.ok(spans.includes(span), span);
  }
});

test("a collector is sent what a scrape is told", { timeout: 60_000 }, async () => {
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  const told = [...new Set([...text.matchAll(/^([a-z]\w*?)(?:_bucket|_sum|_count)?[{ ]/gm)].map(([, name]) => name))];
  assert.ok(told.length > 40, "there is something to tell");
  const before = collector.requests.length;
  const sent = await prometheus.until("it was sent", async () => collector.requests.slice(before).find(({ url }) => url === "/v1/metrics"));
  // Names stand in the protobuf as they are.
  assert.deepEqual(told.filter((name) => !sent.body.includes(name)), []);
  for (const word of ["postern-dev", "service.instance.id", "evaluateLogin"]) assert.ok(sent.body.includes(word), word);
});

test("nothing that belongs to anybody is in a metric or a trace", async () => {
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  const spans = Buffer.concat(collector.requests.map(({ body }) => body)).toString("latin1");
  const live = postern.facts.tenants.find(({ environment }) => environment === "LIVE");
  const codes = texts.requests.map(({ body }) => /\d{6}/.exec(JSON.parse(body).text)[0]);
  for (const canary of ["+1415555", "4155552", "seen-", "203.0.113.", "Seen/", live.id, live.slug, live.apiKey, endpoint.url]) {
    assert.ok(!text.includes(canary), `${canary} is in the metrics`);
    assert.ok(!spans.includes(canary), `${canary} is in the traces`);
  }
  for (const code of codes) assert.ok(!spans.includes(code), "a code is in the traces");
});

test("metrics are told where they are wanted and nowhere else", async () => {
  assert.equal((await fetch(`http://${metrics}/metrics`)).status, 200);
  assert.equal((await fetch(`http://${metrics}/graphql`)).status, 404);
  for (const path of ["/metrics", "/metrics/", "/%6detrics", "//metrics"]) {
    const response = await fetch(`${postern.facts.url}${path}`);
    assert.ok(!(await response.text()).includes("postern_http_requests"), path);
  }
});
