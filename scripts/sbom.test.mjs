import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { bom, checksumsIn, linked, shipped } from "./sbom.mjs";

const one = (name, source = "registry") => ({ id: name, name, version: "1.0.0", license: "MIT/Apache-2.0", source, description: " A\n thing " });
const dep = (pkg, ...kinds) => ({ pkg, dep_kinds: kinds.map((kind) => ({ kind })) });
const METADATA = {
  packages: [one("app", null), one("svc", null), one("used"), one("deep"), one("builder"), one("tester"), { ...one("derive"), targets: [{ kind: ["proc-macro"] }] }],
  resolve: {
    nodes: [
      { id: "app", deps: [dep("svc", null), dep("tester", "dev")] },
      { id: "svc", deps: [dep("used", "dev", null), dep("builder", "build"), dep("derive", null)] },
      { id: "used", deps: [dep("deep", null)] },
      { id: "deep", deps: [dep("used", null)] },
      { id: "builder", deps: [] },
      { id: "tester", deps: [] },
      { id: "derive", deps: [dep("deep", null)] },
    ],
  },
};
const LOCK = 'version = 4\n[[package]]\nname = "used"\nversion = "1.0.0"\nchecksum = "ab12"\n\n[[package]]\nname = "svc"\nversion = "1.0.0"\n';
const NPM = {
  packages: {
    "": { name: "console" },
    "node_modules/@scope/shown": { version: "2.0.0", license: "MIT", integrity: `sha512-${Buffer.from("x").toString("base64")}` },
    "node_modules/a/node_modules/b": { version: "3.0.0", license: "ISC" },
    "node_modules/tool": { version: "4.0.0", dev: true },
    "node_modules/perhaps": { version: "4.0.0", devOptional: true },
  },
};

test("what is linked is named, what only builds or tests is not", () => {
  assert.deepEqual(linked(METADATA, "app").map(({ name }) => name), ["app", "svc", "used", "deep"]);
});

test("a crate has its licence as an expression, its checksum, and an address unless it is ours", () => {
  const { components } = bom(METADATA, LOCK, { packages: {} });
  const used = components.find(({ name }) => name === "used");
  assert.deepEqual(used.licenses, [{ expression: "MIT OR Apache-2.0" }]);
  assert.deepEqual(used.hashes, [{ alg: "SHA-256", content: "ab12" }]);
  assert.equal(used.purl, "pkg:cargo/used@1.0.0");
  assert.equal(used.description, "A thing");
  assert.equal(components.find(({ name }) => name === "svc").purl, undefined);
});

test("of the console what is shipped, by the name that it has however deep it lies", () => {
  const found = shipped(NPM);
  assert.deepEqual(found.map(({ purl }) => purl), ["pkg:npm/%40scope/shown@2.0.0", "pkg:npm/b@3.0.0"]);
  assert.deepEqual(found[0].hashes, [{ alg: "SHA-512", content: "78" }]);
});

test("the same content has the same number, other content another", () => {
  const paper = bom(METADATA, LOCK, NPM);
  assert.deepEqual(bom(METADATA, LOCK, NPM), paper);
  assert.match(paper.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(bom(METADATA, LOCK.replace("ab12", "ab13"), NPM).serialNumber, paper.serialNumber);
});

test("the lock files of this repository are read", () => {
  const read = (file) => readFileSync(path.join(import.meta.dirname, "..", file), "utf8");
  assert.ok(checksumsIn(read("Cargo.lock")).size > 200);
  const found = shipped(JSON.parse(read("web-admin/package-lock.json")));
  assert.ok(found.some(({ name }) => name === "react") && !found.some(({ name }) => name === "vite"));
  for (const { name, licenses } of found) assert.ok(licenses, `${name} says no licence`);
});
