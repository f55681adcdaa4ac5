// The hosted prompt with JavaScript off: forms, redirects and a cookie, as a poor phone would have them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createLocalJWKSet, jwtVerify } from "jose";

import { Api, codes } from "./support/api.mjs";
import { PlainBrowser } from "./support/browser-without-script.mjs";
import { enrolled, number, totp } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

const RETURN_URL = "https://client.example/after?page=7";
const ALWAYS = { defaultLevel: "HIGH", minimumLevel: "HIGH" };

let server;
let sandbox;
let api;
let support;
let jwks;

before(async () => {
  // All of them come from one address, and faster than people do.
  server = await Server.start({ POSTERN_LIMITS__CLIENT_ADDRESS_RATE: "6000", POSTERN_LIMITS__CLIENT_ADDRESS_BURST: "6000" });
  sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  support = new Api(server.facts.graphql, sandbox.supportApiKey);
  api.publish = (...given) => support.publish(...given);
  jwks = createLocalJWKSet(await (await fetch(`${server.facts.url}/.well-known/jwks.json`)).json());
  const settings = { returnUrls: ["https://client.example/after"], branding: { productName: "Acme & Söhne", color: "#7c2d12", supportContact: "555 0100" } };
  await support.must("updateTenant", settings, "tenant { id }");
});
after(() => server?.stop());

async function url(login, more = {}) {
  const input = { loginId: login.id, returnUrl: RETURN_URL, state: "a=1&b", ...more };
  return (await api.must("createPromptSession", input, "url")).url;
}

async function prompt(login, more) {
  const browser = new PlainBrowser();
  return browser.open(await url(login, more), server.facts.url);
}

/** The code that went out last; one person after the other is at the door. */
async function latestCode() {
  const { sandboxBody } = await api.inbox((message) => message.purpose === "CODE");
  return /(\d[ ,.-]*){6,8}/.exec(sandboxBody)[0].replace(/\D/g, "").slice(0, 6);
}

async function redeem(browser) {
  assert.ok(browser.away, `still on a page: ${browser.words}`);
  assert.equal(browser.away.origin + browser.away.pathname, "https://client.example/after");
  assert.equal(browser.away.searchParams.get("page"), "7", "other parameters are kept");
  assert.equal(browser.away.searchParams.get("state"), "a=1&b");
  const result = browser.away.searchParams.get("result");
  assert.ok(result, browser.away.href);
  return api.mutate("redeemPromptResult", { result }, "login { id completedWith assertion } state");
}

