// What became of each seed, a line each, for good: a seed that held is not run again.

import { execFileSync } from "node:child_process";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { inWords } from "./schedule.mjs";

const folder = fileURLToPath(new URL("../results/", import.meta.url));
const COLUMNS = ["seed", "commit", "faults", "operations", "kills", "seconds", "verdict"];
const HEAD = `${COLUMNS.join("\t")}\n`;

export const commit = () => process.env.POSTERN_COMMIT ?? execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: folder, encoding: "utf8" }).trim();

export class Results {
  constructor(file = `${folder}runs.tsv`) {
    this.file = file;
    this.commit = commit();
  }

  /** Of each seed the last line: what was broken once, mended, and played again stands there as both. */
  async rows() {
    const text = await readFile(this.file, "utf8").catch(() => HEAD);
    const rows = text.trim().split("\n").slice(1).map((line) => Object.fromEntries(line.split("\t").map((value, at) => [COLUMNS[at], value])));
    return [...new Map(rows.map((row) => [row.seed, row])).values()];
  }

  /** Those that need not be played any more. */
  async seeds() {
    return new Set((await this.rows()).filter(({ verdict }) => verdict === "held").map(({ seed }) => Number(seed)));
  }

  async add({ seed, plan, operations, kills, seconds, violations }) {
    const verdict = violations.length === 0 ? "held" : [...new Set(violations.map(({ invariant }) => invariant))].join(", ");
    const row = [seed, this.commit, inWords(plan), operations, kills, seconds.toFixed(1), verdict];
    await appendFile(this.file, `${(await readFile(this.file).catch(() => null)) ? "" : HEAD}${row.join("\t")}\n`);
  }

  /** What all lines come to, for people. */
  async summarize(file = `${folder}summary.md`) {
    await writeFile(file, summary(await this.rows()));
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + Number(number), 0);

export function summary(rows) {
  const having = (kind) => rows.filter(({ faults }) => new RegExp(`(^|, )${kind}[ @]`).test(faults)).length;
  const broken = rows.filter(({ verdict }) => verdict !== "held");
  const commits = [...new Set(rows.map((row) => row.commit))];
  return `# Crash runs

Written by \`make chaos\` from [runs.tsv](runs.tsv), which has a line for each seed; \`make chaos AGAIN=1 SEEDS=n\` replays one.

| | |
|---|---|
| runs | ${rows.length} |
| invariants held in | ${rows.length - broken.length} |
| operations of clients and onlookers | ${sum(rows.map(({ operations }) => operations))} |
| kills (kill -9) | ${sum(rows.map(({ kills }) => kills))} |
| runs in which a gateway was killed | ${having("gateway")} |
| runs in which a worker was killed | ${having("worker")} |
| runs in which PostgreSQL was killed and recovered | ${having("postgres")} |
| runs in which a standby was promoted | ${having("promote")} |
| runs in which a gateway's clock stepped | ${having("clock")} |
| runs in which a sandbox's clock moved | ${having("sandbox-clock")} |
| seconds of load and kills | ${Math.round(sum(rows.map(({ seconds }) => seconds)))} |
| commits | ${commits.join(", ")} |

${broken.length === 0 ? "No invariant was broken." : `Broken:\n\n${broken.map(({ seed, verdict }) => `- ${seed}: ${verdict}`).join("\n")}`}
`;
}
