import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { allowedIn, checksumFaults, isAllowed, licenceFaults } from "./npm-licences.mjs";

const ALLOWED = ["MIT", "ISC"];

test("the list is deny.toml's", () => {
  const allowed = allowedIn(readFileSync(path.join(import.meta.dirname, "../deny.toml"), "utf8"));
  assert.ok(allowed.includes("MIT") && allowed.includes("Apache-2.0"));
  assert.ok(!allowed.some((licence) => /GPL|MPL/.test(licence)));
});

test("of a choice one way is enough, and no licence is none", () => {
  for (const yes of ["MIT", "(GPL-2.0 OR MIT)", "GPL-2.0 OR ISC"]) assert.ok(isAllowed(yes, ALLOWED), yes);
  for (const no of ["GPL-2.0", "MIT AND GPL-2.0", "", undefined, "MITX"]) assert.ok(!isAllowed(no, ALLOWED), no);
});

test("what is shipped is judged, what only builds is not", () => {
  const packages = {
    "node_modules/good": { version: "1.0.0", license: "MIT" },
    "node_modules/bad": { version: "1.0.0", license: "GPL-3.0" },
    "node_modules/silent": { version: "1.0.0" },
    "node_modules/tool": { version: "1.0.0", license: "MPL-2.0", dev: true },
  };
  assert.deepEqual(licenceFaults({ packages }, ALLOWED), ["bad is under GPL-3.0", "silent is under no licence that it names"]);
});

test("a package without a checksum, or from elsewhere, is a fault", () => {
  const packages = {
    "": {},
    "clients/own": { version: "1.0.0" },
    "node_modules/own": { link: true, resolved: "clients/own" },
    "node_modules/good": { integrity: "sha512-x" },
    "node_modules/bare": {},
    "node_modules/git": { integrity: "sha512-x", resolved: "git+ssh://somewhere" },
  };
  assert.deepEqual(checksumFaults("lock", { packages }), ["lock: node_modules/bare has no checksum", "lock: node_modules/git comes from git+ssh://somewhere"]);
});
