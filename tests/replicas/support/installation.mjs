// Three gateways and two workers, behind HAProxy, with PgBouncer, Redis and PostgreSQL: as a country would run it, on one
// machine. The demo's people and keys are in it: `postern dev` made them, and is gone.

import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { Api } from "../../stories/support/api.mjs";
import { freePort } from "../../stories/support/ports.mjs";
import { Server, binary } from "../../stories/support/server.mjs";
import { Child, until } from "./children.mjs";
import { HaProxy, PgBouncer, Postgres, Redis } from "./parts.mjs";

const PASSWORDS = { app: "app-of-the-test", owner: "owner-of-the-test" };

/** One gateway, which is started again on the same port. */
class Gateway {
  constructor(installation, port) {
    Object.assign(this, { installation, port, url: `http://127.0.0.1:${port}` });
  }

  /** One that does not reach the database in time ends, and is started again, as whoever looks after it would. */
  async up() {
    this.#start();
    const ready = async () => {
      if (!this.process.running) await this.#again();
      return (await fetch(`${this.url}/readyz`).catch(() => null))?.ok;
    };
    await until("a gateway is ready", ready, 90_000, () => this.process.log);
  }

  async #again() {
    await this.process.ended;
    assert.match(this.process.log, /pool timed out/, `a gateway ended:\n${this.process.log}`);
    this.#start();
  }

  #start() {
    this.process = this.installation.run("serve", { POSTERN_LISTEN: `127.0.0.1:${this.port}` });
  }
}

export class Installation {
  static async start(settings = {}) {
    const installation = Object.assign(new Installation(), { settings });
    try {
      await installation.#begin();
      return installation;
    } catch (error) {
      await installation.stop();
      throw error;
    }
  }

  async #begin() {
    const dev = await Server.start();
    this.folder = dev.folder;
    this.facts = dev.facts;
    await dev.end();
    this.postgres = await Postgres.of(this.folder);
    await this.#operator("bootstrap");
    this.bouncer = await PgBouncer.before(this.postgres, PASSWORDS.app);
    this.redis = await Redis.make();
    this.gateways = [];
    for (let number = 0; number < 3; number += 1) this.gateways.push(new Gateway(this, await freePort()));
    this.balancer = await HaProxy.before(this.gateways, this.folder);
    for (const gateway of this.gateways) await gateway.up();
    this.workers = [this.run("worker"), this.run("worker")];
    await until("the balancer knows all gateways", async () => (await this.balancer.serving()) === 3);
    this.facts = { ...this.facts, url: this.balancer.url, graphql: `${this.balancer.url}/graphql` };
    this.factsFile = path.join(this.folder, "replicas.json");
    await writeFile(this.factsFile, JSON.stringify(this.facts), { mode: 0o600 });
  }

  get #environment() {
    const addresses = path.join(this.folder, "demo-addresses");
    const direct = this.postgres.url("postern_app", PASSWORDS.app);
    return {
      ...process.env,
      POSTERN_PUBLIC_URL: this.balancer?.url ?? "http://localhost",
      POSTERN_DATABASE_URL: this.bouncer ? this.postgres.url("postern_app", PASSWORDS.app, this.bouncer.port) : direct,
      ...(this.bouncer ? { POSTERN_DATABASE__DIRECT_URL: direct } : {}),
      POSTERN_MIGRATION_DATABASE_URL: this.postgres.url("postern_owner", PASSWORDS.owner),
      POSTERN_BOOTSTRAP_DATABASE_URL: this.postgres.url("postgres", this.postgres.password),
      POSTERN_KEYS__MASTER_FILE: path.join(this.folder, "master.key"),
      ...(this.redis ? { POSTERN_REDIS__URL: this.redis.url } : {}),
      // A machine that runs all of this and other tests may take its time; nobody is to be refused for that.
      POSTERN_DATABASE__TIMEOUT_MS: "5000",
      POSTERN_REDIS__TIMEOUT_MS: "2000",
      POSTERN_REDIS__YOUNG_SECONDS: "15",
      POSTERN_API__TARGET_MS: "60000",
      POSTERN_SHUTDOWN__DRAIN_SECONDS: "5",
      POSTERN_CLIENT_ADDRESS__TRUSTED_HOPS: "1",
      POSTERN_GEOIP_CITY: path.join(addresses, "city.mmdb"),
      POSTERN_GEOIP_ASN: path.join(addresses, "asn.mmdb"),
      POSTERN_GEOIP_ANONYMIZER: path.join(addresses, "anonymizer.mmdb"),
      ...this.settings,
    };
  }

  run(role, more = {}) {
    return new Child(role, binary, role.split(" "), { cwd: this.folder, env: { ...this.#environment, ...more } });
  }

  async #operator(...words) {
    const command = this.run(words.join(" "));
    assert.equal(await command.ended, 0, command.log);
    return command.log;
  }

  /** What `postern doctor` says. */
  async doctor(more = {}) {
    const command = this.run("doctor", more);
    return { code: await command.ended, said: command.log };
  }

  get sandbox() {
    return this.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  }

  /** The API behind the balancer, or at one gateway, with the sandbox's key. */
  api(graphql = this.facts.graphql) {
    return new Api(graphql, this.sandbox.apiKey);
  }

  desk() {
    return new Api(this.facts.graphql, this.sandbox.supportApiKey);
  }

  async stop() {
    const processes = [...(this.gateways ?? []).map(({ process }) => process), ...(this.workers ?? [])];
    await Promise.all(processes.map((one) => one?.kill()));
    for (const part of [this.balancer, this.bouncer, this.redis, this.postgres]) await part?.down();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}
