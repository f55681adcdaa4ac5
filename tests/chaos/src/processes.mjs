// Postern's own processes, as they are started for real, and killed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { freePort } from "../../stories/support/ports.mjs";
import { send } from "./http.mjs";
import { leash } from "./leash.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
export const binary = process.env.POSTERN_BIN ?? path.join(root, "target/debug/postern");
const PATIENCE = 60_000;
const STEP = 50;
/** The driver asks faster than people do, and its numbers are all of one prefix. */
const UNHELD = Object.fromEntries([
  ["POSTERN_FRAUD_GUARD__MODE", "off"],
  ...["API_KEY", "API_KEY_COMPLEXITY", "TENANT", "USER_EVALUATE_LOGIN", "USER_START_CHALLENGE"].flatMap((limit) =>
    ["RATE", "BURST"].map((what) => [`POSTERN_LIMITS__${limit}_${what}`, "100000000"])),
]);
const FAKETIME = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
  .map((folder) => path.join(folder, "faketime/libfaketimeMT.so.1")).find(existsSync);

/** One process: it can be killed, and begun again as it was. */
export class Process {
  constructor(args, environment, folder) {
    Object.assign(this, { args, environment, folder, log: "" });
  }

  /** Begins it where it does not run: of two who bring it back the first does. */
  begin() {
    if (this.running) return this;
    const environment = { ...process.env, ...UNHELD, ...this.environment };
    // In a session of its own, as a service is: Linux shares processors out by session. The leash ends it all the same.
    this.child = spawn(binary, this.args, { cwd: this.folder, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
    leash(this.child);
    this.out = "";
    this.child.stdout.on("data", (data) => (this.out += data));
    this.child.stderr.on("data", (data) => (this.log = (this.log + data).slice(-20_000)));
    this.ended = once(this.child, "close").then(([code]) => code);
    return this;
  }

  get running() {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  async end(signal) {
    if (this.running) this.child.kill(signal);
    return this.ended;
  }

  kill() {
    return this.end("SIGKILL");
  }

  stop() {
    return this.end("SIGTERM");
  }
}

/** A gateway. One whose clock can step has a file that says by how much. */
export class Gateway extends Process {
  #steps = 0;

  static async make(environment, folder, { steps = false } = {}) {
    const port = await freePort();
    const own = { ...environment, POSTERN_LISTEN: `127.0.0.1:${port}` };
    const gateway = new Gateway(["serve"], own, folder);
    Object.assign(gateway, { url: `http://127.0.0.1:${port}`, steps });
    if (steps) await gateway.#giveClock();
    return gateway;
  }

  async #giveClock() {
    if (!FAKETIME) throw new Error("libfaketime is missing: install the package faketime");
    this.clockFile = path.join(this.folder, "clock");
    await this.step(0);
    Object.assign(this.environment, {
      LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: this.clockFile, FAKETIME_CACHE_DURATION: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1",
    });
  }

  /** A process that is killed leaves behind by what libfaketime's processes know each other. */
  async end(signal) {
    const { pid } = this.child;
    const status = await super.end(signal);
    if (this.steps) for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) await rm(`/dev/shm/${name}`, { force: true });
    return status;
  }

  /** Its clock is so many seconds off from now on; of two steps at once the later one holds. */
  async step(seconds) {
    const next = `${this.clockFile}.${(this.#steps += 1)}`;
    await writeFile(next, `${seconds < 0 ? "" : "+"}${seconds}s\n`);
    await rename(next, this.clockFile);
  }

  async ready() {
    for (let waited = 0; waited < PATIENCE && this.running; waited += STEP) {
      const answer = await send(`${this.url}/readyz`, { method: "GET", patience: 5_000 }).catch(() => null);
      if (answer?.status === 200) return;
      await sleep(STEP);
    }
    throw new Error(`a gateway did not get ready:\n${this.log}`);
  }
}

/** A command of the operator's: what it printed. */
export async function command(args, environment, folder) {
  const process = new Process(args, environment, folder).begin();
  const status = await process.ended;
  if (status !== 0) throw new Error(`postern ${args.join(" ")}: ${status}\n${process.out}\n${process.log}`);
  return process.out;
}
