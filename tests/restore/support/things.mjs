// What may be used once: opened before the moment that is restored, used after it, and tried again afterwards.
// A thing is `open` (which makes what `use` and `again` need), `use`, and `again`: whether it came back to life.

import assert from "node:assert/strict";

import { codes } from "../../stories/support/api.mjs";
import { PlainBrowser } from "../../stories/support/browser-without-script.mjs";
import { enrolled, number, proved, settled, totp } from "../../stories/support/people.mjs";
import { atCompany, opens } from "../../races/support/company.mjs";
import { eventually } from "../../races/support/field.mjs";
import { written } from "../../races/support/mail.mjs";

export const RETURN_URL = "https://client.example/after";
const PASSWORD = "amber lantern over the moat";
const ORIGIN = { origin: "http://localhost:8080" };

const done = (payload) => assert.deepEqual(codes(payload), []);
const lives = (payload) => codes(payload).length === 0;

/** A login of somebody with a mobile, and the challenge that this channel makes. */
async function challenged({ api }, externalId, channel = "SMS") {
  const login = await api.evaluate(externalId);
  const { challenge } = await api.start(login, login.methods.find((method) => method.channel === channel));
  return { login, challenge };
}

async function codeOf({ api }, externalId) {
  await enrolled(api, externalId);
  const { challenge } = await challenged({ api }, externalId);
  return { challenge, code: await api.code(challenge) };
}

/** A prompt whose cookie a browser holds. */
async function prompt(on, externalId) {
  await enrolled(on.api, externalId);
  const login = await on.api.evaluate(externalId);
  const { url } = await on.api.must("createPromptSession", { loginId: login.id, returnUrl: RETURN_URL }, "url");
  return { login, url };
}

/** Behind a proxy: what is sent comes from the installation's own origin. */
class Visitor extends PlainBrowser {
  open(address, within, { headers, ...options } = {}) {
    return super.open(address, within, { ...options, headers: { ...headers, ...(headers?.origin && ORIGIN) } });
  }
}

const visit = (on, url) => new Visitor().open(on.house.at(url), on.house.url);

/** Completes a prompt by a text; what its browser brings back. */
async function resultOf(on, login, browser) {
  await browser.press(/^Text me at/);
  const { destination } = login.methods[0];
  const { sandboxBody } = await on.api.inbox((message) => message.purpose === "CODE" && message.destination === destination);
  await browser.press("Continue", { code: /(\d[ ,.-]*){6}/.exec(sandboxBody)[0].replace(/\D/g, "").slice(0, 6) });
  return browser.away.searchParams.get("result");
}

async function invitation(on, email, role = "AUDITOR") {
  const isOne = ({ purpose }) => purpose === "ADMIN_INVITATION";
  const last = await on.api.inbox(isOne, 0);
  await on.partner.must("inviteAdmin", { email, role }, "admin { id }");
  const { sandboxBody } = await on.api.inbox((message) => isOne(message) && message.id !== last?.id);
  return /\/invitation#(\S+)/.exec(sandboxBody)[1];
}

const accept = (on, token) => on.house.post("/auth/accept-invitation", { token, password: PASSWORD, displayName: "Nora" });

/** An administrator who signed in: the cookie and what makes codes. */
async function signedIn(on, email, role) {
  const answer = await (await accept(on, await invitation(on, email, role))).json();
  const uri = `otpauth://totp/x?secret=${answer.secret}`;
  const response = await on.house.post("/auth/second-factor", { methodId: answer.methodId, code: totp(uri) });
  assert.equal(response.status, 200);
  return { cookie: response.headers.getSetCookie()[0].split(";")[0], uri };
}

/** A member of the staff whose browser is trusted for a month. */
const STAFF = { externalId: "staff" };
const isTrusted = async ({ api }, { deviceToken }) => (await api.evaluate(STAFF.externalId, { deviceToken })).reasons.includes("TRUSTED_DEVICE");

const finish = (on, { body, headers }) => on.house.post("/auth/company/finish", body, headers);

