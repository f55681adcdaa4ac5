// Who proves the stand-in for Stripe: Stripe's own library, which drives it through the life that Postern
// does, and a wrong request for each field, which it has to refuse.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Stripe from "stripe";

import { parse } from "./support/stripe/form.mjs";
import { PARAMETERS } from "./support/stripe/parameters.mjs";
import { StripeStandIn } from "./support/stripe/stand-in.mjs";
import { amount } from "./support/stripe/decimals.mjs";

const at = (text) => Date.parse(text) / 1000;
const START = at("2026-06-10T12:00:00Z");
const KEY = "sk_test_library";

let stand, stripe;
before(async () => {
  stand = await StripeStandIn.start(START);
  const { hostname, port } = new URL(stand.url);
  stripe = new Stripe(KEY, { host: hostname, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });
});
after(() => stand.stop());

const refused = (call, check) => assert.rejects(call, (error) => (check(error), true));

test("a year of Stripe in a second: customer, meter, price, subscription, usage, invoice, payment", async () => {
  const customer = await stripe.customers.create({ name: "Firm", email: "bill@firm.example", metadata: { postern_tenant: "ten_1" } });
  assert.deepEqual([customer.object, customer.name, customer.email, customer.metadata], ["customer", "Firm", "bill@firm.example", { postern_tenant: "ten_1" }]);
  assert.deepEqual([customer.created, customer.balance, customer.livemode, customer.delinquent], [START, 0, false, false]);
  const found = await stripe.customers.search({ query: "metadata['postern_tenant']:'ten_1'" });
  assert.deepEqual([found.object, found.data.map((it) => it.id)], ["search_result", [customer.id]]);

  const meter = await stripe.billing.meters.create({ display_name: "Texts", event_name: "texts", default_aggregation: { formula: "sum" }, event_time_window: "day" });
  assert.deepEqual([meter.object, meter.event_name, meter.display_name, meter.default_aggregation.formula, meter.event_time_window, meter.status], ["billing.meter", "texts", "Texts", "sum", "day", "active"]);
  assert.deepEqual(meter.customer_mapping, { event_payload_key: "stripe_customer_id", type: "by_id" });
  assert.deepEqual((await stripe.billing.meters.list({ status: "active" })).data.map((it) => it.id), [meter.id]);

  const price = await stripe.prices.create({ currency: "usd", lookup_key: "texts_1", unit_amount_decimal: "0.79", product_data: { name: "Texts" }, recurring: { interval: "month", meter: meter.id, usage_type: "metered" } });
  assert.deepEqual([price.object, price.currency, price.lookup_key, price.type, price.billing_scheme, price.active], ["price", "usd", "texts_1", "recurring", "per_unit", true]);
  assert.deepEqual([String(price.unit_amount_decimal), price.unit_amount, price.recurring.meter, price.recurring.usage_type], ["0.79", null, meter.id, "metered"]);
  assert.deepEqual((await stripe.prices.list({ lookup_keys: ["texts_1", "none"] })).data.map((it) => it.id), [price.id]);

  const subscription = await stripe.subscriptions.create({
    customer: customer.id, items: [{ price: price.id }], backdate_start_date: at("2026-06-01"), billing_cycle_anchor: at("2026-07-01"),
    proration_behavior: "none", billing_mode: { type: "classic" }, off_session: true, metadata: { postern_terms: "team@1" },
  });
  assert.deepEqual([subscription.object, subscription.status, subscription.customer, subscription.start_date, subscription.billing_cycle_anchor], ["subscription", "active", customer.id, at("2026-06-01"), at("2026-07-01")]);
  const [item] = subscription.items.data;
  assert.deepEqual([item.price.id, item.current_period_start, item.current_period_end], [price.id, at("2026-06-01"), at("2026-07-01")]);
  assert.deepEqual((await stripe.subscriptions.retrieve(subscription.id)).metadata, { postern_terms: "team@1" });

  const tell = (value, timestamp, identifier) => stripe.billing.meterEvents.create({ event_name: "texts", identifier, timestamp, payload: { stripe_customer_id: customer.id, value } });
  const event = await tell("5", at("2026-06-05T10:00:00Z"), "a");
  assert.deepEqual([event.object, event.event_name, event.identifier, event.timestamp, event.payload.value], ["billing.meter_event", "texts", "a", at("2026-06-05T10:00:00Z"), "5"]);
  await tell("7", at("2026-06-05T23:59:59Z"), "b");
  await tell("3", at("2026-06-06T00:00:00Z"), "c");
  const summaries = await stripe.billing.meters.listEventSummaries(meter.id, { customer: customer.id, start_time: at("2026-06-01"), end_time: at("2026-07-01"), value_grouping_window: "day" });
  assert.deepEqual(summaries.data.map((it) => [it.aggregated_value, it.start_time, it.end_time - it.start_time, it.meter]), [[3, at("2026-06-06"), 86400, meter.id], [7, at("2026-06-05"), 86400, meter.id]]);

  const preview = await stripe.invoices.createPreview({ subscription: subscription.id });
  assert.deepEqual([preview.object, preview.total, preview.period_start, preview.period_end, preview.lines.data.length], ["invoice", 8, at("2026-06-01"), at("2026-07-01"), 1]);
  assert.deepEqual([preview.lines.data[0].quantity, preview.lines.data[0].amount, preview.lines.data[0].period.end], [10, 8, at("2026-07-01")]);

  stand.account.advance(at("2026-07-01T00:30:00Z"));
  const [draft] = (await stripe.invoices.list({ customer: customer.id })).data;
  assert.deepEqual([draft.status, draft.number, draft.total], ["draft", null, 8]);
  await tell("2", at("2026-06-30T23:59:59Z"), "late");
  stand.account.advance(at("2026-07-01T02:00:00Z"));
  const [open] = (await stripe.invoices.list({ customer: customer.id })).data;
  assert.deepEqual([open.id, open.status, open.total, open.currency, open.attempt_count, open.period_start, open.period_end], [draft.id, "open", 9, "usd", 1, at("2026-06-01"), at("2026-07-01")]);
  assert.ok(open.number && open.hosted_invoice_url.startsWith("https://"));
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).status, "past_due");
  stand.account.pay(open.id);
  const [paid] = (await stripe.invoices.list({ customer: customer.id })).data;
  assert.deepEqual([paid.status, paid.amount_paid, paid.amount_remaining], ["paid", 9, 0]);

  const portal = await stripe.billingPortal.sessions.create({ customer: customer.id, return_url: "https://console.example/billing" });
  assert.deepEqual([portal.object, portal.customer, portal.return_url], ["billing_portal.session", customer.id, "https://console.example/billing"]);
  const checkout = await stripe.checkout.sessions.create({ customer: customer.id, mode: "setup", currency: "usd", success_url: "https://console.example/" });
  assert.deepEqual([checkout.object, checkout.mode, checkout.status], ["checkout.session", "setup", "open"]);
  assert.ok(portal.url.startsWith("https://") && checkout.url.startsWith("https://"));

  const ended = await stripe.subscriptions.cancel(subscription.id, { invoice_now: false, prorate: false });
  assert.deepEqual([ended.status, ended.ended_at], ["canceled", at("2026-07-01T02:00:00Z")]);
  assert.deepEqual((await stripe.subscriptions.list({ customer: customer.id })).data, []);
  const types = stand.told.map((it) => it.type);
  for (const type of ["customer.created", "customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.payment_failed", "invoice.paid", "customer.subscription.deleted"]) assert.ok(types.includes(type), type);
});

