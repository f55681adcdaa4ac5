// The stories by API, as an integrator would play them in the sandbox.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createLocalJWKSet, jwtVerify } from "jose";

import { Api, codes } from "./support/api.mjs";
import { enrolled, number, totp, verified } from "./support/people.mjs";
import { Server } from "./support/server.mjs";

/** Where the story is about codes, and not about when they are asked for. */
const ALWAYS = { defaultLevel: "HIGH", minimumLevel: "HIGH" };

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
  const { payload } = await jwtVerify(login.assertion, jwks, options);
  assert.equal(payload.jti, login.id);
  return payload;
}

test("S1: a client enrolls a mobile within the login, sets a recovery phone, and is let in", async () => {
  await api.publish(ALWAYS);
  await api.upsert("s1");
  const login = await api.evaluate("s1");
  assert.equal(login.outcome, "ENROLL");
  assert.equal(login.enrollmentPrompt.skippable, false);
  const { factor, challenge } = await api.enrollPhone("s1", number(), { loginId: login.id });
  assert.match(challenge.destination, /^\+1 ••• ••• \d{4}$/);
  assert.deepEqual(codes(await api.confirm(factor, "000000", { loginId: login.id })), ["WRONG_CODE"]);
  const done = await api.confirm(factor, await api.code(challenge), { loginId: login.id });
  assert.equal(done.login.completedWith, "ENROLLED");
  const proof = await claims(done.login, "s1");
  assert.deepEqual([proof.amr, proof.acr, proof.first_enrollment], [["pwd", "sms"], "postern:2fa", true]);
  const recovery = await api.enrollPhone("s1", number(), { loginId: login.id, role: "RECOVERY" });
  assert.deepEqual(codes(recovery), []);
  const second = await api.confirm(recovery.factor, await api.code(recovery.challenge), { loginId: login.id });
  assert.equal(second.factor.status, "ACTIVE");
  const again = await verified(api, "s1");
  assert.equal((await claims(again, "s1")).acr_rank, 30);
  assert.equal((await api.login(again.id)).assertion !== null, true);
});

test("S2 and S3: skipping shows the deadline and ends on the date, and so does opting out", async () => {
  const deadline = new Date((await api.clock()).getTime() + 3 * 86_400_000);
  assert.deepEqual(codes(await api.publish({ mandatoryFrom: deadline.toISOString(), maxSkips: 5 })), []);
  await api.upsert("s2");
  const login = await api.evaluate("s2");
  assert.deepEqual([login.outcome, login.enrollmentPrompt.skippable, login.enrollmentPrompt.skipsRemaining], ["ENROLL", true, 5]);
  assert.equal(new Date(login.enrollmentPrompt.deadline).getTime(), deadline.getTime());
  const skipped = await api.skip(login);
  assert.equal(skipped.login.completedWith, "SKIPPED");
  assert.equal((await claims(skipped.login, "s2")).acr, "postern:1fa");
  const out = await api.mutate("optOut", { user: { externalId: "s2" }, loginId: skipped.login.id }, "user { enrollment }");
  assert.equal(out.user?.enrollment, "OPTED_OUT", JSON.stringify(out));
  assert.deepEqual((await api.evaluate("s2")).reasons, ["OPTED_OUT"]);
  await api.upsert("s2-late");
  const late = await api.evaluate("s2-late");
  await api.advance(3 * 86_400 + 60);
  assert.deepEqual(codes(await api.skip(late)), ["EXPIRED"]);
  const after = await api.evaluate("s2");
  assert.deepEqual([after.outcome, after.enrollmentPrompt.skippable], ["ENROLL", false]);
  assert.deepEqual(codes(await api.skip(after)), ["NOT_ALLOWED_BY_POLICY"]);
  const refused = await api.mutate("optOut", { user: { externalId: "s2" }, loginId: after.id }, "user { id }");
  assert.deepEqual(codes(refused), ["NOT_ALLOWED_BY_POLICY"]);
});

