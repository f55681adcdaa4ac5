// Many seeds on several lanes at once, each lane in a process of its own.

import { fork } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Mould, workshop } from "./lane.mjs";
import { describe, isUndecided } from "./words.mjs";

const LANE = fileURLToPath(new URL("lane-process.mjs", import.meta.url));

/**
 * Plays all seeds; `tell` is called with the verdict of each, one after another, in whatever order they come. Where it
 * says "enough", that is the end: of what is being played nobody hears any more. A machine that is busy elsewhere keeps a
 * driver from playing a run; such a run is played once more, when the others are over, and then its verdict stands.
 * @param {{seeds: number[], lanes: number, fault?: object, tell: (verdict: object) => Promise<string | void>}} how
 */
export async function campaign({ seeds, lanes, fault, tell }) {
  const folder = await workshop();
  const undecided = [];
  const enough = new AbortController();
  let telling = Promise.resolve();
  const inTurn = (verdict) => (telling = telling.then(async () => {
    if (!enough.signal.aborted && (await tell(verdict)) === "enough") enough.abort();
  }));
  const atFirst = (verdict) => {
    if (!isUndecided(verdict)) return inTurn(verdict);
    console.error(`${verdict.seed} is played once more: ${describe(verdict)}`);
    return undecided.push(verdict.seed);
  };
  try {
    const mould = await Mould.make(folder);
    const playAll = (left, many, hear) => Promise.all(Array.from({ length: Math.min(many, left.length) }, (_, number) =>
      workOn({ mould, number: number + 1, fault }, left, hear, enough.signal)));
    await playAll([...seeds], lanes, atFirst);
    if (!enough.signal.aborted) await playAll(undecided, 1, inTurn);
    await telling;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** A lane asks for a seed whenever it can begin one, and tells verdicts when it has them. */
async function workOn(lane, waiting, tell, enough) {
  const child = fork(LANE, [], { stdio: "inherit", detached: true });
  const handed = new Set();
  child.on("message", ({ wants, verdict }) => {
    if (verdict) handed.delete(verdict.seed) && tell(verdict);
    if (!wants) return;
    const seed = waiting.shift() ?? null;
    if (seed !== null) handed.add(seed);
    child.send({ seed });
  });
  child.send({ lane });
  // By its leash everything that it started ends with it.
  enough.addEventListener("abort", () => child.kill("SIGKILL"));
  const [status] = await once(child, "exit");
  if (enough.aborted) return;
  if (status !== 0 || handed.size > 0) throw new Error(`lane ${lane.number} ended with ${status} while it played ${[...handed]}`);
}
