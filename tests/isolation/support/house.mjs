// An installation with a database of its own, everything that listens to it, and nothing that a crowd of
// callers would run into: this is about what is answered, not about how often one may ask.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "../../stories/support/ports.mjs";
import { binary } from "../../stories/support/server.mjs";
import { mailServer, receiver } from "./ears.mjs";

const START_WITHIN = 60_000;
const MANY = "1000000";
const LIMITS = ["API_KEY", "API_KEY_COMPLEXITY", "TENANT", "USER_EVALUATE_LOGIN", "USER_START_CHALLENGE", "CLIENT_ADDRESS",
  "TENANT_SIMULATE_POLICY"];

const settings = ({ gateway, mail, port, secret }) => ({
  ...Object.fromEntries(LIMITS.flatMap((limit) => [[`POSTERN_LIMITS__${limit}_RATE`, MANY], [`POSTERN_LIMITS__${limit}_BURST`, MANY]])),
  POSTERN_LISTEN: `localhost:${port}`,
  POSTERN_PUBLIC_URL: `http://localhost:${port}`,
  POSTERN_HTTP_PROVIDER__URL: `http://127.0.0.1:${gateway.port}/send`,
  POSTERN_HTTP_PROVIDER__SECRET: secret,
  POSTERN_SMTP__URL: `smtp://127.0.0.1:${mail.port}`,
  POSTERN_FRAUD_GUARD__MODE: "observe",
  // A busy machine is waited for: what is asked again after a doubtful answer may have gone through the first time.
  POSTERN_API__TIME_LIMIT_SECONDS: "60",
  POSTERN_API__TARGET_MS: "0",
  POSTERN_DATABASE__TIMEOUT_MS: "50000",
  POSTERN_WEBHOOKS__ALLOW_HTTP: "true",
  POSTERN_WEBHOOKS__ALLOW_PRIVATE: "true",
});

export class House {
  #children = [];
  #ears = [];

  static async build() {
    const house = new House();
    try {
      await house.#build();
    } catch (error) {
      await house.stop();
      throw error;
    }
    return house;
  }

  async #build() {
    this.folder = await mkdtemp(path.join(tmpdir(), "postern-isolation-"));
    await this.#makeDatabase();
    [this.gateway, this.mail] = [await this.ear(receiver()), await this.ear(mailServer())];
    this.secret = `whsec_${randomBytes(32).toString("base64")}`;
    this.port = await freePort();
    this.url = `http://localhost:${this.port}`;
    this.serving = this.#start(["serve"]);
    this.working = this.#start(["worker"]);
    await this.#ready();
  }

  /** One that is closed with the house. */
  async ear(opening) {
    const ear = await opening;
    this.#ears.push(ear);
    return ear;
  }

  async #makeDatabase() {
    const program = path.join(path.dirname(binary), "test-database");
    this.databaseProgram = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await Promise.race([
      once(createInterface(this.databaseProgram.stdout), "line"),
      once(this.databaseProgram, "exit").then(() => assert.fail(`${program} made no database`)),
    ]);
    this.database = JSON.parse(line);
    this.master = path.join(this.folder, "master.key");
    await writeFile(this.master, this.database.masterKey, { mode: 0o600 });
  }

  #start(args, more = {}) {
    const child = spawn(binary, args, {
      cwd: this.folder,
      env: {
        ...process.env,
        ...settings(this),
        POSTERN_KEYS__MASTER_FILE: this.master,
        POSTERN_DATABASE_URL: this.database.app,
        RUST_LOG: "debug",
        ...more,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    [child.out, child.log] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (data) => (child.out += data));
    child.stderr.setEncoding("utf8").on("data", (data) => (child.log += data));
    child.ended = once(child, "close").then(([code]) => code);
    this.#children.push(child);
    return child;
  }

  /** What those who serve wrote so far. */
  get log() {
    return [this.serving, this.working].map((child) => (child ? child.out + child.log : "")).join("\n");
  }

  async #ready() {
    for (let waited = 0; waited < START_WITHIN && this.serving.exitCode === null; waited += 50) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await sleep(50);
    }
    throw new Error(`the gateway did not get ready:\n${this.log}`);
  }

  /** A command of the operator's, who has the owner's URL at hand; what it printed. */
  async run(...args) {
    const command = this.#start(args, { POSTERN_MIGRATION_DATABASE_URL: this.database.owner });
    assert.equal(await command.ended, 0, `postern ${args.join(" ")}: ${command.log}`);
    return command.out.trim();
  }

  async stop() {
    for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await Promise.all(this.#children.map((child) => child.ended));
    for (const ear of this.#ears) ear.close();
    this.databaseProgram?.stdin.end();
    if (this.databaseProgram?.exitCode === null) await once(this.databaseProgram, "exit");
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}

/** Asks until there is something; the time of each wait ends. */
export async function until(what, ask, within = 30_000) {
  for (let waited = 0; waited < within; waited += 50) {
    const found = await ask();
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}