test("a code by text, wrong and then right, and back with a result that is exchanged once", async () => {
  await api.publish(ALWAYS);
  await enrolled(api, "p1");
  const login = await api.evaluate("p1");
  const browser = await prompt(login);
  assert.match(browser.lastCookie, /^__Host-prompt-.*; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  assert.match(browser.words, /Acme & Söhne/);
  assert.match(browser.words, /555 0100/);
  assert.ok(browser.text.length < 30_000 && !browser.policy.includes("unsafe"), browser.policy);
  await browser.press(/^Text me at/);
  await browser.press("Continue", { code: "000000" });
  assert.match(browser.words, /That code is not right/);
  assert.match(browser.words, /Tries left: 4/);
  await browser.press("Continue", { code: await latestCode() });
  const redeemed = await redeem(browser);
  assert.deepEqual([redeemed.login.id, redeemed.login.completedWith, redeemed.state], [login.id, "SMS", "a=1&b"]);
  await jwtVerify(redeemed.login.assertion, jwks, { issuer: server.facts.url, audience: sandbox.id, subject: "p1" });
  const again = await api.mutate("redeemPromptResult", { result: browser.away.searchParams.get("result") }, "login { id }");
  assert.deepEqual(codes(again), ["EXPIRED"]);
  browser.away = undefined;
  await browser.open(browser.url, server.facts.url);
  assert.equal(browser.away.searchParams.get("error"), "expired", "going back in finds nothing to do");
});

test("S1: enrolls a mobile and a recovery phone", async () => {
  await api.publish(ALWAYS);
  await api.upsert("p2");
  const browser = await prompt(await api.evaluate("p2"));
  assert.match(browser.words, /This is required from now on/);
  await browser.press("Send me a code", { number: "not a number" });
  assert.match(browser.words, /not a phone number/);
  await browser.press("Send me a code", { number: "+44 7911 123456" });
  assert.match(browser.words, /country cannot be used/);
  await browser.press("Send me a code", { number: number() });
  await browser.press("Continue", { code: "000000" });
  assert.match(browser.words, /That code is not right/);
  await browser.press("Continue", { code: await latestCode() });
  assert.match(browser.words, /Add a recovery phone/);
  await browser.press("Send me a code", { number: number() });
  await browser.press("Continue", { code: await latestCode() });
  assert.equal((await redeem(browser)).login.completedWith, "ENROLLED");
  const { user } = await support.query(`query($ref: UserRef!) { user(ref: $ref) { factors { status } } }`, { ref: { externalId: "p2" } });
  assert.deepEqual(user.factors.map((factor) => factor.status), ["ACTIVE", "ACTIVE"]);
});

test("S2: skips, with the deadline in words, in Spanish", async () => {
  const deadline = new Date((await api.clock()).getTime() + 40 * 86_400_000);
  await api.publish({ mandatoryFrom: deadline.toISOString() });
  await api.upsert("p3", { language: "es" });
  const browser = await prompt(await api.evaluate("p3"));
  assert.match(browser.words, /Puede dejarlo para más tarde hasta el \d{1,2} de [a-z]+ de 20\d\d\./);
  await browser.press("Ahora no");
  assert.equal((await redeem(browser)).login.completedWith, "SKIPPED");
});

test("S4 and S7: a call, the recovery phone, an app's code, and the code that an advisor read out", async () => {
  await api.publish(ALWAYS);
  await enrolled(api, "p4");
  const call = await prompt(await api.evaluate("p4"));
  await call.press(/^Call me at/);
  assert.match(call.words, /We are calling/);
  await call.follow("More options");
  await call.open(call.url.replace(/\?.*/, "?view=code"), server.facts.url);
  await call.press("Continue", { code: await latestCode() });
  assert.equal((await redeem(call)).login.completedWith, "VOICE");

  const login = await api.evaluate("p4");
  const lost = await prompt(login);
  await lost.follow("Ask your advisor");
  await lost.press("Ask my advisor", { note: "My phone is gone" });
  assert.match(lost.words, /Your advisor has been told/);
  await lost.press("Continue", { code: "ABCDEFGH23" });
  assert.match(lost.words, /There is no code for you yet/);
  const data = await support.query(`{ tenant { temporaryAccessRequests(open: true, first: 10) { edges { node { id login { id } } } } } }`);
  const request = data.tenant.temporaryAccessRequests.edges.map((edge) => edge.node).find((node) => node.login.id === login.id);
  const approved = await support.must("approveTemporaryAccessRequest", { id: request.id, reason: "Knows her last trade" }, "code");
  await lost.open(lost.url, server.facts.url);
  assert.match(lost.words, /Your advisor has a code for you/);
  await lost.press("Continue", { code: approved.code });
  assert.equal((await redeem(lost)).login.completedWith, "TEMPORARY_ACCESS_CODE");
});

test("S12: settings after a fresh proof, and only then", async () => {
  await api.publish({ ...ALWAYS, allowedChannels: ["SMS", "VOICE", "TOTP"] });
  await enrolled(api, "p5");
  const open = await api.evaluate("p5");
  assert.deepEqual(codes(await api.mutate("createPromptSession", { loginId: open.id, purpose: "SETTINGS", returnUrl: RETURN_URL }, "url")), ["VERIFICATION_REQUIRED"]);
  const { challenge } = await api.start(open, open.methods[0]);
  const { login } = await api.verify(challenge, await api.code(challenge));
  const browser = await prompt(login, { purpose: "SETTINGS" });
  assert.match(browser.words, /Primary phone/);
  await browser.press("Set up an authenticator app");
  const key = /<code>([A-Z2-7 ]+)<\/code>/.exec(browser.text)[1].replaceAll(" ", "");
  await browser.press("Continue", { code: totp(`otpauth://totp/x?secret=${key}`) });
  assert.match(browser.words, /Saved\./);
  assert.match(browser.words, /Authenticator app/);
  await browser.press("Make new backup codes");
  assert.equal([...browser.text.matchAll(/<li>[^<]+<\/li>/g)].length, 10);
  await browser.follow("Done");
  await browser.press("Done");
  assert.equal((await redeem(browser)).login.id, login.id);
});

test("five wrong codes deny, and the integrator is told so", async () => {
  await api.publish(ALWAYS);
  await enrolled(api, "p6");
  const browser = await prompt(await api.evaluate("p6"));
  await browser.press(/^Text me at/);
  for (let round = 0; round < 5; round += 1) {
    if (browser.forms.some((form) => form.button === "Continue")) await browser.press("Continue", { code: "000000" });
  }
  if (browser.forms.some((form) => form.button === "Continue")) await browser.press("Continue", { code: "000000" });
  assert.match(browser.words, /cannot sign in at the moment/);
  await browser.press(/^Go back to/);
  assert.equal(browser.away.searchParams.get("error"), "denied");
});

test("nobody else's browser, no other site's form, no second opening", async () => {
  await api.publish(ALWAYS);
  await enrolled(api, "p7");
  const address = await url(await api.evaluate("p7"));
  const mine = await new PlainBrowser().open(address, server.facts.url);
  const thief = await new PlainBrowser().open(address, server.facts.url);
  assert.equal(thief.status, 410);
  await thief.open(mine.url, server.facts.url);
  assert.equal(thief.status, 410, "the page's address is worth nothing without the cookie");
  await mine.open(address, server.facts.url);
  assert.match(mine.words, /How do you want to prove/, "its own browser finds its page again");
  const form = mine.forms.find((form) => /^Text me/.test(form.button));
  for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }]) {
    const forged = await mine.open(form.action, server.facts.url, { method: "POST", body: new URLSearchParams(form.hidden), headers });
    assert.equal(forged.status, 403, JSON.stringify(headers));
  }
  await mine.open(address, server.facts.url);
  await mine.press("Cancel and go back");
  assert.equal(mine.away.searchParams.get("error"), "canceled");
});
