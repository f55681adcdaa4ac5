// Standard security by API: when a code is asked for, what trains the memory, and devices that are
// trusted. The demo's address database says where everybody is; the sandbox's clock makes the journeys.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createLocalJWKSet, jwtVerify } from "jose";

import { Api, codes } from "./support/api.mjs";
import { enrolled, number, proved, settled, totp } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

const CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const NEWER_CHROME = CHROME.replace("142", "143");
const PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1";
const at = (ipAddress, userAgent = CHROME) => ({ ipAddress, userAgent });
const MINNEAPOLIS = at("192.0.2.10");
const SAN_FRANCISCO = at("198.51.100.20");
const LONDON = at("203.0.113.30");
const TOR = at("203.0.113.200");
const BOSTON = at("2001:db8:1::5");
const SYDNEY = at("2001:db8:2::5");
const PRIVATE = at("10.0.0.5");
const UNKNOWN = at("8.8.8.8");

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let server;
let sandbox;
let api;
let support;
let jwks;

before(async () => {
  server = await Server.start();
  sandbox = server.facts.tenants.find((tenant) => tenant.environment === "SANDBOX");
  api = new Api(server.facts.graphql, sandbox.apiKey);
  support = new Api(server.facts.graphql, sandbox.supportApiKey);
  api.publish = (...given) => support.publish(...given);
  api.advance = (seconds) => support.advance(seconds);
  jwks = createLocalJWKSet(await (await fetch(`${server.facts.url}/.well-known/jwks.json`)).json());
});
after(() => server?.stop());

async function claims(login, externalId) {
  const options = { issuer: server.facts.url, audience: sandbox.id, subject: externalId, algorithms: ["EdDSA"] };
  return (await jwtVerify(login.assertion, jwks, options)).payload;
}

/** Somebody whose home is there, and whose phone is not new any more. */
async function resident(externalId, home, more = {}) {
  const confirmed = await settled(api, externalId, home, more);
  await api.advance(4 * DAY);
  return confirmed;
}

const decision = ({ outcome, reasons }) => [outcome, ...reasons];
const kinds = (login) => login.riskSignals.map((signal) => signal.kind);
const ALLOWED = ["ALLOW", "LOW_RISK"];
const ASKED = ["CHALLENGE", "RISK_DETECTED"];
const CANNOT_TELL = ["CHALLENGE", "ADAPTIVE_NOT_STARTED"];

/** The score is what its parts add up to, and every part is a sentence. */
function explained(login) {
  const sum = login.riskSignals.reduce((total, signal) => total + signal.score, 0);
  assert.equal(login.riskScore, Math.min(100, sum));
  for (const { detail } of login.riskSignals) assert.match(detail, /^[A-Z0-9].{10,}/);
  return login;
}

test("S5: at home nobody is asked; minutes later, from across the country, one is; next morning at home one is not", async () => {
  assert.deepEqual(codes(await api.publish()), []);
  await resident("s5", MINNEAPOLIS);
  const home = explained(await api.evaluate("s5", MINNEAPOLIS));
  assert.deepEqual([decision(home), home.riskScore, home.riskSignals], [ALLOWED, 0, []]);
  assert.deepEqual([home.location.country, home.location.city], ["US", "Minneapolis"]);
  assert.ok(Math.abs(home.location.latitude - 44.98) < 0.01 && Math.abs(home.location.longitude + 93.27) < 0.01);
  const proof = await claims(home, "s5");
  assert.deepEqual([proof.acr, proof.acr_rank, proof.amr, proof.reasons], ["postern:1fa", 10, ["pwd"], ["LOW_RISK"]]);

  await api.advance(12 * MINUTE);
  const away = explained(await api.evaluate("s5", SAN_FRANCISCO));
  assert.deepEqual([decision(away), kinds(away)], [ASKED, ["IMPOSSIBLE_TRAVEL", "NEW_NETWORK"]]);
  assert.equal(away.location.city, "San Francisco");
  assert.equal(away.riskSignals[0].detail, "2,540 km from the last login 12 minutes ago");
  assert.equal(away.assertion, null);
  assert.ok(away.methods.length > 0);

  // Whoever was there did not get in: home stays where it was.
  const { challenge } = await api.start(away, away.methods[0]);
  const real = await api.code(challenge);
  assert.deepEqual(codes(await api.verify(challenge, real === "000000" ? "000001" : "000000")), ["WRONG_CODE"]);
  const still = explained(await api.evaluate("s5", MINNEAPOLIS));
  assert.deepEqual([decision(still), kinds(still), still.riskScore], [ALLOWED, ["FAILED_ATTEMPTS"], 10]);
  assert.deepEqual(decision(await api.evaluate("s5", SAN_FRANCISCO)), ASKED, "trying does not make it familiar");

  await api.advance(18 * HOUR);
  const morning = await api.evaluate("s5", MINNEAPOLIS);
  assert.deepEqual([decision(morning), morning.riskScore], [ALLOWED, 0]);
  assert.equal((await claims(morning, "s5")).acr, "postern:1fa");
});

