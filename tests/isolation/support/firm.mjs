// A partner with a tenant in which there is one of everything, filled with words that occur nowhere else.

import assert from "node:assert/strict";

import { Api } from "../../stories/support/api.mjs";
import { data } from "./ask.mjs";
import { fill } from "./filling.mjs";
import { signIn } from "./people.mjs";

const SCOPES = ["LOGIN", "USERS", "SUPPORT", "POLICY", "READ"];
const ROLES = ["OWNER", "ADMIN", "SUPPORT", "ADVISOR", "BILLING", "AUDITOR"];
const IN_TWO_MONTHS = 60 * 86_400_000;
const ALL = "SMS VOICE TOTP EMAIL PASSKEY".split(" ");

export class Firm {
  /** The identifiers that there are, by what they name. */
  ids = {};
  /** Headers of everybody who may do something here, by what they are. */
  credentials = {};

  /** Everything of the firm contains `word`, or a number that begins with `digits`. */
  static async found(house, word, digits, roles) {
    const firm = Object.assign(new Firm(), { house, word, digits, numbers: 0 });
    await firm.#foundPartner();
    await firm.#hire(roles);
    await firm.#settle();
    await fill(firm);
    return firm;
  }

  /** What only this firm's people may ever read. */
  get canaries() {
    return [this.word, this.digits, ...Object.values(this.ids).flat().filter((id) => id.length > 20)];
  }

  get returnUrl() {
    return `https://${this.word}.example/after`;
  }

  phone() {
    this.numbers += 1;
    return `+1415${this.digits}${this.numbers}`;
  }

  /** The API with a key. */
  api(name) {
    return new Api(`${this.house.url}/graphql`, "", this.credentials[name]);
  }

  async #foundPartner() {
    const { house, word } = this;
    const key = await house.run("partner", "create", "--name", `${word} partners`);
    this.credentials["partner key"] = { authorization: `Bearer ${key}` };
    const input = { slug: `${word}-wealth`, name: `${word} wealth`, environment: "LIVE", ownerEmail: `owner@${word}.example` };
    const { tenant } = await this.api("partner key").must("createTenant", input, "tenant { id }");
    const { partner } = await this.api("partner key").query("{ partner { id } }");
    Object.assign(this.ids, { tenant: tenant.id, partner: partner.id, slug: input.slug });
    this.credentials["partner key in tenant"] = { authorization: `Bearer ${key}`, "x-postern-tenant": tenant.id };
    for (const scope of SCOPES) {
      const made = await this.api("partner key in tenant").must("createApiKey", { name: `${word} ${scope}`, scopes: [scope] }, "secret apiKey { id }");
      this.credentials[`key ${scope}`] = { authorization: `Bearer ${made.secret}` };
      this.ids.apiKey ??= made.apiKey.id;
    }
    const full = await this.api("partner key in tenant").must("createApiKey", { name: `${word} full`, scopes: SCOPES }, "secret");
    this.full = new Api(`${house.url}/graphql`, full.secret);
  }

  async #hire(roles) {
    const { house, word, ids } = this;
    const console = (cookie, more) => ({ cookie, "x-postern-csrf": "1", ...more });
    for (const role of ROLES.slice(0, roles)) {
      const email = `${role.toLowerCase()}@${word}.example`;
      if (role !== "OWNER") await this.api("partner key in tenant").must("inviteAdmin", { email, role }, "admin { id }");
      this.credentials[`session ${role}`] = console(await signIn(house, email, `${word} ${role}`), { "x-postern-tenant": ids.tenant });
    }
    for (const role of ROLES.slice(0, roles)) {
      const email = `partner-${role.toLowerCase()}@${word}.example`;
      await house.run("partner", "add-admin", "--partner", ids.partner, "--email", email, "--role", role);
      const cookie = await signIn(house, email, `${word} partner ${role}`);
      this.credentials[`partner session ${role}`] = console(cookie, { "x-postern-partner": ids.partner });
      this.credentials[`partner session ${role} in tenant`] = console(cookie, { "x-postern-tenant": ids.tenant });
    }
    const { tenant } = await this.full.query("{ tenant { admins { id email } } }");
    ids.admin = tenant.admins.find(({ email }) => email.startsWith("owner")).id;
    ids.adminEmail = `owner@${word}.example`;
    const { partner } = await data(house, this.credentials["partner session OWNER"], "{ partner { admins { id } } }");
    ids.partnerAdmin = partner.admins[0].id;
    const owner = { headers: { "content-type": "application/json", ...this.credentials["session OWNER"] } };
    const account = await (await fetch(`${house.url}/auth/account`, owner)).json();
    ids.session = account.sessions[0].id;
    const begun = await (await fetch(`${house.url}/auth/passkeys`, { ...owner, method: "POST", body: JSON.stringify({ name: `${word} laptop` }) })).json();
    ids.passkey = begun.id;
  }

  async #settle() {
    const { full, word } = this;
    await full.must("updateTenant", {
      branding: { productName: `${word} online`, supportContact: `call ${word}` },
      returnUrls: [this.returnUrl],
      webauthn: { rpId: "localhost", origins: [this.house.url] },
    }, "tenant { id }");
    const policy = { allowedChannels: ALL, trustedDeviceSeconds: 86_400, userMayChooseLevel: true };
    const published = await full.publish({ ...policy, mandatoryFrom: new Date(Date.now() + IN_TWO_MONTHS) }, {
      internal: policy, codes: {}, risk: { challengeThreshold: 1 }, acknowledgeWeakerChannels: ["EMAIL"],
      allowedNetworks: [{ cidr: "203.0.113.0/24", label: `${word} office` }],
    });
    assert.deepEqual(published.userErrors, []);
    this.ids.policy = (await full.query("{ tenant { policy { id } } }")).tenant.policy.id;
  }

}
