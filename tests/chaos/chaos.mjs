#!/usr/bin/env node
// chaos SEEDS: plays seeds (`7`, `1..1000`) that have not held yet, and says what became of them.
// chaos --print SEED: only shows what such a run would do. chaos --again SEEDS: plays them whatever the results say.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

import { campaign } from "./src/campaign.mjs";
import { Results } from "./src/results.mjs";
import { inWords, schedule } from "./src/schedule.mjs";
import { describe } from "./src/words.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { print: { type: "boolean" }, again: { type: "boolean" }, lanes: { type: "string" } },
});

function seedsOf(words) {
  const [first, last = first] = words.split("..").map(Number);
  if (!(first >= 0 && last >= first)) throw new Error(`${words}: a seed, or a range such as 1..1000`);
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}

async function main() {
  const seeds = positionals.flatMap(seedsOf);
  if (values.print) return seeds.forEach((seed) => console.log(JSON.stringify(schedule(seed), null, 2)));
  const results = new Results();
  const known = values.again ? new Set() : await results.seeds();
  const left = seeds.filter((seed) => !known.has(seed));
  console.log(`${left.length} of ${seeds.length} seeds to play`);
  let broken = 0;
  await campaign({
    seeds: left,
    lanes: Number(values.lanes ?? Math.max(1, availableParallelism())),
    async tell(verdict) {
      if (verdict.violations.length) broken += 1;
      console.log(`${new Date().toISOString()} ${verdict.seed} (${inWords(verdict.plan)}), ${verdict.operations} operations, ${verdict.seconds.toFixed(1)} s: ${describe(verdict)}`);
      if (!values.again) await results.add(verdict);
    },
  });
  if (!values.again) await results.summarize();
  if (broken) process.exitCode = 1;
}

await main();
