// Faults in the database: nothing is built anew. Each is let happen to the databases of the one test that has to
// find it, by the programs that the suite has just run.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";

import { ROOT, faults, row, run, verdict } from "./faults.mjs";

const AT_ONCE = 3;

/** The programs of the tests, by crate and name. */
async function programs() {
  const { went, said } = await run("cargo", ["nextest", "list", "--workspace", "--list-type", "binaries-only", "--message-format", "json"],
    { cwd: ROOT, within: 600_000 });
  assert.ok(went, said);
  const listed = JSON.parse(said.split("\n").find((line) => line.startsWith("{")));
  return new Map(Object.values(listed["rust-binaries"]).map((one) => [`${one["package-name"] ?? one["binary-id"].split("::")[0]} ${one["binary-name"]}`, one["binary-path"]]));
}

async function found(fault, known) {
  const program = known.get(`${fault.crate} ${fault.suite}`);
  assert.ok(program, `${fault.name}: there is no ${fault.suite} in ${fault.crate}`);
  const cwd = path.join(ROOT, fault.crate === "graphql" ? "graphql" : `services/${fault.crate}`);
  const outcome = await run(program, [fault.test, "--exact", "--nocapture"], { cwd, env: { ...process.env, POSTERN_SEEDED_FAULT: fault.file } });
  assert.doesNotMatch(outcome.said, /running 0 tests/, `${fault.name}: there is no such test`);
  return verdict(fault, outcome);
}

test("every fault in the database is found, by its name", async () => {
  const [known, all] = [await programs(), await faults("sql")];
  const table = [];
  const waiting = [...all];
  const worker = async () => {
    for (let fault; (fault = waiting.shift()); ) table.push([fault, await found(fault, known)]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const [fault, outcome] of table) console.log(row(fault, outcome));
  assert.deepEqual(table.filter(([, outcome]) => !outcome.found).map(([fault, outcome]) => row(fault, outcome)), []);
  assert.equal(table.length, all.length);
});
