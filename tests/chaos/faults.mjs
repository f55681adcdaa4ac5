#!/usr/bin/env node
// faults [NAME…]: puts each fault of faults/ into an installation of its own, plays seeds until it is caught, and writes
// results/faults.md. Fails where one is not caught by the invariant that its file names.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { campaign } from "./src/campaign.mjs";
import { faults } from "./src/faults.mjs";
import { commit } from "./src/results.mjs";
import { schedule } from "./src/schedule.mjs";
import { describe } from "./src/words.mjs";

/** Seeds that no campaign uses. */
const FIRST = 2_000_000;
const AT_MOST = 24;
const LANES = 2;

/** Seeds in whose schedule there is what the fault needs to show. */
function seedsFor({ needs }) {
  const seeds = [];
  for (let seed = FIRST; seeds.length < AT_MOST; seed += 1) {
    if (!needs || schedule(seed).faults.some(({ kind }) => kind === needs)) seeds.push(seed);
  }
  return seeds;
}

/** Plays seeds until the named invariant was broken; in how many runs that was, and what else was. */
async function hunt(fault) {
  const found = { runs: 0, by: {} };
  await campaign({
    seeds: seedsFor(fault), lanes: LANES, fault,
    async tell(verdict) {
      found.runs += 1;
      if (process.env.CHAOS_VERBOSE) console.log(describe(verdict));
      for (const invariant of new Set(verdict.violations.map((one) => one.invariant))) found.by[invariant] = (found.by[invariant] ?? 0) + 1;
      return found.by[fault.caughtBy] ? "enough" : "more";
    },
  });
  return found;
}

function page(rows) {
  const lines = rows.map(({ fault, found }) => {
    const others = Object.entries(found.by).filter(([name]) => name !== fault.caughtBy).map(([name, runs]) => `${name} (${runs})`);
    const caught = found.by[fault.caughtBy] ? `${fault.caughtBy} (${found.by[fault.caughtBy]})` : "**not caught**";
    return `| [${fault.name}](../faults/${fault.name}.sql) | ${fault.words} | ${caught} | ${others.join(", ")} | ${found.runs} |`;
  });
  return `# Faults that were put in by hand

Written by \`make chaos-faults\` at ${commit()}: each fault is put into an installation of its own, and seeds are played until it is caught.
In brackets, in how many runs an invariant was broken.

| fault | what it breaks | caught by | and by | runs |
|---|---|---|---|---|
${lines.join("\n")}
`;
}

const names = process.argv.slice(2);
const chosen = (await faults()).filter(({ name }) => names.length === 0 || names.includes(name));
const rows = [];
for (const fault of chosen) {
  const found = await hunt(fault);
  rows.push({ fault, found });
  console.log(`${new Date().toISOString()} ${fault.name}: ${JSON.stringify(found)}`);
}
if (names.length === 0) await writeFile(fileURLToPath(new URL("./results/faults.md", import.meta.url)), page(rows));
if (rows.some(({ fault, found }) => !found.by[fault.caughtBy])) process.exitCode = 1;
