// Bills by Stripe, end to end: Postern tells the stand-in what its LIVE tenants used, and believes of webhooks
// what Stripe's own library signs, which is that something happened, and nothing else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Stripe from "stripe";

import { Postern, eventually, newNumber } from "./support/postern.mjs";
import { StripeStandIn } from "./support/stripe/stand-in.mjs";

const SECRET = "whsec_of_the_endpoint";
const KEY = "sk_test_postern";

let postern, stand, library;
before(async () => {
  stand = await StripeStandIn.start();
  const { hostname, port } = new URL(stand.url);
  library = new Stripe(KEY, { host: hostname, port, protocol: "http", telemetry: false });
  postern = await Postern.start({
    POSTERN_STRIPE__SECRET_KEY: KEY,
    POSTERN_STRIPE__WEBHOOK_SECRET: SECRET,
    POSTERN_STRIPE__BASE_URL: stand.url,
  });
});
after(async () => {
  await postern?.stop();
  await stand?.stop();
});

const BILLING = `{ tenant { name billing { paymentStatus upcomingInvoice { total { amount currency } lines { channel used billed amount { amount } } }
  invoices { number status amount { amount } hostedUrl } } } }`;
const billing = async () => (await postern.query(BILLING)).tenant.billing;
const customer = async () => {
  const { name } = (await postern.query("{ tenant { name } }")).tenant;
  return eventually(() => [...stand.account.customers.values()].find((it) => it.name === name), 60_000);
};

/** Posts an event as Stripe does. */
async function post(event, { secret = SECRET, timestamp, change = (body) => body, header } = {}) {
  const payload = JSON.stringify(event);
  const signature = header ?? library.webhooks.generateTestHeaderString({ payload, secret, ...(timestamp && { timestamp }) });
  const response = await fetch(`${postern.url}/callbacks/stripe`, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body: change(payload),
  });
  return response.status;
}

test("a live tenant is a customer, its month's usage is told, and Stripe's preview is ours to the cent", async () => {
  const { id } = await customer();
  const subscription = await eventually(async () => (await library.subscriptions.list({ customer: id })).data[0], 60_000);
  await postern.enroll("stripe-text", newNumber());
  const agree = async () => {
    // A message is told at the next visit, which a webhook brings about.
    await post({ id: "evt_1", object: "event", type: "customer.updated", data: { object: { object: "customer", id } } });
    const [ours, theirs] = [await billing(), await library.invoices.createPreview({ subscription: subscription.id })];
    const used = ours.upcomingInvoice.lines.some((line) => line.channel === "SMS" && line.used > 0);
    return used && Math.round(Number(ours.upcomingInvoice.total.amount) * 100) === theirs.total && [ours, theirs];
  };
  const [ours, theirs] = await eventually(agree, 60_000);
  assert.equal(ours.paymentStatus, "ACTIVE");
  assert.ok(theirs.lines.data.length === 10 && theirs.currency === "usd");
});

test("what Stripe's library signs is accepted; one changed byte, an old time or another secret is not", async () => {
  const { id } = await customer();
  const event = { id: "evt_2", object: "event", type: "invoice.paid", data: { object: { object: "invoice", id: "in_1", customer: id } } };
  const now = Math.floor(Date.now() / 1000);
  assert.equal(await post(event), 200);
  assert.equal(await post(event, { timestamp: now - 240 }), 200);
  const payload = JSON.stringify(event);
  const two = library.webhooks.generateTestHeaderString({ payload, secret: SECRET }).replace(",v1=", `,v1=${"0".repeat(64)},v1=`);
  assert.equal(await post(event, { header: two }), 200, "one of several signatures, as while a secret is rolled");
  const refused = [
    await post(event, { change: (body) => body.replace("in_1", "in_2") }),
    await post(event, { change: (body) => `${body} ` }),
    await post(event, { timestamp: now - 400 }),
    await post(event, { timestamp: now + 400 }),
    await post(event, { secret: "whsec_of_another" }),
    await post(event, { header: "" }),
    await post(event, { header: `t=${now},v1=` }),
  ];
  assert.deepEqual(refused, refused.map(() => 403));
  assert.equal((await fetch(`${postern.url}/callbacks/stripe`)).status, 405);
  assert.equal(await post({ id: "evt_3", data: { object: { object: "payout" } } }), 200, "about nobody of ours");
});

test("a payment that fails is seen, and one that arrives, whatever the webhooks say and in whatever order", async () => {
  const { id } = await customer();
  const event = (type) => ({ id: `evt_${type}`, object: "event", type, data: { object: { object: "invoice", customer: id, status: "paid" } } });
  // Stripe's clock goes ahead to where the month has ended.
  const [{ items }] = (await library.subscriptions.list({ customer: id })).data;
  stand.account.advance(items.data[0].current_period_end + 7200);
  const [invoice] = (await library.invoices.list({ customer: id })).data;
  assert.equal(invoice.status, "open");
  assert.equal(await post(event("invoice.paid")), 200);
  const late = await eventually(async () => (await billing()).paymentStatus === "PAST_DUE" && billing(), 60_000);
  assert.deepEqual([late.invoices[0].status, late.invoices[0].number, late.invoices[0].hostedUrl], ["OPEN", invoice.number, invoice.hosted_invoice_url]);
  stand.account.pay(invoice.id);
  await Promise.all(Array.from({ length: 100 }, (_, i) => post(event(i % 2 ? "invoice.payment_failed" : "customer.subscription.updated"))));
  const paid = await eventually(async () => (await billing()).paymentStatus === "ACTIVE" && billing(), 60_000);
  assert.equal(paid.invoices[0].status, "PAID");
});

test("a secret key is in no answer and in no line of the log", () => {
  assert.ok(!postern.said.includes(KEY) && !postern.said.includes(SECRET));
});
