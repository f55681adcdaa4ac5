import assert from "node:assert/strict";
import { test } from "node:test";

import { counts } from "./counts.mjs";

const of = (passed, failed, skipped) => ({ passed, failed, skipped });

test("nextest", () => {
  assert.deepEqual(counts("nextest", "     Summary [  32.659s] 59 tests run: 59 passed, 0 skipped\n"), of(59, 0, 0));
  assert.deepEqual(counts("nextest", "     Summary [   0.1s] 1 test run: 1 passed (1 slow), 2 skipped\n"), of(1, 0, 2));
});

test("nextest counts what failed, timed out or could not be started as failed", () => {
  const text = "     Summary [  9.0s] 58 tests run: 53 passed (2 flaky), 2 failed, 2 timed out, 1 exec failed, 4 skipped\n";
  assert.deepEqual(counts("nextest", text), of(53, 5, 4));
});

test("nextest stopped early", () => {
  assert.deepEqual(counts("nextest", "     Summary [ 2.4s] 34/58 tests run: 32 passed, 2 failed, 0 skipped\n"), of(32, 2, 0));
});

test("nextest in colours", () => {
  const text = "\u001b[32;1m     Summary\u001b[0m [   1.0s] \u001b[1m3\u001b[0m tests run: \u001b[1m3\u001b[0m \u001b[32mpassed\u001b[0m, \u001b[1m0\u001b[0m skipped\n";
  assert.deepEqual(counts("nextest", text), of(3, 0, 0));
});

test("cargo test, one line for each program", () => {
  const text = [
    "test result: ok. 19 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
    "test says ... test result: ok. 9 passed",
    "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
  ].join("\n");
  assert.deepEqual(counts("cargo", text), of(22, 2, 1));
});

test("node, in both of its forms, summed over packages", () => {
  const spec = "ℹ tests 5\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\n";
  const tap = "# tests 2\n# pass 1\n# fail 0\n# cancelled 0\n# skipped 1\n# todo 0\n";
  assert.deepEqual(counts("node", spec + tap), of(4, 2, 1));
});

test("unittest", () => {
  assert.deepEqual(counts("python", "Ran 4 tests in 0.1s\n\nOK\n"), of(4, 0, 0));
  assert.deepEqual(counts("python", "Ran 9 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=3)\n"), of(3, 3, 3));
  assert.deepEqual(counts("python", "Ran 1 test in 0.1s\n\nOK (skipped=1)\n"), of(0, 0, 1));
});

test("a runner that broke before its summary has counted nothing", () => {
  for (const kind of ["nextest", "cargo", "node", "python"]) {
    assert.deepEqual(counts(kind, "error: could not compile `app`\n"), of(0, 0, 0));
  }
});
