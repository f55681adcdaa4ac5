// Without the database nobody is let in who would have been asked: every call of a login answers
// UNAVAILABLE, soon; and when the database is back so are the answers, without a restart.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { enrolled } from "./support/people.mjs";
import { Installation } from "./support/replicas.mjs";

/** Within which UNAVAILABLE is told. */
const TOLD_WITHIN = 2_000;
/** Longer than anything is remembered: what still answered then would answer for ever. */
const AWAY = 7_000;
const BACK_WITHIN = 5_000;
const STEP = 250;
/** A slow machine takes its time before it has answered each of them once. */
const WHOLE_WITHIN = 60_000;
/** Calls whose every step is bounded; others that were in the middle of a statement have the request's time limit. */
const COMBINED = ["evaluateLogin", "startChallenge", "verifyChallenge"];
const SCOPES = ["LOGIN", "USERS", "READ", "POLICY"];

let installation, gateway, api, login, challenge;

before(async () => {
  installation = await Installation.start();
  [gateway] = installation.gateways;
  const partnerKey = (await installation.run("partner", "create", "--name", "Northgate Services")).trim();
  const input = { slug: "meridian", name: "Meridian Advisors", environment: "SANDBOX", ownerEmail: "owner@meridian.example" };
  const { tenant } = await gateway.api(partnerKey).must("createTenant", input, "tenant { id }");
  const partner = gateway.api(partnerKey, { "x-postern-tenant": tenant.id });
  api = gateway.api((await partner.must("createApiKey", { name: "login", scopes: SCOPES }, "secret")).secret);
  await enrolled(api, "client");
  login = await api.evaluate("client");
  assert.equal(login.outcome, "CHALLENGE");
  ({ challenge } = await api.start(login, login.methods[0]));
});
after(() => installation?.stop());

/** Every call of a login, of a client who would be asked. */
function calls() {
  const input = (fields) => ({ input: fields });
  const user = { externalId: "client" };
  return [
    ["evaluateLogin", input({ user, firstFactor: "PASSWORD", ipAddress: "198.51.100.7" }), "login { outcome completedAt }"],
    ["startChallenge", input({ loginId: login.id, methodId: login.methods[0].id }), "challenge { id }"],
    ["verifyChallenge", input({ challengeId: challenge.id, code: "000000" }), "login { outcome completedAt }"],
    ["skipEnrollment", input({ loginId: login.id }), "login { outcome completedAt }"],
  ];
}

/** One call: whether it was told to come back, how long it took, and whether anybody was let in. */
async function call([name, variables, fields]) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation($input: ${type}) { ${name}(input: $input) { ${fields} userErrors { code } } }`;
  const asked = performance.now();
  const { body } = await api.raw(query, variables);
  const answered = performance.now();
  const decided = body.data?.[name]?.login;
  const letIn = decided?.outcome === "ALLOW" || Boolean(decided?.completedAt);
  return { name, asked, took: answered - asked, code: body.errors?.[0].extensions.code, letIn, body };
}

/** What needs no database: it tells how slow everything else is at the moment. */
async function breath() {
  const asked = performance.now();
  await (await fetch(`${gateway.url}/healthz`)).arrayBuffer();
  return { asked, took: performance.now() - asked };
}

/** Calls of each kind at a steady pace, whether or not the earlier ones were answered, while it goes on; tells each answer. */
async function watch(goesOn, tell) {
  const [answers, breaths] = [[], []];
  const told = async (one) => {
    const answer = await call(one);
    tell(answer);
    return answer;
  };
  while (goesOn()) {
    answers.push(...calls().map(told));
    breaths.push(breath());
    await sleep(STEP);
  }
  return { answers: await Promise.all(answers), breaths: await Promise.all(breaths) };
}

async function withoutDatabase(leave, comeBack) {
  let on = true;
  const answered = new Set();
  const watching = watch(() => on, ({ name }) => answered.add(name));
  for (let waited = 0; answered.size < calls().length && waited < WHOLE_WITHIN; waited += STEP) await sleep(STEP);
  const left = performance.now();
  await leave();
  const gone = performance.now();
  await sleep(AWAY);
  await comeBack();
  const back = performance.now();
  await sleep(BACK_WITHIN + 1_000);
  on = false;
  return { ...(await watching), left, gone, back };
}

/** The longest breath while this call was waiting: on a busy machine every call is late by as much. */
function busy(breaths, { asked, took }) {
  const meanwhile = breaths.filter((breath) => breath.asked < asked + took && breath.asked + breath.took > asked);
  return Math.max(0, ...meanwhile.map((breath) => breath.took));
}

function check({ answers, breaths, left, gone, back }) {
  assert.deepEqual(answers.filter(({ letIn }) => letIn), [], "nobody is let in");
  const whole = answers.filter(({ asked, took }) => asked + took < left);
  const away = answers.filter(({ asked, took }) => asked >= gone && asked + took < back);
  const again = answers.filter(({ asked }) => asked > back + BACK_WITHIN);
  for (const [name] of calls()) {
    for (const [when, some] of Object.entries({ whole, away, again })) {
      assert.ok(some.some((answer) => answer.name === name), `${name}, ${when}`);
    }
  }
  for (const { name, code, body } of [...whole, ...again]) assert.equal(code, undefined, `${name}: ${JSON.stringify(body)}`);
  for (const { name, code, body } of away) assert.equal(code, "UNAVAILABLE", `${name}: ${JSON.stringify(body)}`);
  // Those whose time was up before the database came back.
  const unserved = answers.filter(({ asked, took }) => asked + took > left && asked + TOLD_WITHIN < back);
  const bounded = unserved.filter(({ name, asked }) => asked > left || COMBINED.includes(name));
  const late = bounded
    .map((answer) => ({ ...answer, after: answer.asked - left, busy: busy(breaths, answer) }))
    .filter(({ took, busy }) => took > TOLD_WITHIN + busy)
    .map(({ name, after, took, busy, code }) => ({ name, after, took, busy, code }));
  assert.deepEqual(late, [], "whoever asks is told soon, of the login path also who had asked before");
}

test("the database is stopped, and started", async () => {
  const { road } = gateway;
  check(await withoutDatabase(() => road.close(), () => road.open()));
});

test("the database falls silent, and speaks again", async () => {
  const { road } = gateway;
  check(await withoutDatabase(() => road.silence(), () => road.speak()));
});

test("the database falls silent, and is back on another machine", async () => {
  const { road } = gateway;
  check(await withoutDatabase(() => road.silence(), () => road.reroute()));
});

test("it was one process all the time, and the other gateway never noticed", async () => {
  assert.ok(installation.gateways.every(({ running }) => running));
  const [, other] = installation.gateways;
  assert.equal((await fetch(`${other.url}/readyz`)).status, 200);
  assert.doesNotMatch(other.log, /database unavailable/);
});
