// Everywhere at once: what changes at one gateway holds there with the answer, at every other within a
// second, within five when it hears nothing; and without the database nobody is let in.
//
// Deadlines are put to questions, not to answers: a question that is asked later than the deadline is
// answered by the new state. However slow the machine, an answer may take its time.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { codes } from "./support/api.mjs";
import { enrolled } from "./support/people.mjs";
import { Installation } from "./support/replicas.mjs";

const A_SECOND = 1_000;
/** How long a value is remembered by a gateway that hears nothing. */
const UNHEARD = 5_000;
const STEP = 25;
const CHANNELS = { allowedChannels: ["SMS", "TOTP"] };
const SCOPES = { login: ["LOGIN", "USERS", "READ"], desk: ["SUPPORT", "POLICY", "READ"] };

let installation, tenant, partnerKey;
/** The same keys at each gateway. */
let a, b;

before(async () => {
  installation = await Installation.start();
  partnerKey = (await installation.run("partner", "create", "--name", "Northgate Services")).trim();
  const [first] = installation.gateways;
  const input = { slug: "meridian", name: "Meridian Advisors", environment: "SANDBOX", ownerEmail: "owner@meridian.example" };
  tenant = (await first.api(partnerKey).must("createTenant", input, "tenant { id }")).tenant.id;
  const keys = { login: (await key("login", SCOPES.login)).secret, desk: (await key("desk", SCOPES.desk)).secret };
  [a, b] = installation.gateways.map((gateway) => at(gateway, keys));
});
after(() => installation?.stop());

function at(gateway, keys) {
  return { gateway, login: gateway.api(keys.login), desk: gateway.api(keys.desk) };
}

/** A new key of the tenant, made at the first gateway by its partner. */
function key(name, scopes) {
  const partner = installation.gateways[0].api(partnerKey, { "x-postern-tenant": tenant });
  return partner.must("createApiKey", { name, scopes }, "secret apiKey { id }");
}

/** Asks until it holds, and fails when a question asked `within` ms or more after `since` finds that it does not. */
async function holds(what, within, since, question) {
  for (;;) {
    const asked = performance.now();
    if (await question()) return;
    assert.ok(asked - since < within, `${what}: not so ${Math.round(asked - since)} ms after the change`);
    await sleep(STEP);
  }
}

/** While nobody need enroll it is optional; the reason tells by which policy a login was decided. */
const OPTIONAL = { ...CHANNELS, mandatoryFrom: null };
const optional = async (api) => (await api.evaluate("newcomer")).reasons[0] === "ENROLLMENT_OPTIONAL";

async function publish(api, external, more) {
  const published = await api.publish(external, more);
  assert.deepEqual(published.userErrors, []);
  return performance.now();
}

/** Publishes the one policy and the other in turn, at one gateway, watched at the other. */
async function publishesAndWatches(here, there, rounds, within) {
  for (let round = 0; round < rounds; round += 1) {
    const wanted = round % 2 === 0;
    assert.equal(await optional(there.login), !wanted, "what is known before");
    const since = await publish(here.desk, wanted ? OPTIONAL : CHANNELS);
    assert.equal(await optional(here.login), wanted, "at once where it was published");
    await holds("the policy", within, since, async () => (await optional(there.login)) === wanted);
  }
}

test("a policy decides at once where it was published, and within a second elsewhere", async () => {
  await a.login.upsert("newcomer");
  await publish(a.desk, CHANNELS);
  await sleep(A_SECOND);
  await publishesAndWatches(a, b, 4, A_SECOND);
  await publishesAndWatches(b, a, 4, A_SECOND);
});

const status = async (api) => (await api.raw("{ viewer { __typename } }")).status;

test("a revoked key opens nothing at once where it was revoked, and within a second elsewhere", async () => {
  const { secret, apiKey } = await key("short-lived", SCOPES.login);
  const [here, there] = [a.gateway.api(secret), b.gateway.api(secret)];
  assert.deepEqual([await status(here), await status(there)], [200, 200]);
  await a.gateway.api(partnerKey, { "x-postern-tenant": tenant }).must("revokeApiKey", { id: apiKey.id }, "apiKey { id }");
  const since = performance.now();
  assert.equal(await status(here), 401);
  await holds("the revoked key", A_SECOND, since, async () => (await status(there)) === 401);
});

test("a user who was locked or disabled is denied at the very next call, wherever", async () => {
  await a.login.upsert("suspect");
  const user = { externalId: "suspect" };
  const decided = async (api) => (await api.evaluate("suspect")).reasons;
  assert.deepEqual(await decided(b.login), ["ENROLLMENT_REQUIRED"]);
  await a.desk.must("lockUser", { user, reason: "a stolen laptop" }, "user { id }");
  for (const { login } of [b, a]) assert.deepEqual(await decided(login), ["USER_LOCKED"]);
  await b.desk.must("unlockUser", { user, reason: "it was found" }, "user { id }");
  for (const { login } of [a, b]) assert.deepEqual(await decided(login), ["ENROLLMENT_REQUIRED"]);
  await a.login.upsert("suspect", { disabled: true });
  for (const { login } of [b, a]) assert.deepEqual(await decided(login), ["USER_DISABLED"]);
});

