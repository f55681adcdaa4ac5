// Tries and sends, raced: as many as are allowed, and not one more, however many ask at once and wherever.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { codes } from "../stories/support/api.mjs";
import { enrolled, number, totp } from "../stories/support/people.mjs";
import { Field, WIDTHS, tally } from "./support/field.mjs";

const [TRIES_OF_A_LOGIN, TRIES_OF_A_USER, SENDS] = [5, 10, 3];
const GUESSES = 40;

let field;
before(async () => {
  field = await Field.start();
});
after(() => field?.stop());

/** A code that is not this one. */
const wrong = (code, at = 0) => String((Number(code) + 1 + at) % 1_000_000).padStart(6, "0");

/** A user with everything that a code can be given for. */
async function equipped(externalId) {
  const { login: api } = field.first;
  await enrolled(api, externalId);
  const proof = await field.verified(externalId);
  const app = await api.must("enrollTotp", { user: { externalId }, loginId: proof.id }, "factor { id } otpauthUri");
  assert.deepEqual(codes(await api.confirm(app.factor, totp(app.otpauthUri), { loginId: proof.id })), []);
  const phone = await api.enrollPhone(externalId, number(), { role: "RECOVERY", loginId: proof.id });
  assert.deepEqual(codes(await api.confirm(phone.factor, await api.code(phone.challenge), { loginId: proof.id })), []);
  await api.must("generateBackupCodes", { user: { externalId }, loginId: proof.id }, "codes");
}

for (const [name, width] of WIDTHS) {
  const user = (what) => `${what}-${width}`;
  const replicas = () => field.replicas.slice(0, width);

  test(`through ${name}: a login has five tries, whatever they are spent on`, async () => {
    const { login: api } = field.first;
    await equipped(user("equipped"));
    const login = await api.evaluate(user("equipped"));
    const challenges = [];
    for (const method of login.methods) challenges.push((await api.start(login, method)).challenge);
    const channels = new Set(challenges.map(({ channel }) => channel));
    assert.equal(challenges.at(-1).channel, "BACKUP_CODE");
    assert.deepEqual([...channels].sort(), ["BACKUP_CODE", "SMS", "TOTP", "VOICE"]);
    const sent = challenges.find(({ channel }) => channel === "SMS");
    const code = await api.code(sent);
    // What is hashed dearly is guessed less often: the machine may be slow.
    const cheap = challenges.filter(({ channel }) => channel !== "BACKUP_CODE");
    const guess = (replica, at) => replica.login.verify(at % 10 ? cheap[at % cheap.length] : challenges.at(-1), wrong(code, at));
    const guesses = await Field.race(replicas(), GUESSES, guess);
    assert.deepEqual(tally(guesses), { WRONG_CODE: TRIES_OF_A_LOGIN, TOO_MANY_ATTEMPTS: GUESSES - TRIES_OF_A_LOGIN });
    assert.deepEqual(codes(await api.verify(sent, code)), ["TOO_MANY_ATTEMPTS"]);
    const again = await api.start(login, login.methods.find(({ channel }) => channel === "SMS"));
    assert.deepEqual(again.challenge?.attemptsRemaining ?? 0, 0, "sending it again buys nothing");
  });

  test(`through ${name}: aliases, operations and batches of one request buy no further try`, async () => {
    const [login] = await field.waiting(user("alias"));
    const [challenge] = await field.challenges([login], "SMS");
    const guess = (alias) => `${alias}: verifyChallenge(input: { challengeId: "${challenge.id}", code: "000000" }) { login { id } }`;
    const documents = [
      `mutation { ${guess("a")} ${guess("b")} }`,
      `mutation { ...F ...G } fragment F on Mutation { ${guess("a")} } fragment G on Mutation { ${guess("b")} }`,
      `mutation { ${guess("a")} ... { ... { ${guess("b")} } } }`,
      `mutation A { ${guess("a")} } mutation B { ${guess("b")} }`,
      `mutation { ${guess("a")} confirmFactor(input: { factorId: "x", code: "000000" }) { login { id } } }`,
    ];
    const refused = await Field.race(replicas(), documents.length * 6, (replica, at) => replica.login.raw(documents[at % documents.length]));
    for (const { body } of refused) assert.ok(!body.data && body.errors.length > 0, JSON.stringify(body));
    const { node } = await field.first.login.query("query($id: ID!) { node(id: $id) { ... on Challenge { attemptsRemaining } } }", { id: challenge.id });
    assert.equal(node.attemptsRemaining, TRIES_OF_A_LOGIN);
  });

  test(`through ${name}: a user has ten tries across logins, and is locked by the tenth`, async () => {
    const logins = await field.waiting(user("locked"), 3);
    const challenges = await field.challenges(logins.slice(0, 1), "SMS");
    const code = await field.first.login.code(challenges[0]);
    challenges.push(...(await field.challenges(logins.slice(1), "SMS")));
    const guess = (replica, at) => replica.login.verify(challenges[at % challenges.length], wrong(code, at));
    const guesses = await Field.race(replicas(), GUESSES, guess);
    assert.equal(tally(guesses).WRONG_CODE, TRIES_OF_A_USER, JSON.stringify(tally(guesses)));
    assert.equal(tally(guesses)[""], undefined);
    for (const { login } of field.replicas) assert.deepEqual((await login.evaluate(user("locked"))).reasons, ["USER_LOCKED"]);
    assert.notDeepEqual(codes(await field.first.login.verify(challenges[0], code)), [], "the right code included");
  });

  test(`through ${name}: nine tries lock nobody, and the tenth does`, async () => {
    const logins = await field.waiting(user("nine"), 2);
    const challenges = await field.challenges(logins, "SMS");
    const code = await field.first.login.code(challenges[0]);
    const spend = (challenge, tries) => Field.race(replicas(), tries, (replica, at) => replica.login.verify(challenge, wrong(code, at)));
    assert.deepEqual(tally(await spend(challenges[0], 5)), { WRONG_CODE: 5 });
    assert.deepEqual(tally(await spend(challenges[1], 4)), { WRONG_CODE: 4 });
    assert.deepEqual((await field.first.login.evaluate(user("nine"))).reasons, ["HIGH_LEVEL"]);
    assert.equal((await spend(challenges[1], 1)).length, 1);
    assert.deepEqual((await field.first.login.evaluate(user("nine"))).reasons, ["USER_LOCKED"]);
  });

  test(`through ${name}: a destination is sent three codes in ten minutes`, async () => {
    const logins = await field.waiting(user("sends"), 2);
    const start = (replica, at) => {
      const login = logins[at % logins.length];
      return replica.login.mutate("startChallenge", { loginId: login.id, methodId: login.methods[0].id }, "challenge { id }");
    };
    const started = await Field.race(replicas(), 40, start);
    assert.deepEqual(tally(started), { "": SENDS, TOO_SOON: 40 - SENDS });
    const ids = new Set(started.map(({ challenge }) => challenge?.id).filter(Boolean));
    const messages = [];
    for (const id of ids) {
      const { node } = await field.first.login.query("query($id: ID!) { node(id: $id) { ... on Challenge { messages { id status } } } }", { id });
      messages.push(...node.messages);
    }
    assert.equal(new Set(messages.map(({ id }) => id)).size, SENDS);
    await field.first.desk.advance(601);
    const later = await field.first.login.evaluate(user("sends"));
    const more = await Field.race(replicas(), 20, (replica) => replica.login.start(later, later.methods[0]));
    assert.deepEqual(tally(more), { "": 2, TOO_SOON: 18 }, "five in an hour");
  });
}
