// Every file over one server; each of them also runs by itself. Pages are looked at when there is something
// on them; last comes what changes the ways by which somebody signs in.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

import "./live.test.mjs";
import "./stories.test.mjs";
import "./partner.test.mjs";
import "./pages.test.mjs";
import "./account.test.mjs";

test("no file is left out", async () => {
  const files = (await readdir(new URL(".", import.meta.url))).filter((name) => name.endsWith(".test.mjs"));
  const own = await readFile(new URL(import.meta.url), "utf8");
  assert.deepEqual(files.filter((name) => !own.includes(`"./${name}"`)), []);
});