test("a scheduled policy takes effect everywhere at its instant", async () => {
  await Promise.all([a, b].map(({ login }) => optional(login)));
  const instant = new Date((await a.login.clock()).getTime() + 2_500);
  const { policy } = await a.desk.must("publishPolicy", {
    policy: { internal: CHANNELS, external: OPTIONAL },
    expectedVersion: (await newest(a.desk)).version,
    effectiveAt: instant.toISOString(),
  }, "policy { version status }");
  assert.equal(policy.status, "SCHEDULED");
  const field = "login { policyVersion createdAt }";
  const ask = ({ login }) => login.must("evaluateLogin", { user: { externalId: "newcomer" }, firstFactor: "PASSWORD", ipAddress: "198.51.100.7" }, field);
  const decisions = [];
  while (Date.now() < instant.getTime() + A_SECOND) {
    decisions.push(...(await Promise.all([a, b].map(ask))).map(({ login }) => login));
  }
  const [early, late] = [decisions.filter((login) => new Date(login.createdAt) < instant), decisions.filter((login) => new Date(login.createdAt) >= instant)];
  assert.ok(early.length > 1 && late.length > 1, "on both sides of the instant");
  for (const login of early) assert.ok(login.policyVersion < policy.version, `${login.createdAt} is before ${instant.toISOString()}`);
  for (const login of late) assert.equal(login.policyVersion, policy.version, `${login.createdAt} is not before ${instant.toISOString()}`);
  await publish(a.desk, CHANNELS);
});

async function newest(api) {
  const { tenant } = await api.query("{ tenant { policyVersions(first: 1) { edges { node { version } } } } }");
  return tenant.policyVersions.edges[0].node;
}

test("a sandbox's clock that was moved at one gateway is moved at the other", async () => {
  await enrolled(a.login, "traveller");
  const login = await a.login.evaluate("traveller");
  const { challenge } = await a.login.start(login, login.methods[0]);
  const code = await a.login.code(challenge);
  const [before] = await Promise.all([a.login.clock(), b.login.clock()]);
  await a.desk.advance(16 * 60);
  const since = performance.now();
  const moved = async ({ login }) => (await login.clock()) - before >= 16 * 60_000;
  assert.ok(await moved(a), "at once where it was moved");
  assert.deepEqual(codes(await b.login.verify(challenge, code)), ["EXPIRED"], "what runs out has run out at the very next call");
  await holds("the clock that is shown", A_SECOND, since, () => moved(b));
});

const shown = async ({ login }) => (await login.query("{ tenant { status } }")).tenant.status;

test("a suspended tenant's logins are denied at the very next call, until the operator resumes it", async () => {
  const login = await a.login.evaluate("traveller");
  const { challenge } = await a.login.start(login, login.methods[0]);
  const code = await a.login.code(challenge);
  assert.deepEqual(await Promise.all([a, b].map(shown)), ["ACTIVE", "ACTIVE"]);
  const reasons = () => Promise.all([a, b].map(async ({ login }) => (await login.evaluate("traveller")).reasons));
  await installation.run("tenant", "suspend", "meridian");
  const since = performance.now();
  assert.deepEqual(await reasons(), [["TENANT_SUSPENDED"], ["TENANT_SUSPENDED"]]);
  assert.deepEqual(codes(await b.login.verify(challenge, code)), ["NOT_ALLOWED_BY_POLICY"], "a login that was begun before is not completed");
  for (const gateway of [a, b]) await holds("the status that is shown", A_SECOND, since, async () => (await shown(gateway)) === "SUSPENDED");
  await installation.run("tenant", "resume", tenant);
  for (const reason of (await reasons()).flat()) assert.notEqual(reason, "TENANT_SUSPENDED");
  const { tenant: seen } = await a.desk.query('{ tenant { auditLog(first: 10) { edges { node { actor action } } } } }');
  const acts = seen.auditLog.edges.map(({ node }) => node).filter(({ actor }) => actor === "operator").map(({ action }) => action);
  assert.deepEqual(acts, ["tenant.resumed", "tenant.suspended"]);
});

test("a new signing key is published everywhere within a second, long before it signs", async () => {
  const published = async ({ gateway }) => (await (await fetch(`${gateway.url}/.well-known/jwks.json`)).json()).keys.map(({ kid }) => kid);
  const before = await published(a);
  const [kid] = (await installation.run("keys", "rotate", "signing")).split(" ");
  const since = performance.now();
  assert.ok(!before.includes(kid));
  for (const gateway of [a, b]) await holds("the new key", A_SECOND, since, async () => (await published(gateway)).includes(kid));
  const [alone] = (await installation.run("keys", "rotate", "signing", "--revoke")).split(" ");
  const revoked = performance.now();
  const left = async (gateway) => (await published(gateway)).join() === alone;
  for (const gateway of [a, b]) await holds("that all others are revoked", A_SECOND, revoked, () => left(gateway));
});

test("a gateway that cannot listen knows within five seconds", async () => {
  assert.equal(b.gateway.road.deafen(), 1, "it listened");
  try {
    await publishesAndWatches(a, b, 2, UNHEARD);
  } finally {
    b.gateway.road.hear();
  }
});

test("a gateway whose notifications get lost without a word knows within five seconds, and hears again", async () => {
  await untilListening(b.gateway.road);
  b.gateway.road.silenceListeners();
  await publishesAndWatches(a, b, 2, UNHEARD);
  await untilListening(b.gateway.road);
  await publishesAndWatches(a, b, 2, A_SECOND);
});

/** Listening is told to the road when it is asked for; a little later it is so. */
async function untilListening(road) {
  for (let waited = 0; road.listening === 0; waited += STEP) {
    assert.ok(waited < 20_000, "nobody listens");
    await sleep(STEP);
  }
  await sleep(A_SECOND);
}
