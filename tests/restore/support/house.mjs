// An installation on a cluster: one gateway, one worker, with a mail server, a carrier of texts, Stripe and a company's
// identity provider, all stand-ins that outlive it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { leash } from "../../chaos/src/leash.mjs";
import { StripeStandIn } from "../../providers/support/stripe/stand-in.mjs";
import { Company, NEARBY } from "../../races/support/company.mjs";
import { MailServer } from "../../races/support/mail.mjs";
import { Api } from "../../stories/support/api.mjs";
import { freePort } from "../../stories/support/ports.mjs";
import { binary } from "../../stories/support/server.mjs";

const PATIENCE_MS = 120_000;
const PUBLIC_URL = "http://localhost:8080";
const [STRIPE_KEY, STRIPE_SECRET] = ["sk_test_drill", "whsec_of_the_drill"];

/** What is outside, and remembers what a database forgets. */
export class World {
  /** Texts by message, as often as they came. */
  texts = new Map();

  static async start() {
    const world = new World();
    world.mail = await MailServer.start();
    world.stripe = await StripeStandIn.start();
    world.company = await Company.start();
    world.carrier = createServer((request, response) => world.#carry(request, response));
    world.carrier.listen(0, "127.0.0.1");
    await once(world.carrier, "listening");
    return world;
  }

  async #carry(request, response) {
    const id = request.headers["webhook-id"];
    for await (const _ of request);
    this.texts.set(id, (this.texts.get(id) ?? 0) + 1);
    response.writeHead(202, { "content-type": "application/json" }).end(JSON.stringify({ reference: id }));
  }

  get settings() {
    return {
      ...NEARBY,
      POSTERN_PUBLIC_URL: PUBLIC_URL,
      POSTERN_SMTP__URL: this.mail.url,
      POSTERN_SMTP__FROM: "no-reply@postern.example",
      POSTERN_HTTP_PROVIDER__URL: `http://127.0.0.1:${this.carrier.address().port}/send`,
      POSTERN_HTTP_PROVIDER__SECRET: `whsec_${randomBytes(32).toString("base64")}`,
      POSTERN_ROUTES__SMS: "http",
      POSTERN_STRIPE__SECRET_KEY: STRIPE_KEY,
      POSTERN_STRIPE__WEBHOOK_SECRET: STRIPE_SECRET,
      POSTERN_STRIPE__BASE_URL: this.stripe.url,
    };
  }

  async stop() {
    this.mail?.stop();
    this.company?.stop();
    this.carrier?.closeAllConnections();
    this.carrier?.close();
    await this.stripe?.stop();
  }
}

export class House {
  #children = [];

  constructor(cluster, world, folder) {
    this.folder = folder;
    this.settings = {
      ...world.settings,
      POSTERN_DATABASE__TIMEOUT_MS: "5000",
      POSTERN_API__TARGET_MS: "0",
      POSTERN_LIMITS__CLIENT_ADDRESS_RATE: "100000",
      POSTERN_LIMITS__CLIENT_ADDRESS_BURST: "100000",
      POSTERN_KEYS__MASTER_FILE: path.join(folder, "master.key"),
      POSTERN_DATABASE_URL: cluster.url("postern_app"),
      POSTERN_LOG__FORMAT: "json",
    };
    this.operator = { POSTERN_MIGRATION_DATABASE_URL: cluster.url("postern_owner"), POSTERN_BOOTSTRAP_DATABASE_URL: cluster.url("postgres") };
  }

  #spawn(args, more = {}) {
    const child = spawn(binary, args, { cwd: this.folder, env: { ...process.env, ...this.settings, ...more }, stdio: ["ignore", "pipe", "pipe"] });
    leash(child);
    const made = { child, out: "", log: "", ended: once(child, "close").then(([code]) => code) };
    child.stdout.on("data", (data) => (made.out += data));
    child.stderr.on("data", (data) => (made.log += data));
    this.#children.push(made);
    return made;
  }

  /** What `postern …` answers, and whether it is content. */
  async ask(...args) {
    const command = this.#spawn(args, this.operator);
    const code = await command.ended;
    return { code, said: command.out + command.log, out: command.out };
  }

  /** A command that has to succeed; what it printed. */
  async run(...args) {
    const { code, said, out } = await this.ask(...args);
    assert.equal(code, 0, `postern ${args.join(" ")}:\n${said}`);
    return out;
  }

  async serve() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const gateway = this.#spawn(["serve"], { POSTERN_LISTEN: `127.0.0.1:${port}` });
    for (let waited = 0; !(await fetch(`${this.url}/readyz`).catch(() => null))?.ok; waited += 50) {
      assert.ok(waited < PATIENCE_MS && gateway.child.exitCode === null, `the gateway did not get ready:\n${gateway.log}`);
      await sleep(50);
    }
  }

  work() {
    this.worker = this.#spawn(["worker"]);
  }

  async rest() {
    this.worker.child.kill("SIGTERM");
    await this.worker.ended;
  }

  api(key, headers) {
    return new Api(`${this.url}/graphql`, key, headers);
  }

  at(link) {
    return link.replace(PUBLIC_URL, this.url);
  }

  post(place, body, headers = {}) {
    return fetch(`${this.url}${place}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  }

  /** Stripe says that something about this customer changed, whereupon a worker visits it. */
  async nudge(customer) {
    const payload = JSON.stringify({ id: `evt_${Date.now()}`, object: "event", type: "customer.updated", data: { object: { object: "customer", id: customer } } });
    const at = Math.floor(Date.now() / 1000);
    const signature = createHmac("sha256", STRIPE_SECRET).update(`${at}.${payload}`).digest("hex");
    const headers = { "content-type": "application/json", "stripe-signature": `t=${at},v1=${signature}` };
    assert.equal((await fetch(`${this.url}/callbacks/stripe`, { method: "POST", headers, body: payload })).status, 200);
  }

  /** As when the machine is lost: nobody finishes anything. */
  async lose() {
    for (const { child } of this.#children) if (child.exitCode === null) child.kill("SIGKILL");
    await Promise.all(this.#children.map(({ ended }) => ended));
  }
}
