// The operator's own gateway for texts and calls, as docs/operators-messages.md asks for it, on its bad days: it
// takes a message and hangs up, answers 500 after it took it, is slow, reports late, twice, and in the wrong order.

import { createHmac, randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { send } from "./http.mjs";
import { Random } from "./random.mjs";

const REPORTED_WITHIN = 30_000;
const AGAIN = 250;

export const SECRET_BYTES = randomBytes(32);
export const SECRET = `whsec_${SECRET_BYTES.toString("base64")}`;

/** Standard Webhooks: the signature of a body. */
export function signature(secret, id, seconds, body) {
  return `v1,${createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64")}`;
}

/** What is done with a message, by chance. `took` says whether its text goes out. */
const WAYS = {
  ok: { took: true, status: 202 },
  slow: { took: true, status: 202 },
  hangup: { took: true },
  broken: { took: true, status: 500 },
  busy: { took: false, status: 429 },
  refused: { took: false, status: 422 },
};

export class Provider extends EventEmitter {
  /** Every request, in the order of arrival. */
  texts = [];
  reports = [];
  /** How the requests of a tenant's messages are treated: by the run that the tenant belongs to. */
  habits = new Map();
  #counts = new Map();
  #server = createServer((request, response) => this.#take(request, response).catch(() => response.destroy()));

  constructor(gateways) {
    super();
    this.setMaxListeners(0);
    this.gateways = gateways;
  }

  async open() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}/send`;
    return this;
  }

  close() {
    this.closed = true;
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(request, response) {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const message = JSON.parse(body);
    const habit = this.habits.get(message.tenant);
    const text = { at: performance.now(), tenant: message.tenant, message: message.id, attempt: message.attempt, to: message.to,
      channel: message.channel, code: message.is_code ? codeIn(message.text) : undefined };
    const [random, way] = this.#decide(habit, message);
    const forgets = random.chance(0.3);
    const known = !forgets && this.texts.some((one) => one.message === message.id && one.took);
    Object.assign(text, { way: known ? "known" : way, took: known ? false : WAYS[way].took });
    this.texts.push(text);
    this.emit("text", text);
    if (known) return this.#answer(text, response, 409);
    if (text.took) this.#report(message, way, random).catch(() => {});
    await sleep(way === "slow" ? random.between(600, 2_500) : random.between(0, 30));
    if (way === "hangup") return response.destroy();
    return this.#answer(text, response, WAYS[way].status);
  }

  #answer(text, response, status) {
    text.status = status;
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  }

  /** By the seed, the number, and how often it was asked for that number: not by who came first. */
  #decide(habit, message) {
    const count = (this.#counts.get(message.to) ?? 0) + 1;
    this.#counts.set(message.to, count);
    const random = new Random(`${habit?.seed}/${message.to}/${count}`);
    return [random, habit ? random.weighted(habit.ways) : "ok"];
  }

  async #report(message, way, random) {
    const inDoubt = way === "hangup" || way === "broken";
    if (inDoubt && random.chance(0.5)) return;
    const last = random.chance(0.06) ? "failed" : "delivered";
    const words = random.chance(0.3) ? [last, "accepted", last] : random.chance(0.3) ? ["accepted", last] : [last];
    await sleep(random.between(5, random.chance(0.2) ? 2_500 : 300));
    for (const [number, status] of words.entries()) {
      await this.#tell(message, { status, reference: `r-${message.id}` }, `${message.id}.${message.attempt}.${number}`, random);
    }
  }

  /** Until it is noted, or somebody says that it will never be. */
  async #tell(message, said, id, random) {
    const report = { at: performance.now(), tenant: message.tenant, message: message.id, said: said.status, noted: false };
    this.reports.push(report);
    for (let waited = 0; waited < REPORTED_WITHIN && !this.closed; waited += AGAIN) {
      const status = await this.#post(message.status_callback, said, id, random).catch(() => null);
      if (status === 200) return (report.noted = performance.now());
      if (status === 403) return (report.disbelieved = true);
      await sleep(AGAIN);
    }
  }

  async #post(callback, said, id, random) {
    const { pathname } = new URL(callback);
    const [body, seconds] = [JSON.stringify(said), Math.floor(Date.now() / 1000)];
    const headers = { "content-type": "application/json", "webhook-id": id, "webhook-timestamp": String(seconds),
      "webhook-signature": signature(SECRET_BYTES, id, seconds, body) };
    return (await send(random.pick(this.gateways()).url + pathname, { body, headers })).status;
  }

  /** Nobody asks for these tenants' messages any more. */
  forget(tenants) {
    this.texts = this.texts.filter(({ tenant }) => !tenants.has(tenant));
    this.reports = this.reports.filter(({ tenant }) => !tenants.has(tenant));
    for (const tenant of tenants) this.habits.delete(tenant);
  }

  /** The code of any of these messages, once the text is here; nothing where none comes in time. */
  async code(messages, until) {
    const found = () => this.texts.find((text) => text.took && text.code && messages.includes(text.message))?.code;
    while (performance.now() < until) {
      if (found()) return found();
      await Promise.race([once(this, "text", { signal: AbortSignal.timeout(1_000) }).catch(() => {}), sleep(Math.max(1, until - performance.now()))]);
    }
    return found();
  }
}

/** The digits of a code in a text, or in what a call reads out. */
export function codeIn(words) {
  return /(?:\d[ ,.-]*){6}/.exec(words ?? "")?.[0].replace(/\D/g, "").slice(0, 6);
}