test("identifiers are known for a day, keys answer as they did, and times lie within the window", async () => {
  const customer = await stripe.customers.create({ name: "Window" });
  await stripe.billing.meters.create({ display_name: "Calls", event_name: "calls", default_aggregation: { formula: "sum" }, event_time_window: "day" });
  const now = stand.account.now;
  const tell = (identifier, timestamp, value = "1") => stripe.billing.meterEvents.create({ event_name: "calls", identifier, timestamp, payload: { stripe_customer_id: customer.id, value } });
  await tell("once", now);
  await refused(() => tell("once", now), (error) => assert.match(error.message, /already exists with identifier once/));
  for (const bad of [now - 35 * 86400, now + 301]) await refused(() => tell("out", bad), (error) => assert.equal(error.param, "timestamp"));
  await tell("in-1", now - 35 * 86400 + 1);
  await tell("in-2", now + 300, "-2");
  stand.account.advance(now + 86_401);
  await tell("once", now);
  const named = { idempotencyKey: "the-same" };
  const [first, again] = [await stripe.customers.create({ name: "A" }, named), await stripe.customers.create({ name: "A" }, named)];
  assert.equal(first.id, again.id);
  await refused(() => stripe.customers.create({ name: "B" }, named), (error) => assert.equal(error.type, "StripeIdempotencyError"));
});

