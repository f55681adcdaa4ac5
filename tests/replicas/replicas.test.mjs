// The stories, as they are played against one server, against three behind a balancer: through PgBouncer in transaction mode,
// with limits shared in Redis, whichever gateway answers, and whichever worker carries the codes. Then, on the same
// installation, what is killed and restarted.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { enrolled } from "../stories/support/people.mjs";
import { until } from "./support/children.mjs";
import { Installation } from "./support/installation.mjs";
import { Load } from "./support/load.mjs";

const STORIES = fileURLToPath(new URL("../stories", import.meta.url));
/** What `infra/haproxy/haproxy.cfg` needs to see that a gateway is gone: two looks, half a second apart; and a slow machine. */
const HEALTH_CHECK = 1_000 + 1_000;
/** How long anything may take to be as before. */
const AS_BEFORE = 30_000;
/** Requests a second. */
const RATE = 20;
/** How long Redis is away; `make`'s long form is a minute. */
const REDIS_AWAY = Number(process.env.REDIS_AWAY_SECONDS ?? 8);

let installation;
before(async () => {
  installation = await Installation.start();
});
after(() => installation?.stop());

/** Plays a file of stories; what it said where it failed. */
async function play(file) {
  const env = { ...process.env, POSTERN_FACTS: installation.factsFile, NODE_TEST_CONTEXT: undefined };
  const child = spawn(process.execPath, ["--test", "--test-reporter=tap", file], { cwd: STORIES, env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (data) => (said += data));
  const code = await new Promise((resolve) => child.once("close", resolve));
  const passed = Number(/^# pass (\d+)$/m.exec(said)?.[1]);
  assert.ok(code === 0 && passed > 10, said);
}

test("doctor sees PgBouncer and Redis, and refuses a pooler without a way past it", async () => {
  const whole = await installation.doctor();
  assert.equal(whole.code, 0, whole.said);
  assert.match(whole.said, /redis\.url answers/);
  assert.match(whole.said, /PgBouncer in transaction mode/);
  const alone = await installation.doctor({ POSTERN_DATABASE__DIRECT_URL: "" });
  assert.equal(alone.code, 1, alone.said);
  assert.match(alone.said, /give the way past it as database\.direct_url/);
  const away = await installation.doctor({ POSTERN_REDIS__URL: "redis://127.0.0.1:1" });
  assert.match(away.said, /redis\.url does not answer: each process lets 50 % of every limit through/);
});

test("S1 to S13 pass through the balancer, whoever answers", () => play("api.test.mjs"));
test("S5, S10 and what Standard remembers pass through the balancer", () => play("risk.test.mjs"));

/** A login that begins: nobody is asked for a code before somebody needs it. */
async function evaluates(number) {
  const login = await installation.api().evaluate(`loaded-${number % 50}`);
  return login.id;
}

async function people() {
  const api = installation.api();
  for (let number = 0; number < 50; number += 1) await api.upsert(`loaded-${number}`);
}

/** What was acknowledged is there, whoever is asked. */
async function nothingIsLost(load) {
  const api = installation.api();
  for (const { answer } of load.answered) assert.ok(await api.login(answer), `${answer} was acknowledged and is missing`);
}

test("a rolling restart under load: not one failed request", async () => {
  await people();
  const load = new Load(RATE, evaluates);
  for (const gateway of installation.gateways) {
    assert.equal(await gateway.process.stop(), 0, gateway.process.log);
    await gateway.up();
    await until("the balancer sees it again", async () => (await installation.balancer.serving()) === 3);
  }
  await load.stop();
  assert.deepEqual(load.failed, [], load.told);
  assert.ok(load.answered.length > 100, load.told);
  await nothingIsLost(load);
});

/** Under load, `act`; what was asked later than `after` milliseconds after it must be answered. */
async function underLoad(act, after) {
  const load = new Load(RATE, evaluates);
  await sleep(1_000);
  const acted = performance.now();
  let asBefore;
  try {
    asBefore = await act();
    await sleep(after + 1_500);
  } finally {
    await load.stop();
  }
  const late = load.failed.filter(({ began }) => began > (asBefore ?? acted) + after);
  assert.deepEqual(late, [], load.told);
  await nothingIsLost(load);
  return load;
}

test("a gateway that is killed fails what it had in hand, and nothing that is asked once its health was checked", async () => {
  const [first] = installation.gateways;
  const load = await underLoad(() => first.process.kill(), HEALTH_CHECK);
  assert.ok(load.failed.length <= (RATE * HEALTH_CHECK) / 1_000, load.told);
  await first.up();
});

test("a worker that is killed loses no message and fails no login", async () => {
  assert.deepEqual((await installation.desk().publish({ defaultLevel: "HIGH", minimumLevel: "HIGH" })).userErrors, []);
  const api = installation.api();
  const begun = [];
  for (let number = 0; number < 6; number += 1) {
    await enrolled(api, `waits-${number}`);
    const login = await api.evaluate(`waits-${number}`);
    begun.push(login);
  }
  const started = [];
  const load = await underLoad(async () => {
    started.push(...begun.map((login) => api.start(login, login.methods[0])));
    await installation.workers[0].kill();
  }, 0);
  assert.deepEqual(load.failed, [], load.told);
  // What the dead one had claimed goes out when its lease has run out, after half a minute.
  for (const { challenge } of await Promise.all(started)) {
    const { login } = await api.verify(challenge, await api.code(challenge, 60_000));
    assert.ok(login.completedAt);
  }
  installation.workers[0] = installation.run("worker");
});

test("Redis that is killed fails nothing at all", async () => {
  const load = await underLoad(() => installation.redis.kill(), 0);
  assert.deepEqual(load.failed, [], load.told);
  await installation.redis.up();
});

test("PgBouncer, and PostgreSQL, that are killed: logins go on when they are back, and nothing is lost", async () => {
  for (const part of [installation.bouncer, installation.postgres]) {
    const again = async () => {
      await part.kill();
      await part.up();
      await until("logins go on", () => evaluates(0).then(() => true, () => false), AS_BEFORE);
      return performance.now();
    };
    await underLoad(again, HEALTH_CHECK);
  }
});

/** One user's logins at so many a second, through the balancer; each is allowed, or refused for its rate. */
function attack(user, rate) {
  return new Load(rate, async () => {
    const { status, body } = await installation.api().raw(
      `mutation($input: EvaluateLoginInput!) { evaluateLogin(input: $input) { login { id } } }`,
      { input: { user: { externalId: user }, firstFactor: "PASSWORD", ipAddress: "198.51.100.7" } },
    );
    const code = body.errors?.[0]?.extensions?.code;
    assert.ok(status === 429 || code === "RATE_LIMITED" || (status === 200 && !code), `${status} ${JSON.stringify(body)}`);
    return status === 200 && !code;
  });
}

const allowed = (load) => load.answered.filter(({ answer }) => answer).length;
/** What one user may ask in so many milliseconds: 60 at once, 30 a minute. */
const budget = (milliseconds) => 60 + milliseconds / 2_000;

test("a user's rate holds exactly across gateways", async () => {
  await installation.api().upsert("hammered");
  const began = performance.now();
  const many = attack("hammered", 60);
  await sleep(4_000);
  await many.stop();
  const passed = allowed(many);
  assert.deepEqual(many.failed, [], many.told);
  assert.ok(passed >= 58 && passed <= budget(performance.now() - began) + 1, `${passed} of ${many.answered.length}`);
});

test("Redis stopped under attack: no budget is exceeded by more than the shares allow, and logins go on", async () => {
  await installation.api().upsert("attacked");
  const others = new Load(5, evaluates);
  const began = performance.now();
  const load = attack("attacked", 40);
  await sleep(3_000);
  await installation.redis.kill();
  await sleep(REDIS_AWAY * 1_000);
  await installation.redis.up();
  await sleep(3_000);
  await load.stop();
  await others.stop();
  const passed = allowed(load);
  assert.deepEqual([load.failed, others.failed], [[], []], `${load.told} ${others.told}`);
  // Three gateways with half of each limit: while it is away, and when it comes back empty.
  const most = 1.5 * budget(performance.now() - began) + 1;
  assert.ok(passed >= 58 && passed <= most, `${passed} passed, ${most} at most`);
  console.log(`${passed} of ${load.answered.length} passed; by the limit ${Math.round(budget(performance.now() - began))}`);
});
