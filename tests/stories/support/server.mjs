// A server of our own for one test file: `postern dev` on free ports and a folder of its own. Where POSTERN_FACTS names
// a file, the stories are played against the installation that it tells of (tests/replicas).

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "./ports.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
export const binary = process.env.POSTERN_BIN ?? path.join(root, "target/debug/postern");

export class Server {
  #child;
  #log = [];

  constructor(folder, port, demoPort, environment) {
    this.environment = environment;
    this.folder = folder;
    this.port = port;
    this.demoPort = demoPort;
  }

  /** Starts a server with its demo, and waits until everything answers; `environment` holds more settings. */
  static async start(environment = {}) {
    const facts = process.env.POSTERN_FACTS;
    if (facts) return { facts: JSON.parse(await readFile(facts, "utf8")), stop() {} };
    const folder = await mkdtemp(path.join(tmpdir(), "postern-stories-"));
    // PostgreSQL may run as another account, which must get through.
    await chmod(folder, 0o711);
    const server = new Server(folder, await freePort(), await freePort(), environment);
    await server.up();
    return server;
  }

  /** Starts the process on the folder as it is. */
  async up() {
    this.#child = spawn(binary, ["dev"], {
      cwd: root,
      env: {
        // A slow machine is waited for.
        POSTERN_DATABASE__TIMEOUT_MS: "5000",
        ...process.env,
        ...this.environment,
        POSTERN_DATA_DIR: this.folder,
        POSTERN_LISTEN: `localhost:${this.port}`,
        POSTERN_DEMO__LISTEN: `localhost:${this.demoPort}`,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on("data", (data) => this.#log.push(data));
    this.facts = await Promise.race([this.#whenReady(), exited.then((code) => this.#died(code))]);
  }

  async #whenReady() {
    for (let waited = 0; waited < 120_000; waited += 100) {
      try {
        return JSON.parse(await readFile(path.join(this.folder, "dev.json"), "utf8"));
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error(`the server did not get ready:\n${this.log}`);
  }

  #died(code) {
    throw new Error(`the server ended with ${code}:\n${this.log}`);
  }

  get log() {
    return Buffer.concat(this.#log).toString();
  }

  /** The end that nobody prepares for. Its facts file is stale then, and removed so that `up` waits for a new one. */
  async kill() {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
    await rm(path.join(this.folder, "dev.json"), { force: true });
  }

  /** Ends it, and keeps what it had. */
  async end() {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await gone;
  }

  async stop() {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