export const THINGS = {
  "a code that was used": {
    open: (on) => codeOf(on, "code"),
    use: async ({ api }, { challenge, code }) => done(await api.verify(challenge, code)),
    again: async ({ api }, { challenge, code }) => lives(await api.verify(challenge, code)),
  },
  "a code that nobody used": {
    open: (on) => codeOf(on, "unused"),
    use: async () => {},
    again: async ({ api }, { challenge, code }) => lives(await api.verify(challenge, code)),
  },
  "an enrollment's code": {
    open: async ({ api }) => {
      await api.upsert("enrolling");
      const { factor, challenge } = await api.enrollPhone("enrolling", number());
      return { factor, code: await api.code(challenge) };
    },
    use: async ({ api }, { factor, code }) => done(await api.confirm(factor, code)),
    again: async ({ api }, { factor, code }) => lives(await api.confirm(factor, code)),
  },
  "an app's step": {
    open: async ({ api }) => {
      await api.upsert("app");
      const { factor, otpauthUri } = await api.must("enrollTotp", { user: { externalId: "app" } }, "factor { id } otpauthUri");
      done(await api.confirm(factor, totp(otpauthUri)));
      return { otpauthUri };
    },
    use: async (on, thing) => {
      thing.code = totp(thing.otpauthUri, Date.now() + 30_000);
      const { challenge } = await challenged(on, "app", "TOTP");
      done(await on.api.verify(challenge, thing.code));
    },
    again: async (on, { otpauthUri, code }) => {
      const { challenge } = await challenged(on, "app", "TOTP");
      const answers = [];
      // The one that was used, and every other that may have been.
      for (const one of [code, totp(otpauthUri, Date.now() - 30_000), totp(otpauthUri)]) answers.push(lives(await on.api.verify(challenge, one)));
      return answers.includes(true);
    },
  },
  "a backup code": {
    open: async (on) => {
      await enrolled(on.api, "backup");
      const { login, challenge } = await challenged(on, "backup");
      done(await on.api.verify(challenge, await on.api.code(challenge)));
      return on.api.must("generateBackupCodes", { user: { externalId: "backup" }, loginId: login.id }, "codes");
    },
    use: async (on, { codes: [code] }) => {
      const { challenge } = await challenged(on, "backup", "BACKUP_CODE");
      done(await on.api.verify(challenge, code));
    },
    again: async (on, { codes: given }) => {
      const login = await on.api.evaluate("backup");
      const method = login.methods.find(({ channel }) => channel === "BACKUP_CODE");
      if (!method) return false;
      const { challenge } = await on.api.start(login, method);
      return lives(await on.api.verify(challenge, given[0]));
    },
  },
  "a temporary access code": {
    open: async (on) => {
      await enrolled(on.api, "temporary");
      return on.desk.must("issueTemporaryAccessCode", { user: { externalId: "temporary" }, reason: "a lost phone" }, "code");
    },
    use: async (on, { code }) => {
      const { challenge } = await challenged(on, "temporary", "TEMPORARY_ACCESS_CODE");
      done(await on.api.verify(challenge, code));
    },
    again: async ({ api }, { code }) => {
      const login = await api.evaluate("temporary");
      const method = login.methods.find(({ channel }) => channel === "TEMPORARY_ACCESS_CODE");
      if (!method) return false;
      const { challenge } = await api.start(login, method);
      return lives(await api.verify(challenge, code));
    },
  },
  "a request for temporary access": {
    open: async (on) => {
      await enrolled(on.api, "asks");
      const login = await on.api.evaluate("asks");
      return on.api.must("requestTemporaryAccess", { loginId: login.id }, "request { id }");
    },
    use: async ({ desk }, { request }) => void (await desk.must("declineTemporaryAccessRequest", { id: request.id, reason: "nobody we know" }, "request { id }")),
    again: async ({ desk }, { request }) => lives(await desk.mutate("approveTemporaryAccessRequest", { id: request.id, reason: "?" }, "code")),
  },
  "a one-time link": {
    open: async (on) => {
      await enrolled(on.api, "link", { email: "link@client.example" });
      await on.desk.must("sendOneTimeLink", { user: { externalId: "link" }, returnUrl: RETURN_URL }, "message { id }");
      const { sandboxBody } = await on.api.inbox(({ purpose }) => purpose === "ONE_TIME_LINK");
      return { link: /http:\/\/localhost:8080\/link\/[^\s"<]+/.exec(sandboxBody)[0] };
    },
    use: async ({ house }, { link }) => assert.equal((await fetch(house.at(link), { method: "POST", redirect: "manual" })).status, 303),
    again: async ({ house }, { link }) => (await fetch(house.at(link), { method: "POST", redirect: "manual" })).status === 303,
  },
  "a prompt's address": {
    open: (on) => prompt(on, "prompt"),
    use: async (on, { url }) => assert.equal((await visit(on, url)).cookies.size, 1),
    again: async (on, { url }) => (await visit(on, url)).cookies.size > 0,
  },
  "a prompt in a browser": {
    open: async (on) => {
      const { login, url } = await prompt(on, "browser");
      return { login, browser: await visit(on, url) };
    },
    use: async (on, { login, browser }) => assert.ok(await resultOf(on, login, browser)),
    again: async (on, { browser }) => {
      const { pathname } = new URL(browser.url);
      await browser.open(`${on.house.url}${pathname}`, on.house.url);
      return browser.status === 200 && browser.forms.length > 0;
    },
  },
  "a prompt's result": {
    open: async (on) => {
      const { login, url } = await prompt(on, "result");
      return { result: await resultOf(on, login, await visit(on, url)) };
    },
    use: async ({ api }, { result }) => void (await api.must("redeemPromptResult", { result }, "login { id }")),
    again: async ({ api }, { result }) => lives(await api.mutate("redeemPromptResult", { result }, "login { id }")),
  },
  "a session": {
    open: (on) => signedIn(on, "session@firm.example"),
    use: async ({ house }, { cookie }) => assert.equal((await house.post("/auth/sign-out", {}, { cookie, ...ORIGIN, "x-postern-csrf": "1" })).ok, true),
    again: async ({ house }, { cookie }) => (await fetch(`${house.url}/auth/session`, { headers: { cookie } })).ok,
  },
  "an invitation": {
    open: async (on) => ({ token: await invitation(on, "invited@firm.example") }),
    use: async (on, { token }) => assert.equal((await accept(on, token)).status, 200),
    again: async (on, { token }) => (await accept(on, token)).ok,
  },
  "a link for a new password": {
    open: async (on) => {
      const email = "forgetful@firm.example";
      await signedIn(on, email);
      await on.house.post("/auth/forgotten", { email });
      const mail = await eventually(() => on.world.mail.mails.find((one) => one.includes(email) && written(one).includes("/recover#")), "the mail");
      return { token: /\/recover#([\w-]+)/.exec(written(mail))[1] };
    },
    use: async ({ house }, { token }) => assert.equal((await house.post("/auth/recover", { token, password: "seven quiet herons at noon" })).status, 200),
    again: async ({ house }, { token }) => (await house.post("/auth/recover", { token, password: "nine quiet herons at noon" })).ok,
  },
  "a trusted device": {
    open: async (on) => {
      await settled(on.api, STAFF.externalId, {}, { kind: "INTERNAL" });
      const device = await proved(on.api, await on.api.evaluate(STAFF.externalId, { purpose: "STEP_UP" }), { rememberDevice: true });
      assert.ok(await isTrusted(on, device), "it is let in");
      return device;
    },
    use: async ({ desk }) => void (await desk.must("forgetDevices", { user: STAFF }, "user { trustedDevices { id } }")),
    again: isTrusted,
  },
  "what a company's provider said": {
    open: async (on) => {
      const [email, post] = ["owner@company.example", (...request) => on.house.post(...request)];
      const { cookie } = await signedIn(on, email, "OWNER");
      await on.world.company.register(post, { tenant: on.tenant.id, cookie, domain: "company.example" });
      return atCompany(post, on.world.company, { slug: on.tenant.slug, tenant: on.tenant.id, email });
    },
    use: async (on, brought) => assert.ok(opens(await finish(on, brought))),
    again: async (on, brought) => opens(await finish(on, brought)),
  },
};