test("S4: the code by text, by call, on the recovery phone, and on a landline", async () => {
  await api.publish(ALWAYS);
  await enrolled(api, "s4");
  const proof = await verified(api, "s4");
  const land = await api.enrollPhone("s4", number(), { role: "RECOVERY", line: "LANDLINE", loginId: proof.id });
  assert.equal(land.challenge.channel, "VOICE");
  await api.confirm(land.factor, await api.code(land.challenge), { loginId: proof.id });
  const login = await api.evaluate("s4");
  const offered = login.methods.map((method) => `${method.channel} ${method.phoneRole}`);
  assert.deepEqual(offered, ["SMS PRIMARY", "VOICE PRIMARY", "VOICE RECOVERY"]);
  const text = await api.start(login, login.methods[0]);
  const call = await api.start(login, login.methods[1]);
  assert.equal(call.challenge.id, text.challenge.id, "a call to the same phone repeats the code");
  const other = await api.start(login, login.methods[2]);
  assert.notEqual(other.challenge.id, text.challenge.id);
  const done = await api.verify(other.challenge, await api.code(other.challenge));
  assert.equal(done.login.completedWith, "VOICE");
  assert.deepEqual((await claims(done.login, "s4")).amr, ["pwd", "tel"]);
  assert.deepEqual(codes(await api.verify(text.challenge, await api.code(text.challenge))), ["ALREADY_COMPLETED"]);
});

test("S6: staff in an allowed network pass with password or SSO alone, clients never", async () => {
  const network = { cidr: "203.0.113.0/24", label: "office" };
  assert.deepEqual(codes(await api.publish({}, { allowedNetworks: [network] })), []);
  await api.upsert("s6-staff", { kind: "INTERNAL" });
  await api.upsert("s6-client");
  for (const firstFactor of ["PASSWORD", "SSO"]) {
    const login = await api.evaluate("s6-staff", { ipAddress: "203.0.113.9", firstFactor });
    assert.deepEqual([login.outcome, login.reasons], ["ALLOW", ["ALLOWED_NETWORK"]]);
    assert.equal((await claims(login, "s6-staff")).acr_rank, 10);
  }
  assert.equal((await api.evaluate("s6-staff", { ipAddress: "192.0.2.1" })).outcome, "ENROLL");
  assert.equal((await api.evaluate("s6-client", { ipAddress: "203.0.113.9" })).outcome, "ENROLL");
});

test("S7: lost phone — the advisor issues a code", async () => {
  await api.publish();
  await enrolled(api, "s7");
  const issued = await support.must("issueTemporaryAccessCode", { user: { externalId: "s7" }, reason: "knows her account" }, "code temporaryAccessCode { id }");
  const login = await api.evaluate("s7");
  const method = login.methods.find((one) => one.channel === "TEMPORARY_ACCESS_CODE");
  const { challenge } = await api.start(login, method);
  const done = await api.verify(challenge, issued.code);
  assert.equal(done.login.completedWith, "TEMPORARY_ACCESS_CODE");
  assert.equal((await claims(done.login, "s7")).acr, "postern:assisted");
  const change = await api.enrollPhone("s7", number(), { loginId: done.login.id });
  assert.deepEqual(codes(change), ["VERIFICATION_REQUIRED"]);
  const dead = await support.must("issueTemporaryAccessCode", { user: { externalId: "s7" }, reason: "again" }, "code");
  await api.advance(16 * 60);
  const late = await api.evaluate("s7");
  assert.equal(late.methods.some((one) => one.channel === "TEMPORARY_ACCESS_CODE"), false, `${dead.code} lives 15 minutes`);
});

