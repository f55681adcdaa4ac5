// Clients that hang up: what was counted stays counted, what succeeded succeeds once, and what was acknowledged
// to others is there. No connection comes back to the pool inside an open transaction.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { codes } from "../stories/support/api.mjs";
import { Field, WIDTHS, tally } from "./support/field.mjs";
import { chance, torn, tornMutation } from "./support/torn.mjs";

const SEED = Number(process.env.POSTERN_SEED ?? 20_261_126);
const [TRIES_OF_A_LOGIN, TRIES_OF_A_USER] = [5, 10];

let field;
before(async () => {
  field = await Field.start();
});
after(() => field?.stop());

const remaining = async (challenge) => {
  const query = "query($id: ID!) { node(id: $id) { ... on Challenge { attemptsRemaining } } }";
  return (await field.first.login.query(query, { id: challenge.id })).node.attemptsRemaining;
};
const wrong = (code) => (code === "000000" ? "000001" : "000000");

for (const [name, width] of WIDTHS) {
  const user = (what) => `${what}-${width}`;
  const replicas = () => field.replicas.slice(0, width);
  const random = chance(SEED + width);
  test(`through ${name}: a right code succeeds once, whoever hangs up (seed ${SEED})`, async () => {
    for (let round = 0; round < 4; round += 1) {
      const [login] = await field.waiting(user(`right-${round}`));
      const [challenge] = await field.challenges([login], "SMS");
      const code = await field.first.login.code(challenge);
      const input = { challengeId: challenge.id, code };
      const deeds = await Field.race(replicas(), 40, async ({ login: api }, at) =>
        at % 4 ? void (await tornMutation(api, "verifyChallenge", input, "login { assertion }", random)) : api.verify(challenge, code));
      const heard = deeds.filter(Boolean);
      const { "": successes = 0, ALREADY_COMPLETED: late = 0 } = tally(heard);
      assert.ok(successes <= 1, "heard of one success at most");
      assert.equal(successes + late, heard.length);
      assert.ok((await field.first.login.login(login.id)).completedAt);
      assert.deepEqual(codes(await field.first.login.verify(challenge, code)), ["ALREADY_COMPLETED"]);
    }
  });

  test(`through ${name}: what was guessed is counted, whoever hangs up (seed ${SEED})`, async () => {
    const logins = await field.waiting(user("guess"), 2);
    const challenges = await field.challenges(logins, "SMS");
    const code = await field.first.login.code(challenges[0]);
    let seen = 0;
    for (const [at, challenge] of challenges.entries()) {
      const input = { challengeId: challenge.id, code: wrong(code) };
      assert.equal(await remaining(challenge), TRIES_OF_A_LOGIN);
      const guesses = await Field.race(replicas(), 30, ({ login: api }, one) =>
        one % 10 ? tornMutation(api, "verifyChallenge", input, "login { id }", random).then(() => null) : api.verify(challenge, wrong(code)));
      seen += tally(guesses.filter(Boolean)).WRONG_CODE ?? 0;
      // Whatever is left is spent by somebody who stays.
      for (let last; last !== "TOO_MANY_ATTEMPTS"; ) {
        [last] = codes(await field.first.login.verify(challenge, wrong(code)));
        seen += last === "WRONG_CODE";
      }
      assert.equal(await remaining(challenge), 0);
      assert.deepEqual(codes(await field.first.login.verify(challenge, code)), ["TOO_MANY_ATTEMPTS"]);
      const [reason] = (await field.first.login.evaluate(user("guess"))).reasons;
      assert.equal(reason, at === 0 ? "HIGH_LEVEL" : "USER_LOCKED", "the tenth locks, and none before");
    }
    assert.ok(seen <= TRIES_OF_A_USER);
  });

  test(`through ${name}: what was acknowledged is there, whoever else hangs up (seed ${SEED})`, async () => {
    const [login] = await field.waiting(user("storm"));
    const { url } = await field.first.login.must("createPromptSession", { loginId: login.id, returnUrl: "https://client.example/after" }, "url");
    const acknowledged = [];
    const tear = [
      ({ login: api }, at) => tornMutation(api, "upsertUser", { externalId: user(`torn-${at}`), kind: "EXTERNAL", displayName: `Torn ${at}` }, "user { id }", random),
      ({ login: api }) => tornMutation(api, "evaluateLogin", { user: { externalId: user("storm") }, firstFactor: "PASSWORD", ipAddress: "198.51.100.7" }, "login { id }", random),
      (replica) => torn(Field.at(replica, url), { method: "GET" }, random),
      (replica) => torn(`${replica.url}/auth/session`, { method: "GET", headers: { cookie: `__Host-postern=session_${"A".repeat(43)}` } }, random),
      ({ login: api }) => {
        const headers = { "content-type": "application/json", authorization: `Bearer ${api.key}` };
        return torn(api.url, { headers, body: JSON.stringify({ query: "{ tenant { users(first: 20) { edges { node { id factors { id } } } } } }" }) }, random);
      },
    ];
    const write = async ({ login: api }, at) => {
      const displayName = `Kept ${at} ${random()}`;
      await api.upsert(user(`kept-${at}`), { displayName });
      acknowledged.push([user(`kept-${at}`), displayName]);
    };
    await Field.race(replicas(), 360, (replica, at) => (at % 6 ? tear[at % 5](replica, at) : write(replica, at)));
    assert.equal(acknowledged.length, 60);
    for (const [externalId, displayName] of acknowledged) {
      const query = "query($id: String!) { user(ref: { externalId: $id }) { displayName } }";
      const { user: found } = await field.first.login.query(query, { id: externalId });
      assert.equal(found?.displayName, displayName, `${externalId} was acknowledged`);
    }
    // A connection that somebody left in the middle of a transaction would fail whoever has it next.
    const still = await Field.race(replicas(), 60, ({ login: api }) => api.upsert(user("after")));
    assert.equal(still.filter(({ created }) => created).length, 1, "one of them made the user");
  });
}