test("whoever proves it abroad has moved: not asked there any more, and asked back at home minutes later", async () => {
  await resident("mover", MINNEAPOLIS);
  await api.advance(10 * MINUTE);
  await proved(api, await api.evaluate("mover", LONDON));
  await api.advance(10 * MINUTE);
  assert.deepEqual(decision(await api.evaluate("mover", LONDON)), ALLOWED);
  const back = await api.evaluate("mover", MINNEAPOLIS);
  assert.deepEqual([decision(back), kinds(back)], [ASKED, ["IMPOSSIBLE_TRAVEL"]]);
  await api.advance(DAY);
  assert.deepEqual(decision(await api.evaluate("mover", MINNEAPOLIS)), ALLOWED, "in a day one can fly");
});

test("the first login of somebody whose phone was enrolled before is asked, the second is not", async () => {
  await enrolled(api, "first");
  const first = explained(await api.evaluate("first", SAN_FRANCISCO));
  assert.deepEqual([decision(first), kinds(first), first.riskScore], [ASKED, ["FIRST_LOGIN"], 50]);
  assert.deepEqual(decision(await api.evaluate("first", SAN_FRANCISCO)), ASKED, "one that was given up is none");
  await proved(api, first);
  assert.deepEqual(decision(await api.evaluate("first", SAN_FRANCISCO)), ALLOWED);
});

test("IPv6 is located alike, a household's other addresses are home, and IPv4 in IPv6 is IPv4", async () => {
  await resident("six", BOSTON);
  const other = await api.evaluate("six", at("2001:db8:1:ffff::9"));
  assert.deepEqual([decision(other), other.location.city], [ALLOWED, "Boston"]);
  await api.advance(30 * MINUTE);
  const sydney = explained(await api.evaluate("six", SYDNEY));
  assert.deepEqual([decision(sydney), kinds(sydney)], [ASKED, ["IMPOSSIBLE_TRAVEL", "NEW_COUNTRY", "NEW_NETWORK"]]);
  assert.deepEqual([sydney.location.country, sydney.location.city, sydney.riskScore], ["AU", "Sydney", 100]);
  assert.equal((await api.evaluate("six", at("::ffff:192.0.2.10"))).location.city, "Minneapolis");
});

test("a Tor exit asks by itself, on a trusted device too", async () => {
  const { deviceToken } = await resident("tor", LONDON, { kind: "INTERNAL", rememberDevice: true });
  assert.deepEqual(decision(await api.evaluate("tor", { ...LONDON, deviceToken })), ["ALLOW", "TRUSTED_DEVICE"]);
  for (const token of [undefined, deviceToken]) {
    const login = explained(await api.evaluate("tor", { ...TOR, deviceToken: token }));
    assert.deepEqual([decision(login), kinds(login), login.riskScore], [ASKED, ["ANONYMIZER"], 50]);
    assert.match(login.riskSignals[0].detail, /Tor/);
  }
});

