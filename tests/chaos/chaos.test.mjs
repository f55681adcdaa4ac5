// Thirty runs with seeds that never change, on three lanes: one test a seed, so that a failure names what to replay.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { SEEDS } from "./chaos.test.seeds.mjs";
import { campaign } from "./src/campaign.mjs";
import { inWords, schedule } from "./src/schedule.mjs";
import { describe } from "./src/words.mjs";

const LANES = 3;
const verdicts = new Map(SEEDS.map((seed) => {
  const promised = {};
  promised.verdict = new Promise((resolve, reject) => Object.assign(promised, { resolve, reject }));
  promised.verdict.catch(() => {});
  return [seed, promised];
}));

let playing;
before(() => {
  playing = campaign({ seeds: SEEDS, lanes: LANES, tell: async (verdict) => verdicts.get(verdict.seed).resolve(verdict) });
  // Where the lanes themselves cannot be had, every test says why.
  playing.catch((error) => verdicts.forEach(({ reject }) => reject(error)));
});
after(() => playing);

for (const seed of SEEDS) {
  test(`seed ${seed}: ${inWords(schedule(seed))}`, async () => {
    const verdict = await verdicts.get(seed).verdict;
    assert.ok(verdict.kills >= 1 || verdict.violations.length, "somebody was killed");
    assert.ok(verdict.violations.length === 0, describe(verdict));
  });
}
