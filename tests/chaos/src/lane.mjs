// A lane: one installation (PostgreSQL with or without a standby, two gateways, a worker), its provider and its
// endpoint for webhooks. Runs follow one another on it; lanes know nothing of each other.

import { existsSync, statfsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Hooks } from "./hooks.mjs";
import { leashFolder } from "./leash.mjs";
import { Server, folderForServer, lead } from "./postgres.mjs";
import { Gateway, Process, command } from "./processes.mjs";
import { Provider, SECRET } from "./provider.mjs";

const GIB = 2 ** 30;
/** How long a primary goes on after its standby hears no more of it. */
const SILENT_MS = 300;

/**
 * A folder for everything that lives as long as the driver: in memory, where there is room. Processes are killed here, not
 * machines, so that nothing is promised less there; on a disk that others use, one would mostly wait for it.
 */
export async function workshop() {
  const memory = existsSync("/dev/shm") && statfsSync("/dev/shm");
  const base = memory && memory.bavail * memory.bsize > 4 * GIB ? "/dev/shm" : tmpdir();
  const folder = await mkdtemp(path.join(base, "postern-chaos-"));
  // PostgreSQL may run as another account, which must get through.
  await chmod(folder, 0o711);
  leashFolder(folder);
  return folder;
}

/** An installation that was made once and never served: every lane starts from a copy. */
export class Mould {
  static async make(folder) {
    const mould = Object.assign(new Mould(), { folder, master: path.join(folder, "master.key") });
    mould.server = await Server.make(path.join(folder, "mould"));
    await mould.server.start();
    await mould.server.ask("create database postern template template0 encoding 'UTF8' locale 'C.UTF-8'", "postgres");
    const urls = { POSTERN_BOOTSTRAP_DATABASE_URL: mould.server.url, ...environment(mould.server.sockets, mould.master) };
    const run = (...args) => command(args, urls, folder);
    await run("keys", "new-master");
    await run("bootstrap");
    await run("migrate");
    mould.partnerKey = (await run("partner", "create", "--name", "Northgate Services")).match(/postern_partner_\S+/)[0];
    await run("audit", "keys", "--output", path.join(folder, "keys.json"));
    await mould.server.stop();
    return mould;
  }
}

/** What every process is told. */
function environment(sockets, master) {
  const url = (role) => new Server(path.dirname(sockets)).urlOf(role, sockets);
  return {
    POSTERN_DATABASE_URL: url("postern_app"),
    POSTERN_MIGRATION_DATABASE_URL: url("postern_owner"),
    POSTERN_KEYS__MASTER_FILE: master,
  };
}

/** A number of its own for every installation of this process. */
let opened = 0;

export class Lane {
  gateways = [];
  #places = 0;
  #turn = Promise.resolve();

  /** @param {{asynchronous?: boolean, statements?: string[]}} fault what is broken on purpose, where anything is */
  static async open(mould, number, fault) {
    const lane = Object.assign(new Lane(), { mould, number, fault: fault ?? {}, folder: path.join(mould.folder, `lane-${number}-${(opened += 1)}`) });
    try {
      await lane.#begin();
    } catch (error) {
      await lane.close();
      throw error;
    }
    return lane;
  }

  async #begin() {
    folderForServer(this.folder);
    await chmod(this.folder, 0o711);
    this.sockets = folderForServer(path.join(this.folder, "socket"));
    this.primary = await Server.copy(this.mould.server, this.#place());
    await this.primary.start();
    if (this.fault.statements) await this.primary.ask(this.fault.statements);
    await lead(this.sockets, this.primary);
    this.provider = await new Provider(() => this.gateways).open();
    this.hooks = await new Hooks().open();
    this.environment = {
      ...environment(this.sockets, this.mould.master),
      POSTERN_PUBLIC_URL: "http://localhost:8080",
      POSTERN_HTTP_PROVIDER__URL: this.provider.url,
      POSTERN_HTTP_PROVIDER__SECRET: SECRET,
      POSTERN_WEBHOOKS__ALLOW_HTTP: "true",
      POSTERN_WEBHOOKS__ALLOW_PRIVATE: "true",
      POSTERN_LOG__FILTER: "warn",
    };
    for (const steps of [false, true]) this.gateways.push(await Gateway.make(this.environment, this.folder, { steps }));
    this.worker = new Process(["worker"], this.environment, this.folder);
    for (const process of [...this.gateways, this.worker]) process.begin();
    await Promise.all(this.gateways.map((gateway) => gateway.ready()));
  }

  #place() {
    this.#places += 1;
    return path.join(this.folder, `postgres-${this.#places}`);
  }

  /** A standby that has all that is acknowledged, or (where that is the fault) only nearly all. */
  async addStandby() {
    this.standby = await Server.standbyOf(this.primary, this.#place());
    await this.primary.until("select count(*) = 1 from pg_stat_replication where state = 'streaming'");
    if (this.fault.asynchronous) return;
    await this.primary.ask("alter system set synchronous_standby_names = '*'", "postgres");
    await this.primary.ask("select pg_reload_conf()", "postgres");
    await this.primary.until("select count(*) = 1 from pg_stat_replication where sync_state = 'sync'");
  }

  /** Does this when what others wanted done before is done. */
  inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** kill -9 of PostgreSQL; it recovers by itself. */
  async crashDatabase() {
    await this.primary.kill();
  }

  async restartDatabase() {
    await this.primary.start();
  }

  /**
   * The primary is gone for good, and the standby takes its place. The way between them ends a moment sooner: what is
   * acknowledged after that, against the rule, is lost.
   */
  async failOver() {
    const [old, next] = [this.primary, this.standby];
    await old.silence();
    await sleep(SILENT_MS);
    await old.kill();
    await next.promote();
    this.primary = next;
    this.standby = undefined;
    await lead(this.sockets, next);
    await old.remove();
  }

  /** Everything is up again and hears nothing of the last run's settings. */
  async mend() {
    if (!this.primary.running) await this.primary.start();
    for (const process of [...this.gateways, this.worker]) if (!process.running) process.begin();
    for (const gateway of this.gateways) if (gateway.steps) await gateway.step(0);
    await Promise.all(this.gateways.map((gateway) => gateway.ready()));
  }

  async close() {
    const processes = [...this.gateways, this.worker].filter((process) => process?.child);
    await Promise.all(processes.map((process) => process.kill()));
    this.provider?.close();
    this.hooks?.close();
    await Promise.all([this.standby, this.primary].map((server) => server?.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