test("an unknown or private address asks and never denies, whatever the threshold", async () => {
  const risk = { challengeThreshold: 1, denyThreshold: 2, maxTravelSpeedKmh: 900 };
  await resident("hidden", MINNEAPOLIS);
  assert.deepEqual(codes(await api.publish({}, { risk })), []);
  for (const place of [PRIVATE, UNKNOWN, at("::1"), at("fd00::5")]) {
    const login = await api.evaluate("hidden", place);
    assert.deepEqual([decision(login), login.location], [CANNOT_TELL, null], place.ipAddress);
    assert.equal(kinds(login).includes("IMPOSSIBLE_TRAVEL"), false);
  }
  assert.deepEqual(decision(await api.evaluate("hidden", SAN_FRANCISCO)), ["DENY", "RISK_TOO_HIGH"], "a known one may");
  assert.deepEqual(codes(await api.publish()), []);
  await proved(api, await api.evaluate("hidden", PRIVATE));
  assert.deepEqual(decision(await api.evaluate("hidden", PRIVATE)), ALLOWED, "proved from there once, it is familiar");
});

test("a new device alone does not ask, with a new country it does, and an update is no new device", async () => {
  await resident("device", MINNEAPOLIS);
  const phone = await api.evaluate("device", { ...MINNEAPOLIS, userAgent: PHONE });
  assert.deepEqual([decision(phone), kinds(phone), phone.riskScore], [ALLOWED, ["NEW_DEVICE"], 30]);
  const update = await api.evaluate("device", { ...MINNEAPOLIS, userAgent: NEWER_CHROME });
  assert.deepEqual([decision(update), kinds(update)], [ALLOWED, []]);
  await api.advance(2 * DAY);
  const abroad = explained(await api.evaluate("device", at("203.0.113.30", "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0")));
  assert.deepEqual([decision(abroad), kinds(abroad)], [ASKED, ["NEW_COUNTRY", "NEW_DEVICE", "NEW_NETWORK"]]);
});

test("who stays away for long is asked", async () => {
  await resident("dormant", MINNEAPOLIS);
  await api.evaluate("dormant", MINNEAPOLIS);
  await api.advance(91 * DAY);
  const login = explained(await api.evaluate("dormant", MINNEAPOLIS));
  assert.equal(login.outcome, "CHALLENGE");
  assert.ok(kinds(login).includes("DORMANT_USER"));
});

test("staff's devices are trusted by default: after a proof, for that user alone, until the phone changes", async () => {
  // A stricter threshold, by which a phone that was never seen asks.
  assert.deepEqual(codes(await api.publish({}, { risk: { challengeThreshold: 30 } })), []);
  const ask = (externalId, deviceToken) => api.evaluate(externalId, { ...MINNEAPOLIS, userAgent: PHONE, deviceToken });
  await resident("trusting", MINNEAPOLIS, { kind: "INTERNAL" });
  await resident("colleague", MINNEAPOLIS, { kind: "INTERNAL" });
  const { deviceToken } = await proved(api, await ask("trusting"), { rememberDevice: true });
  assert.match(deviceToken, /^[\w-]{40,}$/);
  // Each login makes its kind of device familiar: a kind that was never seen tells the token's worth.
  const on = (system) => ({ ...MINNEAPOLIS, deviceToken, userAgent: `Mozilla/5.0 (${system}; rv:144.0) Gecko/20100101 Firefox/144.0` });
  const trusted = await api.evaluate("trusting", on("X11; Linux x86_64"));
  assert.deepEqual([decision(trusted), kinds(trusted)], [["ALLOW", "TRUSTED_DEVICE"], []]);
  assert.equal((await claims(trusted, "trusting")).acr, "postern:1fa");

  const others = await ask("colleague", deviceToken);
  assert.deepEqual([decision(others), kinds(others)], [ASKED, ["NEW_DEVICE"]], "another user's token is none");
  for (const garbage of [`${deviceToken}x`, deviceToken.slice(0, -1), "x", ""]) {
    assert.deepEqual(decision(await ask("colleague", garbage)), ASKED, "nor is another text");
  }

  const devices = () => api.query('{ user(ref: { externalId: "trusting" }) { trustedDevices { id userAgent createdAt lastSeenAt expiresAt } } }');
  const [device, ...none] = (await devices()).user.trustedDevices;
  assert.deepEqual([device.userAgent, none], [PHONE, []]);
  assert.equal(Date.parse(device.expiresAt) - Date.parse(device.createdAt), 30 * DAY * 1000);
  assert.equal(JSON.stringify(device).includes(deviceToken), false);

  const stepUp = (await proved(api, await api.evaluate("trusting", { ...MINNEAPOLIS, purpose: "STEP_UP" }))).login;
  const change = await api.enrollPhone("trusting", number(), { loginId: stepUp.id });
  assert.deepEqual(codes(await api.confirm(change.factor, await api.code(change.challenge), { loginId: stepUp.id })), []);
  assert.deepEqual((await devices()).user.trustedDevices, []);
  const since = await api.evaluate("trusting", on("Macintosh; Intel Mac OS X 15.1"));
  assert.deepEqual([decision(since), kinds(since)], [ASKED, ["NEW_DEVICE"]], "the phone changed");
});

