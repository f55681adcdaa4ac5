// Many seeds on several lanes at once. A lane goes on with the next seed while the last one comes to rest.

import { rm } from "node:fs/promises";

import { Lane, Mould, workshop } from "./lane.mjs";
import { play } from "./run.mjs";
import { schedule } from "./schedule.mjs";

/** So many runs of a lane may be coming to rest at the same time. */
const RESTING = 24;

/**
 * Plays all seeds; `tell` is called with the verdict of each, in whatever order they come.
 * @param {{seeds: number[], lanes: number, fault?: object, tell: (verdict: object) => Promise<void>}} how
 */
export async function campaign({ seeds, lanes, fault, tell, mould }) {
  const folder = await workshop();
  const waiting = [...seeds];
  try {
    const made = mould ?? (await Mould.make(folder));
    const work = Array.from({ length: Math.min(lanes, seeds.length) }, (_, number) => workOn(made, number + 1, fault, waiting, tell));
    await Promise.all(work);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function workOn(mould, number, fault, waiting, tell) {
  let lane = await Lane.open(mould, number, fault);
  const resting = new Set();
  try {
    while (waiting.length > 0) {
      const seed = waiting.shift();
      const verdict = await begin(lane, seed, tell, resting);
      if (verdict === "lane is broken") {
        await Promise.all(resting);
        await lane.close();
        lane = await Lane.open(mould, number, fault);
      }
      while (resting.size >= RESTING) await Promise.race(resting);
    }
    await Promise.all(resting);
  } finally {
    await lane.close();
  }
}

async function begin(lane, seed, tell, resting) {
  try {
    const { report, verdict } = await play(lane, seed);
    const rest = verdict.catch((error) => failed(seed, error, report)).then(tell).finally(() => resting.delete(rest));
    resting.add(rest);
    return "goes on";
  } catch (error) {
    await tell(failed(seed, error));
    return "lane is broken";
  }
}

/** A run that could not be played or looked at is no run that held. */
function failed(seed, error, report = { seed, plan: schedule(seed), operations: 0, kills: 0, seconds: 0 }) {
  return { ...report, violations: [{ invariant: "the driver", words: error.stack ?? String(error), story: [] }] };
}
