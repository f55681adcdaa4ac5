// The API as clients call it who do not trust the line: every call is on record with when it began, when it ended,
// and what was heard. What was not heard may have been done or not.

import { setTimeout as sleep } from "node:timers/promises";

import { send } from "./http.mjs";

const ERRORS = "userErrors { code message }";
const LOGIN = "login { id outcome reasons policyVersion completedAt completedWith methods { id channel } enrollmentPrompt { skippable } }";
const CHALLENGE = "challenge { id attemptsRemaining message { id } messages { id } }";
/** What is asked back of each mutation. */
const FIELDS = {
  createTenant: "tenant { id }",
  createApiKey: "secret",
  createWebhookEndpoint: "endpoint { id }",
  publishPolicy: "policy { version }",
  setSpendingCap: "billing { spendingCap { amount } }",
  advanceSandboxClock: "clock",
  upsertUser: "user { id }",
  evaluateLogin: LOGIN,
  startChallenge: CHALLENGE,
  verifyChallenge: `${LOGIN} ${CHALLENGE}`,
  skipEnrollment: LOGIN,
  enrollPhone: `factor { id } ${CHALLENGE}`,
  enrollTotp: "factor { id } otpauthUri",
  confirmFactor: `factor { id status } ${LOGIN} ${CHALLENGE}`,
  generateBackupCodes: "codes",
  issueTemporaryAccessCode: "code temporaryAccessCode { id }",
  lockUser: "user { id }",
  unlockUser: "user { id }",
};
/** Errors that say that nothing was begun. All others leave open what was done. */
const SURELY_NOT = new Set(["RATE_LIMITED"]);
const CALLER_IS_WRONG = new Set(["BAD_REQUEST", "FORBIDDEN", "UNAUTHENTICATED", "QUERY_TOO_COMPLEX"]);
const ANSWERED_WITHIN = 20_000;

const documents = Object.fromEntries(Object.entries(FIELDS).map(([name, fields]) => {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
  return [name, `mutation($input: ${type}) { ${name}(input: $input) { ${fields} ${ERRORS} } }`];
}));

/** Everything that was called in a run, in the order in which it began. */
export class History {
  calls = [];

  of(...names) {
    return this.calls.filter((call) => names.includes(call.name));
  }
}

export class Client {
  /** @param {{gateways: {url: string}[], history: History, key: string, headers?: object, hangUps?: number}} how */
  constructor(how) {
    Object.assign(this, { hangUps: 0, headers: {}, ...how });
  }

  /**
   * One call, on record with what it is about. `done`: it was acknowledged; `refused`: it was answered with a no;
   * `unknown`: nobody knows.
   */
  async call(name, input, about, random) {
    const gateway = about.gateway ?? random.pick(this.gateways);
    const call = { number: this.history.calls.length, name, ...about, tenant: this.tenant, gateway: gateway.url, begun: performance.now(), outcome: "unknown", codes: [] };
    this.history.calls.push(call);
    const gaveUp = random.chance(this.hangUps / 100) ? random.between(1, 40) : ANSWERED_WITHIN;
    const heard = await this.#post(gateway, documents[name], { input }, gaveUp).catch((error) => ({ lost: error.code ?? error.name }));
    call.ended = performance.now();
    return Object.assign(call, understood(name, heard));
  }

  /** A question, asked until it is answered: what it answers, and when it was asked and answered. */
  async ask(query, variables = {}, patience = 60_000) {
    const until = performance.now() + patience;
    for (let turn = 0; ; turn += 1) {
      const gateway = this.gateways[turn % this.gateways.length];
      const begun = performance.now();
      const heard = await this.#post(gateway, query, variables, ANSWERED_WITHIN).catch(() => null);
      if (heard?.data && !heard.errors) return { begun, ended: performance.now(), data: heard.data, gateway: gateway.url };
      if (heard?.errors?.some(({ extensions }) => CALLER_IS_WRONG.has(extensions?.code))) throw new Error(JSON.stringify(heard.errors));
      if (performance.now() > until) throw new Error(`never answered: ${query} ${JSON.stringify(heard)}`);
      await sleep(100);
    }
  }

  async #post(gateway, query, variables, patience) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${this.key}`, ...this.headers };
    const { text } = await send(`${gateway.url}/graphql`, { body: JSON.stringify({ query, variables }), headers, patience });
    return JSON.parse(text);
  }
}

/** What an answer says about what was done. */
export function understood(name, heard) {
  if (heard.lost) return { outcome: "unknown", lost: heard.lost };
  const [error] = heard.errors ?? [];
  if (error) {
    const code = error.extensions?.code;
    if (CALLER_IS_WRONG.has(code)) throw new Error(`${name}: ${JSON.stringify(heard.errors)}`);
    return { outcome: SURELY_NOT.has(code) ? "refused" : "unknown", codes: [code] };
  }
  const payload = heard.data[name];
  const codes = payload.userErrors.map(({ code }) => code);
  return { outcome: codes.length ? "refused" : "done", codes, payload, why: payload.userErrors[0]?.message };
}
