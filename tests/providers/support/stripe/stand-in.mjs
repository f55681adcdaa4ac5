// Stripe, as far as billing needs it, over HTTP. It is a program of its own (`node main.mjs`), so that tests
// in any language can drive it, and it shares nothing with the client that it judges. Stripe's own library
// drives it through the same life in stripe-stand-in.test.mjs.

import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { Account, listed } from "./account.mjs";
import { parse } from "./form.mjs";
import { PARAMETERS, checked } from "./parameters.mjs";
import { Refusal } from "./refusal.mjs";

const KEY = /^sk_test_[A-Za-z0-9]+$/;

const ROUTES = [
  ["POST", /^customers$/, "POST customers", (account, given) => account.createCustomer(given)],
  ["GET", /^customers\/search$/, "GET customers/search", (account, given) => account.searchCustomers(given)],
  ["POST", /^billing\/meters$/, "POST billing/meters", (account, given) => account.createMeter(given)],
  ["GET", /^billing\/meters$/, "GET billing/meters", (account, { limit, starting_after }) => listed([...account.meters.values()], "/v1/billing/meters", limit, starting_after)],
  ["GET", /^billing\/meters\/([^/]+)\/event_summaries$/, "GET billing/meters/event_summaries", (account, given, id) => account.summaries(id, given)],
  ["POST", /^billing\/meter_events$/, "POST billing/meter_events", (account, given) => account.tellUsage(given)],
  ["POST", /^prices$/, "POST prices", (account, given) => account.createPrice(given)],
  ["GET", /^prices$/, "GET prices", (account, { lookup_keys, limit, starting_after }) => listed([...account.prices.values()].filter((price) => !lookup_keys || lookup_keys.includes(price.lookup_key)), "/v1/prices", limit, starting_after)],
  ["POST", /^subscriptions$/, "POST subscriptions", (account, given) => account.createSubscription(given)],
  ["GET", /^subscriptions$/, "GET subscriptions", (account, given) => account.subscriptionsOf(given)],
  ["GET", /^subscriptions\/([^/]+)$/, "GET subscription", (account, _, id) => account.find("subscriptions", id)],
  ["DELETE", /^subscriptions\/([^/]+)$/, "DELETE subscription", (account, given, id) => account.cancelSubscription(id, given)],
  ["GET", /^invoices$/, "GET invoices", (account, given) => account.invoicesOf(given)],
  ["POST", /^invoices\/create_preview$/, "POST invoices/create_preview", (account, given) => account.preview(given)],
  ["POST", /^billing_portal\/sessions$/, "POST billing_portal/sessions", (account, given) => account.portal(given)],
  ["POST", /^checkout\/sessions$/, "POST checkout/sessions", (account, given) => account.checkout(given)],
];

export class StripeStandIn {
  static async start(now = Math.floor(Date.now() / 1000)) {
    const stand = new StripeStandIn();
    stand.account = new Account(now);
    stand.account.told = (type, object) => stand.tell(type, object);
    stand.answers = new Map();
    stand.requests = [];
    stand.faults = [];
    stand.told = [];
    stand.deliveries = [];
    stand.server = createServer((request, response) => stand.serve(request, response));
    await new Promise((done) => stand.server.listen(0, "127.0.0.1", done));
    stand.url = `http://127.0.0.1:${stand.server.address().port}`;
    return stand;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  async serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const url = new URL(request.url, this.url);
    if (url.pathname.startsWith("/_control/")) return this.control(url.pathname.slice(10), body, response);
    const fault = this.faults.findIndex(({ path, times }) => times > 0 && url.pathname.includes(path));
    const struck = fault >= 0 ? this.faults[fault] : null;
    if (struck) struck.times -= 1;
    if (struck?.kind === "status") return answer(response, struck.status, { error: { type: "api_error", message: "An unexpected error." } }, struck.headers);
    if (struck?.kind === "drop-before") return request.socket.destroy();
    const { status, answered } = this.handle(request, url, body);
    this.requests.push({ method: request.method, path: url.pathname, body, query: url.search, headers: request.headers, status });
    if (struck?.kind === "drop-after") return request.socket.destroy();
    answer(response, status, answered);
  }

  handle(request, url, body) {
    try {
      const key = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
      if (!KEY.test(key)) throw new Refusal(401, "Invalid API Key provided.", {});
      const given = parse(request.method === "GET" ? url.search.slice(1) : body || url.search.slice(1));
      return this.once(request, url, given, body);
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, answered: error.body };
      return { status: 400, answered: { error: { type: "invalid_request_error", message: error.message } } };
    }
  }

  /** What was asked under a key before is answered as it was. */
  once(request, url, given, body) {
    const key = request.method === "POST" ? request.headers["idempotency-key"] : undefined;
    if (request.method === "POST" && !key) throw new Refusal(400, "This stand-in wants an idempotency key with every POST.", {});
    const known = key && this.answers.get(key);
    if (known && known.at > this.account.now - 86_400) {
      if (known.body !== body || known.path !== url.pathname) {
        throw new Refusal(400, "Keys for idempotent requests can only be used with the same parameters they were first used with.", { type: "idempotency_error" });
      }
      return known.result;
    }
    const result = this.act(request.method, url.pathname, given);
    if (key) this.answers.set(key, { body, path: url.pathname, at: this.account.now, result });
    return result;
  }

  act(method, pathname, given) {
    const path = pathname.replace(/^\/v1\//, "");
    const route = ROUTES.find(([verb, pattern]) => verb === method && pattern.test(path));
    if (!route) throw new Refusal(404, `Unrecognized request URL (${method}: ${pathname}).`, {});
    const [, pattern, name, act] = route;
    const answered = act(this.account, checked(PARAMETERS[name], given), ...pattern.exec(path).slice(1));
    return { status: 200, answered: structuredClone(answered) };
  }

  // ---------------------------------------------------------------- what it tells of its own accord

  tell(type, object) {
    const id = `evt_${randomBytes(8).toString("hex")}`;
    this.told.push({ id, object: "event", type, created: this.account.now, api_version: "2026-09-30.endive", livemode: false, pending_webhooks: 1, data: { object: structuredClone(object) } });
  }

  /** Signs as Stripe documents it. `time`: by the receiver's clock. */
  static sign(secret, body, time) {
    return `t=${time},v1=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")}`;
  }

  // ---------------------------------------------------------------- how tests steer it

  async control(what, body, response) {
    const given = body ? JSON.parse(body) : {};
    const acts = {
      clock: () => this.account.advance(given.now),
      fault: () => this.faults.push({ path: "", times: 1, ...given }),
      calm: () => this.faults.splice(0),
      payment: () => this.account.setPaymentMethod(given.customer, given.works),
      pay: () => this.account.pay(given.invoice),
      retry: () => this.account.collect(this.account.find("invoices", given.invoice)),
      end: () => this.account.cancelSubscription(given.subscription, {}),
    };
    try {
      acts[what]?.();
    } catch (error) {
      return answer(response, 500, { error: { message: error.message } });
    }
    const { now, sessions } = this.account;
    const all = Object.fromEntries(["customers", "meters", "prices", "subscriptions", "invoices"].map((kind) => [kind, [...this.account[kind].values()]]));
    const events = this.account.events.map((event) => ({ ...event, units: event.units.toString() }));
    answer(response, 200, { now, ...all, events, sessions, requests: this.requests, told: this.told });
  }
}

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", "request-id": `req_${randomBytes(6).toString("hex")}`, ...headers });
  response.end(JSON.stringify(body));
}
