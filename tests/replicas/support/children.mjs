// Processes that die with the tests, however those end.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** Ends everybody whose number it was told when its standard input ends: also when we were killed. */
const LEASH = 'while read -r pid; do all="$all $pid"; done; kill -9 $all 2>/dev/null';
let leash;

function hold(pid) {
  leash ??= spawn("sh", ["-c", LEASH], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  leash.unref();
  leash.stdin.unref();
  leash.stdin.write(`${pid}\n`);
}

/** One process, with what it said. */
export class Child {
  #log = [];

  constructor(name, program, args, options = {}) {
    this.name = name;
    this.child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (data) => this.#log.push(data));
    this.child.once("error", (error) => this.#log.push(Buffer.from(`${program}: ${error.message}`)));
    this.ended = new Promise((resolve) => {
      this.child.once("error", () => resolve(-1));
      this.child.once("close", (code) => resolve(code));
    });
    if (this.child.pid) hold(this.child.pid);
  }

  get log() {
    return Buffer.concat(this.#log).toString();
  }

  get running() {
    return this.child.pid && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it as an operator does; its exit code. One that does not end in time is killed, and told of by -9. */
  async stop(within = 40_000) {
    if (this.running) this.child.kill("SIGTERM");
    const late = sleep(within, "late", { ref: false });
    if ((await Promise.race([this.ended, late])) !== "late") return this.ended;
    await this.kill();
    return -9;
  }

  /** The end that nobody prepares for. */
  async kill() {
    const gone = this.running ? once(this.child, "exit") : null;
    this.child.kill("SIGKILL");
    await gone;
  }
}

/** Asks until it holds; fails with what `tell` says. */
export async function until(what, holds, within = 60_000, tell = () => "") {
  for (const end = performance.now() + within; ; await sleep(50)) {
    if (await holds()) return;
    if (performance.now() > end) throw new Error(`${what}: not within ${within} ms\n${tell()}`);
  }
}
