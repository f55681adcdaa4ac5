// Where one run happens: tenants of its own on a lane that others used before, users, administrators, and whoever looks on.

import { setTimeout as sleep } from "node:timers/promises";

import { Client, History } from "./client.mjs";
import { Random } from "./random.mjs";
import { User } from "./user.mjs";

const SCOPES = ["LOGIN", "USERS", "READ", "SUPPORT", "POLICY"];
const CODES = { ttlSeconds: 120 };
const LEVELS = { defaultLevel: "HIGH", minimumLevel: "HIGH", allowedChannels: ["SMS", "VOICE", "TOTP"] };
const STATUS = "query($id: ID!) { node(id: $id) { ... on Message { status } ... on Challenge { status } ... on Login { completedAt } } }";
const SPENT = "{ tenant { billing { amount { amount } } } }";

let numbers = 0;

export class World {
  history = new History();
  reads = [];
  spent = [];
  sandboxTexts = [];
  faults = [];
  #markers = 0;
  #seen = [];

  constructor(lane, schedule) {
    Object.assign(this, { lane, schedule, provider: lane.provider, hooks: lane.hooks });
    this.random = new Random(`world ${schedule.seed}`);
  }

  get over() {
    return performance.now() >= this.until;
  }

  /** A valid number of the United States that nobody was sent anything before. */
  nextNumber() {
    numbers += 1;
    return `+1415${2_000_000 + (numbers % 7_999_999)}`;
  }

  /** Words by which an act is found again in the log. */
  marker(what) {
    this.#markers += 1;
    return `${what}-${this.schedule.seed}-${this.#markers}`;
  }

  client(key, headers) {
    return new Client({ gateways: this.lane.gateways, history: this.history, key, headers, hangUps: 0 });
  }

  /** The tenants of this run, ready to be used. Nothing is killed while they are made. */
  async prepare() {
    this.partner = this.client(this.lane.mould.partnerKey);
    this.until = Infinity;
    this.tenants = await Promise.all(this.schedule.tenants.map((drawn) => this.#makeTenant(drawn)));
    this.users = this.tenants.flatMap((tenant) => tenant.users.map((drawn) => new User(this, tenant, drawn, this.random.fork(drawn.externalId))));
    await Promise.all(this.users.map((user) => user.moveIn()));
  }

  async #makeTenant(drawn) {
    // Each time by another name: one that was asked for and not answered may be there.
    let slug;
    const input = () => ({ slug: (slug = this.marker(`chaos-${drawn.name}`)), name: "Meridian Advisors", environment: drawn.environment, ownerEmail: "owner@meridian.example" });
    const made = await this.#must(this.partner, "createTenant", input);
    const tenant = { ...drawn, slug, id: made.tenant.id, version: 1 };
    const headers = { "x-postern-tenant": tenant.id };
    tenant.owner = Object.assign(this.client(this.lane.mould.partnerKey, headers), { tenant: tenant.id });
    const { secret } = await this.#must(tenant.owner, "createApiKey", { name: "chaos", scopes: SCOPES });
    tenant.client = Object.assign(this.client(secret), { tenant: tenant.id });
    await this.#must(tenant.client, "createWebhookEndpoint", { url: `${this.hooks.url}/${tenant.id}`, events: [] });
    await this.publish(tenant, this.random);
    if (tenant.cap) await this.#must(tenant.owner, "setSpendingCap", { cap: tenant.cap });
    return tenant;
  }

  /** A call that is made until it is done; `input` may be made anew for each. */
  async #must(client, name, input) {
    for (let turn = 0; turn < 40; turn += 1) {
      const call = await client.call(name, typeof input === "function" ? input() : input, {}, this.random);
      if (call.outcome === "done") return call.payload;
      if (call.outcome === "refused") throw new Error(`${name}: ${call.codes} ${call.why}`);
      await sleep(100);
    }
    throw new Error(`${name} was never answered`);
  }

