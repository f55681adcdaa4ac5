// The operator's own gateway, beside Twilio: signatures in both directions by the specification's own library.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";

import { Postern, eventually, newNumber } from "./support/postern.mjs";
import { ACCOUNT, TOKEN, Twilio } from "./support/twilio.mjs";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const webhook = new Webhook(secret);
const taken = [];

const gateway = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  // Throws where the signature is wrong or old.
  taken.push({ id: request.headers["webhook-id"], ...webhook.verify(body, request.headers) });
  response.writeHead(202, { "content-type": "application/json" }).end(JSON.stringify({ reference: `g${taken.length}` }));
});

let postern, stand;
before(async () => {
  stand = await Twilio.start();
  stand.refuses = true;
  gateway.listen(0, "127.0.0.1");
  await once(gateway, "listening");
  postern = await Postern.start({
    POSTERN_TWILIO__ACCOUNT_SID: ACCOUNT,
    POSTERN_TWILIO__AUTH_TOKEN: TOKEN,
    POSTERN_TWILIO__FROM: "+14155550100",
    POSTERN_TWILIO__BASE_URL: stand.url,
    POSTERN_HTTP_PROVIDER__URL: `http://127.0.0.1:${gateway.address().port}/send`,
    POSTERN_HTTP_PROVIDER__SECRET: secret,
    POSTERN_ROUTES__SMS: "US=twilio,http",
    POSTERN_ROUTES__VOICE: "http",
  });
});
after(async () => {
  await postern?.stop();
  await stand?.stop();
  gateway.closeAllConnections();
  gateway.close();
});

async function reports(message, said, tamper = "") {
  const body = JSON.stringify(said);
  const now = new Date();
  const headers = {
    "content-type": "application/json",
    "webhook-id": "report-1",
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": webhook.sign("report-1", now, body),
  };
  return (await fetch(message.status_callback, { method: "POST", headers, body: body + tamper })).status;
}

test("what Twilio refuses goes to the gateway at once, and its report is believed by its signature", async () => {
  const phone = newNumber();
  const { factor, challenge } = await postern.enroll("gateway-text", phone);
  const message = await eventually(() => taken.find((message) => message.to === phone));
  assert.deepEqual(
    [message.id, message.attempt, message.channel, message.country, message.is_code],
    [challenge.message.id, 1, "SMS", "US", true],
  );
  const [code] = /\d{6}/.exec(message.text);
  await postern.mutate("confirmFactor", { factorId: factor.id, code }, "factor { status }");
  const accepted = await postern.becomes(challenge.message.id, "ACCEPTED");
  assert.equal(accepted.provider, "http");
  assert.match(accepted.timeline.find((step) => step.detail).detail, /21408/);
  assert.equal(await reports(message, { status: "delivered" }, " "), 403);
  assert.equal(await reports(message, { status: "delivered" }), 200);
  assert.equal((await postern.message(challenge.message.id)).status, "DELIVERED");
});

test("a call carries what is said before the key press", async () => {
  const phone = newNumber();
  const { challenge } = await postern.enroll("gateway-call", phone, "VOICE");
  const message = await eventually(() => taken.find((message) => message.to === phone));
  assert.equal(message.channel, "VOICE");
  assert.match(message.ask_for_key, /press any key/);
  assert.doesNotMatch(message.ask_for_key, /\d, \d/);
  assert.equal(await reports(message, { status: "failed", detail: `no answer from ${phone}` }), 200);
  const failed = await postern.becomes(challenge.message.id, "FAILED");
  assert.ok(!failed.failure.includes(phone.slice(2)), failed.failure);
});
