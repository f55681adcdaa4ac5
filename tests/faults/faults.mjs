// The faults, each a file that says what is wrong, which test has to find it, and what that test has to say.

import { spawn } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HERE = fileURLToPath(new URL(".", import.meta.url));
/** A test that hangs found nothing. */
const WITHIN = 180_000;
/** What testkit says where a fault does not fit: nothing is found then, though the test fails. */
const UNFIT = "the seeded fault: ";

/** All faults of a folder, by name. */
export async function faults(folder) {
  const names = (await readdir(path.join(HERE, folder))).filter((name) => /\.(sql|fault)$/.test(name)).sort();
  return Promise.all(names.map((name) => read(path.join(HERE, folder, name))));
}

async function read(file) {
  const text = await readFile(file, "utf8");
  const line = (pattern) => {
    const found = pattern.exec(text);
    if (!found) throw new Error(`${file} does not say ${pattern}`);
    return found[1].trim();
  };
  const [crate, suite, test] = line(/^(?:-- |# )found by: (.*)$/m).split(" ");
  return { text, name: path.basename(file).replace(/\.\w+$/, ""), file, what: line(/^(?:-- |# )(.*)$/m), crate, suite, test, saying: line(/^(?:-- |# )saying: (.*)$/m) };
}

/** Runs a program to its end; whether it went well, and all that it said. */
export function run(program, args, { within = WITHIN, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (data) => (said += data));
    const late = setTimeout(() => child.kill("SIGKILL"), within);
    child.once("error", (error) => resolve({ went: false, said: error.message }));
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ went: code === 0, said });
    });
  });
}

/** What became of a fault: found where a test failed and said so. */
export function verdict(fault, { went, said }) {
  const sentence = said.split("\n").find((line) => line.includes(fault.saying))?.trim() ?? "";
  if (went) return { found: false, sentence: "no test failed" };
  if (said.includes(UNFIT)) return { found: false, sentence: `it could not be seeded: ${said.slice(said.indexOf(UNFIT)).slice(0, 500)}` };
  if (!/panicked at/.test(said) || !sentence) return { found: false, sentence: `it failed and did not say so: ${said.slice(-1500)}` };
  return { found: true, sentence: sentence.slice(0, 160) };
}

/** One line of the table. */
export const row = (fault, { found, sentence }) => `${fault.name} | ${found ? `${fault.crate} ${fault.suite} ${fault.test}` : "NOT FOUND"} | ${sentence}`;
