// An installation as it is run for real: a database of its own, several gateways, a worker, and the
// operator's command line. Every gateway reaches the database by a road of its own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { leash } from "../../chaos/src/leash.mjs";
import { Api } from "./api.mjs";
import { Road } from "./road.mjs";
import { freePort } from "./ports.mjs";
import { binary } from "./server.mjs";

const START_WITHIN = 60_000;
/** The tests ask faster than people do, and of slower machines. */
const RATES = {
  POSTERN_API__TARGET_MS: "0",
  ...Object.fromEntries(
    ["API_KEY", "TENANT", "USER_EVALUATE_LOGIN", "USER_START_CHALLENGE"].flatMap((limit) =>
      ["RATE", "BURST"].map((what) => [`POSTERN_LIMITS__${limit}_${what}`, "1000000"])),
  ),
};

/** A migrated database, there until its process ends. */
class Database {
  static async make() {
    const program = path.join(path.dirname(binary), "test-database");
    const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await Promise.race([
      once(createInterface(child.stdout), "line"),
      once(child, "exit").then(() => assert.fail(`${program} made no database`)),
    ]);
    return Object.assign(new Database(), JSON.parse(line), { child });
  }

  async drop() {
    this.child.stdin.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}

/** One process of Postern's. */
class Process {
  #log = [];

  constructor(installation, args, environment) {
    const { folder, database, settings } = installation;
    this.child = spawn(binary, args, {
      cwd: folder,
      env: {
        ...process.env,
        ...RATES,
        POSTERN_KEYS__MASTER_FILE: installation.master,
        POSTERN_DATABASE_URL: database.app,
        ...settings,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    leash(this.child);
    this.out = "";
    this.child.stdout.on("data", (data) => (this.out += data));
    this.child.stderr.on("data", (data) => this.#log.push(data));
    this.ended = once(this.child, "close").then(([code]) => code);
  }

  get log() {
    return Buffer.concat(this.#log).toString();
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop() {
    if (this.running) this.child.kill("SIGTERM");
    return this.ended;
  }
}

/** A gateway with its road to the database. */
class Gateway extends Process {
  static async begin(installation) {
    const [road, port] = [await Road.to(installation.database.app), await freePort()];
    const gateway = new Gateway(installation, ["serve"], { POSTERN_LISTEN: `127.0.0.1:${port}`, POSTERN_DATABASE_URL: road.url });
    return Object.assign(gateway, { road, url: `http://127.0.0.1:${port}`, graphql: `http://127.0.0.1:${port}/graphql` });
  }

  async ready() {
    for (let waited = 0; waited < START_WITHIN && this.running; waited += 50) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await sleep(50);
    }
    throw new Error(`a gateway did not get ready:\n${this.log}`);
  }

  api(key, headers) {
    return new Api(this.graphql, key, headers);
  }
}

export class Installation {
  gateways = [];

  /** A database, so many gateways and a worker, all with these settings. */
  static async start({ gateways = 2, settings = {} } = {}) {
    const installation = Object.assign(new Installation(), { settings });
    try {
      await installation.#begin(gateways);
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  async #begin(gateways) {
    this.folder = await mkdtemp(path.join(tmpdir(), "postern-replicas-"));
    this.database = await Database.make();
    this.master = path.join(this.folder, "master.key");
    await writeFile(this.master, this.database.masterKey, { mode: 0o600 });
    for (let number = 0; number < gateways; number += 1) this.gateways.push(await Gateway.begin(this));
    this.worker = new Process(this, ["worker"], {});
    await Promise.all(this.gateways.map((gateway) => gateway.ready()));
  }

  /** A command of the operator's, who has the owner's URL at hand; what it printed. */
  async run(...args) {
    const command = new Process(this, args, { POSTERN_MIGRATION_DATABASE_URL: this.database.owner });
    assert.equal(await command.ended, 0, command.log);
    return command.out;
  }

  async stop() {
    await Promise.all([...this.gateways, this.worker].map((process) => process?.stop()));
    await Promise.all(this.gateways.map(({ road }) => road.close()));
    await this.database?.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
