// Faults in the sources: each is put into a copy of the tree, the one test that has to find it is built and run
// there, and it is taken out again. `make faults` runs it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { ROOT, faults, row, run, verdict } from "./faults.mjs";

const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target");
/** The copy, and what is built of it: apart, so that nothing faulty is ever taken for the real thing. */
const TREE = path.join(TARGET, "faults", "tree");
const BUILT = path.join(TARGET, "faults", "target");
const BUILD_WITHIN = 3_600_000;
const CARGO = { cwd: TREE, env: { ...process.env, CARGO_TARGET_DIR: BUILT }, within: BUILD_WITHIN };

async function must(program, args, options) {
  const { went, said } = await run(program, args, { within: BUILD_WITHIN, ...options });
  assert.ok(went, `${program} ${args.join(" ")}: ${said.slice(-3000)}`);
  return said;
}

/** The tree as it was committed last. */
async function copy() {
  await must("git", ["worktree", "prune"], { cwd: ROOT });
  if (!existsSync(TREE)) await must("git", ["worktree", "add", "--detach", TREE, "HEAD"], { cwd: ROOT });
  await must("git", ["checkout", "--quiet", "--force", "--detach", await head()], { cwd: TREE });
  await mkdir(path.join(TREE, "web-admin/dist"), { recursive: true });
  await reuse();
}

const head = async () => (await must("git", ["rev-parse", "HEAD"], { cwd: ROOT })).trim();

/**
 * What others wrote is not built once more: its files are linked. Those of ours are not, since what is written to a
 * linked file is written to the real thing.
 */
async function reuse() {
  if (existsSync(BUILT)) return;
  await mkdir(path.join(BUILT, "debug"), { recursive: true });
  const names = await ours();
  for (const part of ["deps", "build", ".fingerprint"]) {
    const [from, to] = [path.join(TARGET, "debug", part), path.join(BUILT, "debug", part)];
    if (!existsSync(from)) continue;
    await must("cp", ["--archive", "--link", from, to]);
    const own = (await readdir(to)).filter((file) => names.has(plain(/^(?:lib)?(.+?)-[0-9a-f]{16}/.exec(file)?.[1] ?? "")));
    await Promise.all(own.map((file) => rm(path.join(to, file), { recursive: true })));
  }
}

/** The names of our crates, programs and tests, as files are named after them. */
async function ours() {
  const said = await must("cargo", ["metadata", "--no-deps", "--offline", "--format-version=1"], { cwd: TREE });
  const { packages } = JSON.parse(said.split("\n").find((line) => line.startsWith("{")));
  return new Set(packages.flatMap(({ name, targets }) => [name, ...targets.map((target) => target.name)]).map(plain));
}

const plain = (name) => name.replaceAll("-", "_");

/** Where and what a fault changes. */
function change(fault) {
  const file = /^# in: (.*)$/m.exec(fault.text)[1];
  const [, was, is] = /^<<<\n([\s\S]*?)\n===\n([\s\S]*?)\n>>>$/m.exec(fault.text);
  return { file: path.join(TREE, file), was, is };
}

async function tryOut(fault) {
  const { file, was, is } = change(fault);
  const sound = await readFile(file, "utf8");
  assert.ok(sound.includes(was), `${fault.name} does not fit ${file} any more`);
  await writeFile(file, sound.replace(was, () => is));
  try {
    const filter = `test(=${fault.test}) & package(${fault.crate})`;
    const outcome = await run("cargo", ["nextest", "run", "--workspace", "--test", fault.suite, "-E", filter, "--no-tests=fail"], CARGO);
    return verdict(fault, outcome);
  } finally {
    await writeFile(file, sound);
  }
}

await copy();
const wanted = process.argv.slice(2);
const results = [];
for (const fault of await faults("source")) {
  if (wanted.length > 0 && !wanted.includes(fault.name)) continue;
  const outcome = await tryOut(fault);
  results.push(outcome);
  console.log(row(fault, outcome));
}
process.exitCode = results.every(({ found }) => found) ? 0 : 1;
