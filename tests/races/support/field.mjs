// The field of the races: gateways, a worker, one sandbox tenant in which every login is asked.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { Api, codes } from "../../stories/support/api.mjs";
import { enrolled } from "../../stories/support/people.mjs";
import { Installation } from "../../stories/support/replicas.mjs";
import { MailServer } from "./mail.mjs";

export const PUBLIC_URL = "http://localhost:8080";
export const RETURN_URL = "https://client.example/after";
export const ORIGIN = "https://client.example";
const SCOPES = { login: ["LOGIN", "USERS", "READ"], desk: ["SUPPORT", "POLICY", "READ"] };
const ALWAYS = { defaultLevel: "HIGH", minimumLevel: "HIGH", allowedChannels: ["SMS", "VOICE", "TOTP", "PASSKEY"] };
/** Everybody comes from one address here, and asks more at once than a slow machine has done in a moment. */
const SETTINGS = {
  POSTERN_DATABASE__TIMEOUT_MS: "5000",
  POSTERN_PUBLIC_URL: PUBLIC_URL,
  POSTERN_LIMITS__CLIENT_ADDRESS_RATE: "1000000",
  POSTERN_LIMITS__CLIENT_ADDRESS_BURST: "1000000",
};

/** How long somebody comes back to what is not available: to a machine with too much to do. */
const PATIENCE = 60_000;
const PAUSE = 200;

/** Asks until what is asked is available; there is nothing that was done where it is not. */
export async function patiently(ask, isAway) {
  for (let waited = 0; ; waited += PAUSE) {
    const answer = await ask();
    if (waited >= PATIENCE || !isAway(answer)) return answer;
    await sleep(PAUSE);
  }
}

/** As `fetch`, and comes back to a door that is not available. */
export const visit = (url, options) => patiently(() => fetch(url, options), ({ status }) => status === 503);

/** An integrator who comes back as `Retry-After` says. */
class PatientApi extends Api {
  as(headers) {
    return new PatientApi(this.url, this.key, { ...this.headers, ...headers });
  }

  /** Asks for no more than was done: what is looked up besides may be away when that is over. */
  verify(challenge, code) {
    return this.mutate("verifyChallenge", { challengeId: challenge.id, code }, "login { id assertion }");
  }

  confirm(factor, code, more = {}) {
    return this.mutate("confirmFactor", { factorId: factor.id, code, ...more }, "factor { id status } login { id assertion }");
  }

  raw(query, variables) {
    const isAway = ({ body }) => body.errors?.some(({ extensions }) => extensions?.code === "UNAVAILABLE");
    return patiently(() => super.raw(query, variables), isAway);
  }
}

/** What is found, once it is there. */
export async function eventually(look, what, patience = 30_000) {
  for (let waited = 0; ; waited += 50) {
    const found = await look();
    if (found) return found;
    assert.ok(waited < patience, `never: ${what}`);
    await sleep(50);
  }
}

export class Field {
  /** With so many replicas, and these settings besides. */
  static async start(gateways = 3, more = {}) {
    const field = new Field();
    try {
      await field.#begin(gateways, more);
    } catch (error) {
      await field.stop();
      throw error;
    }
    return field;
  }

  async #begin(gateways, more) {
    this.mail = await MailServer.start();
    const settings = { ...SETTINGS, POSTERN_SMTP__URL: this.mail.url, POSTERN_SMTP__FROM: "no-reply@postern.example", ...more };
    this.installation = await Installation.start({ gateways, settings });
    await this.#tenant();
  }

  async #tenant() {
    const { gateways } = this.installation;
    this.partnerKey = (await this.installation.run("partner", "create", "--name", "Northgate Services")).trim();
    const partner = new PatientApi(gateways[0].graphql, this.partnerKey);
    const input = { slug: "meridian", name: "Meridian Advisors", environment: "SANDBOX", ownerEmail: "owner@meridian.example" };
    const { tenant } = await partner.must("createTenant", input, "tenant { id }");
    this.tenant = { id: tenant.id, slug: input.slug };
    const inside = partner.as({ "x-postern-tenant": tenant.id });
    await inside.must("updateTenant", { returnUrls: [RETURN_URL], webauthn: { rpId: "client.example", origins: [ORIGIN] } }, "tenant { id }");
    const key = async (name) => (await inside.must("createApiKey", { name, scopes: SCOPES[name] }, "secret")).secret;
    const [login, desk] = [await key("login"), await key("desk")];
    this.replicas = gateways.map(({ url, graphql }) => ({
      url,
      login: new PatientApi(graphql, login),
      desk: new PatientApi(graphql, desk),
      partner: new PatientApi(graphql, this.partnerKey, { "x-postern-tenant": tenant.id }),
    }));
    [this.first] = this.replicas;
    assert.deepEqual(codes(await this.first.partner.publish(ALWAYS)), []);
    await sleep(1_000);
  }

  async stop() {
    await this.installation?.stop();
    this.mail?.stop();
  }

  /** So many deeds at once, spread over these replicas; what each came to. */
  static race(replicas, many, deed) {
    return Promise.all(Array.from({ length: many }, (_, index) => deed(replicas[index % replicas.length], index)));
  }

  /** A user with a mobile, and so many logins that wait for a code of theirs. */
  async waiting(externalId, many = 1) {
    await enrolled(this.first.login, externalId);
    const logins = [];
    for (let at = 0; at < many; at += 1) logins.push(await this.first.login.evaluate(externalId));
    return logins;
  }

  /** A login completed by a text, on whose ground factors may change. */
  async verified(externalId) {
    const { login: api } = this.first;
    const login = await api.evaluate(externalId);
    const { challenge } = await api.start(login, login.methods.find(({ channel }) => channel === "SMS"));
    assert.deepEqual(codes(await api.verify(challenge, await api.code(challenge))), []);
    return login;
  }

  /** The logins' challenges by this channel. */
  async challenges(logins, channel) {
    const started = [];
    for (const login of logins) {
      const method = login.methods.find((one) => one.channel === channel);
      assert.ok(method, `${channel} is offered`);
      started.push((await this.first.login.start(login, method)).challenge);
    }
    return started;
  }

  /** An address of the installation, at this replica. */
  static at(replica, link) {
    return link.replace(PUBLIC_URL, replica.url);
  }
}

/** How often each answer was given; a success is "". */
export function tally(payloads) {
  const counts = {};
  for (const payload of payloads) {
    const [code = ""] = codes(payload);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

/** The widths at which everything is played. */
export const WIDTHS = [
  ["one replica", 1],
  ["three replicas", 3],
];