test("a device is trusted in its own tenant alone", async () => {
  assert.deepEqual(codes(await api.publish()), []);
  const { deviceToken } = await resident("twins", MINNEAPOLIS, { kind: "INTERNAL", rememberDevice: true });
  assert.deepEqual(decision(await api.evaluate("twins", { ...MINNEAPOLIS, deviceToken })), ["ALLOW", "TRUSTED_DEVICE"]);
  const live = server.facts.tenants.find((tenant) => tenant.environment === "LIVE");
  const there = new Api(server.facts.graphql, live.apiKey);
  await there.upsert("twins", { kind: "INTERNAL" });
  // Nobody reads a LIVE tenant's messages: an app.
  const login = await there.evaluate("twins", MINNEAPOLIS);
  const app = await there.must("enrollTotp", { user: { externalId: "twins" }, loginId: login.id }, "factor { id } otpauthUri");
  assert.deepEqual(codes(await there.confirm(app.factor, totp(app.otpauthUri), { loginId: login.id })), []);
  const foreign = await there.evaluate("twins", { ...MINNEAPOLIS, deviceToken });
  assert.deepEqual(decision(foreign), ALLOWED, "let in, and not for the device");
});

test("clients' devices are trusted only where the policy says so, and for as long", async () => {
  assert.deepEqual(codes(await api.publish()), []);
  const confirmed = await resident("client", MINNEAPOLIS, { rememberDevice: true });
  assert.equal(confirmed.deviceToken, null);
  await api.advance(10 * MINUTE);
  assert.equal((await proved(api, await api.evaluate("client", LONDON), { rememberDevice: true })).deviceToken, null);

  assert.deepEqual(codes(await api.publish({ trustedDeviceSeconds: HOUR })), []);
  const { deviceToken } = await resident("client-2", MINNEAPOLIS, { rememberDevice: true });
  assert.deepEqual(decision(await api.evaluate("client-2", { ...MINNEAPOLIS, deviceToken })), ALLOWED, "four days later");
  await api.advance(10 * MINUTE);
  const again = await proved(api, await api.evaluate("client-2", LONDON), { rememberDevice: true });
  const token = again.deviceToken;
  assert.deepEqual(decision(await api.evaluate("client-2", { ...LONDON, deviceToken: token })), ["ALLOW", "TRUSTED_DEVICE"]);
  await api.advance(HOUR);
  assert.deepEqual(decision(await api.evaluate("client-2", { ...LONDON, deviceToken: token })), ALLOWED, "an hour later");
});

test("devices are forgotten one by one or all, and another's are as absent ones", async () => {
  assert.deepEqual(codes(await api.publish()), []);
  const first = await resident("forgetful", MINNEAPOLIS, { kind: "INTERNAL", rememberDevice: true });
  await api.advance(10 * MINUTE);
  const second = await proved(api, await api.evaluate("forgetful", LONDON), { rememberDevice: true });
  const user = { externalId: "forgetful" };
  const listed = async () => (await api.query("query($r: UserRef!) { user(ref: $r) { trustedDevices { id } } }", { r: user })).user.trustedDevices.map(({ id }) => id);
  const forget = (input) => api.mutate("forgetDevices", input, "user { externalId trustedDevices { id } }");
  const trusts = async ({ deviceToken }) => (await api.evaluate("forgetful", { ...LONDON, deviceToken })).reasons.includes("TRUSTED_DEVICE");
  const [newest, oldest] = await listed();
  assert.deepEqual([await trusts(first), await trusts(second)], [true, true]);

  assert.deepEqual(codes(await forget({ user: { externalId: "colleague" }, deviceIds: [oldest] })), ["NOT_FOUND"]);
  assert.deepEqual(codes(await forget({ user, deviceIds: [oldest, "device_nonsense"] })), ["NOT_FOUND"]);
  assert.deepEqual(await listed(), [newest, oldest], "none of them is forgotten where one is not there");
  const payload = await forget({ user, deviceIds: [oldest] });
  assert.deepEqual([payload.user.trustedDevices, await listed()], [[{ id: newest }], [newest]]);
  assert.deepEqual([await trusts(first), await trusts(second)], [false, true]);
  assert.deepEqual(codes(await forget({ user })), []);
  assert.deepEqual([await listed(), await trusts(second)], [[], false]);
});

