// How many tests passed, failed and were skipped, read from what a runner printed.
// counts.mjs KIND LOGFILE prints three numbers. KIND is nextest, cargo, node or python.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const number = (text, pattern) => Number(text.match(pattern)?.[1] ?? 0);

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

/** For each runner, its counts; all zero where it never came to its summary. */
const READERS = {
  nextest(text) {
    const summary = text.match(/Summary \[.*\] *(.*)/)?.[1] ?? "";
    const run = number(summary, /(\d+)(?:\/\d+)? tests? run/);
    const passed = number(summary, /(\d+) passed/);
    return { passed, failed: run - passed, skipped: number(summary, /(\d+) skipped/) };
  },
  cargo(text) {
    return {
      passed: sum(text, /^test result: .*?(\d+) passed/gm),
      failed: sum(text, /^test result: .*?(\d+) failed/gm),
      skipped: sum(text, /^test result: .*?(\d+) ignored/gm),
    };
  },
  node(text) {
    const total = (name) => sum(text, new RegExp(`^(?:#|ℹ) ${name} (\\d+)$`, "gm"));
    return { passed: total("pass"), failed: total("fail") + total("cancelled"), skipped: total("skipped") + total("todo") };
  },
  python(text) {
    const run = sum(text, /^Ran (\d+) tests? in/gm);
    const outcome = (name) => sum(text, new RegExp(`^(?:OK|FAILED) \\(.*?\\b${name}=(\\d+)`, "gm"));
    const failed = outcome("failures") + outcome("errors") + outcome("unexpected successes");
    const skipped = outcome("skipped") + outcome("expected failures");
    return { passed: Math.max(0, run - failed - skipped), failed, skipped };
  },
};

export function counts(kind, text) {
  // Colours and carriage returns are for terminals.
  return READERS[kind](text.replace(/\u001b\[[0-9;]*m/g, "").replace(/\r/g, ""));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { passed, failed, skipped } = counts(process.argv[2], readFileSync(process.argv[3], "utf8"));
  console.log(passed, failed, skipped);
}