test("S8: lost phone — the client asks, the advisor answers for that one login", async () => {
  await api.publish();
  await enrolled(api, "s8");
  const login = await api.evaluate("s8");
  const asked = await api.must("requestTemporaryAccess", { loginId: login.id, note: "phone at home" }, "request { id status }");
  const open = await support.query("{ tenant { temporaryAccessRequests(open: true) { edges { node { id note user { externalId } } } } } }");
  assert.equal(open.tenant.temporaryAccessRequests.edges.some(({ node }) => node.id === asked.request.id), true);
  const approved = await support.must("approveTemporaryAccessRequest", { id: asked.request.id, reason: "called back" }, "code request { status }");
  assert.equal(approved.request.status, "APPROVED");
  const now = await api.login(login.id);
  const method = now.methods.find((one) => one.channel === "TEMPORARY_ACCESS_CODE");
  const other = await api.evaluate("s8");
  assert.equal(other.methods.some((one) => one.channel === "TEMPORARY_ACCESS_CODE"), false, "it serves that login alone");
  const { challenge } = await api.start(login, method);
  assert.equal((await api.verify(challenge, approved.code)).login.completedWith, "TEMPORARY_ACCESS_CODE");
});

test("S9: a one-time link, then a second factor", async () => {
  await api.publish();
  const returnUrl = `${server.facts.demo.url}/link-return`;
  await enrolled(api, "s9", { email: "s9@client.example" });
  await support.must("sendOneTimeLink", { user: { externalId: "s9" }, returnUrl, state: "abc" }, "expiresAt message { id }");
  const mail = await api.inbox((message) => message.purpose === "ONE_TIME_LINK");
  const link = /http:\/\/localhost:\d+\/link\/[^\s"<]+/.exec(mail.sandboxBody)[0];
  for (let scanner = 0; scanner < 3; scanner += 1) {
    const page = await fetch(link);
    assert.equal(page.status, 200);
    assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  }
  const post = () => fetch(link, { method: "POST", redirect: "manual", headers: { host: "evil.example" } });
  const answers = await Promise.all([post(), post(), post()]);
  const taken = answers.filter((answer) => answer.status === 303);
  assert.equal(taken.length, 1, "once, however many press");
  const target = new URL(taken[0].headers.get("location"));
  assert.equal(target.href.startsWith(returnUrl), true);
  assert.equal(target.searchParams.get("state"), "abc");
  const login = await api.login(target.searchParams.get("postern_login"));
  assert.deepEqual([login.outcome, login.reasons], ["CHALLENGE", ["ONE_TIME_LINK"]]);
  const { challenge } = await api.start(login, login.methods[0]);
  const done = await api.verify(challenge, await api.code(challenge));
  assert.deepEqual((await claims(done.login, "s9")).amr, ["link", "sms"]);
});

test("S10: levels of the tenant, the advisor and the client", async () => {
  await api.publish();
  await enrolled(api, "s10");
  const user = { externalId: "s10" };
  assert.equal((await api.evaluate("s10")).level, "STANDARD");
  const chosen = await api.must("chooseSecurityLevel", { user, level: "HIGH" }, "user { securityLevel chosenLevel }");
  assert.equal(chosen.user.securityLevel, "HIGH");
  const lower = await api.mutate("chooseSecurityLevel", { user, level: "STANDARD" }, "user { id }");
  assert.deepEqual(codes(lower), ["VERIFICATION_REQUIRED"]);
  const proof = await verified(api, "s10");
  assert.deepEqual(proof.reasons, ["HIGH_LEVEL"]);
  await api.must("chooseSecurityLevel", { user, level: "STANDARD", loginId: proof.id }, "user { securityLevel }");
  const advisor = support.as({ "x-postern-actor": server.facts.roles.find((one) => one.role === "SUPPORT").email });
  const raised = await advisor.must("chooseSecurityLevel", { user, level: "HIGH" }, "user { securityLevel advisorLevel chosenLevel }");
  assert.deepEqual(raised.user, { securityLevel: "HIGH", advisorLevel: "HIGH", chosenLevel: "STANDARD" });
  assert.deepEqual(codes(await api.publish({ minimumLevel: "HIGH", defaultLevel: "STANDARD" })), ["INVALID"]);
  assert.deepEqual(codes(await api.publish({ minimumLevel: "HIGH", defaultLevel: "HIGH" })), []);
  await enrolled(api, "s10-other");
  assert.equal((await api.evaluate("s10-other")).level, "HIGH");
});

test("S11: email is off until an administrator accepts the weaker channel on record", async () => {
  await api.publish();
  await api.upsert("s11", { email: "s11@client.example" });
  const early = await api.mutate("enrollEmail", { user: { externalId: "s11" } }, "factor { id }");
  assert.deepEqual(codes(early), ["NOT_ALLOWED_BY_POLICY"]);
  const channels = { allowedChannels: ["SMS", "EMAIL"] };
  assert.deepEqual(codes(await api.publish(channels)), ["ACKNOWLEDGEMENT_REQUIRED"]);
  assert.deepEqual(codes(await api.publish(channels, { acknowledgeWeakerChannels: ["EMAIL"] })), []);
  const { factor, challenge } = await api.must("enrollEmail", { user: { externalId: "s11" } }, "factor { id destination } challenge { id }");
  await api.confirm(factor, await api.code(challenge));
  const login = await verified(api, "s11");
  const proof = await claims(login, "s11");
  assert.deepEqual([proof.acr, proof.acr_rank], ["postern:2fa-email", 20]);
  const byLink = await api.evaluate("s11", { firstFactor: "ONE_TIME_LINK" });
  assert.deepEqual([byLink.outcome, byLink.reasons], ["DENY", ["NO_USABLE_FACTOR"]], "the same mailbox twice is one factor");
  const log = await new Api(api.url, sandbox.apiKey).query("{ tenant { auditLog(first: 20) { edges { node { action detail } } } } }");
  assert.equal(JSON.stringify(log).includes("EMAIL"), true);
});

test("S12: a client changes her phones after a fresh proof, and the other one is told", async () => {
  await api.publish();
  const old = await enrolled(api, "s12");
  const without = await api.enrollPhone("s12", number());
  assert.deepEqual(codes(without), ["VERIFICATION_REQUIRED"]);
  const stepUp = await api.evaluate("s12", { purpose: "STEP_UP" });
  assert.deepEqual([stepUp.outcome, stepUp.reasons], ["CHALLENGE", ["STEP_UP"]]);
  const { challenge } = await api.start(stepUp, stepUp.methods[0]);
  await api.verify(challenge, await api.code(challenge));
  const fresh = await api.enrollPhone("s12", number(), { loginId: stepUp.id });
  await api.confirm(fresh.factor, await api.code(fresh.challenge), { loginId: stepUp.id });
  const { user } = await api.query('{ user(ref: { externalId: "s12" }) { factors { id status } } }');
  assert.deepEqual(user.factors.map((factor) => factor.id), [fresh.factor.id], `${old.id} was replaced`);
  await api.advance(16 * 60);
  const stale = await api.enrollPhone("s12", number(), { loginId: stepUp.id });
  assert.deepEqual(codes(stale), ["VERIFICATION_REQUIRED"]);
});

test("S13: foreign numbers are refused, the Caribbean's +1 included", async () => {
  await api.publish();
  await api.upsert("s13");
  for (const foreign of ["+447400123456", "+18765550123", "+12423591234", "+18095551234"]) {
    const payload = await api.enrollPhone("s13", foreign);
    assert.deepEqual(payload.userErrors.map(({ code, field }) => [code, field]), [["COUNTRY_NOT_SUPPORTED", ["number"]]], foreign);
  }
  for (const invalid of ["", "12", "+1415555", "+19005550123", "+8816123456", "+14155550132;ext=5", "call me"]) {
    const payload = await api.enrollPhone("s13", invalid);
    assert.deepEqual(payload.userErrors.map(({ code, field }) => [code, field]), [["INVALID", ["number"]]], invalid);
  }
});

test("S15: the clock of the sandbox ends codes, logins, locks and graces", async () => {
  await api.publish();
  await enrolled(api, "s15");
  const login = await api.evaluate("s15");
  const { challenge } = await api.start(login, login.methods[0]);
  const code = await api.code(challenge);
  await api.advance(301);
  assert.deepEqual(codes(await api.verify(challenge, code)), ["EXPIRED"]);
  await api.advance(601);
  assert.deepEqual(codes(await api.start(login, login.methods[0])), ["EXPIRED"]);
  const backwards = await support.mutate("advanceSandboxClock", { seconds: -5 }, "clock");
  assert.deepEqual(codes(backwards), ["INVALID"]);
  const live = server.facts.tenants.find((tenant) => tenant.environment === "LIVE");
  const refused = await new Api(api.url, live.supportApiKey).mutate("advanceSandboxClock", { seconds: 5 }, "clock");
  assert.equal(refused.userErrors.length, 1, "a LIVE tenant has no clock to move");
});

test("an app code and the backup codes, each accepted once", async () => {
  await api.publish(ALWAYS);
  await api.upsert("app");
  const { factor, otpauthUri } = await api.must("enrollTotp", { user: { externalId: "app" } }, "factor { id } otpauthUri qrCodeSvg");
  const enrolling = totp(otpauthUri);
  assert.deepEqual(codes(await api.confirm(factor, enrolling)), []);
  const login = await api.evaluate("app");
  const { challenge } = await api.start(login, login.methods[0]);
  assert.deepEqual(codes(await api.verify(challenge, enrolling)), ["WRONG_CODE"], "the enrolling code is used up");
  const done = await api.verify(challenge, totp(otpauthUri, Date.now() + 30_000));
  assert.deepEqual(codes(done), []);
  const backup = await api.must("generateBackupCodes", { user: { externalId: "app" }, loginId: login.id }, "codes");
  assert.equal(backup.codes.length, 10);
  const second = await api.evaluate("app");
  const method = second.methods.find((one) => one.channel === "BACKUP_CODE");
  const started = await api.start(second, method);
  assert.equal((await api.verify(started.challenge, backup.codes[3])).login.completedWith, "BACKUP_CODE");
  const third = await api.evaluate("app");
  const again = await api.start(third, third.methods.find((one) => one.channel === "BACKUP_CODE"));
  assert.deepEqual(codes(await api.verify(again.challenge, backup.codes[3])), ["WRONG_CODE"]);
});

test("two hundred right codes at once: one success; a thousand wrong: five compared; aliases give nothing more", async () => {
  await api.publish(ALWAYS);
  await enrolled(api, "race");
  const login = await api.evaluate("race");
  const { challenge } = await api.start(login, login.methods[0]);
  const code = await api.code(challenge);
  const right = await Promise.all(Array.from({ length: 200 }, () => api.verify(challenge, code)));
  assert.equal(right.filter((payload) => payload.login).length, 1);
  assert.equal(right.filter((payload) => codes(payload)[0] === "ALREADY_COMPLETED").length, 199);
  const attacked = await api.evaluate("race");
  const target = (await api.start(attacked, attacked.methods[0])).challenge;
  const real = await api.code(target);
  const wrong = real === "000000" ? "000001" : "000000";
  const guesses = await Promise.all(Array.from({ length: 1000 }, () => api.verify(target, wrong)));
  const count = (code) => guesses.filter((payload) => codes(payload)[0] === code).length;
  assert.deepEqual([count("WRONG_CODE"), count("TOO_MANY_ATTEMPTS")], [5, 995]);
  assert.deepEqual(codes(await api.verify(target, real)), ["TOO_MANY_ATTEMPTS"]);
  const alias = Array.from({ length: 5 }, (_, at) => `a${at}: verifyChallenge(input: { challengeId: "${target.id}", code: "${at}" }) { login { id } }`);
  const batched = await api.raw(`mutation { ${alias.join(" ")} }`);
  assert.equal(batched.body.data, undefined);
  assert.equal(batched.body.errors.length > 0, true, "one code-verifying field a request");
});
