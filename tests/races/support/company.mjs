// A company's identity provider (OpenID Connect Core 1.0), as careless as one may be: it gives a token for a code as
// often as it is asked, so that nobody but the one who asks stands in the way of a second sign-in.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const [CLIENT, SECRET] = ["postern", "a secret of forty characters and a few more"];
const COOKIE = "__Host-postern-company";
/** What a gateway needs to call a provider on this machine. */
export const NEARBY = { POSTERN_WEBHOOKS__ALLOW_HTTP: "true", POSTERN_WEBHOOKS__ALLOW_PRIVATE: "true" };

const base64 = (value) => Buffer.from(value).toString("base64url");
const json = (response, status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

export class Company {
  #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  #grants = new Map();
  #server = createServer((request, response) => this.#answer(request, response));

  static async start() {
    const company = new Company();
    company.#server.listen(0, "127.0.0.1");
    await once(company.#server, "listening");
    return Object.assign(company, { issuer: `http://127.0.0.1:${company.#server.address().port}` });
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /**
   * An OWNER's session makes it the tenant's, for this domain. It proves a second factor itself, so that what it brings
   * is a session at once.
   */
  async register(post, { tenant, cookie, domain }) {
    const query = "mutation($input: SetIdentityProviderInput!) { setIdentityProvider(input: $input) { userErrors { message } } }";
    const input = { issuer: this.issuer, clientId: CLIENT, clientSecret: SECRET, domains: [domain], secondFactor: "IDENTITY_PROVIDER" };
    const answer = await post("/graphql", { query, variables: { input } }, { cookie, "x-postern-csrf": "1", "x-postern-tenant": tenant });
    assert.deepEqual(await answer.json(), { data: { setIdentityProvider: { userErrors: [] } } });
  }

  /** Lets a person in, whom a browser brought to this address: what it brings back. */
  letIn(address, email) {
    const asked = new URL(address).searchParams;
    const code = `code-${this.#grants.size + 1}`;
    this.#grants.set(code, { email, nonce: asked.get("nonce"), challenge: asked.get("code_challenge") });
    return { state: asked.get("state"), code, iss: this.issuer };
  }

  async #answer(request, response) {
    const { issuer } = this;
    if (request.url === "/token") return this.#token(request, response);
    if (request.url === "/keys") return json(response, 200, { keys: [{ ...this.#keys.publicKey.export({ format: "jwk" }), kid: "k1", use: "sig", alg: "ES256" }] });
    json(response, 200, { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` });
  }

  async #token(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    const grant = this.#grants.get(form.get("code"));
    const proof = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
    if (!grant || proof !== grant.challenge) return json(response, 400, { error: "invalid_grant" });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: CLIENT, iat: now, exp: now + 300, nonce: grant.nonce, sub: grant.email, email: grant.email, email_verified: true, amr: ["mfa"] };
    json(response, 200, { id_token: this.#signed(claims), access_token: "access", token_type: "Bearer" });
  }

  #signed(claims) {
    const text = `${base64(JSON.stringify({ alg: "ES256", kid: "k1" }))}.${base64(JSON.stringify(claims))}`;
    return `${text}.${base64(sign("sha256", text, { key: this.#keys.privateKey, dsaEncoding: "ieee-p1363" }))}`;
  }
}

/** A browser's way to a company, and what it brings back from there: body and headers of `/auth/company/finish`. */
export async function atCompany(post, company, { slug, tenant, email }) {
  const begun = await post("/auth/company", { company: slug }, {});
  const kept = begun.headers.getSetCookie().find((cookie) => cookie.startsWith(`${COOKIE}=`));
  const { goTo } = await begun.json();
  return { body: { tenant, ...company.letIn(goTo, email) }, headers: { cookie: kept.split(";")[0] } };
}

/** Whether an answer opened a session. */
export const opens = (response) => response.headers.getSetCookie().some((cookie) => /^__Host-postern=[^;]/.test(cookie));
