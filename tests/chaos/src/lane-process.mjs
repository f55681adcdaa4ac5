// The process of one lane: it asks for seeds, plays one after another, and goes on with the next while the last one comes
// to rest. When the driver is gone, so is this, and by its leash everything that it started.

import { once } from "node:events";

import { Lane } from "./lane.mjs";
import { play } from "./run.mjs";
import { schedule } from "./schedule.mjs";

/** So many runs may be coming to rest at the same time. */
const RESTING = 24;

process.once("disconnect", () => process.exit());
const [{ lane: given }] = await once(process, "message");
const resting = new Set();

/** A run that could not be played or looked at is no run that held. */
function failed(seed, error, report = { seed, plan: schedule(seed), operations: 0, kills: 0, seconds: 0 }) {
  return { ...report, violations: [{ invariant: "the driver", words: error.stack ?? String(error), story: [] }] };
}

const tell = (verdict) => new Promise((sent) => process.send({ verdict }, sent));

async function nextSeed() {
  process.send({ wants: true });
  const [{ seed }] = await once(process, "message");
  return seed;
}

/** Begins a seed; whether the lane is fit for the next one. */
async function begin(lane, seed) {
  try {
    const { report, verdict } = await play(lane, seed);
    const rest = verdict.catch((error) => failed(seed, error, report)).then(tell).finally(() => resting.delete(rest));
    resting.add(rest);
    return true;
  } catch (error) {
    await tell(failed(seed, error));
    return false;
  }
}

async function work() {
  let lane = await Lane.open(given.mould, given.number, given.fault);
  try {
    for (let seed = await nextSeed(); seed !== null; seed = await nextSeed()) {
      if (!(await begin(lane, seed))) {
        await Promise.all(resting);
        await lane.close();
        lane = await Lane.open(given.mould, given.number, given.fault);
      }
      while (resting.size >= RESTING) await Promise.race(resting);
    }
    await Promise.all(resting);
  } finally {
    await lane.close();
  }
}

await work();
process.exit();