test("a line is rounded half up, once, and what is below zero is nothing", () => {
  for (const [units, decimal, minor] of [[1n, "0.5", 1], [1n, "0.49999999", 0], [3n, "0.75", 2], [2n, "0.75", 2], [10n, "0.79", 8], [1n, "4900", 4900], [0n, "11", 0], [-1n, "0.5", 0], [-1n, "0.6", -1]]) {
    assert.equal(amount(units, decimal), minor, `${units} × ${decimal}`);
  }
});

test("forms are read as Stripe's library and ours write them", () => {
  assert.deepEqual(parse("items[0][price]=a&items[1][price]=b&metadata[x]=1&lookup_keys[]=k&lookup_keys[]=l&e=a%5Bb"), { items: [{ price: "a" }, { price: "b" }], metadata: { x: "1" }, lookup_keys: ["k", "l"], e: "a[b" });
  assert.throws(() => parse("a=1&a=2"));
});

// ---------------------------------------------------------------- one wrong request for each field

const BAD = {
  name: "", email: "nobody", metadata: { a: "x".repeat(501) }, query: "name:'x'", limit: "101", display_name: "", event_name: "nothing measures this",
  default_aggregation: { formula: "average" }, event_time_window: "week", status: "on", starting_after: "none_1", customer: "cus_none", start_time: "yesterday",
  end_time: "1", value_grouping_window: "month", identifier: "x".repeat(101), timestamp: "1.5", payload: { stripe_customer_id: "cus_1" }, currency: "xxx",
  lookup_key: "", product_data: { title: "x" }, unit_amount_decimal: "1e3", recurring: { interval: "month", usage_type: "metered" }, active: "yes",
  lookup_keys: Array.from({ length: 11 }, (_, i) => `k${i}`), items: [{ price: "price_none" }], backdate_start_date: "9999999999", billing_cycle_anchor: "1000000001",
  proration_behavior: "sometimes", billing_mode: { type: "modern" }, off_session: "maybe", invoice_now: "1", prorate: "1", subscription: "sub_none",
  return_url: "javascript:alert(1)", mode: "payment", success_url: "nowhere", cancel_url: "nowhere",
};

/** The same for what lies within objects and lists. */
const WITHIN = [
  ["POST billing/meters", "default_aggregation[formula]", "average"],
  ["POST billing/meter_events", "payload[stripe_customer_id]", "cus_none"],
  ["POST billing/meter_events", "payload[value]", "1.5"],
  ["POST billing/meter_events", "payload[unit]", "texts"],
  ["POST prices", "product_data[name]", ""],
  ["POST prices", "product_data[color]", "red"],
  ["POST prices", "recurring[interval]", "fortnight"],
  ["POST prices", "recurring[interval_count]", "2"],
  ["POST prices", "recurring[meter]", "mtr_none"],
  ["POST prices", "recurring[usage_type]", "licensed"],
  ["POST subscriptions", "items[0][price]", "price_none"],
  ["POST subscriptions", "items[0][quantity]", "1"],
  ["POST subscriptions", "billing_mode[type]", "modern"],
  ["GET prices", "lookup_keys[0]", ""],
];

const flat = (value, at) =>
  typeof value === "object" ? Object.entries(value).flatMap(([key, inner]) => flat(inner, `${at}[${key}]`)) : [[at, String(value)]];
const form = (fields) => new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => flat(value, name))).toString();

