// Writes the tables of docs/capacity.md from what was measured (load-tests/results/capacity.json): what a login
// costs, and how many machines that makes for a firm, a bank and a country. With `--check` it only compares.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const MEASURED = join(ROOT, "load-tests/results/capacity.json");
const PAPER = join(ROOT, "docs/capacity.md");

/** What is taken for granted; docs/capacity.md says why. */
export const ASSUMED = {
  /** Logins of a user in a day, over the whole week. */
  loginsPerUserAndDay: 0.7,
  /** Of a day's logins, those of its busiest hour. */
  busiestHour: 0.15,
  /** Of that hour, by how much its busiest seconds exceed the average. */
  busiestSeconds: 3,
  /** Of a processor's time, what is planned for: the rest is for vacuum, checkpoints, and a machine that is lost. */
  planned: 0.4,
  /** Days that logins, challenges and messages are kept: retention.logins_days and retention.messages_days. */
  days: 400,
  gatewayCores: 4,
  databaseCores: 32,
  /** Of a node's disks, what its tables may take. */
  databaseTerabytes: 8,
  /** A user with a phone, a policy, a device and their indexes. */
  bytesPerUser: 2500,
};

export const SIZES = [
  { name: "a firm", tenants: 1, users: 10_000 },
  { name: "a bank", tenants: 10, users: 5_000_000 },
  { name: "a country", tenants: 1_000_000, users: 100_000_000 },
];

/** Machines for a size, from what a login costs in microseconds and bytes. */
export function derived({ tenants, users }, measured, assumed = ASSUMED) {
  const cost = measured.login_at_30_percent;
  const aDay = users * assumed.loginsPerUserAndDay;
  const peak = ((aDay * assumed.busiestHour) / 3600) * assumed.busiestSeconds;
  const cores = (micros) => (peak * micros) / 1e6 / assumed.planned;
  const kept = aDay * assumed.days * measured.kept_bytes_per_login + users * assumed.bytesPerUser;
  const gatewayCores = cores(cost.gateway_us);
  const databaseCores = cores(cost.database_us);
  const byCores = Math.ceil(databaseCores / assumed.databaseCores);
  const bySpace = Math.ceil(kept / 1e12 / assumed.databaseTerabytes);
  return {
    tenants,
    users,
    aDay,
    peak,
    gatewayCores,
    databaseCores,
    workerCores: cores(cost.worker_us),
    // One more than carries the peak, and two at least: any may be lost.
    gateways: Math.max(2, Math.ceil(gatewayCores / assumed.gatewayCores) + 1),
    nodes: Math.max(byCores, bySpace),
    kept,
    logPerDay: aDay * cost.log_bytes,
  };
}

const number = (value) => Math.round(value).toLocaleString("en-US");
const cores = (value) => (value < 10 ? value.toFixed(1) : number(value));

export function bytes(value) {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1);
  const amount = value / 1000 ** power;
  return `${amount < 10 && power > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[power]}`;
}

/** What a login costs. */
export function costs(measured) {
  const line = (name, { per_second, gateway_us, database_us, worker_us, log_bytes }) =>
    `| ${name} | ${number(per_second)} | ${number(gateway_us)} | ${number(database_us)} | ${worker_us ? number(worker_us) : ""} | ${number(log_bytes)} |`;
  return [
    "| | a second | gateway, µs | PostgreSQL, µs | worker, µs | log, bytes |",
    "|---|---:|---:|---:|---:|---:|",
    line("verifyChallenge, as many as there can be", measured.verify),
    line("verifyChallenge, at 30 % of that", measured.verify_at_30_percent),
    line("evaluateLogin, as many as there can be", measured.evaluate),
    line("a whole login with its text, as many as there can be", measured.login),
    line("a whole login with its text, at 30 % of that", measured.login_at_30_percent),
    "",
    `A login leaves ${number(measured.kept_bytes_per_login)} bytes in tables and indexes. ${measured.machine}; ${number(measured.users)} users, medians of ${measured.rounds} rounds.`,
  ].join("\n");
}

/** How many machines that makes. */
export function machines(measured) {
  const rows = SIZES.map((size) => ({ name: size.name, ...derived(size, measured) }));
  const line = (name, of) => `| ${[name, ...rows.map(of)].join(" | ")} |`;
  return [
    line("", ({ name }) => name),
    `|---|${rows.map(() => "---:|").join("")}`,
    line("tenants", ({ tenants }) => number(tenants)),
    line("users", ({ users }) => number(users)),
    line("logins a day", ({ aDay }) => number(aDay)),
    line("logins a second, in the busiest seconds", ({ peak }) => number(Math.max(peak, 1))),
    line("cores of gateways", ({ gatewayCores }) => cores(gatewayCores)),
    line("**gateways** of four cores, one to spare", ({ gateways }) => number(gateways)),
    line("cores of workers", ({ workerCores }) => cores(workerCores)),
    line("cores of PostgreSQL", ({ databaseCores }) => cores(databaseCores)),
    line("kept, with indexes", ({ kept }) => bytes(kept)),
    line("log a day", ({ logPerDay }) => bytes(logPerDay)),
    line("**database machines** of 32 cores and 8 TB, each with a standby", ({ nodes }) => number(nodes)),
  ].join("\n");
}

const NOT_YET = "Not measured yet on a machine that had nothing else to do.";

/** The paper with what is made put between its marks; without a measurement it says so, and nothing else. */
export function renewed(paper, measured) {
  const tables = measured ? { costs: costs(measured), machines: machines(measured) } : { costs: NOT_YET, machines: NOT_YET };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const marks = new RegExp(`(<!-- ${name}: scripts/capacity.mjs -->)[^]*?(<!-- end -->)`);
    if (!marks.test(text)) throw new Error(`docs/capacity.md has no place for ${name}`);
    return text.replace(marks, (_, begin, end) => `${begin}\n${table}\n${end}`);
  }, paper);
}

/** The last measurement, if there was one. */
export const measurement = () => (existsSync(MEASURED) ? JSON.parse(readFileSync(MEASURED, "utf8")) : undefined);

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const paper = readFileSync(PAPER, "utf8");
  const made = renewed(paper, measurement());
  if (!process.argv.includes("--check")) writeFileSync(PAPER, made);
  else if (made !== paper) {
    console.error("docs/capacity.md is not what was measured: node scripts/capacity.mjs");
    process.exitCode = 1;
  }
}
