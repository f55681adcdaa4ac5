// What is in the binary and in the console, as CycloneDX 1.6: `node scripts/sbom.mjs > postern.cdx.json`.
//
// Of Rust what `cargo` links for this machine's target, without what only builds or tests use; of the console
// what its lock file does not mark as for development. The same sources give the same bytes: no date, and a
// serial number that follows from the content.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = path.resolve(import.meta.dirname, "..");
const PROGRAM = "app";

/** Runs in the compiler, and is in no binary. */
const isMacro = ({ targets = [] }) => targets.some(({ kind }) => kind.includes("proc-macro"));

/** The packages that are linked into one, itself first: normal dependencies, from package to package. */
export function linked(metadata, program) {
  const byId = new Map(metadata.packages.map((one) => [one.id, one]));
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const start = metadata.packages.find(({ name, source }) => name === program && source === null).id;
  const found = new Set([start]);
  for (const id of found) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) {
      if (kinds.some(({ kind }) => kind === null) && !isMacro(byId.get(pkg))) found.add(pkg);
    }
  }
  return [...found].map((id) => byId.get(id));
}

/** A crate as a component; ours have no origin. */
export function crate({ name, version, license, source, description }, checksums) {
  const purl = `pkg:cargo/${name}@${version}`;
  const sha256 = checksums.get(`${name} ${version}`);
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    ...(description ? { description: description.trim().replace(/\s+/g, " ") } : {}),
    ...(sha256 ? { hashes: [{ alg: "SHA-256", content: sha256 }] } : {}),
    ...(license ? { licenses: [{ expression: license.replaceAll("/", " OR ") }] } : {}),
    ...(source ? { purl } : {}),
  };
}

/** What Cargo.lock says of each package's content. */
export function checksumsIn(lock) {
  const entries = lock.split("[[package]]").map((text) => ["name", "version", "checksum"].map((key) => new RegExp(`^${key} = "(.+)"`, "m").exec(text)?.[1]));
  return new Map(entries.filter(([, , checksum]) => checksum).map(([name, version, checksum]) => [`${name} ${version}`, checksum]));
}

/** What of a package-lock.json is shipped, as components. */
export function shipped(lock) {
  return Object.entries(lock.packages)
    .filter(([folder, { dev, devOptional, optional, link }]) => folder !== "" && !dev && !devOptional && !optional && !link)
    .map(([folder, { version, license, integrity }]) => {
      const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
      const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
      const [, alg, content] = /^(sha\d+)-(.+)$/.exec(integrity ?? "") ?? [];
      return {
        type: "library",
        "bom-ref": purl,
        name,
        version,
        ...(content ? { hashes: [{ alg: alg.replace("sha", "SHA-"), content: Buffer.from(content, "base64").toString("hex") }] } : {}),
        ...(license ? { licenses: [{ expression: license }] } : {}),
        purl,
      };
    });
}

/** A serial number that is the content's: an identifier of version 8, made of its digest. */
function serialOf(components) {
  const hex = createHash("sha256").update(JSON.stringify(components)).digest("hex");
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The whole paper. */
export function bom(metadata, lock, consoleLock) {
  const [program, ...crates] = linked(metadata, PROGRAM);
  const checksums = checksumsIn(lock);
  const unique = new Map([...crates.map((one) => crate(one, checksums)), ...shipped(consoleLock)].map((one) => [one["bom-ref"], one]));
  const components = [...unique.values()].sort((left, right) => (left["bom-ref"] < right["bom-ref"] ? -1 : 1));
  const name = { type: "application", "bom-ref": "postern", name: "postern", version: program.version, licenses: [{ expression: program.license }] };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialOf([name, components]),
    version: 1,
    metadata: { component: name },
    components,
  };
}

function cargoMetadata() {
  const host = /host: (.+)/.exec(execFileSync("rustc", ["-vV"], { encoding: "utf8" }))[1];
  const words = ["metadata", "--format-version", "1", "--locked", "--filter-platform", host];
  return JSON.parse(execFileSync("cargo", words, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const read = (file) => readFileSync(path.join(ROOT, file), "utf8");
  const paper = bom(cargoMetadata(), read("Cargo.lock"), JSON.parse(read("web-admin/package-lock.json")));
  process.stdout.write(`${JSON.stringify(paper, null, 2)}\n`);
}