test("S10: Standard does not ask at home, High does: chosen by the client, the advisor, the tenant; lower only after a proof", async () => {
  assert.deepEqual(codes(await api.publish()), []);
  await resident("s10-usual", MINNEAPOLIS);
  const user = { externalId: "s10-usual" };
  const choose = (by, level, loginId) => by.mutate("chooseSecurityLevel", { user, level, loginId }, "user { securityLevel }");
  const ask = () => api.evaluate("s10-usual", MINNEAPOLIS);
  const always = async (who) => {
    const login = await ask();
    assert.deepEqual([decision(login), login.riskScore, login.level], [["CHALLENGE", "HIGH_LEVEL"], 0, "HIGH"], who);
    return login;
  };
  const usual = await ask();
  assert.deepEqual(decision(usual), ALLOWED);

  assert.equal((await choose(api, "HIGH")).user.securityLevel, "HIGH");
  const asked = await always("the client");
  assert.deepEqual(codes(await choose(api, "STANDARD", usual.id)), ["VERIFICATION_REQUIRED"], "being allowed proves nothing");
  assert.deepEqual(codes(await choose(api, "STANDARD", asked.id)), ["VERIFICATION_REQUIRED"], "nor does being asked");
  await proved(api, asked);
  assert.deepEqual(codes(await choose(api, "STANDARD", asked.id)), []);
  assert.deepEqual(decision(await ask()), ALLOWED);

  const advisor = support.as({ "x-postern-actor": server.facts.roles.find((one) => one.role === "SUPPORT").email });
  assert.equal((await choose(advisor, "HIGH")).user.securityLevel, "HIGH");
  await always("the advisor");
  assert.equal((await choose(advisor, "STANDARD")).user.securityLevel, "STANDARD");
  assert.deepEqual(decision(await ask()), ALLOWED);

  assert.deepEqual(codes(await api.publish({ defaultLevel: "HIGH", minimumLevel: "HIGH" })), []);
  await always("the tenant");
  assert.deepEqual(codes(await api.publish()), []);
  assert.deepEqual(decision(await ask()), ALLOWED);
});

test("High asks on a trusted device too", async () => {
  assert.deepEqual(codes(await api.publish()), []);
  const { deviceToken } = await resident("high", MINNEAPOLIS, { kind: "INTERNAL", rememberDevice: true });
  const user = { externalId: "high" };
  await api.must("chooseSecurityLevel", { user, level: "HIGH" }, "user { id }");
  assert.deepEqual(decision(await api.evaluate("high", { ...MINNEAPOLIS, deviceToken })), ["CHALLENGE", "HIGH_LEVEL"]);
});

test("the record of a login says later what it said at first, to the client's page and the advisor's", async () => {
  await resident("record", MINNEAPOLIS);
  await api.advance(5 * MINUTE);
  const { id, riskScore, riskSignals, location } = await api.evaluate("record", SAN_FRANCISCO);
  const read = await api.login(id);
  assert.deepEqual([read.riskScore, read.riskSignals, read.location], [riskScore, riskSignals, location]);
  const advisor = support.as({ "x-postern-actor": server.facts.roles.find((one) => one.role === "SUPPORT").email });
  const { user } = await advisor.query(`{ user(ref: { externalId: "record" }) { logins(first: 1) { edges { node { id riskScore riskSignals { kind score detail } location { city } } } } } }`);
  assert.deepEqual(user.logins.edges[0].node, { id, riskScore, riskSignals, location: { city: "San Francisco" } });
});
