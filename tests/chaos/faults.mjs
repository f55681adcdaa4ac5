#!/usr/bin/env node
// faults [NAME…]: puts each fault of faults/ into an installation of its own, plays seeds until it is caught, and writes
// results/faults.md. Fails where one is not caught by an invariant that its file names.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { campaign } from "./src/campaign.mjs";
import { faults } from "./src/faults.mjs";
import { commit } from "./src/results.mjs";
import { schedule } from "./src/schedule.mjs";
import { describe } from "./src/words.mjs";

const PAGE = fileURLToPath(new URL("./results/faults.md", import.meta.url));
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
      return catcher({ found, fault }) ? "enough" : "more";
    },
  });
  return found;
}

/** The invariant that caught it, of those that its file names. */
const catcher = ({ found, fault }) => fault.caughtBy.find((name) => found.by[name]);
const times = ([name, runs]) => `${name} (${runs})`;
const others = (row) => Object.entries(row.found.by).filter(([name]) => name !== catcher(row)).map(times).join(", ");
const caught = (row) => (catcher(row) ? times([catcher(row), row.found.by[catcher(row)]]) : "**not caught**");
const line = ({ fault, found }) =>
  `| [${fault.name}](../faults/${fault.name}.sql) | ${fault.words} | ${caught({ fault, found })} | ${others({ fault, found })} | ${found.runs} | ${found.commit} |`;

const HEAD = `# Faults that were put in by hand

Written by \`make chaos-faults\`: each fault is put into an installation of its own, and seeds are played until it is caught.
In brackets, in how many runs an invariant was broken.

| fault | what it breaks | caught by | and by | runs | commit |
|---|---|---|---|---|---|
`;

/** Puts a line into the page, in the place of the fault's last one. */
async function note(row) {
  const lines = (await readFile(PAGE, "utf8").catch(() => HEAD)).split("\n").filter((text) => text.startsWith("| [") && !text.startsWith(`| [${row.fault.name}]`));
  await writeFile(PAGE, `${HEAD}${[...lines, line(row)].sort().join("\n")}\n`);
}

const names = process.argv.slice(2);
const chosen = (await faults()).filter(({ name }) => names.length === 0 || names.includes(name));
for (const fault of chosen) {
  const found = { ...(await hunt(fault)), commit: commit() };
  await note({ fault, found });
  console.log(`${new Date().toISOString()} ${fault.name}: ${JSON.stringify(found)}`);
  if (!catcher({ found, fault })) process.exitCode = 1;
}
