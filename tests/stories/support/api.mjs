// The API as an integrator calls it.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

const LOGIN = `id outcome reasons level riskScore riskSignals { kind score detail }
  location { country city latitude longitude } completedAt completedWith assertion expiresAt
  methods { id channel destination phoneRole preferred }
  enrollmentPrompt { skippable skipsRemaining deadline channels suggestedFactors { id } }`;
const ERRORS = "userErrors { code message field }";
const CHALLENGE = "challenge { id channel destination status attemptsRemaining expiresAt resendAt }";

export class Api {
  constructor(url, key, headers = {}) {
    this.url = url;
    this.key = key;
    this.headers = headers;
  }

  as(headers) {
    return new Api(this.url, this.key, { ...this.headers, ...headers });
  }

  async raw(query, variables = {}) {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.key}`, ...this.headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: await response.json() };
  }

  async query(query, variables) {
    const { body } = await this.raw(query, variables);
    assert.equal(body.errors, undefined, JSON.stringify(body.errors));
    return body.data;
  }

  /** One mutation by name; the payload, whose userErrors are the caller's to look at. */
  async mutate(name, input, fields) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
    const data = await this.query(`mutation($input: ${type}) { ${name}(input: $input) { ${fields} ${ERRORS} } }`, { input });
    return data[name];
  }

  async must(name, input, fields) {
    const payload = await this.mutate(name, input, fields);
    assert.deepEqual(payload.userErrors, [], name);
    return payload;
  }

  upsert(externalId, more = {}) {
    return this.must("upsertUser", { externalId, kind: "EXTERNAL", ...more }, "user { id externalId } created");
  }

  async evaluate(externalId, more = {}) {
    const input = { user: { externalId }, firstFactor: "PASSWORD", ipAddress: "198.51.100.7", ...more };
    return (await this.must("evaluateLogin", input, `login { ${LOGIN} }`)).login;
  }

  start(login, method) {
    return this.mutate("startChallenge", { loginId: login.id, methodId: method.id }, CHALLENGE);
  }

  verify(challenge, code, more = {}) {
    return this.mutate("verifyChallenge", { challengeId: challenge.id, code, ...more }, `login { ${LOGIN} } ${CHALLENGE} deviceToken`);
  }

  skip(login) {
    return this.mutate("skipEnrollment", { loginId: login.id }, `login { ${LOGIN} }`);
  }

  enrollPhone(externalId, number, more = {}) {
    const input = { user: { externalId }, number, ...more };
    return this.mutate("enrollPhone", input, `factor { id status destination } ${CHALLENGE}`);
  }

  confirm(factor, code, more = {}) {
    return this.mutate("confirmFactor", { factorId: factor.id, code, ...more }, `factor { id status } login { ${LOGIN} } ${CHALLENGE} deviceToken`);
  }

  login(id) {
    return this.query(`query($id: ID!) { login(id: $id) { ${LOGIN} } }`, { id }).then((data) => data.login);
  }

  /** The latest message of this kind, once its text can be read; with no patience, what is there now. */
  async inbox(match = () => true, patience = 10_000) {
    const query = `{ tenant { messages(first: 50) { edges { node { id channel purpose status destination sandboxBody createdAt } } } } }`;
    for (let waited = 0; ; waited += 50) {
      const data = await this.query(query);
      const newest = data.tenant.messages.edges.map((edge) => edge.node).find(match);
      if (newest?.sandboxBody || patience === 0) return newest;
      if (waited >= patience) throw new Error("no such message came");
      await sleep(50);
    }
  }

  /** The code of a challenge, read from its own messages. */
  async code(challenge, patience = 10_000) {
    const query = `query($id: ID!) { node(id: $id) { ... on Challenge { message { sandboxBody channel } } } }`;
    for (let waited = 0; waited < patience; waited += 50) {
      const { node } = await this.query(query, { id: challenge.id });
      const body = node?.message?.sandboxBody;
      if (body) return /(\d[ ,.-]*){6,8}/.exec(body)[0].replace(/\D/g, "").slice(0, 6);
      await sleep(50);
    }
    throw new Error("no message of this challenge came");
  }

  advance(seconds) {
    return this.must("advanceSandboxClock", { seconds }, "clock");
  }

  clock() {
    return this.query("{ tenant { clock } }").then((data) => new Date(data.tenant.clock));
  }

  /** Publishes a policy whose external audience is this, and the rest as of a new tenant. */
  async publish(external = {}, more = {}) {
    const { tenant } = await this.query("{ tenant { policyVersions(first: 1) { edges { node { version } } } } }");
    const audience = { allowedChannels: ["SMS", "VOICE", "TOTP"] };
    const { acknowledgeWeakerChannels, effectiveAt, ...policy } = more;
    const input = {
      policy: { internal: audience, external: { ...audience, ...external }, codes: { resendAfterSeconds: 0 }, ...policy },
      expectedVersion: tenant.policyVersions.edges[0].node.version,
      effectiveAt,
      acknowledgeWeakerChannels,
    };
    const published = await this.mutate("publishPolicy", input, "policy { version status }");
    // Behind a balancer another gateway is asked next, which knows of it within a second.
    if (process.env.POSTERN_FACTS && published.policy) await sleep(1_000);
    return published;
  }
}

export const codes = (payload) => payload.userErrors.map((error) => error.code);
