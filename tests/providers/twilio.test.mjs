// Texts and calls by Twilio: what we send is what Twilio publishes that it takes, and what we believe is what
// Twilio's own library signs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import twilio from "twilio";

import { Postern, newNumber } from "./support/postern.mjs";
import { ACCOUNT, TOKEN, Twilio, description, hasDescription, post } from "./support/twilio.mjs";

let postern, stand;
before(async () => {
  stand = await Twilio.start();
  if (hasDescription) await stand.checkByPrism();
  else console.log(`left out: ${description} is not here, so prism does not check the requests`);
  postern = await Postern.start({
    POSTERN_TWILIO__ACCOUNT_SID: ACCOUNT,
    POSTERN_TWILIO__AUTH_TOKEN: TOKEN,
    POSTERN_TWILIO__FROM: "US=+14155550100; *=+442055550100",
    POSTERN_TWILIO__BASE_URL: stand.url,
  });
});
after(async () => {
  await postern?.stop();
  await stand?.stop();
});

function fine(request) {
  assert.equal(request.url, `/2010-04-01/Accounts/${ACCOUNT}/${request.call ? "Calls" : "Messages"}.json`);
  assert.equal(request.headers.authorization, `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString("base64")}`);
  if (hasDescription) assert.equal(request.prism.status, 201, request.prism.said);
}

const text = (request, status, more = {}) => [
  request.params.StatusCallback,
  { AccountSid: ACCOUNT, MessageSid: request.sid, MessageStatus: status, To: request.params.To, ...more },
];

test("a text goes out, its code confirms the factor, and Twilio's word makes it DELIVERED", async () => {
  const phone = newNumber();
  const { factor, challenge } = await postern.enroll("twilio-text", phone);
  const request = await stand.requestTo(phone);
  fine(request);
  assert.equal(request.params.From, "+14155550100");
  const [code] = /\d{6}/.exec(request.params.Body);
  await postern.mutate("confirmFactor", { factorId: factor.id, code }, "factor { status }");
  const accepted = await postern.becomes(challenge.message.id, "ACCEPTED");
  assert.deepEqual([accepted.provider, accepted.sandboxBody], ["twilio", null]);
  for (const status of ["sent", "delivered", "sent", "delivered"]) {
    assert.equal((await post(...text(request, status))).status, 200);
  }
  const delivered = await postern.message(challenge.message.id);
  assert.equal(delivered.status, "DELIVERED");
  assert.deepEqual(delivered.timeline.map((step) => step.status), ["QUEUED", "SENDING", "ACCEPTED", "DELIVERED"]);
});

test("one changed byte, parameter or address is refused", async () => {
  const phone = newNumber();
  const { challenge } = await postern.enroll("twilio-forged", phone);
  const [url, params] = text(await stand.requestTo(phone), "delivered");
  await postern.becomes(challenge.message.id, "ACCEPTED");
  const right = twilio.getExpectedTwilioSignature(TOKEN, url, params);
  assert.ok(twilio.validateRequest(TOKEN, right, url, params));
  const flipped = (right[0] === "A" ? "B" : "A") + right.slice(1);
  const other = url.slice(0, -1) + (url.endsWith("0") ? "1" : "0");
  const forged = [
    await post(url, params, { signature: flipped }),
    await post(url, params, { signature: "" }),
    await post(url, params, { params: { MessageStatus: "failed" } }),
    await post(url, params, { params: { Extra: "1" } }),
    await post(other, params),
    await post(`${url}?a=1`, params, { signature: twilio.getExpectedTwilioSignature("another token", url, params) }),
  ];
  assert.deepEqual(forged.map((answer) => answer.status), forged.map(() => 403));
  assert.equal((await postern.message(challenge.message.id)).status, "ACCEPTED");
  assert.equal((await post(url, params)).status, 200);
  assert.equal((await fetch(url)).status, 405);
});

test("a number that says STOP is sent no more texts", async () => {
  const phone = newNumber();
  const { challenge } = await postern.enroll("twilio-stop", phone);
  const request = await stand.requestTo(phone);
  await postern.becomes(challenge.message.id, "ACCEPTED");
  assert.equal((await post(...text(request, "undelivered", { ErrorCode: "21610" }))).status, 200);
  assert.match((await postern.becomes(challenge.message.id, "FAILED")).failure, /STOP/);
  await assert.rejects(postern.enroll("twilio-stop-2", phone), /DESTINATION_BLOCKED/);
  // A call is no text.
  const call = await postern.enroll("twilio-stop-3", phone, "VOICE");
  await postern.becomes(call.challenge.message.id, "ACCEPTED");
});

test("a call asks for a key press, then reads the code twice", async () => {
  const phone = newNumber();
  const { challenge } = await postern.enroll("twilio-call", phone, "VOICE");
  const request = await stand.requestTo(phone);
  fine(request);
  assert.ok(request.call && !/\d{6}/.test(request.params.Url.split("/callbacks/")[0]));
  const step = (url, more = {}) => post(url, { AccountSid: ACCOUNT, CallSid: request.sid, CallStatus: "in-progress", ...more });
  const asked = await step(request.params.Url);
  assert.match(asked.type, /text\/xml/);
  const [, action] = /<Gather [^>]*action="([^"]+)"/.exec(asked.text);
  const code = /(\d, ){5}\d/;
  assert.doesNotMatch(asked.text, code);
  assert.doesNotMatch((await step(action)).text, code);
  const read = await step(action, { Digits: "7" });
  assert.equal(read.text.match(/(\d, ){5}\d/g).length, 2);
  assert.equal(new Set(read.text.match(/(\d, ){5}\d/g)).size, 1);
  assert.equal((await postern.message(challenge.message.id)).status, "DELIVERED");
  const ended = { AccountSid: ACCOUNT, CallSid: request.sid, CallStatus: "completed" };
  assert.equal((await post(request.params.StatusCallback, ended)).status, 200);
  assert.equal((await postern.message(challenge.message.id)).status, "DELIVERED");
  assert.equal((await post(action, { CallSid: request.sid, Digits: "7" }, { signature: "forged" })).status, 403);
});

test("prism refuses what Twilio would refuse", { skip: hasDescription ? false : `${description} is not here` }, async () => {
  const authorization = `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString("base64")}`;
  const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
  const ask = (body) => fetch(`${stand.prismUrl}/2010-04-01/Accounts/${ACCOUNT}/Messages.json`, { method: "POST", headers, body });
  assert.equal((await ask("From=%2B14155550100&Body=x")).status, 422, "a missing To");
  assert.equal((await ask("To=%2B14155550132&From=%2B14155550100&Body=x")).status, 201);
});
