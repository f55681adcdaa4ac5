// Every one-time proof, raced: of any number of right answers at once exactly one is taken, whichever replicas
// they reach.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { codes } from "../stories/support/api.mjs";
import { enrolled, number, totp } from "../stories/support/people.mjs";
import { Authenticator } from "./support/authenticator.mjs";
import { Field, ORIGIN, WIDTHS, tally } from "./support/field.mjs";

/** How many race for a code; and for what is hashed dearly. */
const [MANY, FEW] = [40, 8];

let field;
before(async () => {
  field = await Field.start();
});
after(() => field?.stop());

/** Of these payloads one succeeded, and the rest say why not. */
function onlyOne(payloads, ...others) {
  const { "": successes = 0, ...rest } = tally(payloads);
  assert.equal(successes, 1, JSON.stringify(rest));
  assert.deepEqual(Object.keys(rest).filter((code) => !others.includes(code)), []);
}

/** One login's same right code, or several logins' with one code among them. */
const verifyAll = (replicas, many, challenges, code) =>
  Field.race(replicas, many, ({ login }, at) => login.verify(challenges[at % challenges.length], code));

for (const [name, width] of WIDTHS) {
  const user = (what) => `${what}-${width}`;
  const replicas = () => field.replicas.slice(0, width);

  test(`through ${name}: a sent code completes its login once`, async () => {
    const [challenge] = await field.challenges(await field.waiting(user("code")), "SMS");
    const code = await field.first.login.code(challenge);
    const payloads = await verifyAll(replicas(), MANY, [challenge], code);
    assert.deepEqual(tally(payloads), { "": 1, ALREADY_COMPLETED: MANY - 1 });
    assert.equal(payloads.filter(({ login }) => login?.assertion).length, 1, "one assertion is given out");
  });

  test(`through ${name}: a code confirms its factor once`, async () => {
    const { login: api } = field.first;
    await api.upsert(user("confirm"));
    const login = await api.evaluate(user("confirm"));
    const { factor, challenge } = await api.enrollPhone(user("confirm"), number(), { loginId: login.id });
    const code = await api.code(challenge);
    const payloads = await Field.race(replicas(), MANY, (replica) => replica.login.confirm(factor, code, { loginId: login.id }));
    assert.equal(payloads.filter((payload) => payload.login?.assertion && codes(payload).length === 0).length, 1, JSON.stringify(tally(payloads)));
  });

  test(`through ${name}: an app's step lets in once, of all its user's logins`, async () => {
    const { login: api } = field.first;
    await api.upsert(user("app"));
    const { factor, otpauthUri } = await api.must("enrollTotp", { user: { externalId: user("app") } }, "factor { id } otpauthUri");
    assert.deepEqual(codes(await api.confirm(factor, totp(otpauthUri))), []);
    const logins = await Field.race([field.first], FEW, () => api.evaluate(user("app")));
    const challenges = await field.challenges(logins, "TOTP");
    const payloads = await verifyAll(replicas(), FEW, challenges, totp(otpauthUri, Date.now() + 30_000));
    assert.deepEqual(tally(payloads), { "": 1, WRONG_CODE: FEW - 1 });
  });

  test(`through ${name}: a backup code lets in once, of all its user's logins`, async () => {
    const [login] = await field.waiting(user("backup"));
    const [challenge] = await field.challenges([login], "SMS");
    await field.first.login.verify(challenge, await field.first.login.code(challenge));
    const backup = await field.first.login.must("generateBackupCodes", { user: { externalId: user("backup") }, loginId: login.id }, "codes");
    const logins = await Field.race([field.first], FEW, (replica) => replica.login.evaluate(user("backup")));
    const payloads = await verifyAll(replicas(), FEW, await field.challenges(logins, "BACKUP_CODE"), backup.codes[4]);
    assert.deepEqual(tally(payloads), { "": 1, WRONG_CODE: FEW - 1 });
  });

  test(`through ${name}: a temporary access code lets in once, of all its user's logins`, async () => {
    await enrolled(field.first.login, user("temporary"));
    const issued = await field.first.desk.must("issueTemporaryAccessCode", { user: { externalId: user("temporary") }, reason: "a lost phone" }, "code");
    const logins = await Field.race([field.first], FEW, (replica) => replica.login.evaluate(user("temporary")));
    const challenges = await field.challenges(logins, "TEMPORARY_ACCESS_CODE");
    onlyOne(await verifyAll(replicas(), FEW, challenges, issued.code), "WRONG_CODE", "EXPIRED");
  });

  test(`through ${name}: a request for temporary access is answered once`, async () => {
    const [login] = await field.waiting(user("asks"));
    const { request } = await field.first.login.must("requestTemporaryAccess", { loginId: login.id, note: "at home" }, "request { id }");
    const answer = ({ desk }, at) =>
      at % 2
        ? desk.mutate("declineTemporaryAccessRequest", { id: request.id, reason: "not known" }, "request { status }")
        : desk.mutate("approveTemporaryAccessRequest", { id: request.id, reason: "called back" }, "code request { status }");
    onlyOne(await Field.race(replicas(), FEW, answer), "CONFLICT", "EXPIRED", "ALREADY_COMPLETED");
  });

  test(`through ${name}: a passkey's answer lets in once`, async () => {
    const { login: api } = field.first;
    const key = new Authenticator();
    await api.upsert(user("key"));
    const enrolling = await api.evaluate(user("key"));
    const asked = { user: { externalId: user("key") }, name: "key", origin: ORIGIN, loginId: enrolling.id };
    const { factor, creationOptions } = await api.must("enrollPasskey", asked, "factor { id } creationOptions");
    const made = { factorId: factor.id, credential: key.create(creationOptions, ORIGIN), loginId: enrolling.id };
    const confirmed = await Field.race(replicas(), FEW, (replica) => replica.login.mutate("confirmFactor", made, "login { assertion }"));
    assert.equal(confirmed.filter((payload) => payload.login?.assertion && codes(payload).length === 0).length, 1, JSON.stringify(tally(confirmed)));

    const login = await api.evaluate(user("key"));
    const start = { loginId: login.id, methodId: login.methods[0].id };
    const { challenge } = await api.must("startChallenge", start, "challenge { id requestOptions }");
    const proof = { challengeId: challenge.id, credential: key.get(challenge.requestOptions, ORIGIN) };
    const proved = await Field.race(replicas(), MANY, (replica) => replica.login.mutate("verifyChallenge", proof, "login { assertion }"));
    assert.deepEqual(tally(proved), { "": 1, ALREADY_COMPLETED: MANY - 1 });
  });

  test(`through ${name}: an idempotency key makes one login, and another input of it none`, async () => {
    await enrolled(field.first.login, user("again"));
    const evaluate = ({ login }, ipAddress) => {
      const input = { user: { externalId: user("again") }, firstFactor: "PASSWORD", idempotencyKey: user("key"), ipAddress };
      return login.mutate("evaluateLogin", input, "login { id }");
    };
    const payloads = await Field.race(replicas(), MANY, (replica) => evaluate(replica, "198.51.100.7"));
    assert.equal(new Set(payloads.map(({ login }) => login?.id)).size, 1);
    assert.deepEqual(tally(payloads), { "": MANY });
    const others = await Field.race(replicas(), FEW, (replica, at) => evaluate(replica, `198.51.100.${10 + at}`));
    assert.deepEqual(tally(others), { CONFLICT: FEW });
  });
}
