// The month that the demo begins with: what its logins say of themselves, what they left in their users'
// histories, and what a rehearsal of a policy makes of them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Api } from "./support/api.mjs";
import { Server } from "./support/server.mjs";

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0";

let server;
let tenants;

before(async () => {
  server = await Server.start();
  tenants = server.facts.tenants.map(({ apiKey, supportApiKey, environment }) => ({
    environment,
    api: new Api(server.facts.graphql, apiKey),
    support: new Api(server.facts.graphql, supportApiKey),
  }));
});
after(() => server?.stop());

/** All logins of the tenant's month, newest first. */
async function month(api) {
  const page = "pageInfo { hasNextPage endCursor } edges { node { id outcome reasons riskScore riskSignals { kind score detail } location { city country } createdAt completedAt completedWith user { externalId } } }";
  const logins = [];
  for (let after = null; after !== undefined; ) {
    const { tenant } = await api.query(`query($after: String) { tenant { logins(first: 100, after: $after) { ${page} } } }`, { after });
    logins.push(...tenant.logins.edges.map(({ node }) => node));
    after = tenant.logins.pageInfo.hasNextPage ? tenant.logins.pageInfo.endCursor : undefined;
  }
  return logins;
}

const because = (logins, reason) => logins.filter((login) => login.reasons[0] === reason);

test("every login says where it was and why it was decided so, in the sandbox and live", async () => {
  for (const { api, environment } of tenants) {
    const logins = await month(api);
    assert.ok(logins.length > 180, `${environment}: ${logins.length}`);
    assert.equal(because(logins, "ENROLLMENT_REQUIRED").length, 12);
    assert.ok(because(logins, "LOW_RISK").length > 150);
    assert.ok(because(logins, "RISK_DETECTED").length >= 6);
    assert.equal(because(logins, "ADAPTIVE_NOT_STARTED").length, 1);
    for (const login of logins) {
      const sum = login.riskSignals.reduce((total, signal) => total + signal.score, 0);
      assert.equal(login.riskScore, Math.min(100, sum));
      const expected = login.reasons[0] === "LOW_RISK" ? [true, null] : [login.completedAt !== null, login.completedWith];
      assert.deepEqual([login.completedAt !== null, login.completedWith], expected);
    }
    assert.deepEqual(new Set(logins.map((login) => login.location?.city)), new Set(["Minneapolis", "San Francisco", "London", "Boston", "Sydney", undefined]));
    assert.equal(logins.filter((login) => login.completedAt === null).length, 3, "three thieves");
    assert.equal(await api.query("query($id: ID!) { login(id: $id) { assertion } }", { id: logins[0].id }).then((data) => data.login.assertion), null, "long past");
  }
});

test("today's logins are judged by that month", async () => {
  const [{ api }] = tenants;
  const at = (externalId, ipAddress, userAgent = FIREFOX) => api.evaluate(externalId, { ipAddress, userAgent });
  const home = await at("paul.becker", "192.0.2.47");
  assert.deepEqual([home.outcome, home.reasons, home.riskScore], ["ALLOW", ["LOW_RISK"], 0]);
  const sydney = await at("mina.sato", "2001:db8:2::91");
  assert.equal(sydney.riskSignals.some(({ kind }) => kind === "NEW_COUNTRY"), false, "she was there this month");
  const london = await at("paul.becker", "203.0.113.18");
  assert.deepEqual(london.reasons, ["RISK_DETECTED"]);
  assert.match(london.riskSignals[0].detail, /^\d,\d{3} km from the last login /);
  const thief = await at("grace.osei", "203.0.113.200", FIREFOX.replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64"));
  const kinds = thief.riskSignals.map(({ kind }) => kind);
  for (const kind of ["ANONYMIZER", "NEW_COUNTRY", "NEW_DEVICE"]) assert.ok(kinds.includes(kind), "having tried did not make it familiar");
});

/** What became of the month under a draft. */
async function rehearsed({ support }, policy) {
  const { simulation } = await support.must("simulatePolicy", { policy, days: 31 }, "simulation { id }");
  for (;;) {
    const fields = "status loginsReplayed loginsSkipped transitions { from to count }";
    const { node } = await support.query(`query($id: ID!) { node(id: $id) { ... on PolicySimulation { ${fields} } } }`, { id: simulation.id });
    if (!["QUEUED", "RUNNING"].includes(node.status)) return node;
    await sleep(100);
  }
}

const count = (simulation, from, to) => simulation.transitions.find((one) => one.from === from && one.to === to)?.count ?? 0;

test("a rehearsal on the month tells what a stricter policy, and a laxer one, would cost", async () => {
  const live = tenants.find(({ environment }) => environment === "LIVE");
  const logins = await month(live.api);
  const allowed = because(logins, "LOW_RISK").length;
  const audience = { allowedChannels: ["SMS", "VOICE"] };
  const high = await rehearsed(live, { internal: { ...audience, defaultLevel: "HIGH", minimumLevel: "HIGH" }, external: { ...audience, defaultLevel: "HIGH", minimumLevel: "HIGH" } });
  assert.deepEqual([high.status, high.loginsReplayed, high.loginsSkipped], ["COMPLETED", logins.length, 0]);
  assert.deepEqual([count(high, "ALLOW", "CHALLENGE"), count(high, "ALLOW", "ALLOW")], [allowed, 0]);

  const strict = await rehearsed(live, { internal: audience, external: audience, risk: { challengeThreshold: 25 } });
  const unusual = because(logins, "LOW_RISK").filter((login) => login.riskScore >= 25).length;
  assert.ok(unusual >= 5, `${unusual} logins a little unusual`);
  assert.deepEqual([count(strict, "ALLOW", "CHALLENGE"), count(strict, "ALLOW", "ALLOW")], [unusual, allowed - unusual]);

  const lax = await rehearsed(live, { internal: audience, external: audience, risk: { challengeThreshold: 100, maxTravelSpeedKmh: 2000 } });
  assert.ok(count(lax, "CHALLENGE", "ALLOW") >= 4);
  assert.ok(count(lax, "CHALLENGE", "CHALLENGE") >= 1, "the thief behind Tor is still asked");
});