test("each field, given wrongly, is refused, and so is each that is unknown or missing", async (t) => {
  const stand = await StripeStandIn.start(START);
  t.after(() => stand.stop());
  const { account } = stand;
  const customer = account.createCustomer({ name: "x" }).id;
  const meter = account.createMeter({ display_name: "x", event_name: "x", default_aggregation: { formula: "sum" }, event_time_window: "day" }).id;
  const price = account.createPrice({ currency: "usd", lookup_key: "there", product_data: { name: "x" }, unit_amount_decimal: "1", recurring: { interval: "month", meter, usage_type: "metered" } }).id;
  const made = () => account.createSubscription({ customer, items: [{ price }], backdate_start_date: at("2026-06-01"), billing_cycle_anchor: at("2026-07-01"), proration_behavior: "none", billing_mode: { type: "classic" } }).id;
  const subscription = made();
  let number = 0;
  const fresh = () => `n${(number += 1)}`;
  const good = {
    "POST customers": () => ["POST", "customers", { name: "x", email: "a@b.example", metadata: { a: "b" } }],
    "GET customers/search": () => ["GET", "customers/search", { query: "metadata['a']:'b'", limit: 1 }],
    "POST billing/meters": () => ["POST", "billing/meters", { display_name: "x", event_name: fresh(), default_aggregation: { formula: "sum" }, event_time_window: "day" }],
    "GET billing/meters": () => ["GET", "billing/meters", { limit: 10, starting_after: meter, status: "active" }],
    "GET billing/meters/event_summaries": () => ["GET", `billing/meters/${meter}/event_summaries`, { customer, start_time: at("2026-06-01"), end_time: at("2026-06-02"), value_grouping_window: "day", limit: 9 }],
    "POST billing/meter_events": () => ["POST", "billing/meter_events", { event_name: "x", identifier: fresh(), timestamp: START, payload: { stripe_customer_id: customer, value: 3 } }],
    "POST prices": () => ["POST", "prices", { currency: "usd", lookup_key: fresh(), product_data: { name: "x" }, unit_amount_decimal: "0.79", recurring: { interval: "month", meter, usage_type: "metered" } }],
    "GET prices": () => ["GET", "prices", { active: true, lookup_keys: ["a"], limit: 100 }],
    "POST subscriptions": () => ["POST", "subscriptions", { customer, items: [{ price }], backdate_start_date: at("2026-06-01"), billing_cycle_anchor: at("2026-07-01"), proration_behavior: "none", billing_mode: { type: "classic" }, off_session: true, metadata: { a: "b" } }],
    "GET subscriptions": () => ["GET", "subscriptions", { customer, limit: 100 }],
    "GET subscription": () => ["GET", `subscriptions/${subscription}`, {}],
    "DELETE subscription": () => ["DELETE", `subscriptions/${made()}`, { invoice_now: false, prorate: false }],
    "GET invoices": () => ["GET", "invoices", { customer, limit: 100 }],
    "POST invoices/create_preview": () => ["POST", "invoices/create_preview", { subscription }],
    "POST billing_portal/sessions": () => ["POST", "billing_portal/sessions", { customer, return_url: "https://x.example/" }],
    "POST checkout/sessions": () => ["POST", "checkout/sessions", { customer, mode: "setup", currency: "usd", success_url: "https://x.example/", cancel_url: "https://x.example/" }],
  };
  assert.deepEqual(Object.keys(good), Object.keys(PARAMETERS), "a wrong request for every operation");
  const send = async ([method, path, fields, change]) => {
    const given = new URLSearchParams(form(fields));
    if (change) given.set(...change);
    const text = given.toString();
    const isBody = method !== "GET";
    const response = await fetch(`${stand.url}/v1/${path}${isBody ? "" : `?${text}`}`, {
      method, headers: { authorization: `Bearer ${KEY}`, "idempotency-key": fresh(), "content-type": "application/x-www-form-urlencoded" }, body: isBody ? text : undefined,
    });
    return [response.status, await response.json()];
  };
  // Where a customer is only a filter, any is fine.
  const FILTERS = new Set(["GET subscriptions customer", "GET invoices customer", "GET billing/meters/event_summaries customer", "POST billing/meters event_name"]);
  let tried = 0;
  for (const [name, request] of Object.entries(good)) {
    const [status, body] = await send(request());
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
    const [method, path, fields] = request();
    assert.equal((await send([method, path, { ...fields, surprise: 1 }]))[1].error.code, "parameter_unknown", name);
    for (const [field, check] of Object.entries(PARAMETERS[name])) {
      const wrong = FILTERS.has(`${name} ${field}`) ? "" : (BAD[field] ?? assert.fail(`no wrong ${field}`));
      const answer = await send([method, path, { ...fields, [field]: wrong }]);
      assert.ok(answer[0] === 400 || answer[0] === 404, `${name} ${field}: ${JSON.stringify(answer)}`);
      tried += 1;
      if (check.needed) {
        const { [field]: _, ...rest } = fields;
        assert.equal((await send([method, path, rest]))[1].error.code, "parameter_missing", `${name} ${field}`);
      }
    }
  }
  for (const [name, field, wrong] of WITHIN) {
    const [status, body] = await send([...good[name](), [field, wrong]]);
    assert.ok(status === 400 || status === 404, `${name} ${field}: ${JSON.stringify(body)}`);
  }
  assert.ok(tried > 45, `${tried}`);
  const bare = await fetch(`${stand.url}/v1/customers`, { method: "POST", headers: { authorization: `Bearer ${KEY}` } });
  assert.equal(bare.status, 400, "no idempotency key");
  assert.equal((await fetch(`${stand.url}/v1/customers/search`)).status, 401);
  assert.equal((await fetch(`${stand.url}/v1/charges`, { headers: { authorization: `Bearer ${KEY}` } })).status, 404);
});