  async publish(tenant, random) {
    const comment = this.marker("policy");
    const policy = {
      internal: { ...LEVELS, mandatoryFrom: null, maxSkips: 3 },
      external: LEVELS,
      codes: { ...CODES, ...(tenant.environment === "SANDBOX" && { resendAfterSeconds: 0 }) },
    };
    const call = await tenant.client.call("publishPolicy", { policy, expectedVersion: tenant.version, comment }, { marker: comment, expected: tenant.version }, random);
    if (call.outcome === "done") tenant.version = call.payload.policy.version;
    else if (call.codes.includes("CONFLICT")) tenant.version += 1;
    return call;
  }

  /** Users, administrators and onlookers, until the load is over. */
  async load() {
    this.begun = performance.now();
    this.until = this.begun + this.schedule.loadMs;
    for (const { client, id } of this.tenants) {
      client.hangUps = this.schedule.clients.hangUps;
      this.provider.habits.set(id, this.schedule);
    }
    const stopLooking = this.#lookAfterTexts();
    await Promise.all([...this.users.map((user) => user.live()), ...this.tenants.map((tenant) => this.#administer(tenant)), this.#lookOn()]);
    stopLooking();
    for (const { client } of this.tenants) client.hangUps = 0;
    this.ended = performance.now();
  }

  async #administer(tenant) {
    const random = this.random.fork(`admin ${tenant.name}`);
    while (!this.over) {
      await sleep(random.between(200, 1_200));
      if (tenant.publishes) await Promise.all(Array.from({ length: random.between(1, 2) }, () => this.publish(tenant, random)));
      if (tenant.cap) {
        const { data, begun, ended } = await tenant.client.ask(SPENT);
        this.spent.push({ tenant: tenant.id, amount: data.tenant.billing.amount.amount, begun, ended });
      }
    }
  }

  /** Looks at one thing or another, again and again: what is there moves forward only. */
  async #lookOn() {
    const random = this.random.fork("onlooker");
    while (!this.over) {
      await sleep(random.between(30, 120));
      const known = this.history.of("evaluateLogin", "startChallenge").filter(({ outcome }) => outcome === "done").slice(-30);
      if (known.length === 0) continue;
      const call = random.pick(known);
      const challenge = call.payload.challenge;
      const id = challenge ? random.pick([challenge.id, challenge.message?.id].filter(Boolean)) : call.payload.login.id;
      await this.look(this.tenants.find((tenant) => tenant.id === call.tenant), id);
    }
  }

  async look(tenant, id, more = {}) {
    const { data, begun, ended } = await tenant.client.ask(STATUS, { id });
    const read = { id, tenant: tenant.id, begun, ended, found: data.node !== null, status: data.node?.status, completed: data.node?.completedAt, ...more };
    this.reads.push(read);
    return read;
  }

  /** What a provider was given was on record as being sent before: now and then that is looked up at once. */
  #lookAfterTexts() {
    const random = this.random.fork("texts");
    const look = (text) => {
      const tenant = this.tenants.find(({ id }) => id === text.tenant);
      if (tenant && random.chance(0.3)) this.#pending(this.look(tenant, text.message, { afterText: text }));
    };
    this.provider.on("text", look);
    return () => this.provider.off("text", look);
  }

  /** What the next runs on this lane need not look through; the run itself has its own copy from now on. */
  forget() {
    const mine = new Set(this.tenants.map(({ id }) => id));
    const take = (list) => list.filter(({ tenant }) => mine.has(tenant));
    Object.assign(this, { texts: take(this.provider.texts), reports: take(this.provider.reports) });
    this.provider.forget(mine);
    this.hooks.events = this.hooks.events.filter(({ endpoint }) => !mine.has(endpoint));
  }

  #pending(promise) {
    this.#seen.push(promise.catch((error) => this.problems.push(String(error))));
  }

  problems = [];

  async looked() {
    await Promise.all(this.#seen);
  }
}
