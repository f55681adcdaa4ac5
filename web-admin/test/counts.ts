/** The sum in the form in which scripts/counts.mjs reads it. */

import type { Reporter, TestModule } from "vitest/node";

export default class Counts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((one) => one === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    console.log(`# pass ${count("passed")}\n# fail ${count("failed") + broken}\n# skipped ${count("skipped")}`);
  }
}
