// Subscribers: by the protocols' own clients, and by hand.

import assert from "node:assert/strict";
import { once } from "node:events";

import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

import { Api } from "../stories/support/api.mjs";

export const SUBPROTOCOL = "graphql-transport-ws";
export const CHALLENGE = `subscription($id: ID!) {
  challengeUpdated(id: $id) { id status attemptsRemaining channel destination message { status } }
}`;
export const REQUESTED = "subscription { temporaryAccessRequested { id status note user { externalId } login { ipAddress } } }";
export const ANSWERED = "subscription($id: ID!) { temporaryAccessRequestUpdated(id: $id) { id status answeredBy } }";
export const PROGRESS = "subscription($id: ID!) { importProgress(id: $id) { id status processedRows createdRows } }";
const WITHIN = 10_000;

/** What a subscription told, to be waited for. */
export class Told {
  values = [];
  done = false;
  error = null;
  #changed = [];

  sink = {
    next: (value) => this.#note(() => this.values.push(value)),
    error: (error) => this.#note(() => (this.error = error)),
    complete: () => this.#note(() => (this.done = true)),
  };

  #note(change) {
    change();
    for (const wake of this.#changed.splice(0)) wake();
  }

  /** Waits until it holds of what was told. */
  async until(what, holds, within = WITHIN) {
    const end = performance.now() + within;
    while (!holds(this)) {
      const left = end - performance.now();
      const told = () => `${what}: ${JSON.stringify({ values: this.values, done: this.done, error: this.error?.message ?? this.error })}`;
      assert.ok(left > 0, told());
      let timer;
      await Promise.race([new Promise((wake) => this.#changed.push(wake)), new Promise((wake) => (timer = setTimeout(wake, left)))]);
      clearTimeout(timer);
    }
    return this;
  }

  /** The first field of what was told last. */
  get last() {
    const data = this.values.at(-1)?.data;
    return data && Object.values(data)[0];
  }

  get codes() {
    const errors = this.values.flatMap((value) => value.errors ?? []).concat(Array.isArray(this.error) ? this.error : []);
    return errors.map((error) => error.extensions?.code);
  }
}

/** A client of graphql-ws with a key. */
export function webSocket(url, key, more = {}) {
  const client = createWs({
    url: `${url.replace(/^http/, "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${key}` },
    retryAttempts: 0,
    ...more,
  });
  return { client, subscribe: (query, variables) => subscribe(client, query, variables), end: () => client.dispose() };
}

/** A client of graphql-sse with a key: one request a subscription. */
export function events(url, key, more = {}) {
  const client = createSse({ url: `${url}/graphql`, headers: { authorization: `Bearer ${key}` }, retryAttempts: 0, ...more });
  return { client, subscribe: (query, variables) => subscribe(client, query, variables), end: () => client.dispose() };
}

function subscribe(client, query, variables = {}) {
  const told = new Told();
  const stop = client.subscribe({ query, variables }, told.sink);
  return Object.assign(told, { stop });
}

/** A WebSocket by hand. */
export class Raw {
  messages = [];
  /** Code and reason, once it is closed. */
  closed = null;
  #changed = [];

  constructor(url, { protocol = SUBPROTOCOL, path = "/graphql", ...options } = {}) {
    this.socket = new WebSocket(`${url.replace(/^http/, "ws")}${path}`, protocol === null ? [] : [protocol], options);
    this.socket.on("message", (data) => this.#note(() => this.messages.push(JSON.parse(data.toString()))));
    this.socket.on("close", (code, reason) => this.#note(() => (this.closed = { code, reason: reason.toString() })));
    this.socket.on("error", (error) => (this.failure = error));
  }

  static async open(url, options) {
    const raw = new Raw(url, options);
    await once(raw.socket, "open");
    return raw;
  }

  /** One that was let in. */
  static async admitted(url, payload, options) {
    const raw = await Raw.open(url, options);
    raw.say({ type: "connection_init", payload });
    await raw.until("acknowledged", () => raw.messages.some(({ type }) => type === "connection_ack"));
    return raw;
  }

  #note(change) {
    change();
    for (const wake of this.#changed.splice(0)) wake();
  }

  say(message) {
    this.socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  subscribe(id, query, variables) {
    this.say({ id, type: "subscribe", payload: { query, variables } });
  }

  of(id) {
    return this.messages.filter((message) => message.id === id);
  }

  async until(what, holds, within = WITHIN) {
    const end = performance.now() + within;
    while (!holds(this)) {
      const left = end - performance.now();
      assert.ok(left > 0, `${what}: ${JSON.stringify({ messages: this.messages, closed: this.closed })}`);
      let timer;
      await Promise.race([new Promise((wake) => this.#changed.push(wake)), new Promise((wake) => (timer = setTimeout(wake, left)))]);
      clearTimeout(timer);
    }
  }

  /** The close code that it ends with. */
  async end(within) {
    await this.until("closed", () => this.closed, within);
    return this.closed.code;
  }
}

export const bearer = (key) => ({ authorization: `Bearer ${key}` });

/** A tenant of a partner's with keys, and how to make more of both. */
export class Firm {
  static async make(installation, partnerKey, slug) {
    const [{ graphql }] = installation.gateways;
    const partner = new Api(graphql, partnerKey);
    const input = { slug, name: slug, environment: "SANDBOX", ownerEmail: `owner@${slug}.example` };
    const { tenant } = await partner.must("createTenant", input, "tenant { id }");
    const firm = Object.assign(new Firm(), { id: tenant.id, partner: partner.as({ "x-postern-tenant": tenant.id }), graphql });
    firm.login = await firm.key("LOGIN", "USERS", "READ");
    firm.desk = await firm.key("SUPPORT", "POLICY", "READ");
    await firm.at(graphql, firm.desk).publish();
    return firm;
  }

  async key(...scopes) {
    const made = await this.partner.must("createApiKey", { name: scopes.join(" "), scopes }, "secret apiKey { id }");
    return Object.assign(new String(made.secret), { id: made.apiKey.id });
  }

  revoke(key) {
    return this.partner.must("revokeApiKey", { id: key.id }, "apiKey { id }");
  }

  at(graphql, key) {
    return new Api(graphql, key);
  }
}
