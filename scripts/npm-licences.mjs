// What npm brings into the console is under a licence that deny.toml allows for Rust, and every package of
// every lock file has a checksum. Part of scripts/check-supply.sh.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { shipped } from "./sbom.mjs";

const ROOT = path.resolve(import.meta.dirname, "..");
/** Beside those of deny.toml: of fonts, which are shown and not linked; and of what was given to everybody. */
const BESIDE = ["OFL-1.1", "Unlicense"];

/** The licences of deny.toml. */
export function allowedIn(deny) {
  const list = /^\[licenses\][\s\S]*?^allow = \[([\s\S]*?)^\]/m.exec(deny)[1];
  return [...list.matchAll(/^ {2}"(.+)",$/gm)].map((match) => match[1]);
}

/** Whether one of the ways to take it is allowed; a choice is written `(A OR B)`. */
export function isAllowed(licence, allowed) {
  return (licence ?? "").replace(/^\((.*)\)$/, "$1").split(" OR ").some((one) => allowed.includes(one));
}

/** What is wrong with what a lock file ships. */
export function licenceFaults(lock, allowed) {
  return shipped(lock)
    .map(({ name, licenses }) => [name, licenses?.[0].expression])
    .filter(([, licence]) => !isAllowed(licence, allowed))
    .map(([name, licence]) => `${name} is under ${licence ?? "no licence that it names"}`);
}

/** Packages that anybody could put something else in the place of. */
export function checksumFaults(file, { packages }) {
  const bare = Object.entries(packages).filter(([folder, { link, integrity }]) => folder.includes("node_modules/") && !link && !integrity);
  const elsewhere = Object.entries(packages).filter(([, { link, resolved }]) => !link && /^(git|http:)/.test(resolved ?? ""));
  return [
    ...bare.map(([folder]) => `${file}: ${folder} has no checksum`),
    ...elsewhere.map(([folder, { resolved }]) => `${file}: ${folder} comes from ${resolved}`),
  ];
}

function faults() {
  const read = (file) => readFileSync(path.join(ROOT, file), "utf8");
  const files = execFileSync("git", ["ls-files", "*package-lock.json"], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
  const allowed = [...allowedIn(read("deny.toml")), ...BESIDE];
  return [
    ...licenceFaults(JSON.parse(read("web-admin/package-lock.json")), allowed),
    ...files.flatMap((file) => checksumFaults(file, JSON.parse(read(file)))),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const found = faults();
  for (const fault of found) console.error(fault);
  process.exit(found.length > 0 ? 1 : 0);
}
