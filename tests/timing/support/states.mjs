// Logins in every state in which a right code may not be told from a wrong one.

import { codes } from "../../stories/support/api.mjs";
import { enrolled } from "../../stories/support/people.mjs";

/** A code that is not this one. */
export const wrongOf = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

async function challenged({ login: api }, externalId) {
  await enrolled(api, externalId);
  const login = await api.evaluate(externalId);
  const { challenge } = await api.start(login, login.methods[0]);
  return { challenge, code: await api.code(challenge) };
}

async function guess({ login: api }, { challenge, code }, times) {
  for (let time = 0; time < times; time += 1) await api.verify(challenge, wrongOf(code));
}

/** The states by name, each as a challenge with its code. The clock of the sandbox moves for the first. */
export const STATES = {
  late: async (replica) => {
    const target = await challenged(replica, "late");
    await replica.desk.advance(301);
    return target;
  },
  spent: async (replica) => {
    const target = await challenged(replica, "spent");
    await guess(replica, target, 5);
    return target;
  },
  "locked by wrong codes": async (replica) => {
    const { login: api } = replica;
    const target = await challenged(replica, "guessed");
    // Another login of the user's is what the tries are spent on; five and five.
    for (let login = 0; login < 2; login += 1) {
      const other = await api.evaluate("guessed");
      const { challenge } = await api.start(other, other.methods[0]);
      await guess(replica, { challenge, code: await api.code(challenge) }, 5);
    }
    return target;
  },
  "locked by somebody": async (replica) => {
    const target = await challenged(replica, "locked");
    await replica.desk.must("lockUser", { user: { externalId: "locked" }, reason: "a stolen laptop" }, "user { id }");
    return target;
  },
  disabled: async (replica) => {
    const target = await challenged(replica, "disabled");
    await replica.login.upsert("disabled", { disabled: true });
    return target;
  },
};

/** What is answered to a code, all of it. */
export async function answered({ login: api }, { challenge }, code) {
  const query = `mutation($input: VerifyChallengeInput!) { verifyChallenge(input: $input) { login { id assertion } deviceToken
    challenge { id status attemptsRemaining } userErrors { code message field } } }`;
  const { status, body } = await api.raw(query, { input: { challengeId: challenge.id, code } });
  return { status, body, refused: codes(body.data.verifyChallenge).length > 0 };
}
