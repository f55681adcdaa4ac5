// One run: a schedule, played on a lane. The load is over after some seconds; what it left behind (messages in doubt,
// webhooks to come) takes its time, and is looked at later, while the next run goes on.

import { setTimeout as sleep } from "node:timers/promises";

import { check } from "./model/index.mjs";
import { schedule } from "./schedule.mjs";
import { settle } from "./settle.mjs";
import { World } from "./world.mjs";

/** How long the load may last beyond its end, with calls that wait for a database that recovers. */
const LOAD_OVER_WITHIN = 120_000;

/** Plays the load; `verdict` is promised for when everything came to rest. */
export async function play(lane, seed) {
  const plan = schedule(seed);
  const world = new World(lane, plan);
  const begun = performance.now();
  await world.prepare();
  if (plan.standby) await lane.addStandby();
  const load = within(LOAD_OVER_WITHIN, world.load(), "the load did not end");
  // It may fail before it is waited for.
  load.catch(() => {});
  const kills = await Promise.all(plan.faults.map((fault) => bring(lane, world, fault)));
  await load;
  await lane.mend();
  const seconds = (performance.now() - begun) / 1_000;
  const report = { seed, plan, operations: world.history.calls.length + world.reads.length, kills: kills.filter(Boolean).length, seconds };
  return { report, verdict: judge(world, report) };
}

async function judge(world, report) {
  const final = await settle(world);
  const violations = [...check({ world, final }), ...world.problems.map((words) => ({ invariant: "the driver", words, story: [] }))];
  return { ...report, violations };
}

async function within(ms, promise, words) {
  const late = new AbortController();
  const timer = sleep(ms, undefined, { signal: late.signal }).then(() => Promise.reject(new Error(words)), () => {});
  try {
    return await Promise.race([promise, timer.then(() => promise)]);
  } finally {
    late.abort();
  }
}

const FAULTS = {
  async gateway(lane, { which, lasts }) {
    const gateway = lane.gateways[which];
    await gateway.kill();
    await sleep(lasts);
    gateway.begin();
  },
  async worker(lane, { lasts }) {
    await lane.worker.kill();
    await sleep(lasts);
    lane.worker.begin();
  },
  async postgres(lane, { lasts }) {
    await lane.crashDatabase();
    await sleep(lasts);
    await lane.restartDatabase();
  },
  promote: (lane) => lane.failOver(),
  async clock(lane, { seconds, lasts }) {
    const gateway = lane.gateways.find(({ steps }) => steps);
    await gateway.step(seconds);
    await sleep(lasts);
    await gateway.step(0);
  },
  async "sandbox-clock"(lane, { seconds }, world) {
    const { client } = world.tenants.find(({ environment }) => environment === "SANDBOX");
    await client.call("advanceSandboxClock", { seconds }, {}, world.random.fork("clock"));
  },
};

/** Brings a fault when its time is there; whether it was a kill. */
async function bring(lane, world, fault) {
  await sleep(fault.at);
  const begun = performance.now();
  await FAULTS[fault.kind](lane, fault, world);
  world.faults.push({ ...fault, begun, ended: performance.now() });
  return ["gateway", "worker", "postgres", "promote"].includes(fault.kind);
}
